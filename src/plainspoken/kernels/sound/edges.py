"""Where a voice begins and ends around a stretch of sound: a silence that stops in the middle of a word lets part
of it be guessed.

By energy in frames of 20 ms, against the quiet and the loud frames nearby, so that line noise counts as quiet.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FRAME_S = 0.02
PAUSE_S = 0.12  # quiet for so long: the voice has stopped
MOST_S = 1.0  # how far an edge moves for the sake of a voice
BREATH_S = 0.3  # in which the quietest place is taken where nobody stops
AROUND_S = 5.0  # in which quiet and loud are judged
ABOVE_QUIET, BELOW_LOUD, NOTHING = 4.0, 0.003, 1e-9  # of energy: 6 dB, 25 dB; digital silence

Energies = NDArray[np.float64]


@dataclass(frozen=True)
class Loudness:
    """The energy of each frame of one channel, from its first sample."""

    frames: Energies

    @property
    def seconds(self) -> float:
        return len(self.frames) * FRAME_S


def loudness(blocks: Iterable[NDArray[np.float32]], *, rate: int = 16_000) -> Loudness:
    """Frame energies of one channel that comes in blocks of any length; 50 numbers a second are kept."""
    size = round(FRAME_S * rate)
    found: list[Energies] = []
    rest = np.zeros(0, np.float32)
    for block in blocks:
        samples = np.concatenate([rest, np.asarray(block, np.float32)])
        whole = len(samples) // size * size
        found.append(np.square(samples[:whole].reshape(-1, size), dtype=np.float64).mean(axis=1))
        rest = samples[whole:]
    if len(rest):
        found.append(np.array([float(np.square(rest, dtype=np.float64).mean())]))
    return Loudness(np.concatenate(found) if found else np.zeros(0))


def to_edges(sound: Loudness, intervals: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Each interval (seconds), grown on both sides to where the voice pauses, by at most a second.

    Never smaller than it was; in the given order. An interval outside the sound stays as it is.
    """
    return [(_edge(sound.frames, start, -1), _edge(sound.frames, end, 1)) for start, end in intervals]


def _edge(frames: Energies, at_s: float, way: int) -> float:
    at = int(np.floor(at_s / FRAME_S)) if way < 0 else int(np.ceil(at_s / FRAME_S))
    if not 0 < at < len(frames):
        return at_s
    most, pause = round(MOST_S / FRAME_S), round(PAUSE_S / FRAME_S)
    outside = frames[max(0, at - most - pause) : at][::-1] if way < 0 else frames[at : at + most + pause]
    quiet = outside <= _threshold(frames, at)
    run = 0
    for place, is_quiet in enumerate(quiet):
        run = run + 1 if is_quiet else 0
        if run == pause:
            moved = place - pause + 1
            return at_s if moved == 0 else (at + way * moved) * FRAME_S
    if len(outside) < most:
        return 0.0 if way < 0 else len(frames) * FRAME_S
    near = outside[: round(BREATH_S / FRAME_S)]
    return (at + way * int(np.argmin(near))) * FRAME_S if near.min() < near[0] / 2 else at_s


def _threshold(frames: Energies, at: int) -> float:
    around = round(AROUND_S / FRAME_S)
    near = frames[max(0, at - around) : at + around]
    floor, loud = np.quantile(near, (0.15, 0.9))
    return float(max(min(floor * ABOVE_QUIET, loud / ABOVE_QUIET), loud * BELOW_LOUD, NOTHING))
