"""Dates: where a number is only a date, and where a cue makes it somebody's date of birth."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from plainspoken.kernels.redaction.context import Context
from plainspoken.kernels.redaction.cues import reason_of
from plainspoken.kernels.redaction.spans import GUESSED, STATED, Finding
from plainspoken.kernels.redaction.words import DIGITS, MONTHS, NUMBER_WORDS, ORDINALS, TENS

_NUMERIC = re.compile(
    r"(?<![0-9A-Za-z.])(?:(?P<y>[12][0-9]{3})(?P<s>[-/.])(?P<m>[0-9]{1,2})(?P=s)(?P<d>[0-9]{1,2})"
    r"|(?P<a>[0-9]{1,2})(?P<t>[-/.])(?P<b>[0-9]{1,2})(?P=t)(?P<z>[12][0-9]{3}|[0-9]{2}))"
    r"(?:[T ][0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)?(?![0-9A-Za-z]|[-/.][0-9])"
)
_TIME = re.compile(r"(?<![0-9:])[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?![0-9:])")


class Date(NamedTuple):
    """Where a date stands."""

    start: int
    end: int


def numeric(plain: str, windows: Iterable[tuple[int, int]]) -> Iterator[Date]:
    """Dates in figures ("31/12/1999", "1999-12-31 23:59"), day and month plausible in either order."""
    for first, last in windows:
        for match in _NUMERIC.finditer(plain, first, last):
            if match["y"]:
                one, other = int(match["m"]), int(match["d"])
            else:
                one, other = int(match["a"]), int(match["b"])
            if 1 <= min(one, other) <= 12 and max(one, other) <= 31:
                yield Date(*match.span())


def times(plain: str, windows: Iterable[tuple[int, int]]) -> Iterator[Date]:
    """Times of day in figures."""
    for first, last in windows:
        for match in _TIME.finditer(plain, first, last):
            yield Date(*match.span())


_WORD = re.compile(r"[A-Za-z]+|[0-9]{1,4}(?:st|nd|rd|th)?|[^\sA-Za-z0-9]", re.IGNORECASE)
_MONTH = re.compile(r"\b(?:" + "|".join(sorted(MONTHS)) + r")\b", re.IGNORECASE)
_SMALL = frozenset(("of", "the", "and", "in"))
_FIGURE = re.compile(r"[0-9]{1,4}(?:st|nd|rd|th)?")
_LONGEST_WORDS = 14


def in_words(plain: str, start: int, end: int, *, limit: int) -> Date | None:
    """The first date with a month's name between the two offsets ("the second of april, nineteen eighty
    five").

    Its last words may lie after `end`, up to `limit`.
    """
    if not _MONTH.search(plain, start, end):
        return None
    tokens = [
        (m.start(), m.end(), m.group().lower()) for m in _WORD.finditer(plain, start, min(limit, end + 60))
    ]
    months = (
        at
        for at, token in enumerate(tokens)
        if token[2] in MONTHS and token[0] < end and _not_modal(tokens, at)
    )
    month = next(months, None)
    if month is None:
        return None
    first = last = month
    while first > 0 and month - first < 5 and _belongs(tokens[first - 1][2]):
        first -= 1
    while last + 1 < len(tokens) and last - month < _LONGEST_WORDS and _belongs(tokens[last + 1][2]):
        last += 1
    while tokens[first][2] in _SMALL or tokens[first][2] in ",.-":
        first += 1
    while tokens[last][2] in _SMALL or tokens[last][2] in ",.-":
        last -= 1
    return Date(tokens[first][0], tokens[last][1]) if last > first else Date(*tokens[month][:2])


def _not_modal(tokens: list[tuple[int, int, str]], at: int) -> bool:
    """ "may" is a month only beside a day or a year."""
    if tokens[at][2] not in ("may", "mar", "march", "sep", "dec", "jan"):
        return True
    beside = tokens[max(0, at - 2) : at] + tokens[at + 1 : at + 3]
    return any(_day_or_year(token[2]) for token in beside)


def _day_or_year(word: str) -> bool:
    return bool(_FIGURE.fullmatch(word)) or word in ORDINALS or word in NUMBER_WORDS


def _belongs(word: str) -> bool:
    return _day_or_year(word) or word in _SMALL or word in ",.-" or word in TENS or word in DIGITS


_ORDINAL = r"(?:(?:twenty|thirty)[ -])?(?:" + "|".join(sorted(ORDINALS)) + r")|[0-9]{1,2}(?:st|nd|rd|th)"
_SAID_YEAR = r"(?:(?:of|in|,)? ?(?:nineteen|twenty|two thousand|[a-z]+ty|19|20|[0-9]{2})[a-z0-9 -]{0,24})?"
_OF_THE = re.compile(rf"\b(?:{_ORDINAL}) (?:of )?(?:the )(?:{_ORDINAL})\b,? ?{_SAID_YEAR}", re.IGNORECASE)
_LONG_AGO = re.compile(
    r"\b(?:19[0-9]{2}|200[0-9]|nineteen[ -](?:oh[ -])?[a-z]{3,9}(?:[ -](?:one|two|three|four|five|six|seven|eight|nine))?"
    r"|two thousand(?: and)? (?:one|two|three|four|five|six|seven|eight|nine))\b",
    re.IGNORECASE,
)


def of_long_ago(plain: str) -> Iterator[Finding]:
    """In a conversation: a whole date with day, month's name and a year before 2010 is nearly always somebody's
    birthday.
    """
    at = 0
    for month in _MONTH.finditer(plain):
        if month.start() < at:
            continue
        found = in_words(plain, max(0, month.start() - 40), month.end(), limit=len(plain))
        if found is None or not found.start <= month.start() < found.end:
            continue
        at = found.end
        year = _LONG_AGO.search(plain, found.start, found.end)
        words = (
            _WORD.findall(plain[found.start : year.start()] + plain[year.end() : found.end]) if year else []
        )
        if any(
            word.lower() in ORDINALS or word.lower() in NUMBER_WORDS or _FIGURE.fullmatch(word)
            for word in words
        ):
            yield Finding(found.start, found.end, "DOB", "date of birth: whole date of long ago", GUESSED)


def expiries(context: Context) -> Iterator[Finding]:
    """ "it runs out August twenty thirty": month and year after a card's expiry cue."""
    cues = [(number, cue) for number, cue in enumerate(context.cues) if cue.rule.name == "card expiry"]
    for number, cue in cues:
        reach = min(context.reach(number), len(context.plain))
        found = in_words(context.plain, cue.end, reach, limit=len(context.plain))
        if found is not None and _has_figure(context.plain[found.start : found.end]):
            yield Finding(found.start, found.end, "CARD", reason_of(cue, context.plain), STATED)


def _has_figure(text: str) -> bool:
    return any(_day_or_year(word.lower()) for word in _WORD.findall(text))


def births(context: Context, dates: Iterable[Date]) -> Iterator[Finding]:
    """Dates of birth: the first date, in figures or words, that a cue ("born on") reaches."""
    figures = sorted(dates, key=lambda date: date.start)
    starts = [date.start for date in figures]
    cues = [(number, cue) for number, cue in enumerate(context.cues) if cue.rule.type == "DOB"]
    for place, (number, cue) in enumerate(cues):
        reach = min(context.reach(number), len(context.plain))
        limit = cues[place + 1][1].start if place + 1 < len(cues) else len(context.plain)
        reach = min(reach, limit)
        first = bisect_left(starts, cue.end)
        written = figures[first] if first < len(starts) and starts[first] <= reach else None
        words = in_words(context.plain, cue.end, reach, limit=limit)
        if words is None:
            said = _OF_THE.search(context.plain, cue.end, min(limit, reach + 60))
            words = Date(said.start(), said.start() + len(said.group().rstrip(" ,-"))) if said else None
        found = min((date for date in (written, words) if date), key=lambda date: date.start, default=None)
        if found is not None:
            yield Finding(found.start, found.end, "DOB", reason_of(cue, context.plain), STATED)
            context.use(number, found.end)
