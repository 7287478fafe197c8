"""Our policy with something changed, as an author would change it."""

import time
from pathlib import Path
from uuid import UUID

from plainspoken.custody import sealing

POLICY = Path(__file__).parents[4] / "policies" / "plainspoken.md"


def ours() -> str:
    return POLICY.read_text("utf-8")


def changed(*pairs: tuple[str, str], source: str | None = None) -> str:
    """Our text with each `old` replaced by `new`, once; an `old` that is not there fails the test at once."""
    text = source or ours()
    for old, new in pairs:
        assert old in text, f"the policy no longer says {old!r}"
        text = text.replace(old, new, 1)
    return text


# What the tests change. Immaterial: a sentence. Material: retention gets longer.
REWORDED = ("You can download the whole notice", "You may download the whole notice")
SOONER = ("material_notice_ahead: P30D", "material_notice_ahead: P45D")


def longer_retention(source: str | None = None) -> str:
    """Words of conversations are kept a month longer than anything we ever said."""
    text = source or ours()
    start = text.index("```rule retention")
    line = next(part for part in text[start:].splitlines() if "conversation.words" in part)
    return text[:start] + text[start:].replace(line, line.partition(":")[0] + ": P99M", 1)


def with_purpose(name: str = "staff.profile", source: str | None = None) -> str:
    """A purpose that nobody was told of."""
    text = source or ours()
    where = "  policy.prove:\n"
    assert where in text
    added = (
        f"  {name}:\n    title: profile our staff\n    group: operate\n    basis: {{customer: contract, staff: contract}}\n"
        "    maintenance: false\n    closed_by: [restriction]\n    roles: [supervisor]\n"
        "    group_of_at_least: null\n"
    )
    return text.replace(where, added + where, 1)


def seal_everything(organisation: UUID, *, seconds: float = 30) -> None:
    """Seal until nothing waits: transactions of other databases on the same server hold the sealer
    back for a moment.
    """
    deadline = time.monotonic() + seconds
    while True:
        sealing.seal(organisation=organisation)
        if not sealing.verify(organisation=organisation).pending:
            return
        assert time.monotonic() < deadline, "entries stay unsealed"
        time.sleep(0.05)
