"""How people dictate: repairs, pauses, alphabet words, the rate sign, values before their names, answers."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import luhn

from plainspoken.kernels.identifiers import say_digits
from plainspoken.kernels.redaction import Known, Turn, detect_turns
from plainspoken.kernels.redaction.cases import Case, case_of, holds
from plainspoken.kernels.redaction.letters import ALPHABET
from plainspoken.kernels.redaction.tests.examples import conversation, found, masked


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        # taken back
        ("account number is four, no sorry, five one two three", "ACCOUNT", "four, no sorry, five one two three"),
        ("account number four one one, scratch that, four two one nine", "ACCOUNT",
         "four one one, scratch that, four two one nine"),
        ("card number four one one one, uh, let me see, one one one one, sorry one one one two", "CARD",
         "four one one one, uh, let me see, one one one one, sorry one one one two"),
        # as recognisers write them
        ("my number is 4,111,111,111,111,111", "CARD", "4,111,111,111,111,111"),
        ("the card is 4,111 1,111 1,111 1,111 thanks", "CARD", "4,111 1,111 1,111 1,111"),
        ("my account number is 1,000,234", "ACCOUNT", "1,000,234"),
        ("it was 4111? 1111? 1111? 1111? yes", "CARD", "4111? 1111? 1111? 1111"),
        ("account number is 41-11 for me", "ACCOUNT", "41-11"),
        ("so one one one to two for ate one one one one", "PHONE", "one one one to two for ate one one one one"),
        # letters
        ("It's S as in Sierra, M as in Mike, I, T, H", "PERSON", "S as in Sierra, M as in Mike, I, T, H"),
        ("m for mother o for orange s for sugar s for sugar", "PERSON",
         "m for mother o for orange s for sugar s for sugar"),
        ("booking code bravo foxtrot seven two nine kilo", "ACCOUNT", "bravo foxtrot seven two nine kilo"),
        ("it is spelled K O W okay", "PERSON", "K O W"),
        ("the postcode is s w one a two double a", "ADDRESS", "s w one a two double a"),
        # mail
        ("my email is j as in john dot smith seventy two at gmail dot com", "EMAIL",
         "j as in john dot smith seventy two at gmail dot com"),
        ("yes priya underscore raman at the rate gmail dot com", "EMAIL",
         "priya underscore raman at the rate gmail dot com"),
        ("you can write to ann dash lee at gmail", "EMAIL", "ann dash lee at gmail"),
        # dates
        ("oh five oh three eighty two is my date of birth", "DOB", "oh five oh three eighty two"),
        ("born on the fifth of the third eighty two", "DOB", "fifth of the third eighty two"),
        # addresses
        ("I live at 7th Harbor Road", "ADDRESS", "7th Harbor Road"),
        ("it goes to two hundred and twelve maple street", "ADDRESS", "two hundred and twelve maple street"),
        ("flat 2, 14 high street, brighton", "ADDRESS", "flat 2, 14 high street, brighton"),
        ("I'm at 12 brigade road bangalore 560034", "ADDRESS", "12 brigade road bangalore 560034"),
        ("bangalore five six zero zero three four", "ADDRESS", "bangalore five six zero zero three four"),
        ("new south wales two thousand", "ADDRESS", "new south wales two thousand"),
        # secrets
        ("the name of your first pet? It was Biscuit", "PIN", "Biscuit"),
        ("my mother's maiden name is kowalska", "PERSON", "kowalska"),
        # German and Swedish, digit by digit
        ("meine handynummer ist null eins sieben eins vier vier zwei drei neun null eins", "PHONE",
         "null eins sieben eins vier vier zwei drei neun null eins"),
        ("personnummer är åtta åtta noll tre två noll noll noll ett fyra", "NATIONAL_ID",
         "åtta åtta noll tre två noll noll noll ett fyra"),
        ("Die Steuer-ID ist 36 574 261 809", "NATIONAL_ID", "36 574 261 809"),
    ],
)  # fmt: skip
def test_it_is_masked_whole(text: str, kind: str, said: str) -> None:
    assert found(text) == [(kind, said)]


@pytest.mark.parametrize(
    "text",
    [
        "it costs two hundred and fifty dollars and i have three, no sorry, four chairs",
        "I need one or two of them to go for the big one",
        "plan b is a good one, option c too",
        "one way street, two for the price of one",
        "a 5 minute drive to the golf hotel in India",
        "we look at gmail and yahoo for mail",
        "wait a second, let me see, one moment please",
        "We sold 20,000 of them, or 1,234,567 in all.",
        "on the third of the list, for two to three days",
    ],
)
def test_everyday_words_stay(text: str) -> None:
    assert masked(text) == text


def test_a_whole_date_of_long_ago_is_a_birthday_in_a_conversation_only() -> None:
    said = "It was the third of May nineteen eighty two."
    assert conversation(("caller", said))[0] == "It was the [date of birth]."
    assert masked(said) == said
    assert (
        conversation(("caller", "It came on the third of May 2026."))[0]
        == "It came on the third of May 2026."
    )


def test_an_everyday_name_of_a_party_where_only_a_name_can_stand() -> None:
    known = Known(names=("Grace Hall",))
    assert masked("hello this is grace from returns", known=known) == "hello this is [name] from returns"
    assert masked("thanks grace, bye", known=known) == "thanks [name], bye"
    assert masked("we give you ten days of grace in the hall", known=known) == (
        "we give you ten days of grace in the hall"
    )


def test_names_in_speech_without_any_capital_and_no_names_where_there_are_capitals() -> None:
    from plainspoken.adapters.names import finder

    def names(*said: str) -> list[str]:
        turns = [Turn(str(at % 2), text) for at, text in enumerate(said)]
        return [
            t.text[s.start : s.end]
            for t, own in zip(turns, detect_turns(turns, names=finder()), strict=True)
            for s in own
        ]

    assert names("the driver was called by peter morrison yesterday", "i see") == ["peter morrison"]
    assert names("Wrong bill") == [] and names("I am having an issue with my bill") == []
    assert names("i have a problem with my bill, may i ask", "of course") == []


def test_small_parts_that_the_other_says_back_are_masked() -> None:
    assert conversation(
        ("agent", "And the account number?"),
        ("caller", "nine nine oh"),
        ("agent", "nine nine oh, yeah"),
        ("caller", "one seven seven"),
        ("agent", "so that's nine nine oh one seven seven, thank you"),
    ) == [
        "And the account number?",
        "[account number]",
        "[account number], yeah",
        "[account number]",
        "so that's [account number], thank you",
    ]


def test_an_answer_to_who_is_asked_for_a_secret_or_a_name() -> None:
    assert conversation(("a", "What's the password on the account?"), ("c", "Yeah, it's sunflower"))[1] == (
        "Yeah, it's [pin or password]"
    )
    assert conversation(("a", "And your mother's maiden name?"), ("c", "kowalska"))[1] == "[name]"
    assert conversation(("a", "Who am I speaking with?"), ("c", "olivia flores"))[1] == "[name]"


DIGITS = {"zero", "oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"}
FILLED = [" ", ", ", ", uh, ", " um ", ". ", " and ", ", let me see, ", " okay ", ", one moment, ", " - "]
MENDED = [", no sorry, ", ", scratch that, ", " sorry ", ", I mean, ", " no wait "]


@settings(max_examples=150, deadline=None)
@given(
    st.text("0123456789", min_size=15, max_size=15),
    st.sampled_from(["zero", "oh"]),
    st.booleans(),
    st.lists(st.sampled_from(FILLED), min_size=3, max_size=3),
    st.one_of(st.none(), st.tuples(st.integers(1, 14), st.sampled_from(MENDED))),
)
def test_every_dictated_card_is_masked_from_its_first_digit_to_its_last(
    digits: str, zero: str, repeats: bool, joints: list[str], mend: tuple[int, str] | None
) -> None:
    number = "4" + digits[:14]
    number += luhn.calc_check_digit(number)
    groups = [say_digits(number[at : at + 4], zero=zero, repeats=repeats) for at in range(0, 16, 4)]
    said = groups[0] + "".join(joint + group for joint, group in zip(joints, groups[1:], strict=True))
    if mend:
        words = said.split(" ")
        place = min(mend[0], len(words) - 1)
        if words[place - 1] in DIGITS and words[place] in (*DIGITS, "double", "triple"):
            said = " ".join(words[:place]) + " seven" + mend[1] + " ".join(words[place:])
    text = f"my card number is {said}."
    rest = masked(text)
    assert rest == "my card number is [card number]."


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.sampled_from(sorted(ALPHABET)), min_size=3, max_size=8),
    st.sampled_from([" ", ", ", ". ", " and "]),
)
def test_every_run_of_alphabet_words_is_masked_whole(words: list[str], joint: str) -> None:
    said = joint.join(words)
    assert masked(f"that would be {said}") == "that would be [name]"


@settings(max_examples=100, deadline=None)
@given(st.text("abcdefghijklmnopqrstuvwxyz", min_size=2, max_size=8))
def test_every_name_spelled_by_made_up_words_is_masked_whole(name: str) -> None:
    said = ", ".join(f"{letter} for {letter}orbel" for letter in name)
    assert masked(f"spelled {said}") == "spelled [name]"


def test_a_decision_becomes_a_case_that_holds_nobodys_words() -> None:
    text = "my account number is 55129 and Zorbfield is at [address] with oh seven"
    start = text.index("55129")
    case = case_of(text, start, start + 5, shown=False, kind="ACCOUNT", rule="")
    assert (
        not any(said in case.text for said in ("55129", "Zorbfield", "oh seven")) and "[address]" in case.text
    )
    assert holds(case) and not holds(Case(**{**case.as_dict(), "shown": True}))
    assert Case.read(case.as_dict()) == case
    shown = case_of("we have Mercury chairs", 8, 15, shown=True, kind="PERSON", rule="name: model")
    assert holds(shown)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=80), st.integers(0, 80), st.integers(0, 20))
def test_a_case_of_any_text_keeps_its_place(text: str, start: int, length: int) -> None:
    start = min(start, len(text))
    case = case_of(text, start, min(len(text), start + length), shown=True, kind="PERSON", rule="r")
    assert 0 <= case.start <= case.end <= len(case.text)


def test_hostile_dictation_is_read_in_linear_time() -> None:
    import time

    for seed in (
        "x as in b ",
        "no, 1 sorry ",
        "for 1 to ",
        "let me see 1 ",
        "bravo 1 ",
        "at the rate gmail ",
        "1,111,",
    ):
        text = (seed * (100_000 // len(seed)))[:100_000]
        start = time.process_time()
        detect_turns([Turn("a", text)])
        assert time.process_time() - start < 3, seed
