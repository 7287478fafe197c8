"""Sound files made on the fly for tests, by the codec library or byte by byte."""

import io
import struct

import av
import numpy as np
from numpy.typing import NDArray

GSM_SILENCE = bytes.fromhex("d820a2e15a" + "50004924924924" * 4)


def clicks(
    *, rate: int, seconds: float, at: tuple[float, ...], channels: int = 2, width: int = 5
) -> NDArray[np.float32]:
    """One click a channel: a triangle of `width` samples with its peak of 0.9 at `at[channel]` seconds."""
    sound = np.zeros((channels, round(rate * seconds)), np.float32)
    shape = 0.9 * np.bartlett(width + 2)[1:-1]
    for channel, second in enumerate(at):
        middle = round(second * rate)
        sound[channel, middle - width // 2 : middle + width // 2 + 1] = shape
    return sound


def noise(
    *, rate: int, seconds: float, channels: int = 2, level: float = 0.1, seed: int = 1
) -> NDArray[np.float32]:
    generator = np.random.default_rng(seed)
    return (generator.standard_normal((channels, round(rate * seconds))) * level).astype(np.float32)


def encoded(
    sound: NDArray[np.float32],
    *,
    rate: int,
    container: str,
    codec: str,
    options: dict[str, str] | None = None,
) -> bytes:
    """The whole sound in one go through the library's own resampler, not through our writer."""
    out = io.BytesIO()
    layout = {1: "mono", 2: "stereo", 6: "5.1"}[sound.shape[0]]
    with av.open(out, "w", format=container) as file:
        stream = file.add_stream(codec, rate=rate, layout=layout, options={"strict": "-2", **(options or {})})
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound), format="fltp", layout=layout)
        frame.sample_rate, frame.pts = rate, 0
        fit = av.AudioResampler(
            format=stream.codec_context.format,
            layout=layout,
            rate=rate,
            frame_size=stream.codec_context.frame_size or 0,
        )
        for piece in [*fit.resample(frame), *fit.resample(None)]:
            for packet in stream.encode(piece):
                file.mux(packet)
        for packet in stream.encode(None):
            file.mux(packet)
    return out.getvalue()


def wave(
    data: bytes,
    *,
    channels: int,
    rate: int,
    bits: int = 16,
    codec: int = 1,
    claimed: int | None = None,
    block: int | None = None,
) -> bytes:
    """A RIFF/WAVE file by hand; `claimed` is the size that its data chunk says."""
    block = channels * bits // 8 if block is None else block
    size = len(data) if claimed is None else claimed
    extra = struct.pack("<HH", 2, 320) if codec == 0x31 else b""
    fmt = struct.pack("<HHIIHH", codec, channels, rate, rate * max(block, 1) % 2**32, block, bits) + extra
    return (
        b"RIFF"
        + struct.pack("<I", (20 + len(fmt) + size) % 2**32)
        + b"WAVEfmt "
        + struct.pack("<I", len(fmt))
        + fmt
        + b"data"
        + struct.pack("<I", size)
        + data
    )


def pcm(sound: NDArray[np.float32]) -> bytes:
    """Interleaved 16-bit samples."""
    return np.round(sound.T * 32767).astype("<i2").tobytes()


def film() -> bytes:
    """A second of moving picture with a sound track."""
    out = io.BytesIO()
    with av.open(out, "w", format="matroska") as file:
        picture = file.add_stream("mpeg4", rate=10, options={})
        picture.width = picture.height = 64
        picture.pix_fmt = "yuv420p"
        track = file.add_stream("pcm_s16le", rate=8000, layout="mono")
        for index in range(10):
            shot = av.VideoFrame.from_ndarray(np.full((64, 64, 3), index * 20, np.uint8), format="rgb24")
            shot.pts = index
            for packet in picture.encode(shot):
                file.mux(packet)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.int16), format="s16", layout="mono")
        frame.sample_rate, frame.pts = 8000, 0
        for packet in [*track.encode(frame), *picture.encode(None), *track.encode(None)]:
            file.mux(packet)
    return out.getvalue()


def level(sound: NDArray[np.float32]) -> float:
    """RMS in dB below full scale."""
    return float(10 * np.log10(np.mean(np.square(sound, dtype=np.float64)) + 1e-30))
