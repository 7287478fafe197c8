"""Intervals against published examples, and against the inequality that defines them."""

from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plainspoken.kernels.coaching import Tally, Verdict, change, interval, meets

Z = 1.959963984540054


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    # Newcombe, Statistics in Medicine 17 (1998), 857-872, table I, method 3 (score).
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_published_examples_of_one_rate(hits: int, n: int, low: float, high: float) -> None:
    found = interval(Tally(n, hits))
    assert (found.low, found.high) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


@given(n=st.integers(1, 60), data=st.data())
def test_the_limits_solve_the_test_that_they_invert(n: int, data: st.DataObject) -> None:
    """Wilson's interval holds every rate from which the tally is at most z standard errors away."""
    hits = data.draw(st.integers(0, n))
    found = interval(Tally(n, hits))

    def inside(rate: float) -> bool:
        return abs(hits / n - rate) <= Z * sqrt(rate * (1 - rate) / n) + 1e-12

    assert 0 <= found.low <= hits / n <= found.high <= 1
    for step in range(201):
        rate = step / 200
        if found.low + 1e-6 < rate < found.high - 1e-6:
            assert inside(rate)
        elif rate < found.low - 1e-6 or rate > found.high + 1e-6:
            assert not inside(rate)


def test_without_evaluations_everything_is_possible() -> None:
    assert (interval(Tally(0, 0)).low, interval(Tally(0, 0)).high) == (0, 1)
    for n, earned in ((-1, 0), (2, 3), (2, -1)):
        with pytest.raises(ValueError, match="tally"):
            Tally(n, earned)


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    # Newcombe, Statistics in Medicine 17 (1998), 873-890, table II, method 10; examples a, b and d.
    [((56, 70), (48, 80), 0.0524, 0.3339), ((9, 10), (3, 10), 0.1705, 0.8090), ((5, 56), (0, 29), -0.0381, 0.1926)],
)  # fmt: skip
def test_the_published_examples_of_a_difference(
    first: tuple[int, int], second: tuple[int, int], low: float, high: float
) -> None:
    found = change(Tally(second[1], second[0]), Tally(first[1], first[0]))
    assert (found.low, found.high) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


tallies = st.integers(0, 40).flatmap(lambda n: st.floats(0, n).map(lambda earned: Tally(n, earned)))


@given(before=tallies, after=tallies)
def test_a_change_is_told_only_when_it_is_sure(before: Tally, after: Tally) -> None:
    found = change(before, after)
    turned = change(after, before)
    assert -1 <= found.low <= found.high <= 1
    assert found.low == pytest.approx(-turned.high) and found.high == pytest.approx(-turned.low)
    if min(before.n, after.n) < 3:
        assert found.verdict == Verdict.TOO_FEW
    elif found.verdict == Verdict.BETTER:
        assert after.rate > before.rate and turned.verdict == Verdict.WORSE
    if found.difference is not None:
        assert found.low - 1e-9 <= found.difference <= found.high + 1e-9
    if before == after:
        assert found.verdict in (Verdict.UNSURE, Verdict.TOO_FEW)


@given(after=tallies, target=st.floats(0.01, 1))
def test_a_target_is_met_by_enough_evaluations_alone(after: Tally, target: float) -> None:
    found = meets(after, target)
    assert (found is None) == (after.n < 3)
    if found is not None:
        assert found == (after.earned / after.n >= target - 1e-9)
