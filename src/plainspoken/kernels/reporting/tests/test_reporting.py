"""Intervals against published examples and simulation, hidden cells against solving for them, dates by counting."""

import itertools
import random
from datetime import UTC, date, datetime, timedelta
from statistics import fmean, variance
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plainspoken.kernels.reporting import (
    LEAST,
    Every,
    Measured,
    Range,
    Unit,
    bucket,
    buckets,
    change,
    hidden,
    last_due,
    next_due,
    of_mean,
    of_share,
    previous,
    relative,
)
from plainspoken.kernels.reporting.trends import Kind, student

BERLIN = ZoneInfo("Europe/Berlin")


def added(values: list[float]) -> Measured:
    return Measured(len(values), sum(values), sum(v * v for v in values))


def ones(of: int, n: int) -> Measured:
    return Measured(n, of, of)


def test_a_share_as_newcombe_published_it() -> None:
    """Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I, method 3."""
    for of, n, low, high in ((81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)):  # fmt: skip
        assert of_share(ones(of, n)) == pytest.approx((low, high), abs=5e-5)


def test_a_difference_of_shares_as_newcombe_published_it() -> None:
    """Newcombe 1998, "Interval estimation for the difference", table II, method 10: 56/70 - 48/80 and others."""
    for (a, m), (b, n), low, high in (
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((10, 10), (0, 20), 0.6791, 1.0),
    ):
        found = change(ones(a, m), ones(b, n), Kind.SHARE, least=1)
        assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


def test_the_quantile_of_t_as_tables_have_it() -> None:
    for freedom, value in ((1, 12.7062), (2, 4.3027), (5, 2.5706), (10, 2.2281), (30, 2.0423), (120, 1.9799)):
        assert student(freedom) == pytest.approx(value, abs=6e-3)


def test_a_difference_of_means_holds_the_truth_in_95_of_100() -> None:
    chance, held = random.Random(7), 0
    for _ in range(2000):
        now = added([chance.gauss(82, 9) for _ in range(25)])
        before = added([chance.gauss(80, 14) for _ in range(40)])
        found = change(now, before, Kind.MEAN)
        assert found.low is not None and found.high is not None
        held += found.low <= 2 <= found.high
    assert 0.935 <= held / 2000 <= 0.965


@given(st.lists(st.floats(0, 100), min_size=2, max_size=60))
def test_a_mean_as_the_library_of_python_counts_it(values: list[float]) -> None:
    found = added(values)
    assert found.mean == pytest.approx(fmean(values))
    assert found.variance == pytest.approx(variance(values), abs=1e-6)
    low, high = of_mean(found)
    assert low <= fmean(values) + 1e-9 and high >= fmean(values) - 1e-9


def test_no_trend_on_fewer() -> None:
    enough, few = ones(LEAST, LEAST), ones(LEAST - 1, LEAST - 1)
    for kind in Kind:
        assert not change(enough, enough, kind).few
        for pair in ((enough, few), (few, enough)):
            found = change(*pair, kind)
            assert found.few and found.difference is None and found.direction == ""


def test_an_arrow_only_where_chance_is_ruled_out() -> None:
    assert change(ones(90, 100), ones(60, 100), Kind.SHARE).direction == "up"
    assert change(ones(60, 100), ones(90, 100), Kind.SHARE).direction == "down"
    assert change(ones(15, 25), ones(14, 25), Kind.SHARE).direction == "same"
    assert change(ones(200, 200), ones(100, 100), Kind.COUNT).direction == "up"
    assert change(ones(24, 24), ones(20, 20), Kind.COUNT).direction == "same"


# ---- small groups ----


def worked_out(people: dict[tuple[str, str], int], gone: frozenset[tuple[object, object]]) -> set[object]:
    """What somebody learns who knows the totals of every row and column: solve one unknown at a time."""
    unknown, known = set(gone), set()
    again = True
    while again:
        again = False
        for axis in (0, 1):
            for line in {place[axis] for place in unknown}:
                left = [place for place in unknown if place[axis] == line]
                if len(left) == 1:
                    unknown.remove(left[0])
                    known.add(left[0])
                    again = True
    return known


GRID = st.dictionaries(
    st.tuples(st.sampled_from("abcd"), st.sampled_from("vwxyz")), st.integers(0, 40), max_size=20
)


@given(GRID, st.integers(1, 15))
def test_no_hidden_cell_stands_alone_where_others_could_hide_it(
    people: dict[tuple[str, str], int], least: int
) -> None:
    gone = hidden(people, least=least)
    assert {place for place, count in people.items() if 0 < count < least} <= gone
    assert all(people[place] > 0 for place in gone)
    for axis, line in itertools.product((0, 1), {p[0] for p in people} | {p[1] for p in people}):
        there = [p for p, count in people.items() if p[axis] == line and count > 0]
        assert len([p for p in there if p in gone]) != 1 or len(there) == 1
    if all(count >= least or count == 0 for count in people.values()):
        assert not gone


def test_one_small_cell_takes_others_with_it() -> None:
    people = {("a", "x"): 3, ("a", "y"): 20, ("b", "x"): 30, ("b", "y"): 40}
    assert hidden(people, least=12) == set(people)
    assert worked_out(people, frozenset({("a", "x")})), "alone it would be known"
    assert not worked_out(people, hidden(people, least=12))


# ---- days ----


def test_relative_ranges_end_yesterday() -> None:
    today = date(2026, 3, 31)
    assert relative(4, Unit.WEEK, today=today) == Range(date(2026, 3, 3), date(2026, 3, 30))
    assert relative(1, Unit.MONTH, today=today) == Range(date(2026, 2, 28), date(2026, 3, 30))
    assert relative(2, Unit.QUARTER, today=today).first == date(2025, 9, 30)
    assert relative(1, Unit.DAY, today=today) == Range(date(2026, 3, 30), date(2026, 3, 30))


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 800), st.sampled_from(Unit))
def test_every_day_lies_in_one_unit(first: date, days: int, unit: Unit) -> None:
    span = Range(first, first + timedelta(days=days))
    found = list(buckets(span, unit))
    assert found == sorted(set(found))
    all_days = [first + timedelta(days=n) for n in range(days + 1)]
    assert {bucket(day, unit) for day in all_days} == set(found)
    before = previous(span)
    assert before.days == span.days and before.last + timedelta(days=1) == span.first


# ---- hours ----


@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1)),
    st.integers(0, 23),
    st.sampled_from(Every),
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Auckland"]),
)
def test_what_is_due_by_looking_at_each_hour(at: datetime, hour: int, every: Every, name: str) -> None:
    now, zone = at.replace(tzinfo=UTC), ZoneInfo(name)
    last = last_due(every, hour=hour, zone=zone, now=now)
    coming = next_due(every, hour=hour, zone=zone, now=now)
    assert last <= now < coming
    for due in (last, coming):
        assert due.hour == hour
        assert every != Every.WEEK or due.weekday() == 0
        assert every != Every.MONTH or due.day == 1
    assert coming.date() - last.date() <= timedelta(days={"day": 1, "week": 7, "month": 31}[every])


def test_the_hour_of_the_subscriber_in_summer_and_winter() -> None:
    winter, summer = datetime(2026, 1, 15, 12, tzinfo=UTC), datetime(2026, 7, 15, 12, tzinfo=UTC)
    assert next_due(Every.DAY, hour=8, zone=BERLIN, now=winter).astimezone(UTC).hour == 7
    assert next_due(Every.DAY, hour=8, zone=BERLIN, now=summer).astimezone(UTC).hour == 6
