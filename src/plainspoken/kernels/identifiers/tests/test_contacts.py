"""Oracles: libphonenumber's own example numbers, RFC 5952's examples, RFC 5321."""

import ipaddress

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plainspoken.kernels.identifiers import NotAnIdentifier, email, ip, phone

REGIONS = ("US", "GB", "DE", "SE", "IN", "AU", "FR", "CA")


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("style", ["NATIONAL", "INTERNATIONAL", "E164", "RFC3966"])
def test_every_way_of_writing_an_example_number_gives_one_form(region: str, style: str) -> None:
    example = phonenumbers.example_number(region)
    assert example is not None
    written = phonenumbers.format_number(example, getattr(phonenumbers.PhoneNumberFormat, style))
    assert phone(written, region=region) == f"+{example.country_code}{example.national_number}"


@pytest.mark.parametrize("region", REGIONS)
def test_mobile_numbers_in_other_letters_and_widths(region: str) -> None:
    example = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
    assert example is not None
    plain = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
    wide = plain.translate({ord(str(n)): 0xFF10 + n for n in range(10)})
    assert phone(f" {wide} ", region="US") == plain


def test_the_region_decides_how_a_national_number_is_read() -> None:
    assert phone("030 123456", region="DE") == "+4930123456"
    assert phone("020 7946 0018", region="GB") == "+442079460018"
    assert phone("(202) 555-0123 ext. 45", region="US") == "+12025550123"


@pytest.mark.parametrize("value", ["", "12", "hello", "+999 123 456 789", "5" * 60, "1" * 41])
def test_what_is_no_number_is_refused_without_being_repeated(value: str) -> None:
    with pytest.raises(NotAnIdentifier) as caught:
        phone(value, region="US")
    assert not value.strip() or value.strip() not in str(caught.value)


def test_email_case_and_unicode_are_folded_but_dots_and_tags_stay() -> None:
    assert email(" Ann.Lee+Shop@EXAMPLE.com ") == "ann.lee+shop@example.com"
    assert email("mailto:Jos\u0065\u0301@example.com") == "josé@example.com"
    assert email("ann@xn--exmple-cua.com") == email("ann@EXÄMPLE.com") == "ann@exämple.com"
    assert email("ann.lee@example.com") != email("annlee@example.com")


@pytest.mark.parametrize(
    "value", ["ann", "ann@", "@example.com", "ann lee@example.com", "a@b@c.com", "x" * 400]
)
def test_what_is_no_email_is_refused(value: str) -> None:
    with pytest.raises(NotAnIdentifier):
        email(value)


@given(st.from_regex(r"[a-z0-9]{1,20}(\.[a-z0-9]{1,10})?", fullmatch=True))
def test_email_is_its_own_normal_form(local: str) -> None:
    once = email(f"{local}@Example.org")
    assert email(once) == once


@given(st.ip_addresses())
def test_ip_is_canonical(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    exploded = address.exploded.upper()
    mapped = getattr(address, "ipv4_mapped", None)
    assert ip(exploded) == str(mapped or address)


def test_ip_examples_of_rfc_5952() -> None:
    assert ip("2001:db8:0:0:0:0:2:1") == ip("2001:0DB8::2:1") == "2001:db8::2:1"
    assert ip("[2001:db8::1]") == "2001:db8::1"
    assert ip("fe80::1%eth0") == "fe80::1"
    assert ip("::ffff:192.0.2.1") == "192.0.2.1"
    with pytest.raises(NotAnIdentifier):
        ip("300.1.1.1")
