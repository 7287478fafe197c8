"""Payment card numbers: scheme by issuer range, length, Luhn check digit (ISO/IEC 7812)."""

from dataclasses import dataclass

from stdnum import luhn

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


def luhn_holds(digits: str) -> bool:
    """True when the last digit is the Luhn check digit of the rest."""
    return bool(luhn.is_valid(digits))


def scheme_of(digits: str) -> str | None:
    """Name of the scheme whose issuer range and length fit, or None. Does not look at the check digit."""
    for scheme in SCHEMES:
        if len(digits) in scheme.lengths and any(_within(digits, low, high) for low, high in scheme.ranges):
            return scheme.name
    return None


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


def _within(digits: str, low: int, high: int) -> bool:
    width = len(str(low))
    return low <= int(digits[:width]) <= high


_SEPARATORS = {ord(c): None for c in " -\u00a0\u2009\u202f\u2010\u2011\u2012\u2013"}
