"""What stands before a value decides what it is."""

import pytest

from plainspoken.kernels.redaction import detect
from plainspoken.kernels.redaction.tests.examples import found, masked, only


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("My pin is 4411.", "PIN", "4411"),
        ("password: Hunter-22!", "PIN", "Hunter-22"),
        ("the memorable word is banana", "PIN", "banana"),
        ("the verification code we sent you is 883 201", "PIN", "883 201"),
        ("CVV 123", "CARD_CODE", "123"),
        ("security code is 1234", "CARD_CODE", "1234"),
        ("card number 1234 5678 9012", "CARD", "1234 5678 9012"),
        ("expiry date 04/27", "CARD", "04/27"),
        ("sort code 20-00-00", "BANK", "20-00-00"),
        ("Routing number 021000021", "BANK", "021000021"),
        ("account number: 8841", "ACCOUNT", "8841"),
        ("My account number is AC-20931-X.", "ACCOUNT", "AC-20931-X"),
        ("booking ref XK7Q2P", "ACCOUNT", "XK7Q2P"),
        ("customer id is 88412", "ACCOUNT", "88412"),
        ("passport number X12345678", "NATIONAL_ID", "X12345678"),
        ("my driver's license is D123-4567-8901", "NATIONAL_ID", "D123-4567-8901"),
        ("SSN 536904399", "NATIONAL_ID", "536904399"),
        ("born on 3/4/1988", "DOB", "3/4/1988"),
        ("D.O.B. 12-03-1981", "DOB", "12-03-1981"),
        ("birthday's March 3rd 1990", "DOB", "March 3rd 1990"),
        ("Geboren am 3.4.1977", "DOB", "3.4.1977"),
        ("my mother's maiden name is Kowalska", "PERSON", "Kowalska"),
        ("extension 4412", "PHONE", "4412"),
    ],
)
def test_value_after_a_cue(text: str, kind: str, value: str) -> None:
    assert found(text) == [(kind, value)]


def test_without_the_cue_the_same_digits_are_nothing() -> None:
    for text in ("It is 4411.", "There were 123 of them", "gate 8841", "on 3/4/1988"):
        assert found(text) == []


def test_reasons_name_the_rule_and_never_the_value() -> None:
    text = "My pin is 4411 and the card is 4111 1111 1111 1111."
    pin, card = detect(text)
    assert pin.reason == "pin or password: context 'pin'"
    assert card.reason == "card: luhn"
    assert not any(c.isdigit() for c in pin.reason + card.reason)


def test_each_cue_gets_its_own_value() -> None:
    text = "account number 55779911, sort code 20-00-00, pin 4411, security code 123"
    assert [kind for kind, _ in found(text)] == ["ACCOUNT", "BANK", "PIN", "CARD_CODE"]


def test_a_cue_is_used_up() -> None:
    text = "account number 55779911 and the delivery holds 4000 screws"
    assert found(text) == [("ACCOUNT", "55779911")]


def test_an_answer_after_a_question_in_one_text() -> None:
    text = "May I have your account number please, the one that is on the letter?\nYes, it's 990177."
    assert found(text) == [("ACCOUNT", "990177")]


def test_ending_in_takes_the_type_of_what_it_ends() -> None:
    assert only(detect("the card you used, a debit card ending in 4242")).type == "CARD"
    assert only(detect("my phone, the last four digits are 4242")).type == "PHONE"


def test_labels_left_by_masking_announce_nothing() -> None:
    once = masked("my pin is 4411 and card number 4111 1111 1111 1111")
    assert masked(once) == once
    assert masked("[pin or password] 1234 [card number] 5678") == "[pin or password] 1234 [card number] 5678"
