import pytest

from plainspoken.kernels.redaction.tests.examples import Listed, found, masked


@pytest.mark.parametrize(
    "address",
    [
        "742 Evergreen Terrace, Springfield, OR 97477",
        "12 Main St., Apt 4, Springfield, Illinois 62704",
        "1600 N. Pine Ridge Road Suite 200, Dayton, OH 45402-1234",
        "221B Baker Street, London NW1 6XE, United Kingdom",
        "Hauptstraße 5, 60311 Frankfurt",
        "Storgatan 12, 114 55 Stockholm",
        "Lindenweg 7",
        "P.O. Box 149, Reno, NV 89501",
        "20 Rue de la Paix, 75002 Paris, France",
        "Via Garibaldi 131",
        "12 Rosenhof, 8001 Chur, Switzerland",
        "the corner of Elm Street and Fifth Avenue",
        "12 Maple street",
    ],
)
def test_addresses_without_a_cue(address: str) -> None:
    assert found(f"We went to see {address} and left again.") == [("ADDRESS", address)]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("Deliver it to 742 Evergreen, Springfield.", "742 Evergreen, Springfield"),
        ("My address is 14 Rose Hill and I am in.", "14 Rose Hill"),
        ("Meine Adresse ist Lindenweg 7, 10115 Berlin.", "Lindenweg 7, 10115 Berlin"),
        ("Address:\n12 Kirkgate\nLeeds\nLS1 6BY\n\nPhone: none", "12 Kirkgate\nLeeds\nLS1 6BY"),
        ("i live at 12 maple street in springfield", "12 maple street"),
    ],
)
def test_addresses_after_a_cue(text: str, address: str) -> None:
    ((kind, value),) = found(text)
    assert kind == "ADDRESS" and value.startswith(address)


def test_what_only_looks_like_an_address() -> None:
    for text in (
        "We ship to 45 countries and have 1200 stores.",
        "I work for 48 Factoring Inc",
        "Send it to support, please.",
        "My e-mail address is broken since 3 days",
        "The street was busy.",
    ):
        assert found(text) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("My name is Priya Raman and I call about my order.", "Priya Raman"),
        ("my name is priya raman and i call about my order", "priya raman"),
        ("Hi, this is Tom calling.", "Tom"),
        ("I'm Olivia Flores.", "Olivia Flores"),
        ("Could I speak to Mr. van den Berg please?", "van den Berg"),
        ("Thanks, Aoife, that helps.", "Aoife"),
        ("What's your name? Sandeep Kumar", "Sandeep Kumar"),
        ("name on the card is M R Delacroix", "M R Delacroix"),
        ("Please change the name on my account to Ann O'Neil", "Ann O'Neil"),
        ("Goodbye Zoë!", "Zoë"),
        ("Ann Lee says she waited.", "Ann Lee"),
        ("We sent it to Kerstin's address again.", "Kerstin"),
    ],
)
def test_names_by_the_words_around_them(text: str, name: str) -> None:
    assert found(text) == [("PERSON", name)]


def test_greetings_to_nobody() -> None:
    for text in (
        "Hello there!",
        "Thank you very much.",
        "Good morning, how can I help?",
        "I'm really happy.",
        "Thanks again!",
        "Dear customer,",
    ):
        assert found(text) == []


def test_spelled_letters_are_masked() -> None:
    assert masked("that is spelled K-O-W-A-L") == "that is spelled [name]"


def test_the_model_is_asked_once_for_all_and_its_name_is_found_again() -> None:
    names = Listed("Quillon Tarr")
    text = "It was Quillon Tarr who rang. Later Quillon rang twice, and Mr Tarr's card came."
    assert (
        masked(text, names=names)
        == "It was [name] who rang. Later [name] rang twice, and Mr [name]'s card came."
    )
    assert names.calls == 1


def test_the_model_reads_text_without_accents_and_offsets_still_fit() -> None:
    names = Listed("Zoe Nandu")
    text = "😀 Then Zoë Ñandú's parcel came."
    assert found(text, names=names) == [("PERSON", "Zoë Ñandú")]
    decomposed = "Then Zoe\u0308 N\u0303andu\u0301 came."
    assert found(decomposed, names=names) == [("PERSON", "Zoe\u0308 N\u0303andu\u0301")]


def test_what_a_model_takes_for_a_person() -> None:
    assert found("They met on Grant Street again.", names=Listed("Grant")) == []
    assert found("I work for Wexford", names=Listed("Wexford")) == []
    assert found("the Dispatcher said no", names=Listed("Dispatcher")) == []
    assert found("so Ann to Bob it was", names=Listed("Ann to Bob")) == [("PERSON", "Ann"), ("PERSON", "Bob")]


def test_cues_are_whole_words_and_no_units() -> None:
    for text in (
        "HiGHS solves it",
        "it took 47 ms against 52 ms unguarded",
        "a class named region",
        "Greatness Follows",
    ):
        assert found(text) == []


def test_a_word_that_is_also_written_small_is_not_masked_everywhere() -> None:
    names = Listed("License")
    text = "The License of it. Any license, a second license, and this License too."
    assert masked(text, names=names).count("[name]") <= 1
