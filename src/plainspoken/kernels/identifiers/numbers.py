"""Bank account and national numbers with a check digit or a published form."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import stdnum.au.tfn
import stdnum.ca.sin
import stdnum.de.idnr
import stdnum.gb.nhs
import stdnum.iban
import stdnum.in_.aadhaar
import stdnum.in_.pan
import stdnum.se.personnummer
import stdnum.us.itin
import stdnum.us.rtn
import stdnum.us.ssn
from stdnum.exceptions import ValidationError

from plainspoken.kernels.identifiers.refusal import NotAnIdentifier


@dataclass(frozen=True)
class NationalId:
    """`country` is ISO 3166-1, `kind` the local name, `number` the canonical form without separators."""

    country: str
    kind: str
    number: str


def iban(value: str) -> str:
    """IBAN without spaces, in capitals, length and check digits of ISO 13616 valid. Raises
    NotAnIdentifier.
    """
    try:
        return str(stdnum.iban.validate(value, check_country=False))
    except ValidationError as error:
        raise NotAnIdentifier("IBAN", "has a wrong length or check digits") from error


def routing_number(value: str) -> str:
    """US bank routing number (nine digits, ABA check digit). Raises NotAnIdentifier."""
    try:
        return str(stdnum.us.rtn.validate(value))
    except ValidationError as error:
        raise NotAnIdentifier("routing number", "has a wrong length or check digit") from error


# HMRC, National Insurance Manual NIM39110: letters that are not used, and prefixes that are not allocated.
_NINO = re.compile(r"(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][0-9]{6}[A-D]")


def _nino(value: str) -> str:
    number = re.sub(r"[ .-]", "", value).upper()
    if not _NINO.fullmatch(number):
        raise NotAnIdentifier("National Insurance number", "does not have the form of one")
    return number


def _ssn(value: str) -> str:
    return str(stdnum.us.ssn.compact(stdnum.us.ssn.validate(value)))


def _itin(value: str) -> str:
    return str(stdnum.us.itin.compact(stdnum.us.itin.validate(value)))


_CHECKS: tuple[tuple[str, str, Callable[[str], object]], ...] = (
    ("US", "SSN", _ssn),
    ("US", "ITIN", _itin),
    ("GB", "NINO", _nino),
    ("GB", "NHS number", stdnum.gb.nhs.validate),
    ("DE", "Steuer-ID", stdnum.de.idnr.validate),
    ("SE", "personnummer", stdnum.se.personnummer.validate),
    ("IN", "Aadhaar", stdnum.in_.aadhaar.validate),
    ("IN", "PAN", stdnum.in_.pan.validate),
    ("AU", "TFN", stdnum.au.tfn.validate),
    ("CA", "SIN", stdnum.ca.sin.validate),
)


def national_ids(value: str, *, countries: tuple[str, ...] | None = None) -> tuple[NationalId, ...]:
    """Every national number that the value is valid as, in the order of our table; empty when none.

    `countries` limits the look-up. A nine-digit number can be valid in several countries: the caller's
    context decides.
    """
    found = []
    for country, kind, check in _CHECKS:
        if countries is not None and country not in countries:
            continue
        try:
            number = check(value)
        except (ValidationError, NotAnIdentifier):
            continue
        found.append(NationalId(country=country, kind=kind, number=_compact(str(number))))
    return tuple(found)


def national_id(value: str, *, country: str) -> NationalId:
    """The value as a national number of one country. Raises NotAnIdentifier."""
    found = national_ids(value, countries=(country,))
    if not found:
        raise NotAnIdentifier("national number", f"is not valid in {country}")
    return found[0]


def _compact(number: str) -> str:
    # A "+" in a Swedish number says "over a hundred years old"; it is kept by writing the century instead.
    return re.sub(r"[\s.\-+]", "", number).upper()
