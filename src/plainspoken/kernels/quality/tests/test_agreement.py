"""Krippendorff's alpha against his published examples and against a sum over all pairs."""

import itertools
from typing import Any

import pytest
from hypothesis import given as each
from hypothesis import settings
from hypothesis import strategies as st

from plainspoken.kernels.quality import Observed, agreement, alpha, drift


def units(*observers: str) -> list[list[Any]]:
    """Rows of observers, one character a unit, "." is missing, as units; digits become numbers."""
    return [
        [None if v == "." else int(v) if v.isdigit() else v for v in unit]
        for unit in zip(*observers, strict=True)
    ]


# Krippendorff (2011), sections A (binary, two observers), B (nominal, two), C and D (four observers, missing values).
BINARY = units("0100000010", "1110010000")
NOMINAL = units("aabbdcccedda", "babbbccceddd")
FOUR = units("123321412...", "1233224125.3", ".3332342251.", "12332441251.")


@pytest.mark.parametrize(
    ("data", "level", "published"),
    [(BINARY, "nominal", 0.095), (NOMINAL, "nominal", 0.692), (FOUR, "nominal", 0.743), (FOUR, "ordinal", 0.815), (FOUR, "interval", 0.849)],
)  # fmt: skip
def test_the_published_examples(data: list[list[Any]], level: Any, published: float) -> None:
    assert alpha(data, level=level) == pytest.approx(published, abs=0.0005)


def by_pairs(data: list[list[Any]], level: str) -> float | None:
    """Alpha by its definition: mean difference within units over mean difference of all pairs of values."""
    kept = [[v for v in unit if v is not None] for unit in data]
    kept = [unit for unit in kept if len(unit) > 1]
    values = [v for unit in kept for v in unit]
    if len(set(values)) < 2:
        return None

    def apart(a: Any, b: Any) -> float:
        if level == "nominal":
            return float(a != b)
        if level == "interval":
            return float((a - b) ** 2)
        low, high = min(a, b), max(a, b)
        between = sum(1 for v in values if low <= v <= high)
        ends = (sum(v == low for v in values) + sum(v == high for v in values)) / 2
        return 0.0 if a == b else (between - ends) ** 2

    n = len(values)
    observed = sum(apart(a, b) / (len(unit) - 1) for unit in kept for a, b in itertools.permutations(unit, 2))
    expected = sum(apart(a, b) for a, b in itertools.permutations(values, 2)) / (n - 1)
    return 1 - observed / expected


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval"])
@settings(max_examples=60, deadline=None)
@each(st.lists(st.lists(st.none() | st.integers(0, 4), min_size=2, max_size=4), min_size=1, max_size=8))
def test_it_is_what_its_definition_says(level: Any, data: list[list[Any]]) -> None:
    found, wanted = alpha(data, level=level), by_pairs(data, level)
    assert found == (wanted if wanted is None else pytest.approx(wanted, abs=1e-9))


def test_perfect_and_unsayable() -> None:
    assert alpha(units("1234", "1234")) == 1
    assert alpha(units("1111", "1111")) is None, "without variation nothing can be said"
    assert alpha(units("1...", ".2..")) is None
    assert alpha([]) is None


def test_agreement_counts_pairs() -> None:
    assert agreement([["yes", "yes", "no"]]) == pytest.approx(1 / 3)
    assert agreement([["yes", None], ["no", "no"]]) == 1
    assert agreement([["yes", None]]) is None
    assert agreement(NOMINAL) == pytest.approx(9 / 12)


def test_drift_is_counted_version_by_version() -> None:
    seen = [
        Observed("ann", 1, "q", 1.0, 1.0),
        Observed("ann", 1, "r", 0.5, 1.0),
        Observed("ann", 2, "q", 1.0, 0.5),
        Observed("bob", 2, "q", 0.0, 0.5),
    ]
    first, second, other = drift(seen)
    assert (first.evaluator, first.version, first.count, first.same) == ("ann", 1, 2, 0.5)
    assert (first.leaning, first.moved) == (-0.25, None)
    assert (second.leaning, second.moved, second.count) == (0.5, 0.75, 1)
    assert (other.evaluator, other.leaning, other.moved) == ("bob", -0.5, None)
