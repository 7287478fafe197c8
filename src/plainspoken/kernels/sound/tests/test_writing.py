import io
from pathlib import Path

import av
import numpy as np
import pytest

from plainspoken.kernels import sound
from plainspoken.kernels.sound.tests import sounds


def decoded(data: bytes) -> np.ndarray:
    """By the library alone, as a player would: an oracle that shares nothing with our reader."""
    with av.open(io.BytesIO(data)) as file:
        fit = av.AudioResampler(format="fltp", layout=file.streams.audio[0].layout, rate=16_000)
        parts = [piece.to_ndarray() for frame in file.decode(audio=0) for piece in fit.resample(frame)]
        parts += [piece.to_ndarray() for piece in fit.resample(None)]
    return np.concatenate(parts, axis=1)


def in_blocks(made: np.ndarray, length: int) -> list[np.ndarray]:
    return [made[:, at : at + length] for at in range(0, made.shape[1], length)]


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("rate", [8_000, 16_000, 48_000])
def test_opus_keeps_length_and_time(channels: int, rate: int) -> None:
    made = sounds.clicks(rate=rate, seconds=4.01, at=(1.5, 3.0)[:channels], channels=channels, width=9)
    out = io.BytesIO()
    written = sound.encode_opus(out, in_blocks(made, 7_001), rate=rate, channels=channels)
    assert written.frames == made.shape[1]
    heard = decoded(out.getvalue())
    assert heard.shape == (channels, round(4.01 * 16_000))
    for channel, second in enumerate((1.5, 3.0)[:channels]):
        assert abs(int(np.abs(heard[channel]).argmax()) - second * 16_000) <= 16  # 1 ms


def test_a_voice_on_one_side_stays_off_the_other() -> None:
    made = sounds.noise(rate=16_000, seconds=3.0, level=0.2)
    made[1, :24_000] = 0
    made[0, 24_000:] = 0
    out = io.BytesIO()
    sound.encode_opus(out, [made], rate=16_000, channels=2)
    heard = decoded(out.getvalue())
    assert sounds.level(heard[1, 1_600:22_400]) < -60
    assert sounds.level(heard[0, 25_600:46_400]) < -60
    assert sounds.level(heard[0, 1_600:22_400]) > -20


def test_equal_samples_give_equal_bytes_and_no_tag_survives() -> None:
    made = sounds.noise(rate=16_000, seconds=1.0)
    first, second = io.BytesIO(), io.BytesIO()
    sound.encode_opus(first, in_blocks(made, 999), rate=16_000, channels=2)
    sound.encode_opus(second, in_blocks(made, 5_000), rate=16_000, channels=2)
    assert first.getvalue() == second.getvalue()
    with av.open(io.BytesIO(first.getvalue())) as file:
        assert set(file.metadata) | set(file.streams.audio[0].metadata) <= {"encoder"}


def test_wav_is_exact() -> None:
    made = sounds.noise(rate=11_025, seconds=1.0)
    out = io.BytesIO()
    sound.write_wav(out, in_blocks(made, 1_000), rate=11_025, channels=2)
    back = sound.read(out.getvalue(), rate=None)
    assert back.rate == 11_025
    np.testing.assert_allclose(back.samples, made, atol=1 / 65_000)


def test_what_does_not_fit_is_refused_and_leaves_no_file(tmp_path: Path) -> None:
    path = tmp_path / "x.opus"
    with pytest.raises(ValueError, match="rate"):
        sound.encode_opus(path, [], rate=44_100, channels=1)
    with pytest.raises(ValueError, match="leak"):
        sound.encode_opus(path, [], rate=16_000, channels=2, bits_per_second=16_000)
    with pytest.raises(ValueError, match="shape"):
        sound.encode_opus(path, [np.zeros((1, 99_999), np.float32)], rate=16_000, channels=2)
    assert list(tmp_path.iterdir()) == []


def test_size_is_what_a_call_may_take() -> None:
    out = io.BytesIO()
    sound.encode_opus(out, [sounds.noise(rate=16_000, seconds=20.0)], rate=16_000, channels=2)
    assert len(out.getvalue()) * 8 / 20 < 56_000
