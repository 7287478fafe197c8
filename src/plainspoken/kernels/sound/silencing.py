"""Silence in a copy of the sound: samples inside the given intervals are set to zero before anything is
encoded."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from plainspoken.kernels.sound.conversion import Samples
from plainspoken.kernels.sound.reading import Reading, Source
from plainspoken.kernels.sound.writing import Format, Target, opus_rate, write

Interval = tuple[float, float]
Intervals = Mapping[int | Literal["both"], Sequence[Interval]]

FADE_SECONDS = 0.01


@dataclass(frozen=True)
class Silenced:
    """`seconds` silent for each channel; `truncated` as the source was."""

    frames: int
    rate: int
    channels: int
    seconds: tuple[float, ...]
    truncated: bool


def silenced(
    source: Source, out: Target, intervals: Intervals, *, as_: Format = "opus", fade_s: float = FADE_SECONDS
) -> Silenced:
    """Write a copy of `source` with digital silence in `intervals`: {channel 0 or 1, or "both": [(start,
    end), ...]}.

    Seconds from the first sample. The fade to and from silence lies inside the interval, so that its edges
    do not click: give intervals widened beyond the words by more than `fade_s`. An interval shorter than
    two fades is all silence. An end of infinity means to the end. Streams: memory does not grow with the
    sound. Raises ValueError for a channel that the sound lacks or an interval that is none,
    UnreadableSound as `reading.blocks`.
    """
    with Reading(source) as opened:
        count, native = opened.probe.channels, opened.probe.sample_rate
    rate = opus_rate(native) if as_ == "opus" else native
    spans = frame_spans(intervals, channels=count, rate=rate)
    with Reading(source, rate=rate) as reading:
        fade = max(0, round(fade_s * rate))
        written = write(out, silence_blocks(reading, spans, fade=fade), as_=as_, rate=rate, channels=count)
        seconds = tuple(
            sum(max(0, min(end, written.frames) - start) for start, end in channel) / rate
            for channel in spans
        )
        return Silenced(written.frames, rate, count, seconds, reading.truncated)


def frame_spans(intervals: Intervals, *, channels: int, rate: int) -> list[list[tuple[int, int]]]:
    """Sorted, merged sample spans [start, end) for each channel. A start is rounded down, an end up."""
    wanted: list[list[tuple[int, int]]] = [[] for _ in range(channels)]
    for key, given in intervals.items():
        if key != "both" and not 0 <= key < channels:
            raise ValueError(f"there is no channel {key} in a sound of {channels}")
        for start, end in given:
            if math.isnan(start) or math.isnan(end) or end < start or math.isinf(start):
                raise ValueError(f"({start}, {end}) is no interval of seconds")
            last = 2**62 if math.isinf(end) else math.ceil(end * rate)
            span = (max(0, math.floor(start * rate)), max(0, last))
            for index in range(channels) if key == "both" else [key]:
                wanted[index].append(span)
    return [_merged(spans) for spans in wanted]


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    result: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        elif end > start:
            result.append((start, end))
    return result


def silence_blocks(
    blocks: Iterable[Samples], spans: Sequence[Sequence[tuple[int, int]]], *, fade: int
) -> Iterator[Samples]:
    """The same blocks with each channel's spans silent. Block borders leave no trace: the gain depends on
    the sample's place alone."""
    at = 0
    for block in blocks:
        length = block.shape[1]
        touched = block.copy()
        for channel, own in enumerate(spans):
            for start, end in own:
                if start < at + length and end > at:
                    low, high = max(start, at), min(end, at + length)
                    gain = _gain(np.arange(low, high), start, end, fade)
                    touched[channel, low - at : high - at] *= gain
        at += length
        yield touched


def _gain(
    places: np.ndarray[tuple[int, ...], np.dtype[np.int64]], start: int, end: int, fade: int
) -> Samples:
    if fade == 0 or end - start <= 2 * fade:
        return np.zeros(places.shape, np.float32)
    # a span from the very first sample has nothing before it to fade from
    leading = np.zeros(places.shape) if start == 0 else 1.0 - (places - start + 1) / fade
    trailing = 1.0 - (end - places) / fade
    return np.clip(np.maximum(leading, trailing), 0.0, 1.0).astype(np.float32)
