"""The shape of a sound for drawing: the lowest and highest sample of each short stretch, counted once
while it streams."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from plainspoken.kernels.sound.conversion import Samples
from plainspoken.kernels.sound.reading import SPEECH_RATE, Reading, Source

PEAKS_PER_SECOND = 20


@dataclass(frozen=True)
class Peaks:
    """For each channel a list of int8: low, high, low, high, ... (127 is full scale), `per_second` pairs a
    second. The last pair may stand for less than its time."""

    per_second: int
    seconds: float
    channels: tuple[tuple[int, ...], ...]
    truncated: bool = False

    def as_json(self) -> dict[str, object]:
        """For a page: the lists and their scale."""
        return {
            "per_second": self.per_second,
            "seconds": round(self.seconds, 3),
            "bits": 8,
            "channels": [list(channel) for channel in self.channels],
        }


def peaks(source: Source, *, per_second: int = PEAKS_PER_SECOND) -> Peaks:
    """Peaks of a whole sound in one pass and bounded memory. Raises UnreadableSound, or ValueError for
    `per_second` that does not divide the rate."""
    with Reading(source, rate=SPEECH_RATE) as reading:
        meter = PeakMeter(channels=reading.probe.channels, rate=reading.rate, per_second=per_second)
        meter.add_all(reading)
        return meter.result(truncated=reading.truncated)


class PeakMeter:
    """Counts peaks of blocks that pass by for another reason (such as writing the play copy)."""

    def __init__(self, *, channels: int, rate: int, per_second: int = PEAKS_PER_SECOND) -> None:
        if per_second < 1 or rate % per_second:
            raise ValueError(f"{per_second} peaks a second do not divide {rate} samples a second")
        self._rate, self._per_second, self._bin = rate, per_second, rate // per_second
        self._rest: Samples = np.zeros((channels, 0), np.float32)
        self._found: list[NDArray[np.int8]] = []
        self._frames = 0

    def add_all(self, blocks: Iterable[Samples]) -> Self:
        """Take every block."""
        for block in blocks:
            self.add(block)
        return self

    def add(self, block: Samples) -> Samples:
        """Take one block (channels, n) and hand it back."""
        self._frames += block.shape[1]
        joined = np.concatenate((self._rest, block), axis=1)
        whole = joined.shape[1] // self._bin * self._bin
        if whole:
            self._found.append(_extremes(joined[:, :whole].reshape(joined.shape[0], -1, self._bin)))
        self._rest = joined[:, whole:].copy()
        return block

    def result(self, *, truncated: bool = False) -> Peaks:
        """The peaks so far, the unfinished last stretch included."""
        found = list(self._found)
        if self._rest.shape[1]:
            found.append(_extremes(self._rest[:, np.newaxis, :]))
        count = self._rest.shape[0]
        joined = np.concatenate(found, axis=1) if found else np.zeros((count, 0), np.int8)
        channels = tuple(tuple(int(value) for value in row) for row in joined)
        return Peaks(self._per_second, self._frames / self._rate, channels, truncated)


def _extremes(stretches: Samples) -> NDArray[np.int8]:
    """(channels, stretches, samples) to (channels, 2 x stretches)."""
    both = np.stack((stretches.min(axis=2), stretches.max(axis=2)), axis=2)
    scaled: NDArray[np.int8] = np.clip(np.round(both * 127.0), -127, 127).astype(np.int8)
    return scaled.reshape(stretches.shape[0], -1)
