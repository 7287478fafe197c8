"""Writing sound: Ogg Opus (RFC 7845) for playing and archives, WAV for exact samples. Streaming, one block
at a time.

No tag of a source is ever copied: files made here hold samples and nothing else. The same samples give the
same bytes.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.audio.stream import AudioStream
from av.container import OutputContainer

from plainspoken.kernels.sound.conversion import Samples, to_frame

Target = str | os.PathLike[str] | BinaryIO
Format = Literal["opus", "wav"]

OPUS_RATES = (8_000, 12_000, 16_000, 24_000, 48_000)  # RFC 6716 section 2
# Below about 20 kb/s for two channels libopus folds stereo to mono, which would put one person's voice on
# the other's channel. From 24 kb/s a voice on one side leaves the other below -100 dBFS (measured; see
# tests).
OPUS_BITS_PER_CHANNEL = 24_000
WAV_BLOCK_FRAMES = 4096


@dataclass(frozen=True)
class Written:
    """`frames`: samples of each channel written, at `rate` a second."""

    frames: int
    rate: int
    channels: int


def opus_rate(rate: int) -> int:
    """The lowest rate that Opus codes and that loses nothing of a source at `rate`."""
    return next((known for known in OPUS_RATES if known >= rate), OPUS_RATES[-1])


def encode_opus(
    out: Target, blocks: Iterable[Samples], *, rate: int, channels: int, bits_per_second: int | None = None
) -> Written:
    """Write float32 blocks (channels, n) as Ogg Opus to a path or a binary file.

    `rate` is one of OPUS_RATES. A player gets exactly the samples given: pre-skip and end trimming are
    set. A path is removed again when it fails. Raises ValueError for a rate, shape or bit rate that does
    not fit.
    """
    if rate not in OPUS_RATES:
        raise ValueError(f"Opus has no rate {rate}; use one of {OPUS_RATES}")
    bits = bits_per_second or OPUS_BITS_PER_CHANNEL * channels
    if channels == 2 and bits < 24_000:
        raise ValueError("two channels need at least 24,000 bits a second, or they leak into each other")
    options = {"b": str(bits), "application": "voip", "vbr": "on"}
    return _write(out, "ogg", "libopus", blocks, rate=rate, channels=channels, options=options)


def write_wav(out: Target, blocks: Iterable[Samples], *, rate: int, channels: int) -> Written:
    """Write float32 blocks (channels, n) as 16-bit WAV (RF64 above 4 GB, if `out` can seek)."""
    return _write(out, "wav", "pcm_s16le", blocks, rate=rate, channels=channels, options={})


def write(out: Target, blocks: Iterable[Samples], *, as_: Format, rate: int, channels: int) -> Written:
    """`encode_opus` or `write_wav`, by name."""
    if as_ == "opus":
        return encode_opus(out, blocks, rate=rate, channels=channels)
    return write_wav(out, blocks, rate=rate, channels=channels)


def _write(
    out: Target,
    muxer: str,
    codec: str,
    blocks: Iterable[Samples],
    *,
    rate: int,
    channels: int,
    options: dict[str, str],
) -> Written:
    if channels not in (1, 2):
        raise ValueError(f"we write one or two channels, not {channels}")
    if not isinstance(out, str | os.PathLike):
        return _write_open(out, muxer, codec, blocks, rate=rate, channels=channels, options=options)
    path = Path(out)
    try:
        with path.open("wb") as file:
            return _write_open(file, muxer, codec, blocks, rate=rate, channels=channels, options=options)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _write_open(
    file: BinaryIO,
    muxer: str,
    codec: str,
    blocks: Iterable[Samples],
    *,
    rate: int,
    channels: int,
    options: dict[str, str],
) -> Written:
    # bitexact: no library version and no random stream number in the file, so equal samples give equal bytes
    flags = {"fflags": "+bitexact"} | ({"rf64": "auto"} if muxer == "wav" else {})
    frames = 0
    with av.open(file, "w", format=muxer, options=flags) as container:
        stream = container.add_stream(
            codec, rate=rate, layout="mono" if channels == 1 else "stereo", options=options
        )
        assert isinstance(stream, AudioStream)
        context = stream.codec_context
        context.open()
        for piece in _pieces(blocks, channels=channels, frames=context.frame_size or WAV_BLOCK_FRAMES):
            _encode(container, stream, context, piece, rate=rate, at=frames)
            frames += piece.shape[1]
        for packet in stream.encode(None):
            container.mux(packet)
    return Written(frames=frames, rate=rate, channels=channels)


def _encode(
    container: OutputContainer,
    stream: AudioStream,
    context: AudioCodecContext,
    piece: Samples,
    *,
    rate: int,
    at: int,
) -> None:
    if context.format is not None and context.format.name == "s16":
        frame = av.AudioFrame.from_ndarray(_to_int16(piece), format="s16", layout=context.layout)
        frame.sample_rate = rate
    elif context.format is not None and context.format.name == "flt":
        packed = np.ascontiguousarray(piece.T.reshape(1, -1))
        frame = av.AudioFrame.from_ndarray(packed, format="flt", layout=context.layout)
        frame.sample_rate = rate
    else:
        frame = to_frame(piece, rate)
    frame.pts = at
    for packet in stream.encode(frame):
        container.mux(packet)


def _to_int16(piece: Samples) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
    scaled = np.clip(np.round(piece.T.reshape(1, -1) * 32768.0), -32768, 32767)
    return np.ascontiguousarray(scaled.astype(np.int16))


def _pieces(blocks: Iterable[Samples], *, channels: int, frames: int) -> Iterator[Samples]:
    """Cut blocks into pieces of exactly `frames` samples; only the last may be shorter."""
    rest = np.zeros((channels, 0), np.float32)
    for block in blocks:
        if block.ndim != 2 or block.shape[0] != channels:
            raise ValueError(f"a block must have the shape ({channels}, n), not {block.shape}")
        joined = np.concatenate((rest, block.astype(np.float32, copy=False)), axis=1) if rest.size else block
        whole = joined.shape[1] // frames * frames
        for at in range(0, whole, frames):
            yield joined[:, at : at + frames]
        rest = joined[:, whole:]
    if rest.shape[1]:
        yield rest
