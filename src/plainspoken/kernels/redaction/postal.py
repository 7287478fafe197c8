"""Text as a postal clerk reads it: tokens with a kind, countries, abbreviations, units."""

import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from babel import Locale

from plainspoken.kernels.identifiers.names import words_in
from plainspoken.kernels.redaction.view import view
from plainspoken.kernels.redaction.words import (
    NUMBER_WORDS,
    PARTICLES,
    STOP_WORDS,
    STREET_ENDINGS,
    STREETS,
    STREETS_BEFORE,
    UNITS,
)

SUREST = words_in("street avenue road lane boulevard")  # they count without a capital letter
NAMED = ("word", "street", "before", "ending")
BUILDING = ("word", "street", "before", "ending", "particle")
NAME_WORDS = 6  # words of a street's name
_UK_POSTCODE = r"[A-Z]{1,2}[0-9][0-9A-Z]? ?[0-9][A-Z]{2}(?![A-Za-z0-9])"
_TOKEN = re.compile(
    _UK_POSTCODE
    + r"|[0-9]{1,7}(?:[-/][0-9]{1,5})?[A-Za-z]?(?![A-Za-z0-9])"
    + r"|[A-Za-z0-9][A-Za-z0-9'&]{0,40}(?:-[A-Za-z0-9']{1,40}){0,3}|\n|[^\sA-Za-z0-9]"
)
POSTCODE = re.compile(_UK_POSTCODE)
_ELIDED = re.compile(r"[dl]'[A-Za-z]{2}")
_EMPTY = frozenset(("nan", "null", "none", "n/a"))  # how export tools write an empty field of an address
_ORDINAL = re.compile(r"[0-9]{1,3}(?:st|nd|rd|th)")  # "7th Harbor Road"
_NUMBER = re.compile(r"[0-9]{1,7}(?:[-/][0-9]{1,5})?[A-Za-z]?")


@cache
def _countries() -> frozenset[str]:
    """Names of countries in English, German and Swedish, as CLDR has them, in the ASCII reading."""
    names: set[str] = set()
    for language in ("en", "de", "sv"):
        territories = Locale(language).territories
        names |= {
            view(name).plain.lower()
            for code, name in territories.items()
            if len(code) == 2 and code.isalpha()
        }
    return frozenset(names | {"uk", "usa", "u.s.a", "england", "scotland", "wales", "czech republic"})


@cache
def _last_words() -> frozenset[str]:
    return frozenset(name.split(" ")[-1] for name in _countries())


class Token(NamedTuple):
    """A word, number, line end or mark.

    `kind` is number, street (type after the name), before (type before it), ending (type at the word's end),
    unit, particle, word (with a capital), lower, mark or line.
    """

    start: int
    end: int
    text: str
    low: str
    kind: str


_CAPITAL = re.compile(r"[a-z0-9,;] (?!I\b)[A-Z]|[A-Z]{2}|\n *[A-Z]")


def is_caseless(plain: str) -> bool:
    """True when capitals stand at most where sentences begin, as people type and some recognisers write."""
    return _CAPITAL.search(plain) is None


def tokens_of(plain: str, start: int, end: int, *, caseless: bool) -> list[Token]:
    """Tokens of plain[start:end], offsets in `plain`; `caseless` reads every word as if it had a capital."""
    kinds: dict[str, tuple[str, str]] = {}
    tokens: list[Token] = []
    for match in _TOKEN.finditer(plain, start, end):
        text = match.group()
        seen = kinds.get(text)
        if seen is None:
            seen = kinds[text] = (text.lower(), _kind(text, caseless))
        low, kind = seen
        if (
            kind == "street"
            and text[0].islower()
            and not (caseless or (tokens and tokens[-1].kind == "word"))
        ):
            kind = "lower"  # "12 Main street", but not "the street"
        tokens.append(Token(match.start(), match.end(), text, low, kind))
    return tokens


def _kind(text: str, caseless: bool) -> str:
    if text == "\n":
        return "line"
    if not text[0].isalnum():
        return "mark"
    low = text.lower()
    if _NUMBER.fullmatch(text) or _ORDINAL.fullmatch(low) or low in NUMBER_WORDS or POSTCODE.fullmatch(text):
        return "number"
    capital = text[0].isupper() or caseless
    if low in UNITS:
        return "unit"
    if low in STREETS and (capital or low in SUREST):
        return "street"
    if low in STREETS_BEFORE:
        return "before"
    if len(low) > 5 and low.endswith(STREET_ENDINGS) and capital:
        return "ending"
    if low in PARTICLES or low in _EMPTY:
        return "particle"
    if _ELIDED.match(text):
        return "word"
    return "word" if capital and not (caseless and low in STOP_WORDS) else "lower"


_ABBREVIATIONS = words_in("st ave rd blvd dr ln apt ste no str n s e w u ul av bldg fl rm ct pl sq ter p o")


def abbreviated(tokens: Sequence[Token], dot: int) -> bool:
    """True when the dot at this place ends an abbreviation, not a sentence."""
    word = tokens[dot - 1]
    ends_short = word.low in _ABBREVIATIONS or (word.kind == "ending" and word.low.endswith("str"))
    return tokens[dot - 1].end == tokens[dot].start and ends_short


def unit_end(tokens: Sequence[Token], at: int) -> int | None:
    after = at + 1
    while after < len(tokens) and tokens[after].text in ".#" and after - at < 3:
        after += 1
    if after < len(tokens) and (
        tokens[after].kind == "number" or re.fullmatch(r"[A-Z][0-9]{0,4}", tokens[after].text)
    ):
        letter = after + 1
        if (
            letter < len(tokens)
            and re.fullmatch(r"[A-Za-z]", tokens[letter].text)
            and tokens[after].low in NUMBER_WORDS
        ):
            return letter  # "apartment four b"
        return after
    return None


def followed_by_colon(tokens: Sequence[Token], at: int) -> bool:
    return at + 1 < len(tokens) and tokens[at + 1].text in ":=" and tokens[at].kind not in ("number",)


def ends_country(tokens: Sequence[Token], at: int) -> bool:
    if tokens[at].low not in _last_words():
        return False
    for first in range(at, max(-1, at - 4), -1):
        if tokens[first].kind in ("mark", "line"):
            return False
        if " ".join(t.low for t in tokens[first : at + 1]) in _countries():
            return True
    return False
