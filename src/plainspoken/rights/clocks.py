"""The time a request has: calendar months from receipt, by law, in the organisation's zone.

The day of receipt does not count and the last day counts whole (Regulation 1182/71 Art. 3), so a request is
due at the end of its due day. While identity is open the clock stands still (EDPB Guidelines 01/2022, no.
157): the due day moves by whole days of standing, rounded down, since answering earlier is never late.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from plainspoken.kernels.policy import Duration

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Stand:
    """A time in which the clock stood still; `end` None: it still does. Moments are aware."""

    start: datetime
    end: datetime | None
    why: str

    def as_json(self) -> dict[str, Any]:
        """For the request's row."""
        return {
            "start": self.start.astimezone(UTC).isoformat(),
            "end": self.end.astimezone(UTC).isoformat() if self.end else None,
            "why": self.why,
        }


@dataclass(frozen=True)
class Deadline:
    """`due` is the last day; `at` the moment at which that day is over."""

    due: date
    at: datetime
    soon_from: date

    def state(self, now: datetime) -> str:
        """late, soon or later at this moment."""
        if now >= self.at:
            return "late"
        return "soon" if now.astimezone(self.at.tzinfo).date() >= self.soon_from else "later"

    def days_left(self, now: datetime) -> int:
        """Whole days until the due day; negative when it is over."""
        return (self.due - now.astimezone(self.at.tzinfo).date()).days


def stands_of(pauses: Iterable[Mapping[str, Any]]) -> tuple[Stand, ...]:
    """The pauses of a request's row."""
    return tuple(
        Stand(
            start=datetime.fromisoformat(item["start"]),
            end=datetime.fromisoformat(item["end"]) if item["end"] else None,
            why=item["why"],
        )
        for item in pauses
    )


def stood(stands: Iterable[Stand], *, now: datetime) -> int:
    """Whole days of 24 hours for which the clock has stood still."""
    total = sum((((stand.end or now) - stand.start) for stand in stands), timedelta(0))
    return max(total, timedelta(0)) // DAY


def deadline(
    *,
    received: datetime,
    within: Duration,
    extended_by: Duration | None,
    stands: Iterable[Stand],
    alert_ahead: Duration,
    now: datetime,
    zone: ZoneInfo,
) -> Deadline:
    """When a request is due. An extension adds to the same count: one month and two more are three months."""
    span = within if extended_by is None else _sum(within, extended_by)
    start = datetime.combine(received.astimezone(zone).date(), time(0), tzinfo=zone)
    # Hours of a rule count from the start of the day of receipt plus one whole day: never less than the rule
    # says.
    last = span.add_to(start)
    due = last.date() + timedelta(days=stood(stands, now=now))
    if span.seconds and last.time() != time(0):
        due += DAY
    return Deadline(
        due=due,
        at=datetime.combine(due + DAY, time(0), tzinfo=zone),
        soon_from=_before(due, alert_ahead),
    )


def _sum(one: Duration, other: Duration) -> Duration:
    return Duration(
        months=one.months + other.months, days=one.days + other.days, seconds=one.seconds + other.seconds
    )


def _before(day: date, ahead: Duration) -> date:
    """The first day from which `ahead` reaches the due day."""
    start = day - timedelta(days=ahead.bounds()[1] // 86_400 + 1)
    while ahead.add_to(datetime.combine(start, time(0))).date() < day:
        start += DAY
    return start
