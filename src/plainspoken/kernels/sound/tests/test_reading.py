import io
import random
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest

from plainspoken.kernels import sound
from plainspoken.kernels.sound.reading import _is_usable
from plainspoken.kernels.sound.tests import sounds

RATE = 16_000
FORMATS = [  # container, codec, rate, samples that a click may move after coding
    ("wav", "pcm_s16le", 16_000, 0),
    ("wav", "pcm_u8", 8_000, 0),
    ("wav", "pcm_s24le", 48_000, 1),
    ("wav", "pcm_f32le", 16_000, 0),
    ("wav", "pcm_mulaw", 8_000, 0),
    ("wav", "pcm_alaw", 8_000, 0),
    ("wav", "adpcm_ms", 16_000, 8),
    ("au", "pcm_mulaw", 8_000, 0),
    ("aiff", "pcm_s16be", 44_100, 1),
    ("flac", "flac", 16_000, 0),
    ("ogg", "flac", 16_000, 0),
    ("ogg", "libopus", 48_000, 3),
    ("ogg", "libopus", 16_000, 3),
    ("ogg", "libopus", 8_000, 6),
    ("matroska", "libopus", 16_000, 3),
    ("mp3", "libmp3lame", 16_000, 3),
    ("mp3", "libmp3lame", 44_100, 3),
    ("mp4", "aac", 44_100, 3),
]


@pytest.mark.parametrize(("container", "codec", "rate", "slack"), FORMATS)
@pytest.mark.parametrize("channels", [1, 2])
def test_a_click_stays_where_it_is(container: str, codec: str, rate: int, slack: int, channels: int) -> None:
    """Left at 1.0 s, right at 2.25 s, and neither on the other's channel."""
    made = sounds.clicks(rate=rate, seconds=3.1, at=(1.0, 2.25)[:channels], channels=channels)
    data = sounds.encoded(made, rate=rate, container=container, codec=codec, options={"b": "128000"})
    found = sound.probe(data)
    assert (found.channels, found.sample_rate) == (channels, 48_000 if codec == "libopus" else rate)
    assert found.duration_s == pytest.approx(3.1, abs=0.09)  # ADPCM fills its last block
    heard = sound.read(data, rate=RATE)
    assert not heard.truncated
    assert heard.samples.dtype == np.float32
    assert heard.samples.shape[0] == channels
    assert heard.samples.shape[1] == pytest.approx(3.1 * RATE, abs=RATE * 0.09)
    for channel, second in enumerate((1.0, 2.25)[:channels]):
        assert abs(int(np.abs(heard.samples[channel]).argmax()) - second * RATE) <= slack
        if channels == 2:
            elsewhere = np.delete(
                heard.samples[channel], np.s_[round((second - 0.2) * RATE) : round((second + 0.2) * RATE)]
            )
            assert np.abs(elsewhere).max() < 0.05


def test_lossless_samples_come_back_as_they_were() -> None:
    made = sounds.noise(rate=8_000, seconds=2.0)
    heard = sound.read(sounds.wave(sounds.pcm(made), channels=2, rate=8_000), rate=None)
    assert heard.rate == 8_000
    np.testing.assert_allclose(heard.samples, np.round(made * 32767) / 32768, atol=1e-7)


def test_opus_is_as_long_as_what_went_in_to_the_sample() -> None:
    made = sounds.noise(rate=16_000, seconds=2.0)[:, :-17]
    data = sounds.encoded(made, rate=16_000, container="ogg", codec="libopus")
    assert sound.read(data, rate=16_000).samples.shape == made.shape


def test_blocks_are_of_one_length_and_join_to_the_whole() -> None:
    made = sounds.noise(rate=44_100, seconds=5.3)
    data = sounds.encoded(made, rate=44_100, container="flac", codec="flac")
    reading = sound.blocks(data, rate=RATE, seconds=2.0)
    parts = list(reading)
    assert [part.shape[1] for part in parts] == [32_000, 32_000, round(1.3 * RATE)]
    assert reading.frames == round(5.3 * RATE)
    np.testing.assert_array_equal(np.concatenate(parts, axis=1), sound.read(data, rate=RATE).samples)
    right = np.concatenate(list(sound.channel(data, 1, rate=RATE, seconds=0.7)))
    np.testing.assert_array_equal(right, np.concatenate(parts, axis=1)[1])


def test_a_tone_keeps_its_pitch_and_level_when_the_rate_changes() -> None:
    times = np.arange(8_000 * 2) / 8_000
    tone = (0.5 * np.sin(2 * np.pi * 440 * times)).astype(np.float32)[np.newaxis]
    heard = sound.read(sounds.wave(sounds.pcm(tone), channels=1, rate=8_000), rate=16_000).samples[0]
    expected = 0.5 * np.sin(2 * np.pi * 440 * np.arange(len(heard)) / 16_000)
    assert np.abs(heard[2_000:-2_000] - expected[2_000:-2_000]).max() < 0.005


def test_gsm_raw_and_in_a_wav() -> None:
    generator = random.Random(4)
    frames = [bytes([0xD0 | generator.randrange(16)]) + generator.randbytes(32) for _ in range(100)]
    assert len(sounds.GSM_SILENCE) == 33
    raw = b"".join(frames)
    assert sound.probe(raw).codec == "gsm"
    assert sound.read(raw, rate=None).samples.shape == (1, 160 * 100)
    quiet = sound.read(sounds.GSM_SILENCE * 50, rate=None).samples
    assert np.abs(quiet).max() < 0.01
    wav49 = sounds.wave(generator.randbytes(65 * 40), channels=1, rate=8_000, bits=0, codec=0x31, block=65)
    assert sound.probe(wav49).codec == "gsm_ms"
    assert sound.read(wav49, rate=None).samples.shape == (1, 320 * 40)


def test_paths_bytes_and_open_files_are_all_read(tmp_path: Path) -> None:
    data = sounds.encoded(sounds.noise(rate=8_000, seconds=1.0), rate=8_000, container="flac", codec="flac")
    path = tmp_path / "call.xyz"  # the name says nothing
    path.write_bytes(data)
    whole = sound.read(data).samples
    for source in (path, str(path), io.BytesIO(data)):
        np.testing.assert_array_equal(sound.read(source).samples, whole)
    with path.open("rb") as file:
        file.seek(100)
        np.testing.assert_array_equal(sound.read(file).samples, whole)
        assert not file.closed


@pytest.mark.parametrize(
    ("container", "codec"),
    [
        ("wav", "pcm_s16le"),
        ("flac", "flac"),
        ("ogg", "libopus"),
        ("mp3", "libmp3lame"),
        ("matroska", "libopus"),
    ],
)
@pytest.mark.parametrize("kept", [0.35, 0.8])
def test_what_is_cut_off_gives_what_is_there(container: str, codec: str, kept: float) -> None:
    made = sounds.noise(rate=16_000, seconds=20.0, channels=2)
    data = sounds.encoded(made, rate=16_000, container=container, codec=codec)
    cut = data[: round(len(data) * kept)]
    sound.probe(cut)
    heard = sound.read(cut)
    assert heard.truncated
    assert heard.samples.shape[1] / RATE == pytest.approx(20 * kept, abs=1.5)
    assert not sound.read(data).truncated


def test_an_mp4_without_its_index_is_refused() -> None:
    data = sounds.encoded(sounds.noise(rate=16_000, seconds=3.0), rate=16_000, container="mp4", codec="aac")
    with pytest.raises(sound.UnreadableSound, match="broken"):
        sound.probe(data[: len(data) // 2])


def test_a_hole_in_the_middle_keeps_the_time_of_what_follows() -> None:
    made = sounds.clicks(rate=16_000, seconds=6.0, at=(5.0,), channels=1) + sounds.noise(
        rate=16_000, seconds=6.0, channels=1, level=0.01
    )
    data = bytearray(sounds.encoded(made, rate=16_000, container="ogg", codec="flac"))
    middle = len(data) // 3
    data[middle : middle + 40] = bytes(40)
    reading = sound.blocks(bytes(data))
    heard = np.concatenate(list(reading), axis=1)
    assert reading.damaged >= 1
    assert (heard[0].reshape(-1, 1_000) == 0).all(axis=1).sum() >= 10  # the lost page stands as silence
    assert abs(int(np.abs(heard[0]).argmax()) - 80_000) <= 2


BAD = {
    "empty": (b"", "empty"),
    "text": (b"Hello, this is a letter and no sound at all.\n" * 50, "not a sound file"),
    "page": (b"<!doctype html><title>404</title>" + b" " * 2000, "not a sound file"),
    "play list": (b"#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n" * 20, "not a sound file"),
    "joined list": (b"ffconcat version 1.0\nfile /etc/passwd\n" * 20, "not a sound file"),
    "png": (b"\x89PNG\r\n\x1a\n" + bytes(500), "not a sound file"),
    "zip": (b"PK\x03\x04" + bytes(500), "not a sound file"),
    "one byte": (b"R", "not a sound file"),
    "wav of no samples": (sounds.wave(b"", channels=1, rate=8_000), "no sound"),
    "wav cut in its header": (sounds.wave(bytes(100), channels=1, rate=8_000)[:30], "header"),
    "wav without data": (sounds.wave(bytes(100), channels=1, rate=8_000)[:36], "no sound"),
    "wav of no channel": (sounds.wave(bytes(1000), channels=0, rate=8_000, block=2), "channel"),
    "wav of 65535 channels": (
        sounds.wave(bytes(1000), channels=65_535, rate=8_000, block=2),
        "65535 channels",
    ),
    "wav of 6 channels": (sounds.wave(bytes(12_000), channels=6, rate=8_000), "6 channels"),
    "wav of rate 0": (sounds.wave(bytes(1000), channels=1, rate=0), "0 samples a second"),
    "wav of rate 4 GHz": (sounds.wave(bytes(1000), channels=1, rate=4_000_000_000), "samples a second"),
    "wav of block 0": (sounds.wave(bytes(1000), channels=1, rate=8_000, block=0), "header"),
    "wav of unknown codec": (sounds.wave(bytes(1000), channels=1, rate=8_000, codec=0x7777), "sound"),
    "film": (sounds.film(), "film"),
    "ogg of noise": (b"OggS" + bytes(range(256)) * 20, "broken"),
    "flac of zeros": (b"fLaC" + bytes(5000), ""),
    "mp3 tag alone": (b"ID3\x04\x00\x00\x00\x00\x00\x00" + bytes(3000), ""),
    "mp4 head alone": (b"\x00\x00\x00\x18ftypM4A " + bytes(200), ""),
    "matroska head alone": (b"\x1aE\xdf\xa3" + bytes(500), ""),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_sound_is_refused_in_a_sentence(name: str) -> None:
    data, word = BAD[name]
    with pytest.raises(sound.UnreadableSound) as refused:
        sound.probe(data)
    assert word in refused.value.reason
    assert refused.value.reason.endswith(".")
    assert max(len(part.split()) for part in refused.value.reason.split(". ")) < 20
    with pytest.raises(sound.UnreadableSound):
        sound.read(data)


def test_a_missing_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(sound.UnreadableSound, match="cannot open"):
        sound.probe(tmp_path / "none.wav")


def test_more_than_two_channels_in_a_coded_file_are_refused() -> None:
    data = sounds.encoded(
        sounds.noise(rate=16_000, seconds=1.0, channels=6), rate=16_000, container="flac", codec="flac"
    )
    with pytest.raises(sound.UnreadableSound, match="6 channels"):
        sound.probe(data)


def test_a_header_that_claims_more_than_there_is_does_not_count() -> None:
    """One second there, 37 hours claimed: it lasts one second."""
    data = sounds.wave(bytes(16_000), channels=1, rate=8_000, claimed=0x7FFFFFFF)
    assert sound.probe(data).duration_s == pytest.approx(1.0)
    heard = sound.read(data)
    assert heard.truncated
    assert heard.samples.shape == (1, 16_000)


@pytest.mark.parametrize("claimed", [0, 0xFFFFFFFF])
def test_a_wav_from_a_pipe_that_does_not_know_its_size_is_whole(claimed: int) -> None:
    made = sounds.noise(rate=8_000, seconds=1.0, channels=1)
    heard = sound.read(sounds.wave(sounds.pcm(made), channels=1, rate=8_000, claimed=claimed), rate=None)
    assert heard.samples.shape == (1, 8_000)
    assert not heard.truncated


def test_more_than_twelve_hours_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    size = 8_000 * 3600 * 12 + 8_000
    path.write_bytes(sounds.wave(b"", channels=1, rate=8_000, bits=8, codec=7, claimed=size))
    with path.open("r+b") as file:
        file.truncate(44 + size)  # sparse: takes no room on the disk
    with pytest.raises(sound.UnreadableSound, match="12 hours"):
        sound.probe(path)


def test_not_a_number_becomes_silence_and_too_loud_is_clipped() -> None:
    values = np.array([np.nan, np.inf, -np.inf, 3.0, 0.25] * 400, "<f4")
    heard = sound.read(sounds.wave(values.tobytes(), channels=1, rate=8_000, bits=32, codec=3), rate=None)
    np.testing.assert_allclose(heard.samples[0, :5], [0.0, 1.0, -1.0, 1.0, 0.25])


def test_damaged_files_never_do_worse_than_a_refusal() -> None:
    """2 seconds of each format with random bytes changed, swapped or cut; any other error would fail here."""
    generator = random.Random(20)
    made = sounds.noise(rate=8_000, seconds=2.0)
    originals = [
        sounds.encoded(made, rate=rate, container=container, codec=codec)
        for container, codec, rate in [
            ("wav", "pcm_s16le", 8_000),
            ("wav", "adpcm_ms", 8_000),
            ("ogg", "libopus", 8_000),
            ("ogg", "flac", 8_000),
            ("flac", "flac", 8_000),
            ("mp3", "libmp3lame", 8_000),
            ("mp4", "aac", 8_000),
            ("matroska", "libopus", 8_000),
            ("aiff", "pcm_s16be", 8_000),
            ("au", "pcm_mulaw", 8_000),
        ]
    ]
    read = refused = 0
    for original in originals:
        for _ in range(25):
            data = bytearray(original)
            for _ in range(generator.choice((1, 4, 40))):
                # headers are where the harm is
                end = len(data) if generator.random() < 0.5 else min(len(data), 300)
                data[generator.randrange(end)] = generator.randrange(256)
            if generator.random() < 0.3:
                del data[generator.randrange(4, len(data)) :]
            try:
                heard = sound.read(bytes(data))
                assert np.isfinite(heard.samples).all()
                read += 1
            except sound.UnreadableSound:
                refused += 1
    assert read > 20
    assert refused > 5


MEASURE = """
import re, sys
from pathlib import Path
from plainspoken.kernels import sound
found = sound.peaks(sys.argv[1])
assert abs(found.seconds - 4 * 3600) < 0.01, found.seconds
assert len(found.channels[0]) == len(found.channels[1]) == 4 * 3600 * 20 * 2
made = sound.silenced(sys.argv[1], sys.argv[2], {0: [(3600.0, 3601.0)]}, as_="wav")
assert made.seconds == (1.0, 0.0)
# not ru_maxrss, which begins with what the parent had
print(int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) // 1024)
"""


def test_four_hours_in_stereo_take_little_memory(tmp_path: Path) -> None:
    path, out = tmp_path / "shift.wav", tmp_path / "out.wav"
    size = 8_000 * 2 * 3600 * 4
    path.write_bytes(sounds.wave(b"", channels=2, rate=8_000, bits=8, codec=7, claimed=size))
    with path.open("r+b") as file:
        file.truncate(58 + size)
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path), str(out)],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 400
    assert sound.probe(out).duration_s == pytest.approx(4 * 3600)


@pytest.mark.parametrize(
    ("layout", "rate", "usable"), [("mono", 8_000, True), ("7.1", 8_000, False), ("mono", 7, False)]
)
def test_a_frame_of_another_shape_is_damage_and_its_samples_are_never_touched(
    layout: str, rate: int, usable: bool
) -> None:
    frame = av.AudioFrame(format="fltp", layout=layout, samples=1_024)
    frame.sample_rate = rate
    assert _is_usable(frame) is usable
