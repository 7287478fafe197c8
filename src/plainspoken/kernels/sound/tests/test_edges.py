"""Silence that ends where a voice pauses. The oracle is the sound itself: where tone and noise were put."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plainspoken.kernels.sound import loudness, to_edges

RATE = 16_000


def sound(*voices: tuple[float, float], seconds: float = 10.0, noise: float = 0.002) -> np.ndarray:
    rng = np.random.default_rng(1)
    at = np.arange(round(seconds * RATE)) / RATE
    made = rng.normal(0, noise, len(at))
    for start, end in voices:
        inside = (at >= start) & (at < end)
        made[inside] += 0.3 * np.sin(2 * np.pi * 220 * at[inside])
    return made.astype(np.float32)


def test_an_interval_inside_a_voice_grows_to_its_pauses() -> None:
    made = loudness([sound((2.0, 4.0))])
    ((start, end),) = to_edges(made, [(2.5, 3.5)])
    assert start == pytest.approx(2.0, abs=0.03) and end == pytest.approx(4.0, abs=0.03)


def test_an_interval_in_silence_stays() -> None:
    made = loudness([sound((2.0, 3.0))])
    assert to_edges(made, [(1.4, 3.6), (6.0, 7.0)]) == [(1.4, 3.6), (6.0, 7.0)]


def test_a_voice_without_a_pause_is_not_silenced_whole() -> None:
    made = loudness([sound((0.5, 9.5))])
    ((start, end),) = to_edges(made, [(4.0, 5.0)])
    assert 3.7 <= start <= 4.0 and 5.0 <= end <= 5.3


def test_a_short_gap_between_syllables_is_no_pause_and_line_noise_is_one() -> None:
    made = loudness([sound((2.0, 2.5), (2.56, 3.0), noise=0.02)])
    ((start, _),) = to_edges(made, [(2.7, 3.0)])
    assert start == pytest.approx(2.0, abs=0.03)


def test_the_ends_of_the_sound_and_places_outside_it() -> None:
    made = loudness([sound((0.0, 0.6), (9.6, 10.0))])
    assert to_edges(made, [(0.3, 0.5)])[0][0] == 0.0
    assert to_edges(made, [(9.8, 9.9)])[0][1] == pytest.approx(10.0, abs=0.03)
    assert to_edges(made, [(-1.0, 30.0)]) == [(-1.0, 30.0)]
    assert to_edges(loudness([]), [(1.0, 2.0)]) == [(1.0, 2.0)]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 9), st.floats(0.05, 2)), max_size=4),
    st.floats(0, 9),
    st.floats(0.05, 3),
    st.integers(1, 7000),
)
def test_it_never_shrinks_never_grows_by_more_than_it_may_and_blocks_do_not_matter(
    voices: list[tuple[float, float]], start: float, length: float, block: int
) -> None:
    samples = sound(*((at, at + long) for at, long in voices))
    whole = loudness([samples])
    parts = loudness([samples[at : at + block * 7] for at in range(0, len(samples), block * 7)])
    assert np.allclose(whole.frames, parts.frames)
    ((first, last),) = to_edges(whole, [(start, start + length)])
    assert start - 1.13 <= first <= start and start + length <= last <= start + length + 1.13
