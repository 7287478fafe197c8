"""What only an address has: "12 Elm Street", "Storgatan 5", "Via Roma 1", a unit, a post box, a post code."""

import re
from collections.abc import Sequence

from plainspoken.kernels.redaction.address_growth import grow
from plainspoken.kernels.redaction.postal import (
    BUILDING,
    NAME_WORDS,
    NAMED,
    POSTCODE,
    Token,
    abbreviated,
    ends_country,
    unit_end,
)
from plainspoken.kernels.redaction.words import (
    AUSTRALIA,
    DIGITS,
    INDIA,
    PLAIN_STREETS,
    SCALES,
    STATE_NAMES,
    STATES,
    STOP_WORDS,
    SURE_UNITS,
    TEENS,
    TENS,
    UNITS_OF_MEASURE,
)

Seed = tuple[int, int, str]


def seed_at(tokens: Sequence[Token], at: int, streets: frozenset[str]) -> Seed | None:
    """First and last token of what only an address has, at this token, and the rule's name."""
    token = tokens[at]
    if token.kind == "street" and token.low in streets:
        return _street_after(tokens, at) or _plain_street(tokens, at)
    if token.low in PLAIN_STREETS:
        return _plain_street(tokens, at)
    if token.kind == "ending":
        return _street_compound(tokens, at)
    if token.kind == "before":
        return _street_before(tokens, at)
    if token.low in SURE_UNITS and unit_end(tokens, at) is not None:
        return at, unit_end(tokens, at) or at, "unit"
    if token.low in ("p", "po", "psc"):
        return _box(tokens, at)
    if token.low == "corner" and at + 1 < len(tokens) and tokens[at + 1].low == "of":
        return _corner(tokens, at)
    if token.text in STATES or token.low in STATE_NAMES:
        return _state_zip(tokens, at) or _said_code(tokens, at)
    if token.low in AUSTRALIA or token.low in INDIA:
        return _said_code(tokens, at)
    if POSTCODE.fullmatch(token.text):
        return at, at, "UK postcode"
    if token.kind == "number" and token.text[0].isdigit():
        return _block(tokens, at)
    return None


def _street_after(tokens: Sequence[Token], at: int) -> Seed | None:
    """ "12 Elm Street", "221b N. Baker St."."""
    first = at
    while first > 0 and at - first < NAME_WORDS + 2:
        kind = tokens[first - 1].kind
        if (
            kind == "number"
            or kind in BUILDING
            or (tokens[first - 1].text == "." and abbreviated(tokens, first - 1))
        ):
            first -= 1
        else:
            break
    while first < at and tokens[first].kind != "number":
        first += 1
    named = ("word", "before", "ending") if tokens[at].text.islower() else NAMED
    if first >= at or not any(t.kind in named for t in tokens[first + 1 : at]):
        return None
    return first, at, "number, name, street"


def _street_compound(tokens: Sequence[Token], at: int) -> Seed | None:
    """ "Hauptstrasse 5", "5 Storgatan"; a word with such an ending but no number is no address."""
    if at + 1 < len(tokens) and tokens[at + 1].kind == "number":
        return at, at + 1, "street and number"
    if at + 2 < len(tokens) and tokens[at + 1].text == "." and tokens[at + 2].kind == "number":
        return at, at + 2, "street and number"
    return None


def _street_before(tokens: Sequence[Token], at: int) -> Seed | None:
    """ "Via Roma 131", "20 Rue de l'Est"."""
    last = at
    while last + 1 < len(tokens) and last - at < NAME_WORDS + 2:
        token = tokens[last + 1]
        if token.kind in BUILDING or (token.text == "." and (last == at or abbreviated(tokens, last + 1))):
            last += 1
        else:
            break
    while last > at and (tokens[last].kind == "particle" or tokens[last].text == "."):
        last -= 1
    if not any(t.kind in NAMED for t in tokens[at + 1 : last + 1]):
        return None
    if last + 1 < len(tokens) and tokens[last + 1].kind == "number":
        return at, last + 1, "street and number"
    if at > 0 and tokens[at - 1].kind == "number":
        return at - 1, last, "number and street"
    return None


def _box(tokens: Sequence[Token], at: int) -> Seed | None:
    """ "P.O. Box 12", and military "PSC 12, Box 34"."""
    for box in range(at + 1, min(at + 6, len(tokens) - 1)):
        if tokens[box].low == "box" and tokens[box + 1].kind == "number":
            return at, box + 1, "post box"
    return None


def _corner(tokens: Sequence[Token], at: int) -> Seed | None:
    last = at + 1
    while last + 1 < len(tokens) and last - at < 16:
        token = tokens[last + 1]
        if token.kind in (*BUILDING, "number") or (token.text == "." and abbreviated(tokens, last + 1)):
            last += 1
        else:
            break
    while tokens[last].kind == "particle":
        last -= 1
    if last < at + 4 or not any(t.low == "and" for t in tokens[at:last]):
        return None
    first = at - 1 if at and tokens[at - 1].low == "the" else at
    return first, last, "corner of two streets"


def _state_zip(tokens: Sequence[Token], at: int) -> Seed | None:
    after = at + 1
    if after < len(tokens) and tokens[after].text == ",":
        after += 1
    if after < len(tokens) and re.fullmatch(r"[0-9]{5}(?:-[0-9]{4})?", tokens[after].text):
        first = at
        while (
            first > 0
            and at - first < 5
            and (tokens[first - 1].kind in ("word", "street") or tokens[first - 1].text == ",")
        ):
            first -= 1
        while tokens[first].text == ",":
            first += 1
        return first, after, "state and ZIP code"
    return None


def _plain_street(tokens: Sequence[Token], at: int) -> Seed | None:
    """ "forty two maple street", "12 old mill lane": without a capital the words before it must be no everyday ones."""
    first = at
    while first > 0 and at - first < 3:
        before = tokens[first - 1]
        if before.kind not in ("word", "lower", "street", "ending") or not before.text.isalpha():
            break
        if before.low in STOP_WORDS or before.low in UNITS_OF_MEASURE or len(before.low) < 3:
            break
        first -= 1
    if (
        first == at
        or first == 0
        or tokens[first - 1].kind != "number"
        or tokens[first - 1].low in ("o", "oh")
    ):
        return None
    while first > 0 and _counts(tokens, first - 1):
        first -= 1
    return first, at, "number, name, street in small letters"


def _counts(tokens: Sequence[Token], at: int) -> bool:
    """A part of a number: "two hundred and twelve"."""
    return tokens[at].kind == "number" or (
        tokens[at].low == "and" and at > 0 and tokens[at - 1].kind == "number"
    )


def _said_code(tokens: Sequence[Token], at: int) -> Seed | None:
    """A state or city and a code of the length that belongs to it, in figures or said digit by digit."""
    wanted = 4 if tokens[at].low in AUSTRALIA else 6 if tokens[at].low in INDIA else 5
    last, digits = at, 0
    while last + 1 < len(tokens) and digits < wanted:
        token = tokens[last + 1]
        if token.text in (",", "-") and digits == 0:
            last += 1
            continue
        if token.kind != "number":
            break
        digits += _digits(tokens, last + 1)
        last += 1
    if digits == wanted and (last + 1 == len(tokens) or tokens[last + 1].kind != "number"):
        first = at - 2 if tokens[at].low == "wales" and at > 1 and tokens[at - 2].low == "new" else at
        return first, last, "place and its code"
    return None


def _digits(tokens: Sequence[Token], at: int) -> int:
    """How many digits a token adds to a number said in pieces."""
    low = tokens[at].low
    if low.isdigit():
        return len(low)
    if low in SCALES:
        return len(SCALES[low])
    if low in DIGITS and tokens[at - 1].low in TENS and DIGITS[low] != "0":
        return 0
    return len(DIGITS.get(low) or TEENS.get(low) or TENS.get(low) or "")


def _block(tokens: Sequence[Token], at: int) -> Seed | None:
    """ "12 Rosenhof, 8001 Chur, Switzerland": number and name, then after a comma or line end a code or a
    country.
    """
    last = at
    while (
        last + 1 < len(tokens) and last - at < NAME_WORDS and tokens[last + 1].kind in (*BUILDING, "number")
    ):
        last += 1
    if not any(t.kind in NAMED for t in tokens[at + 1 : last + 1]) or last + 1 >= len(tokens):
        return None
    if tokens[last + 1].text not in ",\n":
        return None
    end = grow(tokens, last)
    rest = tokens[last + 1 : end + 1]
    code = any(t.kind == "number" and t.text.isdigit() and len(t.text) in (4, 5, 6) for t in rest)
    place = any(t.kind in NAMED for t in rest)
    country = any(ends_country(tokens, n) for n in range(last + 2, end + 1))
    return (at, end, "number, name, place") if place and (code or country) else None
