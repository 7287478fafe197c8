"""Numbers and addresses as people say them and recognisers write them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import luhn

from plainspoken.kernels.identifiers import say_digits
from plainspoken.kernels.redaction.numerals import spoken
from plainspoken.kernels.redaction.tests.examples import found, masked


@pytest.mark.parametrize(
    ("said", "digits"),
    [
        ("four one one one", "4111"),
        ("double five triple oh", "55000"),
        ("forty two seventeen", "4217"),
        ("forty-two, seventeen", "4217"),
        ("twenty twenty one", "2021"),
        ("nineteen eighty five", "1985"),
        ("nine hundred one two", "90012"),
        ("oh two oh, uh, seven nine", "02079"),
        ("FIVE TWO eight Six", "5286"),
        ("four, um, one. One... one", "4111"),
        ("41 eleven one one", "411111"),
        ("treble nine", "999"),
        ("nought one zero o", "0100"),
    ],
)
def test_words_become_digits(said: str, digits: str) -> None:
    text = f"so {said} thanks"
    runs = list(spoken(text, [(0, len(text))]))
    assert [run.digits for run in runs] == [digits]
    assert text[runs[0].start : runs[0].end] == said


@settings(max_examples=60, deadline=None)
@given(st.text("0123456789", min_size=15, max_size=15), st.sampled_from(["zero", "oh"]), st.booleans())
def test_every_spoken_card_is_masked_whole(digits: str, zero: str, repeats: bool) -> None:
    number = "4" + digits[:14]
    number += luhn.calc_check_digit(number)
    said = say_digits(number, zero=zero, repeats=repeats)
    assert found(f"it's {said} okay") == [("CARD", said)]


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        ("my pin is four four one one", "PIN", "four four one one"),
        ("the security code on the back is oh four two.", "CARD_CODE", "oh four two"),
        ("the CVV? it's one two three", "CARD_CODE", "one two three"),
        ("account number one two three four five six", "ACCOUNT", "one two three four five six"),
        ("my reference is B F one two three four", "ACCOUNT", "B F one two three four"),
        ("sort code twenty, forty five, seventeen", "BANK", "twenty, forty five, seventeen"),
        (
            "my social is five two one, oh four, one two three four",
            "NATIONAL_ID",
            "five two one, oh four, one two three four",
        ),
        ("call me on five five five, one two three four", "PHONE", "five five five, one two three four"),
        (
            "it's oh two oh, seven nine four six, oh oh one eight",
            "PHONE",
            "oh two oh, seven nine four six, oh oh one eight",
        ),
        ("my zip code is nine oh two one oh", "ADDRESS", "nine oh two one oh"),
        (
            "I was born on the fourth of July nineteen eighty-eight",
            "DOB",
            "fourth of July nineteen eighty-eight",
        ),
        ("my birthday is April 2nd, one nine eight five.", "DOB", "April 2nd, one nine eight five"),
        ("date of birth oh four twelve eighty five", "DOB", "oh four twelve eighty five"),
        ("the last four digits are zero zero three nine", "ACCOUNT", "zero zero three nine"),
        ("card ending in four two four two", "CARD", "four two four two"),
        (
            "my email is a n n underscore lee at g mail dot com",
            "EMAIL",
            "a n n underscore lee at g mail dot com",
        ),
        ("it's ann dot lee at example dot co dot uk", "EMAIL", "ann dot lee at example dot co dot uk"),
        ("that's joe five five at example dot org", "EMAIL", "joe five five at example dot org"),
        ("email ann lee at example.com", "EMAIL", "ann lee at example.com"),
        ("j.smith (at) example (dot) org", "EMAIL", "j.smith (at) example (dot) org"),
        ("my address is twelve maple street springfield", "ADDRESS", "twelve maple street springfield"),
        ("It's 4111, 1111, 1111, 1111, okay", "CARD", "4111, 1111, 1111, 1111"),
        ("4-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1 it is", "CARD", "4-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1"),
        ("4111 uh 1111 um 1111 and 1111", "CARD", "4111 uh 1111 um 1111 and 1111"),
    ],
)
def test_what_is_said(text: str, kind: str, said: str) -> None:
    assert found(text) == [(kind, said)]


def test_four_digits_need_a_context_and_seven_do_not() -> None:
    assert found("we have four one one one") == []
    assert found("so four one one one nine two six") != []


def test_many_digits_with_one_wrong_are_masked_as_a_card() -> None:
    said = say_digits("4111111111111112")
    assert found(f"that is {said}") == [("CARD", said)]


def test_amounts_and_durations_are_left_alone() -> None:
    for text in (
        "two hundred and fifty dollars",
        "it took forty five minutes",
        "one thousand two hundred thirty four euros",
        "visit us at example dot com",
    ):
        assert masked(f"well {text} then") == f"well {text} then"
