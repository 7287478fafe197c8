"""Between the decoder library's frames and float32 arrays, and from one rate to another."""

from collections.abc import Callable

import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray

Samples = NDArray[np.float32]


def to_float(frame: AudioFrame) -> Samples:
    """Any sample format as float32 (channels, n) in -1 to 1; what is not a number becomes silence."""
    data = frame.to_ndarray()
    count = frame.layout.nb_channels
    if not frame.format.is_planar:
        data = data.reshape(-1, count).T
    if data.dtype == np.uint8:
        result = (data.astype(np.float32) - 128.0) / 128.0
    elif data.dtype == np.int16:
        result = data.astype(np.float32) / 32768.0
    elif data.dtype == np.int32:
        result = (data / 2147483648.0).astype(np.float32)
    else:
        with np.errstate(invalid="ignore", over="ignore"):
            result = np.clip(np.nan_to_num(data.astype(np.float32), nan=0.0), -1.0, 1.0)
    return np.asarray(result, dtype=np.float32)


def to_frame(block: Samples, rate: int) -> AudioFrame:
    """A planar float frame; the layout is set by count alone, so that no channel is ever mixed into
    another."""
    frame = AudioFrame.from_ndarray(
        np.ascontiguousarray(block), format="fltp", layout="mono" if block.shape[0] == 1 else "stereo"
    )
    frame.sample_rate = rate
    return frame


def with_channels(block: Samples, count: int) -> Samples:
    """A chained stream may change its channel count on the way; times and channels of the header hold."""
    if block.shape[0] == count:
        return block
    if block.shape[0] == 1:
        return np.repeat(block, count, axis=0)
    return np.asarray(block[:count] if count == 2 else block.mean(axis=0, keepdims=True), dtype=np.float32)


def resampler(count: int, source: int, target: int) -> Callable[[Samples | None], list[Samples]]:
    """A function from block to blocks at the target rate; None flushes it. The output has round(n x target
    / source) samples in all: the filter's tail is cut or filled."""
    if source == target:
        return lambda block: [] if block is None else [block]
    engine = AudioResampler(format="fltp", layout="mono" if count == 1 else "stereo", rate=target)
    taken = given = 0

    def resample(block: Samples | None) -> list[Samples]:
        nonlocal taken, given
        if block is not None:
            taken += block.shape[1]
        made = [
            to_float(frame) for frame in engine.resample(None if block is None else to_frame(block, source))
        ]
        if block is None:
            missing = round(taken * target / source) - given - sum(piece.shape[1] for piece in made)
            if missing > 0:
                made.append(np.zeros((count, missing), np.float32))
            elif missing < 0 and made:
                joined = np.concatenate(made, axis=1)
                made = [joined[:, : max(0, joined.shape[1] + missing)]]
        given += sum(piece.shape[1] for piece in made)
        return made

    return resample
