"""The real model: what it finds, that offsets fit, and that nothing slow or long stops it."""

import time
from concurrent.futures import ThreadPoolExecutor

from plainspoken.adapters.names import finder
from plainspoken.kernels.redaction import detect, mask


def test_people_places_and_organisations_with_fitting_offsets() -> None:
    texts = ["Yesterday Margaret Thompson flew to Berlin.", "", "Nothing here."]
    people, empty, nothing = finder()(texts)
    assert [(texts[0][n.start : n.end], n.kind) for n in people] == [
        ("Margaret Thompson", "person"),
        ("Berlin", "place"),
    ]
    assert empty == nothing == []


def test_one_finder_a_process_and_any_thread() -> None:
    assert finder() is finder()
    text = "Then Margaret Thompson rang."
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: finder()([text]), range(8)))
    assert all(hits == found[0] for hits in found) and found[0][0]


def test_names_nobody_listed_are_masked_around_marks_and_accents() -> None:
    text = "😀 We met Margaret Thompson’s brother Jürgen Vogel at noon."
    assert mask(text, detect(text, names=finder())).text == "😀 We met [name]’s brother [name] at noon."


def test_a_word_without_end_does_not_stop_the_model() -> None:
    start = time.process_time()
    text = "x" * 300_000 + " and then Margaret Thompson rang " + "@." * 100_000
    assert "Margaret" not in mask(text, detect(text, names=finder())).text
    assert time.process_time() - start < 20
