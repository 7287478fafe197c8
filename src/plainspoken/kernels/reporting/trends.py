"""How sure is a number, and did it change? Intervals at 95 %, and nothing where too little was observed.

Shares by `kernels.intervals`. Sources: B. L. Welch, "The generalization of 'Student's' problem" (Biometrika 34, 1947) for
two means; M. Abramowitz and I. Stegun, "Handbook of Mathematical Functions", 26.7.5, for the quantile of Student's t.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import sqrt

from plainspoken.kernels import intervals
from plainspoken.kernels.intervals import Z95 as Z

# Each period needs as many: below, an interval is so wide that an arrow would only tell of chance.
LEAST = 20
Interval = tuple[float, float]


class Kind(StrEnum):
    """What was added up: how many there are, how many of them are so, or a number of each."""

    COUNT = "count"
    SHARE = "share"
    MEAN = "mean"


@dataclass(frozen=True)
class Measured:
    """Observations of one group, added up: how many, their sum, the sum of their squares.

    Of a share each observation is 0 or 1, of a count each is 1.
    """

    n: int
    total: float
    squares: float

    @property
    def mean(self) -> float | None:
        """The mean, None of nothing."""
        return self.total / self.n if self.n else None

    @property
    def variance(self) -> float:
        """The variance with n - 1; 0 of fewer than two. Never below 0, whatever the rounding."""
        if self.n < 2:
            return 0.0
        return max(0.0, (self.squares - self.total**2 / self.n) / (self.n - 1))


@dataclass(frozen=True)
class Change:
    """The difference to the period before, with its interval. All three are None where `few`: no trend is told."""

    difference: float | None
    low: float | None
    high: float | None
    few: bool = False

    @property
    def direction(self) -> str:
        """up or down where the interval leaves out no change, else same; empty where nothing is told."""
        if self.low is None or self.high is None:
            return ""
        return "up" if self.low > 0 else "down" if self.high < 0 else "same"


def interval(measured: Measured, kind: Kind) -> Interval | None:
    """The interval of a group's own number; None for a count, and of fewer than two."""
    if kind == Kind.COUNT or measured.n < 2:
        return None
    return of_share(measured) if kind == Kind.SHARE else of_mean(measured)


def of_share(measured: Measured) -> Interval:
    """Wilson's interval of a share, 0 to 1; n must be at least 1."""
    return intervals.of_share(measured.total / measured.n, measured.n)


def of_mean(measured: Measured) -> Interval:
    """Student's interval of a mean; n must be at least 2."""
    middle = measured.total / measured.n
    half = student(measured.n - 1) * sqrt(measured.variance / measured.n)
    return middle - half, middle + half


def student(freedom: float) -> float:
    """The .975 quantile of Student's t, from 3 degrees of freedom on within .01; below, exact."""
    if freedom < 1.5:
        return 12.706204736
    if freedom < 2.5:
        return 4.30265273
    g1 = (Z**3 + Z) / 4
    g2 = (5 * Z**5 + 16 * Z**3 + 3 * Z) / 96
    g3 = (3 * Z**7 + 19 * Z**5 + 17 * Z**3 - 15 * Z) / 384
    g4 = (79 * Z**9 + 776 * Z**7 + 1482 * Z**5 - 1920 * Z**3 - 945 * Z) / 92160
    return Z + g1 / freedom + g2 / freedom**2 + g3 / freedom**3 + g4 / freedom**4


def change(now: Measured, before: Measured, kind: Kind, *, least: int = LEAST) -> Change:
    """How much a number changed since the period before, which must be as long."""
    if now.n < least or before.n < least:
        return Change(None, None, None, few=True)
    if kind == Kind.COUNT:
        # Two Poisson counts: the variance of their difference is their sum.
        difference, half = float(now.n - before.n), Z * sqrt(now.n + before.n)
        return Change(difference, difference - half, difference + half)
    if kind == Kind.SHARE:
        return _shares(now, before)
    return _means(now, before)


def _shares(now: Measured, before: Measured) -> Change:
    p, q = now.total / now.n, before.total / before.n
    return Change(p - q, *intervals.of_difference(p, now.n, q, before.n))


def _means(now: Measured, before: Measured) -> Change:
    difference = now.total / now.n - before.total / before.n
    a, b = now.variance / now.n, before.variance / before.n
    if a + b == 0:
        return Change(difference, difference, difference)
    freedom = (a + b) ** 2 / (a**2 / (now.n - 1) + b**2 / (before.n - 1))
    half = student(freedom) * sqrt(a + b)
    return Change(difference, difference - half, difference + half)
