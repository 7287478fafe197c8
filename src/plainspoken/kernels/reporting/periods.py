"""Ranges of days, the range before, and the days, weeks, months and quarters in them."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Unit(StrEnum):
    """A length of time, by the calendar of the organisation; weeks begin on Monday (ISO 8601)."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"


@dataclass(frozen=True)
class Range:
    """Days from `first` to `last`, both in it."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1


def relative(count: int, unit: Unit, *, today: date) -> Range:
    """The last `count` days, weeks, months or quarters up to yesterday: whole days, so that ranges can be compared."""
    last = today - timedelta(days=1)
    if unit == Unit.DAY:
        return Range(last - timedelta(days=count - 1), last)
    if unit == Unit.WEEK:
        return Range(last - timedelta(days=7 * count - 1), last)
    return Range(_months_before(today, count * (3 if unit == Unit.QUARTER else 1)), last)


def _months_before(day: date, count: int) -> date:
    months = day.year * 12 + day.month - 1 - count
    year, month = divmod(months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def previous(span: Range) -> Range:
    """The range directly before, as many days long."""
    return Range(span.first - timedelta(days=span.days), span.first - timedelta(days=1))


def bucket(day: date, unit: Unit) -> date:
    """The first day of the day, week, month or quarter in which a day lies."""
    if unit == Unit.WEEK:
        return day - timedelta(days=day.weekday())
    if unit == Unit.MONTH:
        return day.replace(day=1)
    if unit == Unit.QUARTER:
        return date(day.year, day.month - (day.month - 1) % 3, 1)
    return day


def buckets(span: Range, unit: Unit) -> Iterator[date]:
    """The first day of each unit that has a day in the range, in order."""
    day = bucket(span.first, unit)
    while day <= span.last:
        yield day
        day = _after(day, unit)


def _after(day: date, unit: Unit) -> date:
    if unit in (Unit.DAY, Unit.WEEK):
        return day + timedelta(days=1 if unit == Unit.DAY else 7)
    return bucket(day + timedelta(days=32 if unit == Unit.MONTH else 95), unit)
