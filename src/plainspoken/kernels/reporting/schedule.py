"""When a mail that comes daily, weekly or monthly at an hour is due, in the time zone of who gets it."""

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class Every(StrEnum):
    """How often: each day, each Monday, each first of a month."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


def last_due(every: Every, *, hour: int, zone: ZoneInfo, now: datetime) -> datetime:
    """The latest moment at or before `now` at which it is due; aware, in `zone`.

    An hour that the clock leaves out in spring is taken as the moment an hour later; one that comes twice in autumn
    is the first of both (PEP 495, fold 0).
    """
    day = _begin(every, now.astimezone(zone).date())
    due = _at(day, hour, zone)
    return due if due <= now else _at(_begin(every, day - timedelta(days=1)), hour, zone)


def next_due(every: Every, *, hour: int, zone: ZoneInfo, now: datetime) -> datetime:
    """The first moment after `now` at which it is due; aware, in `zone`."""
    day = _begin(every, now.astimezone(zone).date())
    due = _at(day, hour, zone)
    if due > now:
        return due
    return _at(_begin(every, day + timedelta(days={"day": 1, "week": 7, "month": 32}[every])), hour, zone)


def _begin(every: Every, day: date) -> date:
    if every == Every.WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if every == Every.MONTH else day


def _at(day: date, hour: int, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(hour), tzinfo=zone)
