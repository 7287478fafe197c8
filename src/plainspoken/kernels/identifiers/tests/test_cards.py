"""Oracles: numbers that schemes and payment services publish for testing; python-stdnum's own Luhn."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from plainspoken.kernels.identifiers import (
    NotAnIdentifier,
    card,
    card_lengths,
    luhn_holds,
    luhn_sums,
    scheme_of,
)

PUBLISHED = {
    "4111111111111111": "Visa",
    "4012888888881881": "Visa",
    "4222222222222": "Visa",
    "5555555555554444": "Mastercard",
    "5105105105105100": "Mastercard",
    "2223003122003222": "Mastercard",
    "378282246310005": "American Express",
    "371449635398431": "American Express",
    "6011111111111117": "Discover",
    "6011000990139424": "Discover",
    "30569309025904": "Diners Club",
    "38520000023237": "Diners Club",
    "3530111333300000": "JCB",
    "3566002020360505": "JCB",
    "6200000000000005": "UnionPay",
    "6759649826438453": "Maestro",
}


@pytest.mark.parametrize(("number", "scheme"), PUBLISHED.items())
def test_published_numbers(number: str, scheme: str) -> None:
    groups = " ".join(number[i : i + 4] for i in range(0, len(number), 4))
    assert card(groups.replace(" ", "-")) == card(groups)
    assert card(number).number == number
    # Discover and RuPay share 60, so the first scheme of our table that fits is named.
    assert card(number).scheme in ({scheme, "RuPay"} if scheme == "Discover" else {scheme})
    assert len(number) in card_lengths(number[:6])


@given(st.text("0123456789", min_size=1, max_size=30))
def test_luhn_agrees_with_stdnum(digits: str) -> None:
    assert luhn_holds(digits) == luhn.is_valid(digits)
    assert luhn_holds(digits + luhn.calc_check_digit(digits))


@given(st.text("0123456789", min_size=2, max_size=40), st.data())
def test_running_sums_agree_with_luhn_on_every_part(digits: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(digits) - 1))
    end = data.draw(st.integers(start + 1, len(digits)))
    sums = luhn_sums(digits)
    holds = (sums[end % 2][end] - sums[end % 2][start]) % 10 == 0
    assert holds == luhn.is_valid(digits[start:end])


@given(st.sampled_from(sorted(PUBLISHED)), st.data())
def test_one_wrong_digit_is_always_seen(number: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(number) - 1))
    wrong = data.draw(st.sampled_from([d for d in "0123456789" if d != number[at]]))
    with pytest.raises(NotAnIdentifier):
        card(number[:at] + wrong + number[at + 1 :])


@given(st.text("0123456789", min_size=12, max_size=19))
def test_lengths_and_scheme_agree(digits: str) -> None:
    # Four digits decide the lengths, because what shares a longer range is issued in the same ones.
    assert (scheme_of(digits) is not None) == (len(digits) in card_lengths(digits[:4]))


@pytest.mark.parametrize(
    "value", ["", "4111", "4111 1111 1111 111x", "1234567812345670", "\u0664111111111111111"]
)
def test_refused_without_being_repeated(value: str) -> None:
    with pytest.raises(NotAnIdentifier) as caught:
        card(value)
    assert not value or value not in str(caught.value)
