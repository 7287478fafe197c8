"""Runs of digits, written ("+44 20 7946 0018") or spoken ("double five oh, triple one"), with their
offsets.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from plainspoken.kernels.redaction.words import (
    DIGITS,
    FILLERS,
    HOMOPHONES,
    MENDING,
    MENDS,
    NUMBER_WORDS,
    SCALES,
    TEENS,
    TENS,
    TIMES,
    UNITS_OF_MEASURE,
)


class Group(NamedTuple):
    """Digits that were written or said together."""

    start: int
    end: int
    digits: str


class Run(NamedTuple):
    """Groups that follow each other with nothing but separators or fillers between.

    `amount` says that a unit of measure stands after a spoken one (for figures ask is_amount); `loose`, that
    words part the figures, so that only a check digit or a cue makes one number of them; `mended`, that the
    speaker took something back, so that there are more digits than the number has.
    """

    start: int
    end: int
    groups: tuple[Group, ...]
    digits: str
    spoken: bool
    amount: bool = False
    loose: bool = False
    mended: bool = False

    def part(self, first: int, last: int) -> "Run":
        """The run of groups first to last (last excluded)."""
        groups = self.groups[first:last]
        start = self.start if first == 0 else groups[0].start
        end = self.end if last >= len(self.groups) else groups[-1].end
        return self._replace(start=start, end=end, groups=groups, digits=_digits_of(groups))


def _digits_of(groups: Iterable[Group]) -> str:
    return "".join([group.digits for group in groups])


_WRITTEN = re.compile(
    r"(?:(?<![0-9A-Za-z])\+ ?)?\(?(?<![0-9])[0-9]{1,400}(?![0-9])"
    r"(?:(?:[ .()/-]{1,3}|, |\? ?|,(?=[0-9]{3,4}(?![0-9])))[0-9]{1,400}(?![0-9])){0,24}"
    r"(?: ?(?:x|ext\.?|extension) ?[0-9]{1,6})?(?![0-9])",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"[0-9]+")
_MANTISSA = re.compile(r"[0-9][.,]$")
_SHORTEST = 3  # digits of the shortest identifier, a card's security code
_WHOLE = 7  # digits from which a part between commas is a number by itself
_COMMA_JOINED = 10  # digits from which parts with commas between them are one number
_GLUED = 9  # digits from which a number counts even when a letter touches it
_MONEY_BEFORE = re.compile(r"(?:[$]|\b(?:usd|eur|gbp|sek|inr|rs)\.?) ?$", re.IGNORECASE)
_AFTER = re.compile(r"[ -]?([A-Za-z%]{1,10})")


def written(plain: str, windows: Iterable[tuple[int, int]]) -> Iterator[Run]:
    """Runs of digits with spaces, hyphens, dots, slashes, brackets or commas between them."""
    for first, last in windows:
        for match in _WRITTEN.finditer(plain, first, last):
            start, end = match.span()
            if end - start < _SHORTEST:
                continue
            text = match.group()
            if text.startswith("(") and ")" not in text:
                start += 1
            groups = [Group(*m.span(), m[0]) for m in _DIGITS.finditer(plain, start, end)]
            for some in _at_commas(plain, groups) if "," in text else (groups,):
                first_of = start if some is groups else some[0].start
                last_of = end if some is groups else some[-1].end
                run = _written_run(plain, first_of, last_of, tuple(some))
                if run is not None:
                    yield run


def _written_run(plain: str, start: int, end: int, groups: tuple[Group, ...]) -> Run | None:
    digits = _digits_of(groups)
    if len(digits) < _GLUED and _touches_letter(plain, start, end):
        return None
    return Run(start, end, groups, digits, spoken=False)


def _at_commas(plain: str, groups: list[Group]) -> list[list[Group]]:
    """Recognisers write one number with commas ("4111, 1111, ..."); whole numbers in a list are kept
    apart.
    """
    if len(groups[0].digits) <= 3 and all(
        len(group.digits) == 3 and plain[before.end : group.start] == ","
        for before, group in pairwise(groups)
    ):
        return [groups]  # 1,000,234
    parts = [[groups[0]]]
    for before, group in pairwise(groups):
        if plain[before.end] == ",":
            parts.append([group])
        else:
            parts[-1].append(group)
    whole = [sum(len(group.digits) for group in part) >= _WHOLE for part in parts]
    total = sum(len(group.digits) for group in groups)
    singles = all(len(group.digits) == 1 for group in groups)
    return parts if any(whole) or not (total >= _COMMA_JOINED or singles) else [groups]


def _touches_letter(plain: str, start: int, end: int) -> bool:
    """ "20x", "B2B": a few digits inside a word are part of the word."""
    return plain[start - 1 : start].isalpha() or plain[end : end + 1].isalpha()


def is_amount(plain: str, run: Run) -> bool:
    """True when the run counts, measures or costs something rather than names somebody."""
    return is_measured(plain, run) or (not run.spoken and _in_thousands(plain, run))


def is_measured(plain: str, run: Run) -> bool:
    """True when money stands before the run or a unit after it."""
    if run.spoken:
        return run.amount
    if _MONEY_BEFORE.search(plain, max(0, run.start - 5), run.start):
        return True
    after = _AFTER.match(plain, run.end, run.end + 12)
    return bool(after and (after.group(1) == "%" or after.group(1).lower() in UNITS_OF_MEASURE))


def _in_thousands(plain: str, run: Run) -> bool:
    """10.000.000 and 1,234,567 are numbers as they are counted, not groups of a telephone number; 3.14159 is
    a decimal. A fourth group is no longer an everyday count: recognisers write card numbers so.
    """
    groups = run.groups
    if len(groups[0].digits) == 3 and _MANTISSA.search(plain, max(0, run.start - 2), run.start):
        return True
    threes = len(groups[0].digits) <= 3 and all(len(g.digits) == 3 for g in groups[1:])
    if len(groups) == 1 or not (threes or len(groups) == 2):
        return False
    marks = {plain[a.end : b.start] for a, b in pairwise(groups)}
    return marks == {"."} or (marks == {","} and threes and len(groups) <= 4)


_SINGLE = re.compile(
    r"(?<![A-Za-z0-9'.,:-])(?:[0-9]{1,2}|(?P<word>"
    + "|".join(sorted(NUMBER_WORDS - frozenset(TIMES) - frozenset(SCALES) - {"o"}))
    + r"))(?![A-Za-z0-9':%]|[.,][0-9])",
    re.IGNORECASE,
)


def single(plain: str, first: int, last: int) -> Iterator[Run]:
    """One or two digits, or one number word, that stand alone. They mean nothing by themselves."""
    if last - first < 2:
        return
    for match in _SINGLE.finditer(plain, first, last + 2):
        start, end = match.span()
        if end > last:
            return
        word = match.group().lower()
        digits = word if word.isdigit() else DIGITS.get(word) or TEENS.get(word) or TENS[word]
        yield Run(start, end, (Group(start, end, digits),), digits, spoken=not word.isdigit())


# Said while somebody looks for the next digits: one token, a filler.
_THINKING = (
    r"\b(?:let me (?:see|think|check|look|find it)|hang on(?: a (?:second|moment|minute))?|hold on"
    r"(?: a (?:second|moment|minute))?|(?:just )?(?:a|one) (?:moment|second|minute|sec)(?: please)?|bear with me|"
    r"give me a (?:second|moment|minute|sec)|where was i|what was it|i think|you know|here we go|got it(?: here)?|"
    r"uh huh|mm hmm|mhm mhm|that's right|and then(?: it's)?|(?:and )?the (?:rest|last (?:bit|part)) is)\b"
)
_TOKEN = re.compile(
    _THINKING.replace(" ", r"[\s-]{1,2}") + r"|[A-Za-z']{1,40}|[0-9]{1,400}|[^\sA-Za-z0-9]", re.IGNORECASE
)
_HESITATED = 12  # digits from which figures with "uh" or "and" between them are one number
_MOST_GROUPS = 60  # of one spoken run: three card numbers
_MOST_HEARD_AS = 3  # words in a row that a recogniser may have written for digits
_MOST_FILLERS = 4  # words in a row that say nothing
_MOST_MENDING = 8  # words in a row of one repair
_GAP = re.compile(r"[\s,.?!;/-]{0,5}")
_THOUGHT = "um"  # how a phrase of _THINKING counts
_MARKS = frozenset("-.,?!;/")


@dataclass(slots=True)
class _Open:
    """A spoken run while it grows."""

    groups: list[Group]
    spoken: bool = False
    hesitated: bool = False
    mended: bool = False
    fillers: int = 0
    mending: int = 0
    mends: bool = False
    heard_as: list[Group] = field(default_factory=list)
    times: int = 1
    times_start: int = -1
    after_tens: bool = False


def spoken(plain: str, windows: Iterable[tuple[int, int]]) -> Iterator[Run]:
    """Runs that hold at least one number word; digits written among them belong to the run."""
    for first, last in windows:
        run = _Open(groups=[])
        end = -1
        for match in _TOKEN.finditer(plain, first, last):
            word = match.group().lower()
            if " " in word or "-" in word[1:]:
                word = _THOUGHT
            if word in _MARKS:
                continue
            near = end < 0 or _GAP.fullmatch(plain, end, match.start()) is not None
            if (
                not near
                or len(run.groups) >= _MOST_GROUPS
                or not _take(run, word, match.start(), match.end())
            ):
                yield from _closed(run, word if near else "")
                run = _Open(groups=[])
                _take(run, word, match.start(), match.end())
            end = match.end()
        yield from _closed(run, "")


def _take(run: _Open, word: str, start: int, end: int) -> bool:
    """Add a word to the run; False when it ends the run."""
    if word in TIMES:
        run.times, run.times_start = TIMES[word], start
        run.spoken = True
        return True
    if word.isdigit() or word in NUMBER_WORDS:
        return _take_number(run, word, start, end)
    if not run.groups:
        return False
    if word in HOMOPHONES and len(run.heard_as) < _MOST_HEARD_AS and not run.mends:
        run.heard_as.append(Group(start, end, HOMOPHONES[word]))
        return True
    if word in FILLERS and not run.mending:
        run.fillers += 1
        run.hesitated = True
        return run.fillers <= _MOST_FILLERS or word in MENDING
    if word in MENDING:
        run.mending += 1
        run.mends = run.mends or word in MENDS
        return run.mending <= _MOST_MENDING and (run.mends or run.mending <= 2)
    if run.mends and word in FILLERS:
        run.mending += 1
        return run.mending <= _MOST_MENDING
    return False


def _take_number(run: _Open, word: str, start: int, end: int) -> bool:
    if run.mending and not run.mends:
        return False  # "it was two the one": no repair
    if not word.isdigit():
        run.spoken = True
        if word in SCALES:
            return _scale(run, word, end)
    if run.heard_as:
        if not (run.fillers or run.mending):
            run.groups += run.heard_as
            run.hesitated = True
        run.heard_as, run.after_tens = [], False
    digits = word if word.isdigit() else DIGITS.get(word) or TEENS.get(word) or TENS[word]
    run.mended = run.mended or run.mends
    run.after_tens = run.after_tens and not run.fillers and not run.mends
    run.fillers, run.mending, run.mends = 0, 0, False
    if run.after_tens and word in DIGITS and digits != "0":
        tens = run.groups.pop()
        run.groups.append(Group(tens.start, end, tens.digits[:-1] + digits))
        run.after_tens = False
        return True
    if run.times > 1:
        digits, start = digits * run.times, run.times_start
        run.times = 1
    run.after_tens = word in TENS
    run.groups.append(Group(start, end, digits))
    return True


def _scale(run: _Open, word: str, end: int) -> bool:
    if not run.groups:
        return False
    before = run.groups.pop()
    run.groups.append(Group(before.start, end, before.digits + SCALES[word]))
    run.after_tens = False
    return True


def _closed(run: _Open, next_word: str) -> Iterator[Run]:
    total = sum(len(group.digits) for group in run.groups)
    if not run.groups or not (run.spoken or (run.hesitated and total >= _HESITATED) or run.mended):
        return
    yield Run(
        run.groups[0].start,
        run.groups[-1].end,
        tuple(run.groups),
        _digits_of(run.groups),
        spoken=True,
        amount=next_word in UNITS_OF_MEASURE,
        loose=not run.spoken,
        mended=run.mended,
    )
