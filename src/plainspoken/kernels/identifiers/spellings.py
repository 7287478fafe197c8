"""Every spelling in which an identifier could lie in a dump, a log or a file.

Used by the residue test: it plants a canary, erases it, and searches raw bytes for each of these.
"""

import base64
import html
import json
import quopri
import re
import unicodedata
from collections.abc import Iterator
from typing import Literal
from urllib.parse import quote, quote_plus

import phonenumbers

from plainspoken.kernels.identifiers.contacts import email, ip, phone
from plainspoken.kernels.identifiers.names import account, name_tokens, plain_letters
from plainspoken.kernels.identifiers.refusal import NotAnIdentifier
from plainspoken.kernels.identifiers.spoken import say_digits

Kind = Literal["phone", "email", "account", "name", "card", "iban", "national_id", "ip", "text"]

SHORTEST = 4  # characters: anything shorter is found in every dump by chance


def spellings(value: str, kind: Kind, *, region: str = "US") -> set[str]:
    """Spellings of `value` to look for in text decoded as UTF-8 (or Latin-1) from any store.

    Holds the raw value, its normal form, national and international forms, grouped forms, digits alone,
    digits as words, upper, lower and title case, NFC and NFD, and each of these as JSON, URL, HTML,
    quoted-printable, hexadecimal and base64 (with every alignment inside a longer base64 text). Names give
    the full name in both orders and each token of at least four letters. Spellings under four characters are
    left out.
    """
    written = {value, value.strip()}
    written.update(_forms(value, kind, region))
    written = {form for form in written if len(form) >= SHORTEST}
    cased = {c for form in written for c in (form, form.upper(), form.lower(), form.title(), form.casefold())}
    for form in tuple(cased):
        cased.update(unicodedata.normalize(norm, form) for norm in ("NFC", "NFD"))
    spelled = set(cased)
    for form in cased:
        spelled.update(_encoded(form))
    return {form for form in spelled if len(form) >= SHORTEST}


def _forms(value: str, kind: Kind, region: str) -> Iterator[str]:
    if kind == "phone":
        yield from _phone_forms(value, region)
    elif kind == "email":
        yield from _email_forms(value)
    elif kind == "name":
        yield from _name_forms(value)
    elif kind == "ip":
        yield from _ip_forms(value)
    elif kind == "text":
        yield plain_letters(value)
    else:
        yield from _number_forms(value)


def _phone_forms(value: str, region: str) -> Iterator[str]:
    yield from _number_forms(value)
    try:
        canonical = phone(value, region=region)
    except NotAnIdentifier:
        return
    number = phonenumbers.parse(canonical)
    styles = phonenumbers.PhoneNumberFormat
    for style in (styles.E164, styles.INTERNATIONAL, styles.NATIONAL, styles.RFC3966):
        shown = phonenumbers.format_number(number, style)
        yield shown
        yield from _regrouped(shown)
    digits = canonical.removeprefix("+")
    national = phonenumbers.national_significant_number(number)
    yield from (digits, "00" + digits, national, "0" + national)
    for plain in (digits, national, "0" + national):
        yield from _number_forms(plain)


def _email_forms(value: str) -> Iterator[str]:
    try:
        canonical = email(value)
    except NotAnIdentifier:
        return
    local, _, domain = canonical.partition("@")
    ascii_domain = domain.encode("idna").decode("ascii") if not domain.isascii() else domain
    yield canonical
    yield f"{local}@{ascii_domain}"
    yield f"{local}(at){domain}"
    yield f"{local} at {domain}"
    spoken = re.sub(r"\s+", " ", f"{local} at {domain}".replace(".", " dot ").replace("_", " underscore "))
    yield spoken
    yield spoken.replace("-", " dash ")


def _name_forms(value: str) -> Iterator[str]:
    for name in (value, plain_letters(value)):
        words = name.split()
        yield " ".join(words)
        if len(words) > 1:
            yield f"{words[-1]}, {' '.join(words[:-1])}"
            yield f"{words[-1]} {' '.join(words[:-1])}"
            yield from ("".join(words), ".".join(words), "_".join(words), "-".join(words))
        yield from (word.strip(".,") for word in words)
    yield from name_tokens(value)


def _ip_forms(value: str) -> Iterator[str]:
    try:
        canonical = ip(value)
    except NotAnIdentifier:
        return
    yield canonical
    yield canonical.replace(".", "-")
    yield canonical.replace(".", " dot ")


def _number_forms(value: str) -> Iterator[str]:
    yield from _regrouped(value)
    compact = "".join(c for c in unicodedata.normalize("NFKC", value) if c.isalnum())
    if compact:
        yield account(value)
    yield compact
    for size in (2, 3, 4):
        groups = [compact[i : i + size] for i in range(0, len(compact), size)]
        yield from (" ".join(groups), "-".join(groups))
    yield " ".join(compact)
    yield "-".join(compact)
    digits = "".join(c for c in compact if c.isdigit())
    yield digits
    yield from _said(digits)


def _regrouped(value: str) -> Iterator[str]:
    """The groups as written, joined by other separators."""
    groups = [g for g in re.split(r"[\s\-./()]+", value) if g]
    for joint in ("", " ", "-", ".", "/", "\u00a0"):
        yield joint.join(groups)


def _said(digits: str) -> Iterator[str]:
    if not (digits.isascii() and digits.isdigit()):
        return
    for zero in ("zero", "oh", "o"):
        for repeats in (False, True):
            yield say_digits(digits, zero=zero, repeats=repeats)


def _encoded(form: str) -> Iterator[str]:
    raw = form.encode("utf-8")
    yield json.dumps(form)[1:-1]
    yield json.dumps(form, ensure_ascii=False)[1:-1]
    yield json.dumps(form)[1:-1].replace("/", "\\/")
    yield quote(form, safe="")
    yield quote(form)
    yield quote_plus(form)
    yield html.escape(form)
    yield form.encode("ascii", "xmlcharrefreplace").decode("ascii")
    yield quopri.encodestring(raw).decode("ascii").replace("=\n", "")
    yield raw.hex()
    yield raw.hex().upper()
    yield from _base64(raw)
    yield raw.decode("latin-1")  # UTF-8 read as Latin-1, as a wrong decoder leaves it


def _base64(raw: bytes) -> Iterator[str]:
    """Base64 alone, and the part that stays the same wherever the value begins inside a longer text."""
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        alone = encode(raw).decode("ascii")
        yield alone
        yield alone.rstrip("=")
        for before in range(3):
            whole = encode(b"\0" * before + raw + b"\0" * ((-before - len(raw)) % 3)).decode("ascii")
            first = -(-before * 8 // 6)  # sextets that mix in bits of the bytes before
            last = (before + len(raw)) * 8 // 6
            stable = whole[first:last]
            if len(stable) >= 8:
                yield stable
