"""Whether something changed: two tallies, their difference, and how sure it is."""

from dataclasses import dataclass
from enum import StrEnum
from math import sqrt

from .choosing import LEAST
from .rates import Tally, interval


class Verdict(StrEnum):
    """What a difference says. `UNSURE`: it may be chance. `TOO_FEW`: nothing can be said yet."""

    BETTER = "better"
    WORSE = "worse"
    UNSURE = "unsure"
    TOO_FEW = "too-few"


@dataclass(frozen=True)
class Change:
    """After minus before, between -1 and 1, with its 95 % interval; None where one side has no evaluation."""

    before: Tally
    after: Tally
    difference: float | None
    low: float
    high: float
    verdict: Verdict


def change(before: Tally, after: Tally, *, least: int = LEAST) -> Change:
    """Compare two periods.

    The interval is the hybrid score interval: R. G. Newcombe, "Interval estimation for the difference between
    independent proportions: comparison of eleven methods", Statistics in Medicine 17 (1998), 873–890, method 10.
    A verdict needs `least` evaluations on both sides, and an interval that leaves out zero.
    """
    if not before.n or not after.n:
        return Change(before, after, None, -1.0, 1.0, Verdict.TOO_FEW)
    old, new = interval(before), interval(after)
    difference = after.rate - before.rate
    low = difference - sqrt((after.rate - new.low) ** 2 + (old.high - before.rate) ** 2)
    high = difference + sqrt((new.high - after.rate) ** 2 + (before.rate - old.low) ** 2)
    low, high = max(-1.0, low), min(1.0, high)
    return Change(before, after, difference, low, high, _verdict(before, after, low, high, least))


def _verdict(before: Tally, after: Tally, low: float, high: float, least: int) -> Verdict:
    if min(before.n, after.n) < least:
        return Verdict.TOO_FEW
    if low > 0:
        return Verdict.BETTER
    return Verdict.WORSE if high < 0 else Verdict.UNSURE


def meets(after: Tally, target: float, *, least: int = LEAST) -> bool | None:
    """Whether a tally reaches a target rate (0 to 1); None while there are too few evaluations to tell."""
    if after.n < max(1, least):
        return None
    return after.rate >= target - 1e-9
