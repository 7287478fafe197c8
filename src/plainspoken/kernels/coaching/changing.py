"""Whether something changed: two tallies, their difference, and how sure it is."""

from dataclasses import dataclass
from enum import StrEnum

from plainspoken.kernels import intervals

from .choosing import LEAST
from .rates import Tally


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
    """Compare two periods, with Newcombe's interval of the difference.

    A verdict needs `least` evaluations on both sides, and an interval that leaves out zero.
    """
    if not before.n or not after.n:
        return Change(before, after, None, -1.0, 1.0, Verdict.TOO_FEW)
    low, high = intervals.of_difference(after.rate, after.n, before.rate, before.n)
    return Change(
        before, after, after.rate - before.rate, low, high, _verdict(before, after, low, high, least)
    )


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
