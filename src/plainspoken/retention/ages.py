"""When a period is over, by the calendar of the organisation's time zone."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from plainspoken.kernels.policy import Duration

DAY = timedelta(days=1)
# Ends of months move a day's end by three days at most; the search starts below that and stops above it.
SLACK = timedelta(days=4)


def boundary(*, period: Duration, now: datetime, zone: ZoneInfo) -> datetime:
    """What began before this moment (UTC) is older than `period` by `now`. Never early.

    Periods of months are judged by whole days: the time of day would make 28 January 13:00 end after 31
    January 10:00, since both end on 28 February. So what began on a day is over when that day's end is over.
    """
    local = now.astimezone(zone)
    if not period.months:
        wall = (local - timedelta(days=period.days)).astimezone(UTC)
        return wall - timedelta(seconds=period.seconds)
    day = _months_back(local.date(), period.months) - timedelta(days=period.days) - SLACK
    while _end_of(day + DAY, period, zone) <= now:
        day += DAY
    return _midnight(day + DAY, zone).astimezone(UTC)


def _end_of(day: date, period: Duration, zone: ZoneInfo) -> datetime:
    """When all that began on this day has ended."""
    return period.add_to(_midnight(day, zone)) + DAY


def _months_back(day: date, months: int) -> date:
    """The first day of the month that many months ago, or the first of all days."""
    count = day.year * 12 + day.month - 1 - months
    return max(date(count // 12, count % 12 + 1, 1), date(1, 2, 1)) if count >= 12 else date(1, 2, 1)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)
