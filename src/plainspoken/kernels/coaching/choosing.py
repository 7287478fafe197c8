"""Which questions somebody should work on: the weakest of their own, weighed so that one bad call does not decide."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from .rates import Interval, Tally, interval

LEAST = 3  # evaluations of a question before anything is said about it
MOST = 3  # questions to work on at once
STRENGTH = 4.0  # how many evaluations of the team stand beside somebody's own

Key = TypeVar("Key", bound=tuple[str, ...])


@dataclass(frozen=True)
class Weakness(Generic[Key]):
    """A question to work on: their own tally with its interval, and the weighed rate by which it was chosen."""

    key: Key
    own: Tally
    interval: Interval
    weighed: float


def shrunk(own: Tally, team: Tally, *, strength: float = STRENGTH) -> float:
    """Their rate as if `strength` evaluations of the team stood beside their own.

    The mean of a beta distribution after their evaluations, with the team's rate before them: an estimate in the
    manner of B. Efron and C. Morris, "Data analysis using Stein's estimator and its generalizations", Journal of the
    American Statistical Association 70 (1975), 311–319. Few evaluations weigh little, many speak for themselves.
    Without a team it is their own rate.
    """
    if not team.n:
        return own.rate
    return (own.earned + strength * team.rate) / (own.n + strength)


def choose(
    own: Mapping[Key, Tally],
    team: Mapping[Key, Tally],
    *,
    least: int = LEAST,
    most: int = MOST,
    strength: float = STRENGTH,
) -> list[Weakness[Key]]:
    """The weakest questions, weakest first: at most `most`, each with `least` evaluations and something lost.

    Equal ones: the one with more evaluations first, then by key, so that the choice is the same each time.
    """
    found = [
        Weakness(key, tally, interval(tally), shrunk(tally, team.get(key, Tally(0, 0.0)), strength=strength))
        for key, tally in own.items()
        if tally.n >= max(1, least) and tally.earned < tally.n - 1e-9
    ]
    return sorted(found, key=lambda one: (round(one.weighed, 12), -one.own.n, one.key))[:most]
