import pytest

from plainspoken.kernels.redaction import Known
from plainspoken.kernels.redaction.tests.examples import found, masked

KNOWN = Known(
    names=("Dr. Zoë O'Quark", "Will Flores", "Ольга Крылова"),
    emails=("Zoe.Quark@Example.com",),
    phones=("+1 202-555-0143",),
    accounts=("LH-7741/903", "88412"),
    addresses=("12 Kirkgate Yard",),
)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("ZOE", "PERSON"),
        ("zoë", "PERSON"),
        ("OQuark", "PERSON"),
        ("O’Quark", "PERSON"),
        ("flores", "PERSON"),
        ("Крылова", "PERSON"),
        ("Will Flores", "PERSON"),
        ("zoe.quark@example.com", "EMAIL"),
        ("202 555 0143", "PHONE"),
        ("two oh two triple five oh one four three", "PHONE"),
        ("555-0143", "PHONE"),
        ("lh 7741 903", "ACCOUNT"),
        ("LH7741903", "ACCOUNT"),
        ("eight eight four one two", "ACCOUNT"),
        ("12 kirkgate  yard", "ADDRESS"),
    ],
)
def test_what_is_held_is_found_however_it_is_written(said: str, kind: str) -> None:
    assert found(f"so then {said} came up", known=KNOWN) == [(kind, said)]


def test_possessives_stay_outside() -> None:
    assert found("then Zoe's order came", known=KNOWN) == [("PERSON", "Zoe")]


def test_a_name_that_is_an_everyday_word_needs_a_capital_inside_a_sentence() -> None:
    assert (
        masked("It will come. Will it? Then ask Will.", known=KNOWN)
        == "It will come. Will it? Then ask [name]."
    )
    assert masked("will flores called", known=KNOWN) == "[name] called"


def test_other_words_of_another_script_are_left() -> None:
    assert found("здесь Собакина была", known=KNOWN) == []


def test_nothing_known_finds_nothing() -> None:
    assert found("so then Flores came up") == []
