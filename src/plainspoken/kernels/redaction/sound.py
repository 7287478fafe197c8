"""From spans of text to stretches of sound that must not be heard."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from plainspoken.kernels.redaction.spans import Span

LEAST_WIDENING = 0.4  # seconds; a recogniser's word times are early and late by that much


@dataclass(frozen=True)
class Word:
    """A word of the transcript: characters `start` to `end` of its text, seconds `begins` to `ends` of the
    sound.
    """

    start: int
    end: int
    begins: float
    ends: float


@dataclass(frozen=True)
class Hit:
    """The words a span touches (indexes `first` to `last`, both included) and the seconds from first
    to last.
    """

    span: Span
    first: int
    last: int
    begins: float
    ends: float

    @property
    def indexes(self) -> range:
        return range(self.first, self.last + 1)


def words_hit(words: Sequence[Word], spans: Iterable[Span]) -> tuple[Hit, ...]:
    """For each span the words it touches, even by one character.

    `words` are in the order of their characters and do not overlap. A span that lies between two words
    touches both neighbours: too much silence is better than a leak. Without words there are no hits.
    """
    starts = [word.start for word in words]
    ends = [word.end for word in words]
    hits = []
    for span in spans:
        if not words:
            break
        first = bisect_right(ends, span.start)
        last = bisect_left(starts, span.end) - 1
        if first > last:
            first, last = max(last, 0), min(first, len(words) - 1)
        touched = words[first : last + 1]
        begins = min(word.begins for word in touched)
        ends_at = max(word.ends for word in touched)
        hits.append(Hit(span, first, last, begins, ends_at))
    return tuple(hits)


def silence(
    hits: Iterable[Hit], *, duration: float, widen: float = LEAST_WIDENING, merge_gap: float = 0.25
) -> list[tuple[float, float]]:
    """Stretches (start, end) in seconds to silence: each hit widened on both sides, clipped, merged.

    Stretches closer than `merge_gap` become one, so that no scrap of a number is heard between two of them.
    ValueError when `widen` is under 0.4 s, or a duration or gap is negative.
    """
    if widen < LEAST_WIDENING:
        raise ValueError(f"Widen by at least {LEAST_WIDENING} s: word times are not more exact than that.")
    if duration < 0 or merge_gap < 0:
        raise ValueError("Duration and gap are seconds from zero up.")
    merged: list[tuple[float, float]] = []
    for hit in sorted(hits, key=lambda h: (h.begins, h.ends)):
        start = max(0.0, hit.begins - widen)
        end = min(duration, hit.ends + widen)
        if start >= end:
            continue
        if merged and start - merged[-1][1] <= merge_gap:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
