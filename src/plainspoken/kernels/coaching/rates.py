"""A rate of a few evaluations, and how sure it is.

An evaluation gives a share of a question's points between 0 and 1. Nothing in that range varies more than yes and no
do (its variance is at most p(1 − p)), so an interval made for yes and no is never too narrow for shares.
"""

from dataclasses import dataclass
from math import sqrt

Z95 = 1.959963984540054  # the normal quantile of a two-sided 95 % interval


@dataclass(frozen=True)
class Tally:
    """`n` evaluations that together earned `earned` shares (0 to n). Raises ValueError for what cannot be."""

    n: int
    earned: float

    def __post_init__(self) -> None:
        if self.n < 0 or not -1e-9 <= self.earned <= self.n + 1e-9:
            raise ValueError("A tally earns between nothing and all of its evaluations.")

    @property
    def rate(self) -> float:
        """Between 0 and 1. Raises ZeroDivisionError where there is no evaluation."""
        return min(1.0, max(0.0, self.earned / self.n))

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.n + other.n, self.earned + other.earned)


@dataclass(frozen=True)
class Interval:
    """Where the rate behind a tally lies, with 95 % confidence; both between 0 and 1."""

    low: float
    high: float


def interval(tally: Tally, *, z: float = Z95) -> Interval:
    """The score interval; without evaluations it is everything.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal of the American
    Statistical Association 22 (1927), 209–212. It never leaves 0 to 1 and holds for few evaluations.
    """
    if not tally.n:
        return Interval(0.0, 1.0)
    n, p = tally.n, tally.rate
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    # At 0 and at 1 one limit is the rate itself; rounding must not put it beside.
    low = 0.0 if p == 0.0 else min(p, max(0.0, middle - half))
    high = 1.0 if p == 1.0 else max(p, min(1.0, middle + half))
    return Interval(low, high)
