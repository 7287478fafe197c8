"""A rate of a few evaluations, and how sure it is.

An evaluation gives a share of a question's points between 0 and 1. Nothing in that range varies more than yes and no
do (its variance is at most p(1 − p)), so an interval made for yes and no is never too narrow for shares.
"""

from dataclasses import dataclass

from plainspoken.kernels import intervals


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


def interval(tally: Tally) -> Interval:
    """Wilson's interval of its rate; without evaluations it is everything."""
    return Interval(*intervals.of_share(tally.rate, tally.n)) if tally.n else Interval(0.0, 1.0)
