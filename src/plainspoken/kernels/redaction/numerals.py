"""Runs of digits, written ("+44 20 7946 0018") or spoken ("double five oh, triple one"), with their
offsets.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from plainspoken.kernels.redaction.words import (
    DIGITS,
    FILLERS,
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
    words part the figures, so that only a check digit or a cue makes one number of them.
    """

    start: int
    end: int
    groups: tuple[Group, ...]
    digits: str
    spoken: bool
    amount: bool = False
    loose: bool = False

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
    r"(?:(?:[ .()/-]{1,3}|, )[0-9]{1,400}(?![0-9])){0,20}"
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
    if run.spoken:
        return run.amount
    groups = run.groups
    # The last part of 1,234,567 or of 3.14159.
    if len(groups[0].digits) == 3 and _MANTISSA.search(plain, max(0, run.start - 2), run.start):
        return True
    if _MONEY_BEFORE.search(plain, max(0, run.start - 5), run.start):
        return True
    after = _AFTER.match(plain, run.end, run.end + 12)
    if after and (after.group(1) == "%" or after.group(1).lower() in UNITS_OF_MEASURE):
        return True
    # 10.000.000 is a number as Germany writes it, not groups of a telephone number; 3.14159 is a decimal.
    threes = len(groups[0].digits) <= 3 and all(len(g.digits) == 3 for g in groups[1:])
    if len(groups) == 1 or not (threes or len(groups) == 2):
        return False
    return all(plain[a.end : b.start] == "." for a, b in pairwise(groups))


_TOKEN = re.compile(r"[A-Za-z']{1,40}|[0-9]{1,400}|[^\sA-Za-z0-9]")
_HESITATED = 12  # digits from which figures with "uh" or "and" between them are one number
_MOST_GROUPS = 40  # of one spoken run: two card numbers
_GAP = re.compile(r"[\s,.-]{0,4}")


@dataclass(slots=True)
class _Open:
    """A spoken run while it grows."""

    groups: list[Group]
    spoken: bool = False
    hesitated: bool = False
    fillers: int = 0
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
            near = end < 0 or _GAP.fullmatch(plain, end, match.start()) is not None
            if word in "-.,":
                continue
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
    if word in FILLERS and run.groups:
        run.fillers += 1
        run.hesitated = True
        return run.fillers <= 2
    if word in TIMES:
        run.times, run.times_start = TIMES[word], start
        run.spoken = True
        return True
    if word.isdigit():
        digits = word
    elif word in NUMBER_WORDS:
        run.spoken = True
        if word in SCALES:
            return _scale(run, word, end)
        digits = DIGITS.get(word) or TEENS.get(word) or TENS[word]
    else:
        return False
    run.fillers = 0
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
    if not run.groups or not (run.spoken or (run.hesitated and total >= _HESITATED)):
        return
    yield Run(
        run.groups[0].start,
        run.groups[-1].end,
        tuple(run.groups),
        _digits_of(run.groups),
        spoken=True,
        amount=next_word in UNITS_OF_MEASURE,
        loose=not run.spoken,
    )
