"""Copies of a sound with parts silent: for playing, for an access archive, and for the store after
an erasure.
"""

from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from plainspoken.kernels.sound import Intervals, PeakMeter, Samples, encode_opus, opus_rate, silenced
from plainspoken.kernels.sound.reading import Reading
from plainspoken.kernels.sound.silencing import FADE_SECONDS, frame_spans, silence_blocks

from .moments import MomentMeter, Moments
from .piping import piped

MOST_PEAKS = 1000  # values a channel


@dataclass(frozen=True)
class Copied:
    """A finished copy: its length, what is silent in it, its drawing (one list of 0..1 a channel)."""

    duration_s: float
    channels: int
    silenced_s: float
    peaks: tuple[tuple[float, ...], ...]
    truncated: bool
    codec: str = "opus"
    moments: Moments = field(default_factory=Moments)


def play_copy(
    source: BinaryIO, intervals: Intervals, *, swap: bool = False
) -> Generator[bytes, None, Copied]:
    """Ogg Opus of the sound, silent in `intervals`, with the peaks of what is left. Returns a Copied.

    `swap` puts the right channel on the left; `intervals` count as the source does.
    """

    def write(out: BinaryIO) -> Copied:
        with Reading(source) as opened:
            channels, native = opened.probe.channels, opened.probe.sample_rate
        rate = opus_rate(native)
        spans = frame_spans(intervals, channels=channels, rate=rate)
        meter, listener = PeakMeter(channels=channels, rate=rate), MomentMeter(channels=channels, rate=rate)
        with Reading(source, rate=rate) as reading:
            # Silences are those of the call: where a part was removed somebody spoke.
            heard = (listener.add(block) for block in reading)
            hushed_blocks = silence_blocks(heard, spans, fade=round(FADE_SECONDS * rate))
            ordered = (block[::-1] for block in hushed_blocks) if swap else hushed_blocks
            written = encode_opus(out, _measured(ordered, meter), rate=rate, channels=channels)
            truncated = reading.truncated
        silent = max((_inside(own, written.frames) for own in spans), default=0)
        return Copied(
            duration_s=written.frames / rate,
            channels=channels,
            silenced_s=silent / rate,
            peaks=tuple(_reduced(channel) for channel in meter.result().channels),
            truncated=truncated,
            moments=listener.result(),
        )

    return (yield from piped(write))


def hushed(source: BinaryIO, intervals: Intervals) -> Iterator[bytes]:
    """Ogg Opus of the sound with `intervals` silent, for somebody who may hear the rest."""
    yield from piped(lambda out: silenced(source, out, intervals))


def without(source: BinaryIO, intervals: Intervals) -> Generator[bytes, None, Copied]:
    """The sound to keep after parts of it were erased. What was there is not in the copy any more.

    Opus, at the source's own rate or above: a WAV written to a stream could not state its length.
    """

    def write(out: BinaryIO) -> Copied:
        done = silenced(source, out, intervals)
        return Copied(
            duration_s=done.frames / done.rate,
            channels=done.channels,
            silenced_s=max(done.seconds, default=0.0),
            peaks=(),
            truncated=done.truncated,
        )

    return (yield from piped(write))


def _measured(blocks: Iterable[Samples], meter: PeakMeter) -> Iterator[Samples]:
    for block in blocks:
        yield meter.add(block)


def stretch(source: BinaryIO, start: float, end: float) -> Generator[bytes, None, Copied]:
    """Ogg Opus of the seconds from `start` to `end`; what is outside is not in it."""

    def write(out: BinaryIO) -> Copied:
        with Reading(source) as opened:
            channels, native = opened.probe.channels, opened.probe.sample_rate
        rate = opus_rate(native)
        with Reading(source, rate=rate) as reading:
            wanted = _between(reading, round(start * rate), round(end * rate))
            written = encode_opus(out, wanted, rate=rate, channels=channels)
        return Copied(written.frames / rate, channels, 0.0, (), False)

    return (yield from piped(write))


def _between(blocks: Iterable[Samples], first: int, last: int) -> Iterator[Samples]:
    at = 0
    for block in blocks:
        low, high = max(0, first - at), min(block.shape[1], last - at)
        if low < high:
            yield block[:, low:high]
        at += block.shape[1]
        if at >= last:
            return


def _inside(spans: Iterable[tuple[int, int]], frames: int) -> int:
    return sum(max(0, min(end, frames) - start) for start, end in spans)


def _reduced(pairs: tuple[int, ...]) -> tuple[float, ...]:
    """Low and high of each stretch (int8) to at most MOST_PEAKS loudest values between 0 and 1."""
    loud = [max(abs(low), abs(high)) for low, high in zip(pairs[::2], pairs[1::2], strict=True)]
    step = max(1, -(-len(loud) // MOST_PEAKS))
    return tuple(round(max(loud[at : at + step]) / 127, 3) for at in range(0, len(loud), step))
