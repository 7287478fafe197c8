"""Interleaved pairs: ours and the baseline in turn, so that a machine that slows down slows both."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """One measurement. `ratio` is the median of ours/baseline pair by pair, `goal` the most it may be, if any.

    `goal_ms`: the most that ours may take, where the goal is a time and not a ratio.
    """

    name: str
    ours: str
    baseline: str
    ours_ms: float
    baseline_ms: float
    ratio: float
    spread: tuple[float, float]
    goal: float | None
    pairs: int
    note: str = ""
    goal_ms: float | None = None

    @property
    def met(self) -> bool | None:
        if self.goal_ms is not None:
            return self.ours_ms <= self.goal_ms
        return None if self.goal is None else self.ratio <= self.goal


@dataclass(frozen=True)
class Figure:
    """One measurement without a peer: a value and its unit, with the command that gives it."""

    name: str
    value: float
    unit: str
    how: str
    note: str = ""


def pairs(
    name: str,
    *,
    ours: Callable[[], object],
    baseline: Callable[[], object],
    describe: tuple[str, str],
    count: int = 15,
    warm: int = 2,
    goal: float | None = None,
    note: str = "",
) -> Line:
    """Run both in turn `count` times after `warm` uncounted turns; which goes first alternates."""
    mine: list[float] = []
    theirs: list[float] = []
    for turn in range(warm + count):
        first, second = (ours, baseline) if turn % 2 == 0 else (baseline, ours)
        a, b = _time(first), _time(second)
        if turn >= warm:
            mine.append(a if turn % 2 == 0 else b)
            theirs.append(b if turn % 2 == 0 else a)
    ratios = sorted(m / t for m, t in zip(mine, theirs, strict=True))
    return Line(
        name=name,
        ours=describe[0],
        baseline=describe[1],
        ours_ms=round(statistics.median(mine) * 1000, 3),
        baseline_ms=round(statistics.median(theirs) * 1000, 3),
        ratio=round(statistics.median(ratios), 3),
        spread=(round(ratios[len(ratios) // 10], 3), round(ratios[-1 - len(ratios) // 10], 3)),
        goal=goal,
        pairs=count,
        note=note,
    )


def _time(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started
