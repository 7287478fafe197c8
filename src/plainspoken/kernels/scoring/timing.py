"""Silences, talk-over and holds, from the times of who speaks. Seconds throughout; linear after sorting."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .conversation import Activity, Conversation, Speaker

# The times of words may be off by .4 s, so that two people seem to speak together for a moment at each change.
SHORTEST_OVERLAP_S = 0.5
# "uh huh" and "right" over somebody's words are listening, not talking over.
LISTENING_S = 0.9

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Gap:
    """Nobody speaks from `start` to `end`."""

    start: float
    end: float

    @property
    def seconds(self) -> float:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Overlap:
    """`by` begins to speak while the other speaks."""

    by: Speaker
    start: float
    end: float


def spoken(conversation: Conversation) -> tuple[Activity, ...]:
    """When who speaks, in order of time; where no activity is known, the times of the turns."""
    found: Iterable[Activity] = conversation.activity or (
        Activity(turn.speaker, turn.start, turn.end)
        for turn in conversation.turns
        if turn.start is not None and turn.end is not None
    )
    return tuple(sorted((a for a in found if a.end > a.start), key=lambda a: (a.start, a.end)))


def merged(intervals: Iterable[Interval]) -> list[Interval]:
    """Intervals as a union, in order."""
    out: list[Interval] = []
    for start, end in sorted(intervals):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], end))
        else:
            out.append((start, end))
    return out


def gaps(activity: Sequence[Activity], *, duration: float | None, at_least: float) -> tuple[Gap, ...]:
    """Stretches of at least so many seconds in which nobody speaks, the end of the call included."""
    found, at = [], 0.0
    for start, end in merged((a.start, a.end) for a in activity):
        if start - at >= at_least:
            found.append(Gap(at, start))
        at = max(at, end)
    if duration is not None and activity and duration - at >= at_least:
        found.append(Gap(at, duration))
    return tuple(found)


def speech_seconds(activity: Sequence[Activity]) -> float:
    """Seconds in which anybody speaks."""
    return sum(end - start for start, end in merged((a.start, a.end) for a in activity))


def overlaps(activity: Sequence[Activity]) -> tuple[Overlap, ...]:
    """Where agent and customer speak at once, by who began second. What is listening is left out.

    A sweep over both speakers' merged stretches: linear in their number.
    """
    agent = merged((a.start, a.end) for a in activity if a.speaker == "agent")
    customer = merged((a.start, a.end) for a in activity if a.speaker == "customer")
    found, i, j = [], 0, 0
    while i < len(agent) and j < len(customer):
        start, end = max(agent[i][0], customer[j][0]), min(agent[i][1], customer[j][1])
        if end - start >= SHORTEST_OVERLAP_S:
            by: Speaker = "agent" if agent[i][0] > customer[j][0] else "customer"
            second = agent[i] if by == "agent" else customer[j]
            if second[1] - second[0] > LISTENING_S:
                found.append(Overlap(by, start, end))
        if agent[i][1] <= customer[j][1]:
            i += 1
        else:
            j += 1
    return tuple(found)
