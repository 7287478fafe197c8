import io
import math
from pathlib import Path

import numpy as np
import pytest

from plainspoken.kernels import sound
from plainspoken.kernels.sound.silencing import frame_spans, silence_blocks
from plainspoken.kernels.sound.tests import sounds

RATE = 16_000


def loud(seconds: float = 6.0, channels: int = 2) -> bytes:
    made = sounds.noise(rate=RATE, seconds=seconds, channels=channels, level=0.2)
    return sounds.encoded(made, rate=RATE, container="flac", codec="flac")


@pytest.mark.parametrize("as_", ["opus", "wav"])
def test_the_interval_is_silent_and_the_rest_is_not(as_: str) -> None:
    out = io.BytesIO()
    made = sound.silenced(loud(), out, {0: [(1.0, 2.0)], 1: [(4.0, 5.0)], "both": [(3.0, 3.5)]}, as_=as_)
    assert made.seconds == (1.5, 1.5)
    heard = sound.read(out.getvalue()).samples
    assert heard.shape == (2, 6 * RATE)

    def at(channel: int, start: float, end: float) -> float:
        return sounds.level(heard[channel, round(start * RATE) : round(end * RATE)])

    for channel, start, end in [(0, 1.0, 2.0), (1, 4.0, 5.0), (0, 3.0, 3.5), (1, 3.0, 3.5)]:
        assert at(channel, start + 0.06, end - 0.06) < -60
        assert at(channel, start - 0.3, start) > -20
        assert at(channel, end, end + 0.3) > -20
    assert at(1, 1.0, 2.0) > -20
    assert at(0, 4.0, 5.0) > -20


def test_samples_inside_are_exactly_zero_and_outside_untouched() -> None:
    out = io.BytesIO()
    source = loud(4.0)
    sound.silenced(source, out, {1: [(1.0, 2.0)]}, as_="wav", fade_s=0.01)
    before = sound.read(source).samples
    after = sound.read(out.getvalue()).samples
    assert not after[1, RATE + 160 : 2 * RATE - 160].any()
    np.testing.assert_allclose(after[0], before[0], atol=1 / 30_000)
    np.testing.assert_allclose(after[1, :RATE], before[1, :RATE], atol=1 / 30_000)
    np.testing.assert_allclose(after[1, 2 * RATE :], before[1, 2 * RATE :], atol=1 / 30_000)


def test_a_word_inside_its_widened_interval_is_gone_to_the_sample() -> None:
    """A click at 2.0 s, silenced from 1.6 to 2.4 s, leaves nothing; a click at 3.0 s stays at its sample."""
    made = np.concatenate(
        (
            sounds.clicks(rate=RATE, seconds=2.5, at=(2.0,), channels=1),
            sounds.clicks(rate=RATE, seconds=2.0, at=(0.5,), channels=1),
        ),
        axis=1,
    )
    for as_, slack in (("wav", 0), ("opus", 16)):
        out = io.BytesIO()
        sound.silenced(sounds.wave(sounds.pcm(made), channels=1, rate=RATE), out, {0: [(1.6, 2.4)]}, as_=as_)
        heard = sound.read(out.getvalue()).samples[0]
        assert np.abs(heard[: round(2.5 * RATE)]).max() < 0.001
        assert abs(int(np.abs(heard).argmax()) - 3 * RATE) <= slack


def test_blocks_leave_no_trace() -> None:
    made = sounds.noise(rate=RATE, seconds=3.0)
    spans = frame_spans({0: [(0.4, 1.6)], 1: [(1.0, 1.001), (2.5, math.inf)]}, channels=2, rate=RATE)
    whole = next(iter(silence_blocks([made], spans, fade=160)))
    parts = [made[:, at : at + 777] for at in range(0, made.shape[1], 777)]
    np.testing.assert_array_equal(whole, np.concatenate(list(silence_blocks(parts, spans, fade=160)), axis=1))
    assert not whole[1, round(1.0 * RATE) : round(1.001 * RATE)].any()  # too short to fade: all silent
    assert not whole[1, round(2.6 * RATE) :].any()
    assert made.any()


def test_spans_are_merged_and_clamped() -> None:
    spans = frame_spans({0: [(2.0, 3.0), (2.5, 4.0), (-1.0, 0.5)], "both": [(4.0, 4.5)]}, channels=2, rate=10)
    assert spans == [[(0, 5), (20, 45)], [(40, 45)]]


@pytest.mark.parametrize(
    "intervals", [{2: [(0.0, 1.0)]}, {-1: [(0.0, 1.0)]}, {0: [(2.0, 1.0)]}, {0: [(math.nan, 1.0)]}]
)
def test_wrong_intervals_are_refused(intervals: dict[int, list[tuple[float, float]]], tmp_path: Path) -> None:
    with pytest.raises(ValueError):
        sound.silenced(loud(2.0), tmp_path / "x.opus", intervals)
    assert list(tmp_path.iterdir()) == []


def test_a_call_of_8_khz_stays_at_8_khz_and_a_music_rate_is_not_lowered() -> None:
    quiet = sounds.wave(bytes(16_000), channels=1, rate=8_000)
    assert sound.silenced(quiet, io.BytesIO(), {}).rate == 8_000
    music = sounds.wave(bytes(88_200), channels=1, rate=44_100)
    assert sound.silenced(music, io.BytesIO(), {}).rate == 48_000
