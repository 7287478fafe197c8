"""The clock against a calendar of its own: `dateutil` is not asked, months are counted by hand."""

import calendar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plainspoken.kernels.policy import Duration
from plainspoken.rights.clocks import Stand, deadline, stood

BERLIN = ZoneInfo("Europe/Berlin")
MONTH, WEEK = Duration(months=1), Duration(days=7)


def due(
    received: datetime,
    *,
    within: Duration = MONTH,
    more: Duration | None = None,
    stands=(),
    now=None,
    zone=BERLIN,
):
    return deadline(
        received=received,
        within=within,
        extended_by=more,
        stands=stands,
        alert_ahead=WEEK,
        now=now or received,
        zone=zone,
    )


def month_later(day: date, months: int) -> date:
    """The same day `months` later, or the last day of that month: walked month by month."""
    year, month = day.year, day.month
    for _ in range(months):
        month += 1
        if month == 13:
            year, month = year + 1, 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


@pytest.mark.parametrize(
    ("received", "last"),
    [
        ("2026-01-31T10:00", "2026-02-28"),
        ("2024-01-31T10:00", "2024-02-29"),
        ("2026-01-28T23:59", "2026-02-28"),
        ("2026-02-28T00:00", "2026-03-28"),
        ("2026-08-31T12:00", "2026-09-30"),
        ("2026-12-31T23:59", "2027-01-31"),
        ("2026-03-29T01:30", "2026-04-29"),
        ("2026-02-28T12:00", "2026-03-28"),
        ("2026-09-25T12:00", "2026-10-25"),
    ],
)
def test_one_month_by_the_calendar(received: str, last: str) -> None:
    found = due(datetime.fromisoformat(received).replace(tzinfo=BERLIN))
    assert found.due == date.fromisoformat(last)
    assert (
        found.at.astimezone(BERLIN).isoformat()[:16]
        == f"{date.fromisoformat(last) + timedelta(days=1)}T00:00"
    )


def test_the_day_of_receipt_is_the_houses_own() -> None:
    """23:30 in UTC on 31 March is 1 April in Frankfurt and 31 March in New York."""
    received = datetime(2026, 3, 31, 23, 30, tzinfo=UTC)
    assert due(received).due == date(2026, 5, 1)
    assert due(received, zone=ZoneInfo("America/New_York")).due == date(2026, 4, 30)


def test_a_due_day_counts_whole_on_the_days_when_clocks_change() -> None:
    """25 October 2026 has 25 hours in Frankfurt, 29 March 2026 has 23."""
    for received, hours in (
        (datetime(2026, 9, 25, 9, tzinfo=BERLIN), 25),
        (datetime(2026, 2, 28, 9, tzinfo=BERLIN), None),
    ):
        found = due(received)
        start = datetime.combine(found.due, datetime.min.time(), tzinfo=BERLIN)
        if hours:
            assert (found.at.astimezone(UTC) - start.astimezone(UTC)) == timedelta(hours=hours)
        assert found.state(found.at - timedelta(seconds=1)) == "soon"
        assert found.state(found.at) == "late"


@given(
    received=st.datetimes(datetime(2020, 1, 1), datetime(2035, 12, 31), timezones=st.just(BERLIN)),
    months=st.integers(1, 6),
    extended=st.integers(0, 3),
)
def test_any_receipt_agrees_with_the_calendar(received: datetime, months: int, extended: int) -> None:
    found = due(
        received, within=Duration(months=months), more=Duration(months=extended) if extended else None
    )
    local = received.astimezone(UTC).astimezone(BERLIN).date()
    assert found.due == month_later(local, months + extended)


@given(
    received=st.datetimes(datetime(2020, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC)),
    minutes=st.lists(st.tuples(st.integers(0, 40_000), st.integers(0, 40_000)), max_size=4),
)
def test_pauses_move_the_day_by_whole_days_and_never_too_far(
    received: datetime, minutes: list[tuple[int, int]]
) -> None:
    stands = [
        Stand(
            received + timedelta(minutes=start), received + timedelta(minutes=start + length), "identity-open"
        )
        for start, length in minutes
    ]
    total = sum(length for _, length in minutes)
    plain, moved = due(received, zone=ZoneInfo("UTC")), due(received, stands=stands, zone=ZoneInfo("UTC"))
    assert (moved.due - plain.due).days == total // (24 * 60)


def test_an_open_pause_counts_until_now() -> None:
    start = datetime(2026, 1, 10, tzinfo=UTC)
    open_end = [Stand(start, None, "identity-open")]
    assert stood(open_end, now=start + timedelta(days=3, hours=23)) == 3
    assert stood(open_end, now=start) == 0


def test_alerts_begin_when_the_rule_says() -> None:
    found = due(datetime(2026, 1, 10, 12, tzinfo=BERLIN))
    assert found.due == date(2026, 2, 10) and found.soon_from == date(2026, 2, 3)
    assert found.state(datetime(2026, 2, 2, 23, 59, tzinfo=BERLIN)) == "later"
    assert found.state(datetime(2026, 2, 3, 0, 0, tzinfo=BERLIN)) == "soon"
    assert found.days_left(datetime(2026, 2, 3, 12, tzinfo=BERLIN)) == 7


def test_hours_never_end_before_they_are_over() -> None:
    received = datetime(2026, 1, 10, 23, 50, tzinfo=BERLIN)
    assert due(received, within=Duration(seconds=3600)).at >= received + timedelta(hours=1)
