"""Postal addresses: a seed that only an address has, grown over what belongs to it, or the phrase after a cue."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

from babel import Locale

from plainspoken.kernels.redaction.context import Context
from plainspoken.kernels.redaction.spans import SHAPED, STATED, Finding
from plainspoken.kernels.redaction.view import view
from plainspoken.kernels.redaction.words import (
    NUMBER_WORDS,
    PARTICLES,
    STATE_NAMES,
    STATES,
    STOP_WORDS,
    STREET_ENDINGS,
    STREETS,
    STREETS_BEFORE,
    SURE_STREETS,
    SURE_UNITS,
    UNITS,
)

_UK_POSTCODE = r"[A-Z]{1,2}[0-9][0-9A-Z]? ?[0-9][A-Z]{2}(?![A-Za-z0-9])"
_TOKEN = re.compile(
    _UK_POSTCODE + r"|[0-9]{1,7}(?:[-/][0-9]{1,5})?[A-Za-z]?(?![A-Za-z0-9])|[A-Za-z0-9][A-Za-z0-9'&]{0,40}(?:-[A-Za-z0-9']{1,40}){0,3}|\n|[^\sA-Za-z0-9]"
)
_MOST_TOKENS = 40  # of one address
_NAME_WORDS = 6  # words of a street's name
_POSTCODE = re.compile(_UK_POSTCODE)
_ELIDED = re.compile(r"[dl]'[A-Za-z]{2}")
EMPTY = frozenset(("nan", "null", "none", "n/a"))  # how export tools write an empty field of an address
_NUMBER = re.compile(r"[0-9]{1,7}(?:[-/][0-9]{1,5})?[A-Za-z]?")


@cache
def _countries() -> frozenset[str]:
    """Names of countries in English, German and Swedish, as CLDR has them, in the ASCII reading."""
    names: set[str] = set()
    for language in ("en", "de", "sv"):
        territories = Locale(language).territories
        names |= {view(name).plain.lower() for code, name in territories.items() if len(code) == 2 and code.isalpha()}
    return frozenset(names | {"uk", "usa", "u.s.a", "england", "scotland", "wales", "czech republic"})


@cache
def _last_words() -> frozenset[str]:
    return frozenset(name.split(" ")[-1] for name in _countries())


class Token(NamedTuple):
    """A word, number, line end or mark. `kind`: number, street, before, ending, unit, particle, word, lower, mark, line."""

    start: int
    end: int
    text: str
    low: str
    kind: str


def tokens_of(plain: str, start: int, end: int) -> list[Token]:
    caseless = not any(c.isupper() for c in plain[start:end])
    kinds: dict[str, tuple[str, str]] = {}
    tokens = []
    for match in _TOKEN.finditer(plain, start, end):
        text = match.group()
        seen = kinds.get(text)
        if seen is None:
            seen = kinds[text] = (text.lower(), _kind(text, caseless))
        tokens.append(Token(match.start(), match.end(), text, *seen))
    return tokens


def _kind(text: str, caseless: bool) -> str:
    if text == "\n":
        return "line"
    if not text[0].isalnum():
        return "mark"
    low = text.lower()
    if _NUMBER.fullmatch(text) or low in NUMBER_WORDS or _POSTCODE.fullmatch(text):
        return "number"
    capital = text[0].isupper() or caseless
    if low in UNITS:
        return "unit"
    if low in STREETS and capital:
        return "street"
    if low in STREETS_BEFORE:
        return "before"
    if len(low) > 5 and low.endswith(STREET_ENDINGS) and capital:
        return "ending"
    if low in PARTICLES or low in EMPTY:
        return "particle"
    if _ELIDED.match(text):
        return "word"
    return "word" if capital and not (caseless and low in STOP_WORDS) else "lower"


_NAMED = ("word", "street", "before", "ending")
_BUILDING = ("word", "street", "before", "ending", "particle")


def addresses(plain: str, windows: Iterable[tuple[int, int]], context: Context) -> Iterator[Finding]:
    """Addresses that a seed betrays anywhere, and those that a cue ("my address is") announces."""
    for start, end in windows:
        yield from _seeded(tokens_of(plain, start, end))
    for number, cue in enumerate(context.cues):
        if plain[max(0, cue.start - 8) : cue.start].lower().endswith(("mail ", "e-mail ", "ip ", "web ")):
            continue
        finding = _announced(plain, cue.end, min(context.reach(number), len(plain)), said=plain[cue.start : cue.end])
        if finding:
            yield finding


def _seeded(tokens: Sequence[Token]) -> Iterator[Finding]:
    at = 0
    while at < len(tokens):
        seed = _seed(tokens, at)
        if seed is None:
            at += 1
            continue
        first, last, rule = seed
        last = _grow(tokens, last)
        first = _grow_back(tokens, first)
        yield Finding(tokens[first].start, tokens[last].end, "ADDRESS", f"address: {rule}", SHAPED)
        at = max(last, at) + 1


def _seed(tokens: Sequence[Token], at: int) -> tuple[int, int, str] | None:
    """First and last token of what only an address has, at this token, and the rule's name."""
    token = tokens[at]
    if token.kind == "street" and token.low in SURE_STREETS:
        return _street_after(tokens, at)
    if token.kind == "ending":
        return _street_compound(tokens, at)
    if token.kind == "before":
        return _street_before(tokens, at)
    if token.low in SURE_UNITS and _unit_end(tokens, at) is not None:
        return at, _unit_end(tokens, at) or at, "unit"
    if token.low in ("p", "po", "psc"):
        return _box(tokens, at)
    if token.low == "corner" and at + 1 < len(tokens) and tokens[at + 1].low == "of":
        return _corner(tokens, at)
    if token.text in STATES or token.low in STATE_NAMES:
        return _state_zip(tokens, at)
    if _POSTCODE.fullmatch(token.text):
        return at, at, "UK postcode"
    if token.kind == "number" and token.text[0].isdigit():
        return _block(tokens, at)
    return None


def _street_after(tokens: Sequence[Token], at: int) -> tuple[int, int, str] | None:
    """ "12 Elm Street", "221b N. Baker St."."""
    first = at
    while first > 0 and at - first < _NAME_WORDS + 2:
        kind = tokens[first - 1].kind
        if kind == "number" or kind in _BUILDING or (tokens[first - 1].text == "." and _abbreviated(tokens, first - 1)):
            first -= 1
        else:
            break
    while first < at and tokens[first].kind != "number":
        first += 1
    if first >= at or not any(t.kind in _NAMED for t in tokens[first + 1 : at]):
        return None
    return first, at, "number, name, street"


def _street_compound(tokens: Sequence[Token], at: int) -> tuple[int, int, str] | None:
    """ "Hauptstrasse 5", "5 Storgatan"; a word with such an ending but no number is no address."""
    if at + 1 < len(tokens) and tokens[at + 1].kind == "number":
        return at, at + 1, "street and number"
    if at + 2 < len(tokens) and tokens[at + 1].text == "." and tokens[at + 2].kind == "number":
        return at, at + 2, "street and number"
    return None


def _street_before(tokens: Sequence[Token], at: int) -> tuple[int, int, str] | None:
    """ "Via Roma 131", "20 Rue de l'Est"."""
    last = at
    while last + 1 < len(tokens) and last - at < _NAME_WORDS + 2:
        token = tokens[last + 1]
        if token.kind in _BUILDING or (token.text == "." and (last == at or _abbreviated(tokens, last + 1))):
            last += 1
        else:
            break
    while last > at and (tokens[last].kind == "particle" or tokens[last].text == "."):
        last -= 1
    if not any(t.kind in _NAMED for t in tokens[at + 1 : last + 1]):
        return None
    if last + 1 < len(tokens) and tokens[last + 1].kind == "number":
        return at, last + 1, "street and number"
    if at > 0 and tokens[at - 1].kind == "number":
        return at - 1, last, "number and street"
    return None


def _unit_end(tokens: Sequence[Token], at: int) -> int | None:
    after = at + 1
    while after < len(tokens) and tokens[after].text in ".#" and after - at < 3:
        after += 1
    if after < len(tokens) and (tokens[after].kind == "number" or re.fullmatch(r"[A-Z][0-9]{0,4}", tokens[after].text)):
        return after
    return None


def _box(tokens: Sequence[Token], at: int) -> tuple[int, int, str] | None:
    """ "P.O. Box 12", and military "PSC 12, Box 34"."""
    for box in range(at + 1, min(at + 6, len(tokens) - 1)):
        if tokens[box].low == "box" and tokens[box + 1].kind == "number":
            return at, box + 1, "post box"
    return None


def _corner(tokens: Sequence[Token], at: int) -> tuple[int, int, str] | None:
    last = at + 1
    while last + 1 < len(tokens) and last - at < 16:
        token = tokens[last + 1]
        if token.kind in (*_BUILDING, "number") or (token.text == "." and _abbreviated(tokens, last + 1)):
            last += 1
        else:
            break
    while tokens[last].kind == "particle":
        last -= 1
    if last < at + 4 or not any(t.low == "and" for t in tokens[at:last]):
        return None
    first = at - 1 if at and tokens[at - 1].low == "the" else at
    return first, last, "corner of two streets"


def _state_zip(tokens: Sequence[Token], at: int) -> tuple[int, int, str] | None:
    after = at + 1
    if after < len(tokens) and tokens[after].text == ",":
        after += 1
    if after < len(tokens) and re.fullmatch(r"[0-9]{5}(?:-[0-9]{4})?", tokens[after].text):
        first = at
        while first > 0 and at - first < 5 and (tokens[first - 1].kind in ("word", "street") or tokens[first - 1].text == ","):
            first -= 1
        while tokens[first].text == ",":
            first += 1
        return first, after, "state and ZIP code"
    return None


def _block(tokens: Sequence[Token], at: int) -> tuple[int, int, str] | None:
    """ "12 Rosenhof, 8001 Chur, Switzerland": number and name, then after a comma or line end a code or a country."""
    last = at
    while last + 1 < len(tokens) and last - at < _NAME_WORDS and tokens[last + 1].kind in (*_BUILDING, "number"):
        last += 1
    if not any(t.kind in _NAMED for t in tokens[at + 1 : last + 1]) or last + 1 >= len(tokens):
        return None
    if tokens[last + 1].text not in ",\n":
        return None
    end = _grow(tokens, last)
    rest = tokens[last + 1 : end + 1]
    code = any(t.kind == "number" and t.text.isdigit() and len(t.text) in (4, 5, 6) for t in rest)
    place = any(t.kind in _NAMED for t in rest)
    country = any(_ends_country(tokens, n) for n in range(last + 2, end + 1))
    return (at, end, "number, name, place") if place and (code or country) else None


_ABBREVIATIONS = frozenset("st ave rd blvd dr ln apt ste no str n s e w u ul av bldg fl rm ct pl sq ter p o".split())


def _abbreviated(tokens: Sequence[Token], dot: int) -> bool:
    """True when the dot at this place ends an abbreviation, not a sentence."""
    word = tokens[dot - 1]
    ends_short = word.low in _ABBREVIATIONS or (word.kind == "ending" and word.low.endswith("str"))
    return tokens[dot - 1].end == tokens[dot].start and ends_short


def _grow(tokens: Sequence[Token], last: int) -> int:
    """The last token that still belongs to the address: units, towns after a comma or line end, codes, countries."""
    sure = at = last
    while at + 1 < len(tokens) and at - last < _MOST_TOKENS:
        at += 1
        token, before = tokens[at], tokens[at - 1]
        if token.kind == "line" and before.kind == "line":
            break
        if token.kind in ("line", "mark"):
            if token.text in "()" and before.kind in (*_NAMED, "number", "mark"):
                continue
            if token.text not in "\n,.#" or (token.text == "." and not (_abbreviated(tokens, at) or before.kind == "number")):
                break
            continue
        if _followed_by_colon(tokens, at):
            break
        if token.kind == "unit":
            unit = _unit_end(tokens, at)
            if unit is None:
                break
            at = sure = unit
        elif token.kind == "number":
            if token.low in NUMBER_WORDS and not token.text[0].isdigit():
                break
            sure = at
        elif token.text in STATES or token.low in STATE_NAMES or _ends_country(tokens, at):
            sure = at
        elif token.kind in _NAMED:
            if before.text == "," or before.kind in _NAMED or before.kind == "number":
                sure = at if _on_line(tokens, sure, at) else sure
        elif token.kind == "particle":
            continue
        else:
            break
    return sure


def _followed_by_colon(tokens: Sequence[Token], at: int) -> bool:
    return at + 1 < len(tokens) and tokens[at + 1].text in ":=" and tokens[at].kind not in ("number",)


def _on_line(tokens: Sequence[Token], sure: int, at: int) -> bool:
    """Words after a line end count only when something surer follows them."""
    return not any(t.kind == "line" for t in tokens[sure:at])


def _ends_country(tokens: Sequence[Token], at: int) -> bool:
    if tokens[at].low not in _last_words():
        return False
    for first in range(at, max(-1, at - 4), -1):
        if tokens[first].kind in ("mark", "line"):
            return False
        if " ".join(t.low for t in tokens[first : at + 1]) in _countries():
            return True
    return False


def _grow_back(tokens: Sequence[Token], first: int) -> int:
    """Back to the number that begins the line, over the words of the street's name."""
    at = first
    best = first
    while at > 0 and first - at < _NAME_WORDS + 6:
        before = tokens[at - 1]
        if before.kind == "number" and before.text[0].isdigit():
            best = at - 1
        elif before.kind in _BUILDING or (before.text == "." and _abbreviated(tokens, at - 1)):
            pass
        elif before.text in ",\n" and at - 2 >= 0 and tokens[at - 2].kind in ("number", *_NAMED):
            pass
        else:
            break
        at -= 1
    return best


def _announced(plain: str, start: int, reach: int, *, said: str) -> Finding | None:
    """The first phrase after a cue that has a number or a post code and a name in it."""
    tokens = tokens_of(plain, start, min(len(plain), reach + 160))
    first = next((at for at, t in enumerate(tokens) if t.kind not in ("mark", "line", "lower", "particle") and t.start <= reach), None)
    while first is not None:
        last = _phrase_end(tokens, first)
        phrase = tokens[first : last + 1]
        numbers = [t for t in phrase if t.kind == "number"]
        names = [t for t in phrase if t.kind in _NAMED and t.low not in STOP_WORDS]
        postal = any(t.kind in ("street", "before", "ending", "unit") for t in phrase)
        figures = [t for t in numbers if t.text[0].isdigit()]
        if (figures and names) or (numbers and postal):
            said = " ".join(said.lower().split())
            return Finding(phrase[0].start, phrase[-1].end, "ADDRESS", f"address: context '{said}'", STATED)
        first = next(
            (at for at in range(last + 1, len(tokens)) if tokens[at].kind in ("number", *_NAMED, "unit") and tokens[at].start <= reach),
            None,
        )
    return None


def _phrase_end(tokens: Sequence[Token], first: int) -> int:
    """The last token of the phrase: it ends at a lower-case word, a sentence's end, a blank line, a label."""
    sure = at = first
    while at + 1 < len(tokens) and at - first < _MOST_TOKENS:
        at += 1
        token, before = tokens[at], tokens[at - 1]
        if token.kind == "lower" and _street_word(tokens, at):
            continue
        if token.kind == "lower" or (token.kind in _NAMED and _followed_by_colon(tokens, at)):
            break
        if token.kind == "line" and before.kind == "line":
            break
        if token.kind == "mark" and token.text not in ",.#-/()":
            break
        if token.text == "." and not (_abbreviated(tokens, at) or _goes_on(tokens, at) or before.kind == "lower"):
            break
        if token.kind in ("number", "unit", *_NAMED):
            sure = at
        elif token.text == ")" or (token.text == "." and _abbreviated(tokens, at) and before.kind == "street"):
            sure = sure if token.text == "." else at
    return sure


def _street_word(tokens: Sequence[Token], at: int) -> bool:
    """A short word between a street's name and its number ("Rakoczi ut 13")."""
    after = at + 1
    if after < len(tokens) and tokens[after].text == ".":
        after += 1
    short = len(tokens[at].text) <= 4 and tokens[at].low not in STOP_WORDS
    return short and tokens[at - 1].kind in _NAMED and after < len(tokens) and tokens[after].kind == "number"


def _goes_on(tokens: Sequence[Token], dot: int) -> bool:
    """A dot after a number goes on when a unit follows ("Kiraly u. 15. Suite 4")."""
    return tokens[dot - 1].kind == "number" and dot + 1 < len(tokens) and tokens[dot + 1].kind in ("unit", "line")
