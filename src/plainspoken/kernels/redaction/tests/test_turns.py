from plainspoken.kernels.redaction import Known, Turn, detect_turns
from plainspoken.kernels.redaction.tests.examples import Listed, conversation


def test_a_card_in_pieces_with_acknowledgements_between() -> None:
    assert conversation(
        ("agent", "May I have your card number please?"),
        ("caller", "Sure, it's four one one one"),
        ("agent", "mm-hmm"),
        ("caller", "one one one one"),
        ("agent", "okay, one one one one"),
        ("caller", "one one one one, one one one one"),
        ("agent", "And the three digits on the back?"),
        ("caller", "That's one two three."),
    ) == [
        "May I have your card number please?",
        "Sure, it's [card number]",
        "mm-hmm",
        "[card number]",
        "okay, [card number]",
        "[card number]",
        "And the three digits on the back?",
        "That's [card security code].",
    ]


def test_pieces_need_no_question() -> None:
    said = conversation(("a", "one two three four"), ("b", "yes"), ("a", "five six seven eight"))
    assert said[0].startswith("[") and said[2].startswith("[")


def test_segments_of_one_speaker() -> None:
    turns = [Turn("a", "it is 4111 1111"), Turn("a", "1111 1111 thanks")]
    first, second = detect_turns(turns)
    assert [s.type for s in (*first, *second)] == ["CARD", "CARD"]
    assert turns[1].text[second[0].end :] == " thanks"


def test_what_was_asked_decides() -> None:
    for question, answer, label in (
        ("your date of birth?", "the second of april nineteen eighty five", "the [date of birth]"),
        ("And what is your name?", "olivia flores", "[name]"),
        ("Can you confirm the account number?", "it's 4412 I think", "it's [account number] I think"),
        ("What's the zip code?", "nine oh two one oh", "[address]"),
        ("Which PIN did you set?", "4411", "[pin or password]"),
        ("What does the display say?", "It says five six one two nine", "It says [account number]"),
    ):
        assert conversation(("agent", question), ("caller", answer))[1] == label


def test_the_next_question_is_not_answered_twice() -> None:
    said = conversation(
        ("agent", "May I have your account number?"),
        ("caller", "990177"),
        ("agent", "And how many did you order in all?"),
        ("caller", "I ordered 1200"),
        ("agent", "Fine."),
        ("caller", "Since 2019 I order here."),
    )
    assert said[1] == "[account number]" and said[5] == "Since 2019 I order here."


def test_values_said_back_are_found() -> None:
    said = conversation(
        ("agent", "Your customer number?"),
        ("caller", "five five one two nine"),
        ("agent", "I repeat: 5 5 1 2 9, is that right? So 55129."),
    )
    assert said[2] == "I repeat: [account number], is that right? So [account number]."


def test_a_name_found_in_one_turn_is_found_in_all() -> None:
    turns = [
        Turn("a", "It was Quillon Tarr."),
        Turn("b", "Quillon said so."),
        Turn("b", "I understand, Frances."),
    ]
    spans = detect_turns(turns, names=Listed("Quillon Tarr"))
    assert [turn.text[s.start : s.end] for turn, own in zip(turns, spans, strict=True) for s in own] == [
        "Quillon Tarr",
        "Quillon",
        "Frances",
    ]


def test_known_parties_in_every_turn_and_no_turns_at_all() -> None:
    assert conversation(("a", "hello zoe"), ("b", "hi"), known=Known(names=("Zoe",)))[0] == "hello [name]"
    assert detect_turns([]) == ()
    assert detect_turns([Turn("a", "")]) == ((),)
