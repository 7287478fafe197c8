"""Near matches against an alignment written plainly, and in time linear in hostile texts."""

import itertools
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plainspoken.kernels.scoring.phrases import AT_STAR, BETWEEN, Phrase, PhraseBook, PhraseError, read_phrase
from plainspoken.kernels.scoring.wording import forms, near

WORDS = ["hold", "holding", "line", "the", "a", "moment", "momant", "calling", "you", "x"]


def plain(phrase: Phrase, run: list[str]) -> float:
    """The best alignment, by trying every word for every slot: slow and obvious."""

    def gain(slot, word):  # type: ignore[no-untyped-def]
        if word in slot.any:
            return slot.weight
        return slot.weight * 4 // 5 if any(near(word, way) for way in slot.any) else 0

    best = 0.0
    # states: (slot matched last, word matched last) -> weight
    states = [
        (i, j, gain(slot, word))
        for i, slot in enumerate(phrase.slots)
        for j, word in enumerate(run)
        if gain(slot, word)
    ]
    reached: dict[tuple[int, int], float] = {}
    for i, j, own in sorted(states):
        value = float(own)
        for (k, m), weight in reached.items():
            if k < i and m < j:
                # The words between are paid where they stand: before slot k + 1, or any later one up to i.
                price = min(AT_STAR if phrase.slots[s].star else BETWEEN for s in range(k + 1, i + 1))
                value = max(value, weight - price * (j - m - 1) + own)
        reached[i, j] = value
        best = max(best, value)
    return best / phrase.whole


@given(
    st.lists(st.sampled_from([*WORDS, "hold/line", "*"]), min_size=1, max_size=6),
    st.lists(st.sampled_from(WORDS), max_size=14),
    st.sampled_from([0.6, 0.75, 0.9, 1.0]),
)
@settings(max_examples=400, deadline=None)
def test_what_is_found_is_what_aligning_everything_finds(
    words: list[str], run: list[str], tolerance: float
) -> None:
    if set(words) == {"*"}:
        return
    phrase = read_phrase(" ".join(words), tolerance=tolerance)
    found = PhraseBook({"l": [phrase]}).find(run)
    best = plain(phrase, run)
    assert bool(found) == (round(best * phrase.whole) >= phrase.least)
    if found:
        assert max(hit.similarity for hit in found) == pytest.approx(best, abs=0.001)


@given(st.lists(st.sampled_from(WORDS), max_size=30))
@settings(max_examples=100, deadline=None)
def test_hits_of_one_phrase_do_not_overlap_and_lie_in_the_run(run: list[str]) -> None:
    found = PhraseBook({"l": [read_phrase("hold the line")]}).find(run)
    assert all(0 <= hit.first <= hit.last < len(run) for hit in found)
    assert all(one.last < two.first for one, two in itertools.pairwise(found))


def test_a_required_word_is_required() -> None:
    book = PhraseBook({"l": [read_phrase("stay on the line!", tolerance=0.5)]})
    assert not book.find(["stay", "on", "the", "call"])
    assert book.find(["on", "the", "line"])


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("thank you for calling", "Thank you for callin"),  # a letter lost
        ("thank you for calling", "thank you so much for calling"),  # words between
        ("thank you for calling", "you for calling thank"),  # a word lost
        ("put/place you on hold", "can I place you on hold"),
        ("this is <person>", "This is <person>"),
        ("i will be right back", "I'll be right back"),
        ("can not find it", "I can't find it"),
    ],
)
def test_near_enough(phrase: str, text: str) -> None:
    run = [f for token in text.split() for f in ((token,) if token.startswith("<") else forms(token))]
    if text.startswith("you for"):
        assert PhraseBook({"l": [read_phrase(phrase, tolerance=0.6)]}).find(run)
    else:
        assert PhraseBook({"l": [read_phrase(phrase)]}).find(run)


def test_not_near_enough() -> None:
    book = PhraseBook({"l": [read_phrase("put you on hold"), read_phrase("thank you for calling")]})
    assert not book.find(["hold", "on", "to", "the", "receipt", "and", "thank", "the", "driver", "for", "me"])


@pytest.mark.parametrize(
    ("text", "said"),
    [("*", "no words"), ("can't/hold", "more than one word"), (" ".join(["word"] * 17), "at most 16")],
)
def test_phrases_that_cannot_be_read(text: str, said: str) -> None:
    with pytest.raises(PhraseError, match=said):
        read_phrase(text)


@pytest.mark.parametrize(
    "words",
    [["hold"], ["hold", "the"], ["you", "on", "hold", "hold"], ["h" * 40], ["holdinx", "linex", "momenx"]],
    ids=["anchors", "two", "near", "long", "neighbours"],
)
def test_time_is_linear_in_a_hostile_text(words: list[str]) -> None:
    book = PhraseBook({"l": [read_phrase("put you * on hold"), read_phrase("hold the holding line moment")]})

    def seconds(times: int) -> float:
        run, best = words * times, 9.0
        for _ in range(3):
            started = time.perf_counter()
            book.find(run)
            best = min(best, time.perf_counter() - started)
        return best

    small, large = seconds(2_000), seconds(16_000)
    # Eight times the words; quadratic time would take sixty-four times as long.
    assert large < 24 * small + 0.02
