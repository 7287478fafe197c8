"""Telephone numbers, e-mail addresses and IP addresses in one canonical form each."""

import ipaddress
import unicodedata

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from plainspoken.kernels.identifiers.refusal import NotAnIdentifier

LONGEST_PHONE = 40  # characters, with separators and an extension


def phone(value: str, *, region: str) -> str:
    """E.164 form ("+493012345678") of a written telephone number.

    `region` is the ISO 3166-1 code in which a number without a country code is read. A number must be
    possible (length), not assigned: vCon examples and test numbers of a country are accepted. Extensions
    are dropped: they do not identify the line. Raises NotAnIdentifier. Source: ITU-T E.164, libphonenumber.
    """
    text = unicodedata.normalize("NFKC", value).strip()
    if len(text) > LONGEST_PHONE:
        raise NotAnIdentifier("telephone number", f"is longer than {LONGEST_PHONE} characters")
    text = text.removeprefix("tel:")
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException as error:
        raise NotAnIdentifier("telephone number", "is not written as one") from error
    if not phonenumbers.is_possible_number(number):
        raise NotAnIdentifier("telephone number", "has too few or too many digits for its country")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def email(value: str) -> str:
    """Lookup form of an e-mail address: NFC, domain in Unicode and lower case, local part casefolded.

    RFC 5321 lets a server tell upper from lower case in the local part; no large service does, and treating
    "Ann@" and "ann@" as two people would hide one of them from her own access request. Dots and "+tags" are
    kept: at some services they name different people. Nothing is looked up in DNS. Raises NotAnIdentifier.
    """
    text = value.strip().removeprefix("mailto:")
    try:
        found = validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise NotAnIdentifier("e-mail address", "is not written as one") from error
    local = unicodedata.normalize("NFKC", found.local_part).casefold()
    return f"{local}@{found.domain.casefold()}"


def ip(value: str) -> str:
    """Canonical text of an IPv4 or IPv6 address (RFC 5952); a mapped IPv4 address is given as IPv4.

    Raises NotAnIdentifier.
    """
    text = value.strip().removeprefix("[").removesuffix("]")
    text = text.partition("%")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError as error:
        raise NotAnIdentifier("IP address", "is neither version 4 nor version 6") from error
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(address)
