"""When a period is over: the latest moment from which it has run out by now, by the calendar."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from plainspoken.kernels.policy import Duration

# A month's end may move by three days, a change of the clocks by an hour or two.
SLACK = timedelta(days=4)
SECOND = timedelta(seconds=1)


def cutoff(*, period: Duration, now: datetime, zone: ZoneInfo) -> datetime:
    """The latest start (to the second) whose `period` has ended by `now`; what began later has not ended.

    Found by halving, because ends of months make calendar arithmetic one-way: 31 January and 28 February both end
    on 28 March or before, and subtracting a month would miss the former. Returned in UTC's instant, zone `zone`.
    """
    local = now.astimezone(zone)
    rough = _back(local, period)
    low, high = rough - SLACK, min(rough + SLACK, now)
    if _ended(high, period, now, zone):
        return high
    while high - low > SECOND:
        middle = low + (high - low) / 2
        if _ended(middle, period, now, zone):
            low = middle
        else:
            high = middle
    return low


def _ended(start: datetime, period: Duration, now: datetime, zone: ZoneInfo) -> bool:
    return period.add_to(start.astimezone(zone)) <= now


def _back(moment: datetime, period: Duration) -> datetime:
    """Roughly one period earlier; never before the year 1."""
    months = moment.year * 12 + moment.month - 1 - period.months
    day = min(moment.day, 28)
    if months < 12:
        return datetime(1, 1, 5, tzinfo=moment.tzinfo)
    start = moment.replace(year=months // 12, month=months % 12 + 1, day=day)
    return start - timedelta(days=period.days, seconds=period.seconds)
