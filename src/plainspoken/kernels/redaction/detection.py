"""The whole of detection on one text: chunks, one scan, every rule, the model, one merge."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence

from plainspoken.kernels.identifiers import name_tokens
from plainspoken.kernels.redaction import (
    addresses,
    chains,
    codes,
    contacts,
    dates,
    letters,
    numerals,
    people_in_text,
    persons,
)
from plainspoken.kernels.redaction.context import Context
from plainspoken.kernels.redaction.cues import ANSWER, BEFORE, NO_NUMBER, Cue
from plainspoken.kernels.redaction.known import (
    EVERYDAY,
    NOBODY,
    Known,
    known_names,
    known_texts,
    repeated_names,
)
from plainspoken.kernels.redaction.numbers import classify
from plainspoken.kernels.redaction.numerals import Run
from plainspoken.kernels.redaction.persons import NameFinder
from plainspoken.kernels.redaction.scan import Hits, scan
from plainspoken.kernels.redaction.spans import LABELS, Finding, Span, merge
from plainspoken.kernels.redaction.view import View, view
from plainspoken.kernels.redaction.words import STOP_WORDS

LONGEST = 5_000_000  # characters of one text
CHUNK = 100_000  # characters the rules see at once
OVERLAP = 1_000  # characters two chunks share; longer than any span
AROUND_RUN = 60  # characters around a run of digits in which single ones may belong to it
MODEL_CHUNK = 20_000  # characters the model sees at once
MODEL_OVERLAP = 200

_LABEL = re.compile("|".join(re.escape(label) for label in LABELS.values()))


class TextTooLong(ValueError):
    """The text has more than LONGEST characters."""

    def __init__(self, length: int) -> None:
        super().__init__(f"The text has {length:,} characters; split it into parts of at most {LONGEST:,}.")


def detect(text: str, *, known: Known = NOBODY, names: NameFinder | None = None) -> tuple[Span, ...]:
    """Spans of personal data in a text of at most 5,000,000 characters, sorted, not overlapping.

    `known` is what is held of the parties; `names` a model of names (None: names only by words around them).
    The same text gives the same spans. Offsets are code points of `text`. Raises TextTooLong.
    """
    return next(detect_all((text,), known=known, names=names))


def detect_all(
    texts: Sequence[str],
    *,
    known: Known = NOBODY,
    names: NameFinder | None = None,
) -> Iterator[tuple[Span, ...]]:
    """As detect, for several texts; the model gets them together, which is several times faster."""
    for text in texts:
        if len(text) > LONGEST:
            raise TextTooLong(len(text))
    for text, people in zip(texts, model_findings(texts, names), strict=True):
        yield merge(_with_repeats(text, [*rule_findings(text, known=known), *people]))


_LOWER = re.compile(r"(?<![A-Za-z@.'-])[a-z]{3,40}(?![A-Za-z@'-])")
_SHORTEST_REPEAT = 3  # letters of a token that is looked for a second time


def name_parts(texts: Sequence[str], findings: Sequence[Iterable[Finding]]) -> frozenset[str]:
    """Tokens of the names found in texts, less everyday words.

    What also stands without a capital in texts that have capitals ("License", "license") is such a word; a
    model that took it for a name once shall not take it for one everywhere.
    """
    parts: set[str] = set()
    for text, found in zip(texts, findings, strict=True):
        for finding in found:
            if finding.type == "PERSON":
                parts.update(name_tokens(view(text[finding.start : finding.end]).plain))
    parts = {p for p in parts if len(p) >= _SHORTEST_REPEAT} - EVERYDAY - STOP_WORDS
    for text in texts:
        if parts and any(c.isupper() for c in text):
            parts.difference_update(_LOWER.findall(view(text).plain))
    return frozenset(parts)


def _with_repeats(text: str, findings: list[Finding]) -> list[Finding]:
    """A name found once is masked wherever the text says it again ("Ann Lee ... thank you, Ann")."""
    parts = name_parts([text], [findings])
    if not parts:
        return findings
    seen = view(text)
    for again in repeated_names(seen, parts, reason="name: said elsewhere"):
        findings.append(in_text(seen, again))
    return findings


def in_text(seen: View, finding: Finding, *, offset: int = 0) -> Finding:
    """A finding in the ASCII reading, in the offsets of the original that begins at `offset`."""
    if seen.origin is None and not offset:
        return finding
    first, last = seen.original(finding.start, finding.end)
    return finding._replace(start=offset + first, end=offset + last)


def rule_findings(text: str, *, known: Known, joint: int | None = None) -> Iterator[Finding]:
    """What the rules find, offsets in `text`; see Context for `joint`."""
    for start, end in _chunks(text, CHUNK, OVERLAP):
        seen = view(text[start:end])
        inside = joint - start if joint is not None and start <= joint < end else None
        for finding in _rules(seen, known, inside):
            yield in_text(seen, finding, offset=start)


def _rules(seen: View, known: Known, joint: int | None) -> Iterator[Finding]:
    plain = seen.plain
    labels = _Places([match.span() for match in _LABEL.finditer(plain)] if "[" in plain else [])
    for finding in _unlabelled(seen, known, joint, scan(plain), labels):
        if not labels.touch(finding.start, finding.end):
            yield finding


class _Places:
    """Stretches in order that do not overlap."""

    def __init__(self, spans: list[tuple[int, int]]) -> None:
        self.starts = [start for start, _ in spans]
        self._ends = [end for _, end in spans]

    def touch(self, start: int, end: int) -> bool:
        return bisect_right(self._ends, start) < bisect_left(self.starts, end)


def _unlabelled(
    seen: View, known: Known, joint: int | None, hits: Hits, labels: _Places
) -> Iterator[Finding]:
    plain = seen.plain
    cues = [cue for cue in hits.cues if not labels.touch(cue.start, cue.end)] if labels.starts else hits.cues
    walls = labels.starts
    counted = [cue for cue in cues if cue.rule.least < NO_NUMBER]
    if joint and "?" in plain[:joint]:
        counted = sorted([*counted, Cue(joint - 1, joint, ANSWER)], key=lambda cue: cue.end)
    numeric = Context(plain, counted, joint=joint, walls=walls)
    postal = Context(plain, [c for c in cues if c.rule.type == "ADDRESS"], joint=joint, walls=walls)

    yield from known_names(seen, known)
    yield from known_texts(seen, known)
    people = [cue for cue in cues if cue.rule.type == "PERSON"]
    yield from persons.announced_names(plain, [c for c in people if c.rule.name != BEFORE], joint=joint)
    yield from persons.names_before(plain, [c for c in people if c.rule.name == BEFORE])
    yield from people_in_text.laid_out(plain)
    yield from persons.spelled_names(plain, hits.of("spelled"))
    if hits.of("letters"):
        yield from letters.spelled(
            plain,
            hits.of("letters"),
            Context(plain, [c for c in cues if c.rule.name != BEFORE], joint=joint, walls=walls),
        )
    secret = [cue for cue in cues if cue.rule.type == "PIN"]
    if secret:
        yield from codes.secrets(Context(plain, secret, joint=joint, walls=walls))
    yield from addresses.addresses(plain, hits.of("address"), postal)

    claimed: list[Finding] = []
    claimed += contacts.emails(plain, hits.of("email"))
    claimed += contacts.spoken_emails(plain, hits.of("spoken_email"), cues)
    claimed += contacts.ips(plain, hits.of("ip"))
    claimed += codes.ibans(plain, hits.of("iban"), numeric)
    claimed += codes.coded_ids(plain, hits.of("coded_id"), numeric)
    claimed += codes.announced_codes(_blanked(plain, [(f.start, f.end) for f in claimed]), numeric)
    yield from claimed

    days = list(dates.numeric(plain, hits.of("digits")))
    yield from dates.births(numeric, days)
    yield from dates.expiries(numeric)
    times = list(dates.times(plain, hits.of("digits")))
    taken = [(f.start, f.end) for f in claimed] + [(d.start, d.end) for d in (*days, *times)]
    rest = _blanked(plain, taken)
    runs = [*numerals.written(rest, hits.of("digits")), *numerals.spoken(rest, hits.of("spoken"))]
    runs = [run for run in runs if run.digits]
    runs.sort(key=lambda r: (r.start, -r.end))
    if runs:
        yield from chains.chained(_with_single(rest, runs), numeric)
    for run in runs:
        for finding in classify(run, numeric, known=known):
            yield codes.with_letters(plain, codes.whole_word(plain, finding))


def _with_single(plain: str, runs: Sequence[Run]) -> list[Run]:
    """Runs in order, and around them the digits that are too few to be a run of their own."""
    every: list[Run] = []
    end = 0
    for place, run in enumerate(runs):
        if run.start < end:
            continue
        every += numerals.single(plain, max(end, run.start - AROUND_RUN), run.start)
        every.append(run)
        end = run.end
        until = next((other.start for other in runs[place + 1 : place + 3] if other.start >= end), len(plain))
        every += numerals.single(plain, end, min(end + AROUND_RUN, until))
        end = max(end, every[-1].end)
    return every


def _blanked(plain: str, taken: Sequence[tuple[int, int]]) -> str:
    """The text with what is already explained turned into marks, so that no rule reads it a second time."""
    if not taken:
        return plain
    pieces: list[str] = []
    at = 0
    for start, end in sorted(taken):
        start = max(start, at)
        if end <= start:
            continue
        pieces += (plain[at:start], "\x7f" * (end - start))
        at = end
    pieces.append(plain[at:])
    return "".join(pieces)


def _chunks(text: str, size: int, overlap: int) -> Iterator[tuple[int, int]]:
    """Offsets of pieces that overlap, cut at white space where there is some."""
    start = 0
    while True:
        end = start + size
        if end >= len(text):
            yield start, len(text)
            return
        cut = max(text.rfind(" ", end - overlap // 2, end), text.rfind("\n", end - overlap // 2, end))
        end = cut if cut > 0 else end
        yield start, end
        back = end - overlap
        space = text.find(" ", back, back + overlap // 2)
        start = space + 1 if space >= 0 else back


def model_findings(
    texts: Sequence[str], names: NameFinder | None, *, caseless: bool = False
) -> list[list[Finding]]:
    """People whom the model finds in each text, offsets in that text; nothing without a model. `caseless`: the
    texts are speech written without capitals.
    """
    found: list[list[Finding]] = [[] for _ in texts]
    if names is None:
        return found
    pieces = [
        (at, start, view(text[start:end]))
        for at, text in enumerate(texts)
        for start, end in _chunks(text, MODEL_CHUNK, MODEL_OVERLAP)
    ]
    # The English model knows few accents: it reads "Emmie Strom" better than "Emmie Ström".
    hits = names([persons.capitalised(seen.plain) if caseless else seen.plain for _, _, seen in pieces])
    for (at, start, seen), named in zip(pieces, hits, strict=True):
        if caseless:
            # With capitals of ours a single word is a name too often ("Lamp").
            named = [hit for hit in named if " " in seen.plain[hit.start : hit.end]]
        people = list(persons.model_names(seen.plain, named))
        people += people_in_text.listed(seen.plain, people, named)
        found[at] += [in_text(seen, finding, offset=start) for finding in people]
    return found
