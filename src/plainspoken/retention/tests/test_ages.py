"""When a period is over: against the policy's own forward arithmetic, row by row."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from plainspoken.kernels.policy import Duration
from plainspoken.retention.ages import boundary

BERLIN = ZoneInfo("Europe/Berlin")
MOMENTS = st.datetimes(datetime(2015, 1, 1), datetime(2035, 12, 31), timezones=st.just(UTC))


@given(now=MOMENTS, months=st.integers(1, 130), days=st.integers(0, 40), back=st.integers(0, 12_000_000))
def test_nothing_ends_early_and_nothing_stays_two_days_too_long(
    now: datetime, months: int, days: int, back: int
) -> None:
    period = Duration(months=months, days=days)
    edge = boundary(period=period, now=now, zone=BERLIN)
    for began in (now - timedelta(minutes=back), edge - timedelta(seconds=1), edge, edge - timedelta(days=2)):
        ends = period.add_to(began.astimezone(BERLIN))
        if began < edge:
            assert ends <= now, "purged before its period was over"
        elif ends + timedelta(days=2, hours=1) <= now:
            # Ends of months: what began on the 29th to 31st may end with the 28th.
            assert began.astimezone(BERLIN).day >= 28 or began < edge + timedelta(days=4)


@given(now=MOMENTS, days=st.integers(0, 4000), seconds=st.integers(0, 500_000))
def test_days_and_seconds_are_exact(now: datetime, days: int, seconds: int) -> None:
    if not days and not seconds:
        return
    period = Duration(days=days, seconds=seconds)
    edge = boundary(period=period, now=now, zone=ZoneInfo("UTC"))
    assert edge == now - timedelta(days=days, seconds=seconds)


def test_month_ends() -> None:
    """On 1 March all that began in January up to the 31st and on 1 February 00:00 minus a moment is over a
    month.
    """
    now = datetime(2026, 3, 1, 0, 0, tzinfo=BERLIN)
    assert boundary(period=Duration(months=1), now=now, zone=BERLIN).astimezone(BERLIN) == datetime(
        2026, 2, 1, tzinfo=BERLIN
    )
    now = datetime(2026, 2, 28, 23, 59, tzinfo=BERLIN)
    assert boundary(period=Duration(months=1), now=now, zone=BERLIN).astimezone(BERLIN) == datetime(
        2026, 1, 28, tzinfo=BERLIN
    )
