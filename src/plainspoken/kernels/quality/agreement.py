"""Do evaluators agree? Krippendorff's alpha, agreement per question, and how evaluators drift.

Source: Klaus Krippendorff, "Computing Krippendorff's Alpha-Reliability" (University of Pennsylvania, 2011).
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Level = Literal["nominal", "ordinal", "interval"]
Units = Sequence[Sequence[Any]]


def alpha(units: Units, *, level: Level = "nominal") -> float | None:
    """Krippendorff's alpha of reliability data: 1 is perfect, 0 is chance, below 0 is worse than chance.

    units: one sequence an object that was judged, with a value of each observer; None is missing. Values are
    hashable for nominal, comparable for ordinal, numbers for interval. Units with fewer than two values count
    nothing. None where nothing can be said: no pair, or only one value was ever used.
    """
    paired = [[value for value in unit if value is not None] for unit in units]
    paired = [unit for unit in paired if len(unit) > 1]
    totals: Counter[Any] = Counter(value for unit in paired for value in unit)
    n = sum(totals.values())
    if len(totals) < 2:
        return None
    delta = _difference(level, totals)
    observed = sum(_within(unit, delta) / (len(unit) - 1) for unit in paired)
    expected = _within_counts(totals, delta) / (n - 1)
    return 1 - observed / expected


def _within(unit: Sequence[Any], delta: Callable[[Any, Any], float]) -> float:
    return _within_counts(Counter(unit), delta)


def _within_counts(counts: Counter[Any], delta: Callable[[Any, Any], float]) -> float:
    """The sum of differences over all ordered pairs."""
    values = list(counts)
    return 2 * sum(counts[a] * counts[b] * delta(a, b) for n, a in enumerate(values) for b in values[n + 1 :])


def _difference(level: Level, totals: Counter[Any]) -> Callable[[Any, Any], float]:
    if level == "nominal":
        return lambda a, b: float(a != b)
    if level == "interval":
        return lambda a, b: float((a - b) ** 2)
    before: dict[Hashable, float] = {}
    reached = 0.0
    for value in sorted(totals):
        # A rank lies in the middle of those that share it.
        before[value] = reached + totals[value] / 2
        reached += totals[value]
    return lambda a, b: (before[a] - before[b]) ** 2


def agreement(units: Units) -> float | None:
    """The share of pairs of observers that gave the same value, 0 to 1; None where there is no pair."""
    same = pairs = 0
    for unit in units:
        values = [value for value in unit if value is not None]
        pairs += len(values) * (len(values) - 1) // 2
        same += sum(count * (count - 1) // 2 for count in Counter(values).values())
    return same / pairs if pairs else None


@dataclass(frozen=True)
class Observed:
    """One evaluator's answer beside the reference of the session; shares of the question's points, 0 to 1."""

    evaluator: str
    version: int
    question: str
    share: float
    reference: float


@dataclass(frozen=True)
class Drift:
    """An evaluator on one form version: how often as the reference, and how far from it on average.

    leaning: mean difference to the reference, above 0 is milder. moved: its change since the version before, None
    on the first. count says how many answers that rests on.
    """

    evaluator: str
    version: int
    count: int
    same: float
    leaning: float
    moved: float | None


def drift(observed: Iterable[Observed]) -> tuple[Drift, ...]:
    """How each evaluator leans against the reference, version by version, in order of evaluator and version."""
    groups: dict[tuple[str, int], list[Observed]] = defaultdict(list)
    for one in observed:
        groups[one.evaluator, one.version].append(one)
    found: list[Drift] = []
    last: Mapping[str, float] = {}
    for (evaluator, version), own in sorted(groups.items()):
        leaning = sum(one.share - one.reference for one in own) / len(own)
        found.append(
            Drift(
                evaluator=evaluator,
                version=version,
                count=len(own),
                same=sum(one.share == one.reference for one in own) / len(own),
                leaning=leaning,
                moved=leaning - last[evaluator] if evaluator in last else None,
            )
        )
        last = {**last, evaluator: leaning}
    return tuple(found)
