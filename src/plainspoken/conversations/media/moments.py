"""Silences of a call and where both sides speak at once, counted while its copy is being written."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plainspoken.kernels.sound import Samples

FRAMES_A_SECOND = 20
BREATH_S = 0.4  # a pause within speech that is no pause of the speaker
SILENCE_S = 3.0  # what counts as a silence of the call
TALK_OVER_S = 0.8  # shorter overlaps are listening noises ("uh huh")
QUIETEST, LOUDEST = 0.004, 0.02  # bounds of what counts as speech, as a share of full scale
ABOVE_FLOOR = 3.0  # how much louder than the line's own noise speech is

Stretch = tuple[float, float]


@dataclass(frozen=True)
class Moments:
    """Seconds, in order. `silences`: nobody speaks. `talk_over`: two channels speak at once; of one channel nobody
    can tell.
    """

    silences: tuple[Stretch, ...] = ()
    talk_over: tuple[Stretch, ...] = ()

    @property
    def longest_silence_s(self) -> float:
        return round(max((end - start for start, end in self.silences), default=0.0), 2)

    @property
    def talk_over_s(self) -> float:
        return round(sum(end - start for start, end in self.talk_over), 2)


class MomentMeter:
    """Takes blocks that pass by for another reason. The memory is four bytes a twentieth of a second and channel."""

    def __init__(self, *, channels: int, rate: int) -> None:
        self._bin = rate // FRAMES_A_SECOND
        self._rest: Samples = np.zeros((channels, 0), np.float32)
        self._found: list[NDArray[np.float32]] = []

    def add(self, block: Samples) -> Samples:
        """Take one block (channels, n) and hand it back."""
        joined = np.concatenate((self._rest, block), axis=1)
        whole = joined.shape[1] // self._bin * self._bin
        if whole:
            frames = joined[:, :whole].reshape(joined.shape[0], -1, self._bin)
            self._found.append(np.sqrt(np.mean(np.square(frames), axis=2)).astype(np.float32))
        self._rest = joined[:, whole:].copy()
        return block

    def result(self) -> Moments:
        """What was found so far."""
        if not self._found:
            return Moments()
        loud = np.concatenate(self._found, axis=1)
        speaking = np.stack([_speaking(channel) for channel in loud])
        silences = _stretches(~speaking.any(axis=0), least=SILENCE_S)
        both = _stretches(speaking.all(axis=0), least=TALK_OVER_S) if len(loud) > 1 else ()
        return Moments(silences, both)


def _speaking(loud: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Frames in which somebody speaks on a channel; breaths between words count as speech."""
    floor = float(np.percentile(loud, 10)) * ABOVE_FLOOR
    heard = loud > min(LOUDEST, max(QUIETEST, floor))
    for start, end in _runs(~heard):
        inside = start > 0 and end < len(heard)
        if inside and end - start <= BREATH_S * FRAMES_A_SECOND:
            heard[start:end] = True
    return heard


def _stretches(frames: "NDArray[np.bool_] | np.bool_", *, least: float) -> tuple[Stretch, ...]:
    return tuple(
        (start / FRAMES_A_SECOND, end / FRAMES_A_SECOND)
        for start, end in _runs(np.atleast_1d(frames))
        if end - start >= least * FRAMES_A_SECOND
    )


def _runs(frames: NDArray[np.bool_]) -> Sequence[tuple[int, int]]:
    """First and one past the last frame of each run of true frames."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], frames, [False])).astype(np.int8)))
    return [(int(start), int(end)) for start, end in zip(edges[::2], edges[1::2], strict=True)]
