"""Identifiers as written: form and check digit, with a near miss beside each hit."""

import phonenumbers
import pytest

from plainspoken.kernels.identifiers.tests.test_cards import PUBLISHED
from plainspoken.kernels.identifiers.tests.test_numbers import REGISTRY
from plainspoken.kernels.redaction.tests.examples import found, masked


@pytest.mark.parametrize("number", PUBLISHED)
@pytest.mark.parametrize("joint", ["", " ", "-", ", "])
def test_cards_in_groups(number: str, joint: str) -> None:
    written = joint.join(number[i : i + 4] for i in range(0, len(number), 4))
    assert found(f"I paid with {written} yesterday.") == [("CARD", written)]


def test_a_card_is_found_inside_a_longer_run() -> None:
    assert ("CARD", "4111 1111 1111 1111") in found("ring 555 0123 4111 1111 1111 1111 please")


def test_a_long_number_that_is_no_card_is_still_masked() -> None:
    text = "It is 4111 1111 1111 1112 I think"
    assert "1112" not in masked(text) and found(text)[0][0] != "CARD"


@pytest.mark.parametrize("written", REGISTRY)
def test_ibans(written: str) -> None:
    assert found(f"Pay to {written}, please.") == [("IBAN", written)]
    compact = written.replace(" ", "").lower()
    assert found(f"Pay to {compact}") == [("IBAN", compact)]


def test_an_iban_with_wrong_digits_counts_only_after_the_word() -> None:
    assert found("My IBAN is DE89 3704 0044 0532 0130 01.")[0][0] == "IBAN"
    assert found("Model DE89 ABCD EFGH IJKL MNOP QR")[:1] == []


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        ("NATIONAL_ID", "536-90-4399"),
        ("NATIONAL_ID", "AB 12 34 56 C"),
        ("NATIONAL_ID", "AB123456C"),
        ("NATIONAL_ID", "880320-0016"),
        ("NATIONAL_ID", "2341 2341 2346"),
        ("NATIONAL_ID", "36 574 261 809"),
        ("NATIONAL_ID", "ACUPA7085R"),
        ("EMAIL", "ann.lee+shop@mail.example.co.uk"),
        ("EMAIL", "O'Neil_7@example.museum"),
        ("IP", "192.0.2.77"),
        ("IP", "2001:db8::8a2e:370:7334"),
        ("PHONE", "(202) 555-0143"),
        ("PHONE", "+44 20 7946 0018"),
        ("PHONE", "070-123 45 67"),
        ("PHONE", "0171/1234567"),
        ("PHONE", "2025550143"),
        ("PHONE", "202-555-0143 ext. 12"),
    ],
)
def test_found_whole_in_a_sentence(kind: str, written: str) -> None:
    assert found(f"So we wrote {written}, as agreed.") == [(kind, written)]
    assert found(f"{written}\n") == [(kind, written)]


@pytest.mark.parametrize("region", ["US", "GB", "DE", "SE", "IN", "AU", "FR", "ES"])
@pytest.mark.parametrize("style", ["INTERNATIONAL", "NATIONAL", "E164"])
def test_example_numbers_of_every_region_after_a_cue(region: str, style: str) -> None:
    number = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
    assert number is not None
    written = phonenumbers.format_number(number, getattr(phonenumbers.PhoneNumberFormat, style))
    assert found(f"You can call me on {written}.") == [("PHONE", written)]


@pytest.mark.parametrize(
    "text",
    [
        "We had 20,000 calls in 2019 and 21,500 in 2020.",
        "It costs 1,299.99 dollars, 10.000.000 euros or 3.14159265.",
        "On 2015-12-22 04:34:22 and 31/12/1999 at 10:30:45 it rang.",
        "Version 1.2.3.4 runs in section 10.1.2.3.",
        "Rooms 12 and 13 on floor 3, two of them for 45 minutes.",
        "One of the two people called three times about one thing.",
        "Press 1 for orders, 2 for returns, 3 to repeat.",
        "std::vector and a::b at 10:20.",
        "Look at that dot on the screen.",
        "Order 2 or 3 items, 999 euros each.",
        "Medians of 14.45/7.13/4.93 and 3.27/7.20 were seen.",
        "A 5 minute drive, 2 miles down the road, a one way street.",
    ],
)
def test_what_is_nobodys_is_left_alone(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    "hidden",
    [
        "4111\u200b1111\u200b1111\u200b1111",
        "４１１１ １１１１ １１１１ １１１１",
        "4111\u00a01111\u00a01111\u00a01111",
        "4111–1111–1111–1111",
        "٤١١١ ١١١١ ١١١١ ١١١١",
        "41\u00ad11 11\u00ad11 11\u00ad11 11\u00ad11",
    ],
)
def test_other_scripts_dashes_and_invisible_characters_hide_nothing(hidden: str) -> None:
    assert found(f"😀 Größe {hidden} 😀") == [("CARD", hidden)]
    assert masked(f"😀 Größe {hidden} 😀") == "😀 Größe [card number] 😀"


def test_cards_in_rows_of_other_things() -> None:
    assert masked("Lee,4111111111111111,123") == "Lee,[card number],123"
    assert masked('{"card":"5555555555554444"}') == '{"card":"[card number]"}'
    assert masked("a=4111111111111111&b=2") == "a=[card number]&b=2"
