"""One pass of Hyperscan over the text that says where the exact rules have to look at all.

The patterns here are loose on purpose: a rule that is not run costs nothing, a rule run in vain costs little.
"""

import threading
from dataclasses import dataclass, field
from functools import cache

import hyperscan

from plainspoken.kernels.redaction.cue_rules import RULES
from plainspoken.kernels.redaction.cues import BEFORE, Cue
from plainspoken.kernels.redaction.letters import ALPHABET
from plainspoken.kernels.redaction.words import (
    ADDRESS_TRIGGERS,
    DIGITS,
    DOMAIN_ENDINGS,
    FILLERS,
    HOMOPHONES,
    MENDS,
    NUMBER_WORDS,
    PROVIDERS,
)

Window = tuple[int, int]


@dataclass(frozen=True)
class Family:
    """Where one kind of candidate may lie: `back` characters before the end of a hit to `ahead` after it."""

    name: str
    pattern: str
    back: int
    ahead: int
    caseless: bool = True


_WORD = "(?:" + "|".join(sorted(NUMBER_WORDS)) + ")"
_PAUSE = r"[\s,.-]{1,4}"
_PAUSE_OR_ASKING = r"[\s,.?!;/-]{1,5}"
_FILLER = "(?:(?:" + "|".join(sorted(FILLERS | frozenset(HOMOPHONES))) + ")" + _PAUSE_OR_ASKING + "){0,3}"
_MENDS = "|".join(sorted(MENDS))
_FILLER_SAID = _FILLER.replace("{0,3}", "{1,3}")

_ALPHABET = "|".join(sorted(ALPHABET))
_DIGIT = "(?:" + "|".join(sorted(DIGITS)) + ")"
_ENDING = r"[\s\])]{0,3}(?:" + "|".join(sorted(DOMAIN_ENDINGS)) + r")\b"

FAMILIES = (
    Family("digits", r"(?:^|[^0-9])[0-9]", 4, 56),
    Family("spoken", rf"\b{_WORD}{_PAUSE_OR_ASKING}{_FILLER}(?:{_WORD}\b|[0-9])", 60, 60),
    Family("spoken", rf"[0-9]{_PAUSE_OR_ASKING}{_FILLER}{_WORD}\b", 60, 60),
    Family("spoken", rf"[0-9]{_PAUSE_OR_ASKING}{_FILLER_SAID}[0-9]", 60, 60),
    Family("spoken", rf"[0-9]{_PAUSE_OR_ASKING}{_FILLER}(?:{_MENDS})\b", 60, 60),
    Family("spelled", r"\b[a-z](?:[ .,-]{1,2}[a-z]){3}\b", 12, 60),
    Family("letters", r"\b[a-z],? (?:as in|is for|for|like|as) [a-z]{2,14}\b", 80, 120),
    Family(
        "letters",
        rf"\b(?:{_ALPHABET}){_PAUSE}(?:(?:and|then|uh|um){_PAUSE})?(?:{_ALPHABET}|{_DIGIT}|[a-z0-9])\b",
        80,
        120,
    ),
    Family("letters", rf"\b[a-z0-9]{_PAUSE}(?:{_ALPHABET})\b", 80, 120),
    Family("letters", rf"\b[a-z]{_PAUSE}(?:[0-9]{{1,4}}|{_DIGIT})\b", 40, 80),
    Family("letters", r"\b(?:spel(?:l|t|led|ling)|initials?)\b", 4, 90),
    Family("letters", r"\b(?:double|triple) [a-z]\b", 60, 80),
    Family("email", r"@", 140, 270),
    Family(
        "spoken_email",
        rf"\bat[\s\])]{{1,3}}(?:[a-z0-9-]{{1,30}}[\s\[(]{{1,3}}){{1,20}}(?:dot|point){_ENDING}",
        240,
        80,
    ),
    Family("spoken_email", rf"\bat[\s\])]{{1,3}}[a-z0-9-]{{1,30}}\.{_ENDING}", 120, 40),
    Family("ip", r"[0-9]\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]", 24, 8),
    Family("ip", r"[0-9a-f]:[0-9a-f]{1,4}:[0-9a-f]", 48, 48),
    Family("spoken_email", rf"\bat(?: the rate(?: of)?)? (?:{PROVIDERS})\b", 240, 60),
    Family("ip", r"::[0-9a-f]", 48, 48),
    Family("iban", r"\b[a-z]{2} ?[0-9]{2}[ -]?[a-z0-9]{2}", 10, 48),
    Family("coded_id", r"\b[a-z]{2} ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[a-d]\b", 20, 4),
    Family("coded_id", r"\b[a-z]{5}[0-9]{4}[a-z]\b", 14, 4),
    Family("address", ADDRESS_TRIGGERS, 120, 200),
    Family("address", r"[0-9][A-Za-z]? [A-Z][A-Za-z]", 30, 200, caseless=False),
)


@dataclass
class Hits:
    """Windows a family, merged and sorted; and the context cues in their order."""

    windows: dict[str, list[Window]] = field(default_factory=dict)
    cues: list[Cue] = field(default_factory=list)

    def of(self, family: str) -> list[Window]:
        return self.windows.get(family, [])


class _Prefilter:
    """The compiled patterns, once a process; and Hyperscan's working memory, once a thread, because it
    may serve one scan at a time.
    """

    def __init__(self) -> None:
        self.rules = tuple(rule for rule in RULES for _ in rule.patterns)
        cues = [pattern for rule in RULES for pattern in rule.patterns]
        patterns = [family.pattern for family in FAMILIES] + [spaced(pattern) for pattern in cues]
        caseless = hyperscan.HS_FLAG_CASELESS
        self.database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
        self.database.compile(
            expressions=[pattern.encode("ascii") for pattern in patterns],
            ids=list(range(len(patterns))),
            flags=[caseless if family.caseless else 0 for family in FAMILIES]
            + [caseless | hyperscan.HS_FLAG_SOM_LEFTMOST] * len(cues),
        )
        self._local = threading.local()

    @property
    def scratch(self) -> hyperscan.Scratch:
        scratch: hyperscan.Scratch | None = getattr(self._local, "scratch", None)
        if scratch is None:
            scratch = self._local.scratch = hyperscan.Scratch(self.database)
        return scratch


_LOCK = threading.Lock()


def _prefilter() -> _Prefilter:
    with _LOCK:
        return _made()


@cache
def _made() -> _Prefilter:
    return _Prefilter()


def spaced(pattern: str) -> str:
    """A space in a cue stands for one or two spaces, tabs, line ends or hyphens."""
    return pattern.replace(" ", r"(?:[\s-]{1,2})")


def scan(plain: str) -> Hits:
    """Candidate windows and cues of an ASCII text."""
    prefilter = _prefilter()
    rules = prefilter.rules
    families = len(FAMILIES)
    ends: list[list[int]] = [[] for _ in FAMILIES]
    cues: list[Cue] = []

    def note(number: int, start: int, end: int, _flags: int, _context: object) -> None:
        if number < families:
            ends[number].append(end)
        else:
            cues.append(Cue(start, end, rules[number - families]))

    prefilter.database.scan(plain.encode("ascii"), match_event_handler=note, scratch=prefilter.scratch)
    hits = Hits(cues=_longest(plain, cues))
    for family, found in zip(FAMILIES, ends, strict=True):
        if found:
            windows = _windows(found, family, len(plain))
            hits.windows[family.name] = _joined(hits.of(family.name), windows)
    return hits


def _windows(ends: list[int], family: Family, length: int) -> list[Window]:
    """Windows around hits, which come in order; hits close together share one."""
    windows: list[Window] = []
    gap = family.back + family.ahead
    first = previous = ends[0]
    for end in ends:
        if end - previous > gap:
            windows.append((max(0, first - family.back), previous + family.ahead))
            first = end
        previous = end
    windows.append((max(0, first - family.back), min(length, previous + family.ahead)))
    return windows


def _joined(one: list[Window], other: list[Window]) -> list[Window]:
    if not one:
        return other
    joined: list[Window] = []
    for start, end in sorted(one + other):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _longest(plain: str, cues: list[Cue]) -> list[Cue]:
    """Cues by place; one that lies inside another ("account number" in "bank account number") is dropped."""
    kept: list[Cue] = []
    before = [cue for cue in cues if cue.rule.name == BEFORE]
    for cue in sorted(
        (cue for cue in cues if cue.rule.name != BEFORE), key=lambda c: (c.start, -c.end, c.rule.rank)
    ):
        if kept and cue.end <= kept[-1].end:
            continue
        if kept and cue.start < kept[-1].end and cue.rule is kept[-1].rule:
            kept[-1] = Cue(kept[-1].start, cue.end, cue.rule)
            continue
        # A cue in brackets is a label that an earlier masking left, or a form's placeholder.
        if cue.start and plain[cue.start - 1] == "[" and plain[cue.end : cue.end + 1] == "]":
            continue
        kept.append(cue)
    # These announce what stands in front of them; the same words may announce an address behind them as well.
    return sorted([*kept, *before], key=lambda c: (c.start, -c.end)) if before else kept
