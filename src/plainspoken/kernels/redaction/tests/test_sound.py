from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plainspoken.kernels.redaction import Span, Word, detect, silence, words_hit

TEXT = "the card is 4111 1111 1111 1111 okay bye"


def _timed(text: str, *, pace: float = 0.5) -> list[Word]:
    words, at = [], 0
    for number, word in enumerate(text.split()):
        start = text.index(word, at)
        at = start + len(word)
        words.append(Word(start, at, number * pace, number * pace + 0.4))
    return words


def test_from_the_first_to_the_last_word_widened() -> None:
    hits = words_hit(_timed(TEXT), detect(TEXT))
    assert [list(hit.indexes) for hit in hits] == [[3, 4, 5, 6]]
    ((start, end),) = silence(hits, duration=10.0)
    assert (start, end) == pytest.approx((1.1, 3.8))


def test_half_a_word_silences_the_word() -> None:
    words = _timed("abc 4111")
    (hit,) = words_hit(words, [Span(5, 6, "CARD", "x")])
    assert (hit.first, hit.last) == (1, 1)


def test_a_span_between_two_words_takes_both() -> None:
    words = [Word(0, 3, 0.0, 0.4), Word(10, 13, 1.0, 1.4)]
    (hit,) = words_hit(words, [Span(4, 9, "CARD", "x")])
    assert (hit.begins, hit.ends) == (0.0, 1.4)
    (before,) = words_hit(words[1:], [Span(0, 2, "CARD", "x")])
    (after,) = words_hit(words[:1], [Span(8, 9, "CARD", "x")])
    assert (before.first, after.last) == (0, 0)


def test_clipped_merged_and_refused() -> None:
    hits = words_hit(_timed("4111 x 5222 y"), [Span(0, 4, "PIN", ""), Span(7, 11, "PIN", "")])
    assert silence(hits, duration=1.5) == [(0.0, 1.5)]
    assert silence(hits, duration=9, merge_gap=0.0)[-1][1] == pytest.approx(1.8)
    with pytest.raises(ValueError, match=r"0\.4"):
        silence(hits, duration=9, widen=0.3)
    with pytest.raises(ValueError, match="seconds"):
        silence(hits, duration=-1)
    assert words_hit([], [Span(0, 1, "PIN", "")]) == ()


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, 12)), max_size=8),
    st.floats(0.4, 2.0),
    st.floats(0, 1.0),
)
def test_stretches_cover_every_word_hit_and_lie_apart(
    places: list[tuple[int, int]], widen: float, gap: float
) -> None:
    text = "word " * 15
    words = _timed(text)
    spans = [Span(start, start + length, "PIN", "") for start, length in places]
    hits = words_hit(words, spans)
    duration = words[-1].ends
    stretches = silence(hits, duration=duration, widen=widen, merge_gap=gap)
    for (_, end), (start, _) in pairwise(stretches):
        assert start - end > gap
    for start, end in stretches:
        assert 0 <= start < end <= duration
    for span in spans:
        for word in words:
            if word.start < span.end and span.start < word.end:
                inside = [(a, b) for a, b in stretches if a <= word.begins and word.ends <= b]
                assert inside
                a, b = inside[0]
                assert word.begins - a >= min(0.4, word.begins) - 1e-9
                assert b - word.ends >= min(0.4, duration - word.ends) - 1e-9
