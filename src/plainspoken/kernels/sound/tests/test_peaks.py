import numpy as np
import pytest

from plainspoken.kernels import sound
from plainspoken.kernels.sound.tests import sounds


@pytest.mark.parametrize("frames", [16_000 * 3, 16_000 * 3 + 1, 16_000 * 2 + 799, 5])
@pytest.mark.parametrize("per_second", [20, 50])
def test_peaks_agree_with_brute_force(frames: int, per_second: int) -> None:
    made = sounds.noise(rate=16_000, seconds=4.0, level=0.3)[:, :frames]
    data = sounds.encoded(made, rate=16_000, container="wav", codec="pcm_f32le")
    found = sound.peaks(data, per_second=per_second)
    step = 16_000 // per_second
    clipped = np.clip(made, -1, 1)
    for channel in (0, 1):
        expected = []
        for start in range(0, frames, step):
            stretch = clipped[channel, start : start + step]
            expected += [round(float(stretch.min()) * 127), round(float(stretch.max()) * 127)]
        assert list(found.channels[channel]) == expected
    assert found.seconds == pytest.approx(frames / 16_000)


def test_the_meter_does_not_care_how_blocks_are_cut() -> None:
    made = sounds.noise(rate=16_000, seconds=2.0)
    whole = sound.PeakMeter(channels=2, rate=16_000).add_all([made]).result()
    parts = [made[:, at : at + 333] for at in range(0, made.shape[1], 333)]
    assert sound.PeakMeter(channels=2, rate=16_000).add_all(parts).result() == whole
    assert whole.as_json()["channels"] == [list(channel) for channel in whole.channels]


def test_an_uneven_division_is_refused() -> None:
    with pytest.raises(ValueError, match="divide"):
        sound.PeakMeter(channels=1, rate=16_000, per_second=7)
