"""Durations against the calendar itself, counted day by day."""

import calendar
import itertools
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plainspoken.kernels.policy import Duration
from plainspoken.kernels.policy.tests.specimens import DURATIONS

ZONES = [UTC, ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York"), ZoneInfo("Asia/Kolkata")]
parts = st.builds(
    Duration,
    months=st.integers(0, 60),
    days=st.integers(0, 400),
    seconds=st.integers(0, 4 * 86_400),
)
moments = st.datetimes(datetime(1999, 1, 1), datetime(2110, 12, 31), timezones=st.sampled_from(ZONES))


@given(parts)
def test_the_canonical_spelling_is_read_back(duration: Duration) -> None:
    assert Duration.parse(str(duration)) == duration


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("P1M", Duration(months=1)),
        ("P30D", Duration(days=30)),
        ("PT15M", Duration(seconds=900)),
        ("PT1S", Duration(seconds=1)),
        ("P2W", Duration(days=14)),
        ("P1Y6M", Duration(months=18)),
        ("P1DT12H", Duration(days=1, seconds=43_200)),
        ("PT0S", Duration()),
        ("P0D", Duration()),
    ],
)
def test_spellings_of_iso_8601(text: str, expected: Duration) -> None:
    assert Duration.parse(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "P",
        "PT",
        "P1",
        "1M",
        "p1m",
        "P1MT",
        "P-1D",
        "P1D ",
        "P1.5D",
        "P1W2D",
        "PT1M1H",
        "P٣D",
        "30 days",
        "P9999M",
    ],
)
def test_what_is_no_duration_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match=r"P1M|1200 months"):
        Duration.parse(text)


@pytest.mark.parametrize(
    ("text", "language", "said"),
    [
        ("P1M", "en", "1 month"),
        ("P35D", "en", "35 days"),
        ("P1M", "de", "1 Monat"),
        ("P35D", "de", "35 Tage"),
        ("P1Y6M", "en", "1 year and 6 months"),
        ("PT90S", "en", "1 minute and 30 seconds"),
        ("P1DT2H3M", "en", "1 day, 2 hours and 3 minutes"),
        ("P45D", "fr-CH", "45\u00a0jours"),
        ("PT0S", "en", "0 seconds"),
    ],
)
def test_durations_in_words(text: str, language: str, said: str) -> None:
    assert Duration.parse(text).format(language) == said


def test_a_language_that_nobody_speaks_is_refused() -> None:
    with pytest.raises(ValueError, match="not a language we can write"):
        Duration(days=1).format("qq-nowhere")


def month_end_by_hand(start: date, months: int) -> date:
    """The latest day of the target month that is no later in its month than the start: Regulation 1182/71,
    Art. 3(2)(c).
    """
    year, month = start.year, start.month
    for _ in range(months):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    days = [date(year, month, day) for day in calendar.Calendar().itermonthdays(year, month) if day]
    return max(day for day in days if day.day <= start.day)


@given(st.dates(date(1999, 1, 1), date(2110, 12, 31)), st.integers(0, 60), st.integers(0, 400))
def test_months_end_on_the_same_date_or_on_the_last_day(start: date, months: int, days: int) -> None:
    moment = datetime(start.year, start.month, start.day, 15, 30, tzinfo=UTC)
    ends = Duration(months=months, days=days).add_to(moment)
    assert ends.date() == month_end_by_hand(start, months) + timedelta(days=days)
    assert (ends.hour, ends.minute) == (15, 30)


def test_a_request_of_the_last_of_january_is_due_on_the_last_of_february() -> None:
    assert Duration.parse("P1M").add_to(datetime(2026, 1, 31, 9, tzinfo=UTC)) == datetime(
        2026, 2, 28, 9, tzinfo=UTC
    )
    assert Duration.parse("P1M").add_to(datetime(2028, 1, 31, 9, tzinfo=UTC)) == datetime(
        2028, 2, 29, 9, tzinfo=UTC
    )


def test_days_keep_the_wall_clock_and_hours_are_exact() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    before = datetime(2026, 3, 28, 12, tzinfo=berlin)
    assert Duration.parse("P1D").add_to(before) == datetime(2026, 3, 29, 12, tzinfo=berlin)
    assert Duration.parse("PT24H").add_to(before) == datetime(2026, 3, 29, 13, tzinfo=berlin)
    skipped = Duration.parse("P1D").add_to(datetime(2026, 3, 28, 2, 30, tzinfo=berlin))
    assert skipped.astimezone(UTC) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_the_end_of_the_calendar_is_said() -> None:
    with pytest.raises(ValueError, match="past the year 9999"):
        Duration.parse("P1Y").add_to(datetime(9999, 6, 1, tzinfo=UTC))


@given(parts, parts, moments)
def test_at_most_never_ends_later(left: Duration, right: Duration, start: datetime) -> None:
    if left.at_most(right):
        assert left.add_to(start).astimezone(UTC) <= right.add_to(start).astimezone(UTC)


@given(parts, moments)
def test_the_bounds_hold(duration: Duration, start: datetime) -> None:
    least, most = duration.bounds()
    lasted = (duration.add_to(start).astimezone(UTC) - start.astimezone(UTC)).total_seconds()
    assert least <= lasted <= most


def test_months_against_days_are_decided_exactly() -> None:
    """Over every day of years that hold a leap year, a common year and a century without a leap day."""
    starts = [
        date(year, 1, 1) + timedelta(days=day)
        for year in (1999, 2000, 2001, 2003, 2099, 2100)
        for day in range(365)
    ]
    for months in (1, 2, 3, 6, 11, 12, 13, 24):
        lengths = [(month_end_by_hand(start, months) - start).days for start in starts]
        for days in range(min(lengths) - 2, max(lengths) + 3):
            month, day = Duration(months=months), Duration(days=days)
            assert day.at_most(month) == (days <= min(lengths)), (months, days)
            assert month.at_most(day) == (max(lengths) <= days), (months, days)


def test_at_most_is_a_partial_order() -> None:
    for left, right in itertools.product(DURATIONS, repeat=2):
        assert left.at_most(left)
        if left.at_most(right) and right.at_most(left):
            assert left == right
        for third in DURATIONS:
            if left.at_most(right) and right.at_most(third):
                assert left.at_most(third), (left, right, third)


@given(parts, parts, parts)
def test_at_most_is_transitive(first: Duration, second: Duration, third: Duration) -> None:
    if first.at_most(second) and second.at_most(third):
        assert first.at_most(third)


def test_a_month_and_thirty_days_cannot_be_compared() -> None:
    month, days = Duration.parse("P1M"), Duration.parse("P30D")
    assert not month.at_most(days)
    assert not days.at_most(month)
