"""Payment card numbers: scheme by issuer range, length, Luhn check digit (ISO/IEC 7812)."""

from dataclasses import dataclass
from itertools import accumulate

from plainspoken.kernels.identifiers.refusal import NotAnIdentifier


@dataclass(frozen=True)
class Scheme:
    """A card scheme: the first and last issuer prefix of each range, and the lengths it issues."""

    name: str
    ranges: tuple[tuple[int, int], ...]
    lengths: frozenset[int]


# Public issuer ranges as the schemes publish them; the more particular scheme stands first.
SCHEMES = (
    Scheme("Diners Club", ((300, 305), (3095, 3095), (36, 36), (38, 39)), frozenset(range(14, 20))),
    Scheme("American Express", ((34, 34), (37, 37)), frozenset({15})),
    Scheme("JCB", ((3528, 3589),), frozenset(range(16, 20))),
    Scheme("JCB (15 digits)", ((1800, 1800), (2131, 2131)), frozenset({15})),
    Scheme("Mir", ((2200, 2204),), frozenset(range(16, 20))),
    Scheme("Mastercard", ((51, 55), (2221, 2720)), frozenset({16})),
    Scheme("RuPay", ((508, 508), (60, 60), (81, 82), (353, 353), (356, 356)), frozenset({16})),
    Scheme(
        "Discover",
        ((6011, 6011), (622126, 622925), (644, 649), (65, 65)),
        frozenset(range(16, 20)),
    ),
    Scheme("UnionPay", ((62, 62),), frozenset(range(16, 20))),
    Scheme("Maestro", ((50, 50), (56, 58), (60, 69)), frozenset(range(12, 20))),
    Scheme("Visa", ((4, 4),), frozenset({13, 16, 19})),
)


@dataclass(frozen=True)
class Card:
    number: str
    scheme: str


_DOUBLED = {str(n): (2 * n) // 10 + (2 * n) % 10 for n in range(10)}
_PLAIN = {str(n): n for n in range(10)}


def luhn_holds(digits: str) -> bool:
    """True when the last digit is the Luhn check digit of the rest (ISO/IEC 7812-1, annex B). ASCII digits
    only.
    """
    total = sum(map(_PLAIN.__getitem__, digits[::-2])) + sum(map(_DOUBLED.__getitem__, digits[-2::-2]))
    return total % 10 == 0


def luhn_sums(digits: str) -> tuple[list[int], list[int]]:
    """Running Luhn sums in which the digits at even, and at odd, places are doubled.

    The part digits[a:b] has a valid check digit when sums[b % 2][b] - sums[b % 2][a] is a multiple of
    ten: many parts of a long run are checked for the price of one.
    """
    plain = [_PLAIN[digit] for digit in digits]
    doubled = [_DOUBLED[digit] for digit in digits]
    even, odd = plain[:], plain
    even[::2], odd[1::2] = doubled[::2], doubled[1::2]
    return [0, *accumulate(even)], [0, *accumulate(odd)]


def _prefixes() -> dict[str, tuple[int, ...]]:
    """Places in SCHEMES of the schemes that issue under a prefix."""
    found: dict[str, set[int]] = {}
    for place, scheme in enumerate(SCHEMES):
        for low, high in scheme.ranges:
            for prefix in range(low, high + 1):
                found.setdefault(str(prefix), set()).add(place)
    return {prefix: tuple(sorted(places)) for prefix, places in found.items()}


_ISSUERS = _prefixes()
_WIDTHS = tuple(sorted({len(prefix) for prefix in _ISSUERS}))


_FOUR = 4  # digits after which no scheme's lengths depend on the rest of the prefix


def _lengths() -> dict[str, frozenset[int]]:
    found: dict[str, frozenset[int]] = {}
    for scheme in SCHEMES:
        for low, high in scheme.ranges:
            width = len(str(low))
            if width <= _FOUR:
                first, last = low * 10 ** (_FOUR - width), (high + 1) * 10 ** (_FOUR - width) - 1
            else:
                first, last = low // 10 ** (width - _FOUR), high // 10 ** (width - _FOUR)
            for four in map(str, range(first, last + 1)):
                found[four] = found.get(four, frozenset()) | scheme.lengths
    return found


_LENGTHS = _lengths()
_NONE: frozenset[int] = frozenset()


def card_lengths(digits: str) -> frozenset[int]:
    """Lengths that a card number beginning with these digits (four or more) can have; empty when no
    scheme issues it.
    """
    return _LENGTHS.get(digits[:_FOUR], _NONE)


def scheme_of(digits: str) -> str | None:
    """Name of the scheme whose issuer range and length fit, or None. Does not look at the check digit."""
    places = [place for width in _WIDTHS for place in _ISSUERS.get(digits[:width], ())]
    fitting = (place for place in sorted(places) if len(digits) in SCHEMES[place].lengths)
    place = next(fitting, None)
    return None if place is None else SCHEMES[place].name


def card(value: str) -> Card:
    """A card number without spaces and hyphens, with its scheme. Raises NotAnIdentifier."""
    digits = value.translate(_SEPARATORS)
    if not (digits.isascii() and digits.isdigit()):
        raise NotAnIdentifier("card number", "holds something other than digits, spaces and hyphens")
    scheme = scheme_of(digits)
    if scheme is None:
        raise NotAnIdentifier("card number", "has no known issuer of that length")
    if not luhn_holds(digits):
        raise NotAnIdentifier("card number", "has a wrong check digit")
    return Card(number=digits, scheme=scheme)


_SEPARATORS = {ord(c): None for c in " -\u00a0\u2009\u202f\u2010\u2011\u2012\u2013"}
