"""Two versions side by side: which changes people must be told of first, and what every change is,
in words.
"""

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from plainspoken.kernels.policy import Change, Clause, Policy, Relation, Versions, diff, fill, material

RULE = "notice.version"
# The rule about telling is itself told of when it gets looser; else it could be emptied first.
ABOUT_TELLING = "telling"
TOPICS = {
    "purpose": "What we use it for",
    "recipient": "Who receives it",
    "retention": "How long we keep it",
    "transfer": "Where it may go",
    "sale": "Whether it is sold",
    ABOUT_TELLING: "When we tell you of changes",
}


@dataclass(frozen=True)
class Material:
    """A change that people are told of before it starts. `before` and `after` are as JSON holds them."""

    topic: str
    clause: str
    path: str
    before: Any
    after: Any
    sentence: str

    def as_json(self) -> dict[str, Any]:
        """How a version keeps it."""
        return {
            "topic": self.topic,
            "clause": self.clause,
            "path": self.path,
            "before": self.before,
            "after": self.after,
            "sentence": self.sentence,
        }


def material_changes(old: Policy, new: Policy) -> tuple[Material, ...]:
    """The changes from `old` to `new` that `old` promises to tell of ahead of time."""
    rule = cast(Versions, old.rule(RULE))
    found = [(change.topic, change.change) for change in material(old, new, rule)]
    found += [
        (ABOUT_TELLING, change)
        for change in diff(old, new)
        if change.clause == RULE
        and change.what in {"rule", "removed"}
        and change.direction is not Relation.STRICTER
    ]
    titles = {clause.id: clause.title for policy in (old, new) for clause in policy.clauses}
    return tuple(
        Material(
            topic=topic,
            clause=change.clause or "",
            path=change.path,
            before=change.before,
            after=change.after,
            sentence=_sentence(topic, change, titles),
        )
        for topic, change in found
    )


def _sentence(topic: str, change: Change, titles: dict[str, str]) -> str:
    where = titles.get(change.clause or "", "")
    what = f" ({change.path})" if change.path else ""
    head = f"{TOPICS[topic]}: {where}{what}"
    before, after = _shown(change.before_said, change.before), _shown(change.after_said, change.after)
    if change.before is None:
        return f"{head} is new: {after}."
    if change.after is None:
        return f"{head} ends; it was {before}."
    return f"{head} was {before}, is {after}."


def _shown(said: str, value: Any) -> str:
    return (said or shown(value)).rstrip(".")


def shown(value: Any) -> str:
    """A value of a rule on one line."""
    match value:
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case dict():
            return "; ".join(f"{key}: {shown(item)}" for key, item in value.items()) or "nothing"
        case list() | tuple():
            return ", ".join(shown(item) for item in value) or "nothing"
        case _:
            return str(value)


# ---- every change, clause by clause ----


@dataclass(frozen=True)
class Words:
    """A run of a text: the `same`, put in (`ins`) or taken out (`del`)."""

    op: Literal["same", "ins", "del"]
    text: str


@dataclass(frozen=True)
class FieldChange:
    """A field of a rule, before and now, and whether the new value protects people more."""

    name: str
    old: str
    new: str
    direction: str


@dataclass(frozen=True)
class ClauseChange:
    """What changed in one clause (or section, or the controller)."""

    id: str
    title: str
    kind: Literal["added", "removed", "changed"]
    direction: str
    words: Sequence[Words] = ()
    fields: Sequence[FieldChange] = field(default_factory=tuple)


def clause_changes(old: Policy, new: Policy) -> tuple[ClauseChange, ...]:
    """Every change from `old` to `new`, one entry a clause, in the order of the new policy."""
    grouped: dict[str, list[Change]] = {}
    for change in diff(old, new):
        key = change.clause or ("controller" if change.what == "controller" else f"section.{change.path}")
        grouped.setdefault(key, []).append(change)
    return tuple(_clause_change(name, changes, old, new) for name, changes in grouped.items())


def _clause_change(name: str, changes: Sequence[Change], old: Policy, new: Policy) -> ClauseChange:
    before, after = _part(old, name), _part(new, name)
    kinds = {change.what for change in changes}
    kind: Literal["added", "removed", "changed"] = "changed"
    if "added" in kinds:
        kind = "added"
    elif "removed" in kinds:
        kind = "removed"
    return ClauseChange(
        id=name,
        title=_title(name, after or before, changes),
        kind=kind,
        direction=_direction(changes),
        words=_words(name, before, after, changes, old, new),
        fields=tuple(
            FieldChange(
                name=change.path,
                old="" if change.before is None else change.before_said or shown(change.before),
                new="" if change.after is None else change.after_said or shown(change.after),
                direction=_said(change.direction),
            )
            for change in changes
            if change.what in {"rule", "controller"}
        ),
    )


def _part(policy: Policy, name: str) -> Clause | None:
    return next((clause for clause in policy.clauses if clause.id == name), None)


def _title(name: str, part: Clause | None, changes: Sequence[Change]) -> str:
    if part is not None:
        return part.title
    return "Who is responsible" if name == "controller" else str(changes[0].after or changes[0].before)


def _words(
    name: str,
    before: Clause | None,
    after: Clause | None,
    changes: Sequence[Change],
    old: Policy,
    new: Policy,
) -> tuple[Words, ...]:
    if before is None and after is None:
        texts = [change for change in changes if change.what == "section"]
        return compare_texts(texts[0].before_said, texts[0].after_said) if texts else ()
    was = fill(before, policy=old) if before else ""
    now = fill(after, policy=new) if after else ""
    return compare_texts(was, now) if was != now else ()


def _said(direction: Relation) -> str:
    return direction.value if direction in {Relation.STRICTER, Relation.LOOSER} else "other"


def _direction(changes: Sequence[Change]) -> str:
    """Stricter or looser only when every change of a rule says so."""
    seen = {_said(c.direction) for c in changes if c.what in {"rule", "added", "removed"}}
    return seen.pop() if len(seen) == 1 else "other"


PIECES = re.compile(r"\s+|[^\W_]+|.", re.DOTALL)


def compare_texts(old: str, new: str) -> tuple[Words, ...]:
    """Two texts, word by word."""
    return tuple(_runs(PIECES.findall(old), PIECES.findall(new)))


def _runs(old: list[str], new: list[str]) -> Iterator[Words]:
    matcher = difflib.SequenceMatcher(a=old, b=new, autojunk=False)
    for tag, start, end, new_start, new_end in matcher.get_opcodes():
        if tag == "equal":
            yield Words("same", "".join(old[start:end]))
            continue
        if end > start:
            yield Words("del", "".join(old[start:end]))
        if new_end > new_start:
            yield Words("ins", "".join(new[new_start:new_end]))
