"""Letters said one by one, plain or by alphabet words ("S as in Sierra", "bravo", "double L"), with the digits
among them: spelled names, booking codes, post codes.

The alphabet is the one of radio telephony (ICAO, NATO); after "as in" and "for" any word stands for its letter.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from plainspoken.kernels.identifiers.names import words_in
from plainspoken.kernels.redaction.context import Context
from plainspoken.kernels.redaction.cues import reason_of
from plainspoken.kernels.redaction.spans import GUESSED, SHAPED, STATED, Finding, Type
from plainspoken.kernels.redaction.words import DIGITS, TEENS, TENS, TIMES

ALPHABET = words_in(
    """
    alpha alfa bravo charlie delta echo foxtrot golf hotel india juliet juliett kilo lima mike november oscar papa
    quebec romeo sierra tango uniform victor whiskey whisky xray yankee zulu
    """
)
_WORDS = "|".join(sorted(ALPHABET)) + r"|x-ray"
_FIGURES = "|".join(sorted(frozenset(DIGITS) | frozenset(TEENS) | frozenset(TENS)))
_UNIT = re.compile(
    r"(?<![A-Za-z0-9'])(?:"
    r"(?P<alike>[a-z],? (?:as in|is for|for|like|as)(?: the| a| an)? [a-z]{2,14})"
    rf"|(?P<word>{_WORDS})"
    r"|(?P<twice>(?:double|triple) [a-z])"
    r"|(?P<case>(?:capital|upper ?case|lower ?case|small|letter) [a-z])"
    r"|(?P<letter>[a-z])"
    rf"|(?P<figure>(?:(?:{'|'.join(sorted(TIMES))}) )?(?:{_FIGURES}|[0-9]{{1,4}}))"
    r")(?![A-Za-z0-9'])",
    re.IGNORECASE,
)
_JOINT = re.compile(
    r"[\s,.;:-]{1,4}(?:(?:uh|um|er|then|and|dash|hyphen|slash|space|so|okay|number)[\s,.;:-]{1,3}){0,2}",
    re.IGNORECASE,
)
_SPELLING = re.compile(
    r"\b(?:spel(?:l|t|ls|led|ling)|letter by letter|initials?)\b[^.?!]{0,24}$", re.IGNORECASE
)
_POSTCODE = re.compile(r"[A-Z]{1,2}[0-9][0-9A-Z]?[0-9][A-Z]{2}")
_NINO = re.compile(r"[A-Z]{2}[0-9]{6}[A-D]")
_MOST_UNITS = 40
_DIGIT_OF = {**DIGITS, **TEENS, **TENS}


class Unit(NamedTuple):
    """One thing said: its letter or digits, and how it was said (alike, word, twice, case, letter, figure)."""

    start: int
    end: int
    reads: str
    how: str


def spelled(plain: str, windows: Iterable[tuple[int, int]], context: Context) -> Iterator[Finding]:
    """Findings for runs of letters and digits that only spelling explains; figures alone are left to `numerals`."""
    for first, last in windows:
        for run in _runs(plain, first, last):
            finding = _judged(plain, run, context)
            if finding is not None:
                yield finding


def _runs(plain: str, first: int, last: int) -> Iterator[list[Unit]]:
    run: list[Unit] = []
    end = first
    for match in _UNIT.finditer(plain, first, last):
        start = match.start()
        if run and (
            len(run) >= _MOST_UNITS
            or not (plain[end:start] in (" ", ", ", "-", ". ") or _JOINT.fullmatch(plain, end, start))
        ):
            yield run
            run = []
        how = match.lastgroup or ""
        end = match.end()
        text = match.group().lower()
        run.append(Unit(start, end, text if how == "letter" else _reads(text, how), how))
    if run:
        yield run


def _reads(text: str, how: str) -> str:
    if how == "twice":
        return text[-1] * TIMES[text.split()[0]]
    if how == "case":
        return text[-1]
    if how == "figure":
        *times, word = text.split()
        return (_DIGIT_OF.get(word, word)) * (TIMES[times[0]] if times else 1)
    return text[0]


def _judged(plain: str, run: list[Unit], context: Context) -> Finding | None:
    """Figures at either end belong to it; words of a cue and everyday letters ("a", "I") before it do not."""
    while run and context.within(run[0].start, run[0].end):
        run = run[1:]
    while (
        run and run[0].how == "letter" and run[0].reads in "ai" and (len(run) < 3 or run[1].how != "letter")
    ):
        run = run[1:]
    letters = [unit for unit in run if unit.how != "figure"]
    if len(run) < 2 or not letters:
        return None
    start, end = run[0].start, run[-1].end
    sure = sum(unit.how in ("alike", "twice", "case") for unit in letters)
    radio = sum(unit.how == "word" for unit in letters)
    rare = sum(unit.how == "letter" and unit.reads not in "ai" for unit in letters)
    reads = "".join(unit.reads for unit in run).upper()
    mixed = len(letters) < len(run)
    asked = _SPELLING.search(plain, max(0, start - 48), start) is not None
    for number in context.before(start):
        cue = context.cues[number]
        if cue.rule.type in _SPELLED and (sure or radio or asked or (rare >= 2 and (mixed or len(run) > 2))):
            if len(reads) >= 3 or sure:
                context.use(number, end)
                return Finding(
                    start, end, _kind(cue.rule.type, mixed=mixed), reason_of(cue, context.plain), STATED
                )
            break
    if _POSTCODE.fullmatch(reads) and mixed:
        return Finding(start, end, "ADDRESS", "address: post code spelled", SHAPED)
    if _NINO.fullmatch(reads) and mixed:
        return Finding(start, end, "NATIONAL_ID", "national id: spelled", SHAPED)
    enough = (sure and len(run) >= 2 and sure + radio + rare >= 2) or radio >= 3 or (radio and len(run) >= 3)
    if asked and not mixed and len(letters) >= 2:
        return Finding(start, end, "PERSON", "name: spelled", SHAPED)
    if not mixed and (enough or (rare >= 3 and len(letters) >= 4)):
        return Finding(start, end, "PERSON", "name: spelled", GUESSED)
    if mixed and len(reads) >= 4 and (enough or (rare >= 2 and len(reads) >= 5)):
        return Finding(start, end, "ACCOUNT", "account: letters and digits said one by one", SHAPED)
    return None


_SPELLED: tuple[Type | None, ...] = ("ACCOUNT", "NATIONAL_ID", "BANK", "IBAN", "PERSON", "ADDRESS")


def _kind(kind: Type | None, *, mixed: bool) -> Type:
    if kind is None or (kind == "PERSON" and mixed):
        return "ACCOUNT"
    return kind
