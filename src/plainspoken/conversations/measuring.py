"""Measures: counts and lengths of conversations in groups, never of one person (use.aggregate)."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Avg, Count, Q, QuerySet
from django.db.models.functions import TruncDate

from plainspoken.custody import clock
from plainspoken.policies.queries import policy_in_force

from .models import Conversation, Participation
from .queries import collected_for

IMPROVING = "service.improve"
NO_QUEUE = "Without a queue"


@dataclass(frozen=True)
class Period:
    """A choice of the page."""

    value: str
    title: str
    days: int


PERIODS = (Period("30", "30 days", 30), Period("90", "90 days", 90), Period("365", "A year", 365))


@dataclass(frozen=True)
class Group:
    """A queue or a day. Where the group is too small, `count` and the rest are None."""

    title: str
    on: date | None
    count: int | None
    mean_s: float | None = None


@dataclass(frozen=True)
class Measured:
    """`suppressed` groups were too small to show; `smallest` is the policy's least number of people."""

    title: str
    total: int | None
    by_queue: tuple[Group, ...]
    by_day: tuple[Group, ...]
    smallest: int
    suppressed: int


def period(value: str) -> Period:
    """The period chosen, else the first."""
    return next((p for p in PERIODS if p.value == value), PERIODS[0])


def measured(*, organisation: UUID, days: int) -> Measured:
    """Counts since `days` ago by the organisation's clock, inside a session of `service.improve`.

    A group is shown when enough different customers are in it. Where exactly one group would be hidden, the
    next smallest is hidden too, and a total that would tell a hidden group is left out.
    """
    purpose = policy_in_force(organisation=organisation).purposes[IMPROVING]
    least = purpose.group_of_at_least or 1
    since = clock.now(organisation) - timedelta(days=days)
    rows = collected_for(Conversation.objects.filter(organisation_id=organisation, started_at__gte=since))
    queues = _counted(rows.values("queue"), least)
    by_day = _counted(rows.annotate(on=TruncDate("started_at")).values("on"), least)
    people = _people(rows)
    return Measured(
        title=purpose.title,
        total=sum(row["n"] for row in queues.all) if people >= least else None,
        by_queue=tuple(
            Group(row["queue"] or NO_QUEUE, None, *queues.shown(row))
            for row in sorted(queues.all, key=lambda r: -r["n"])
        ),
        by_day=tuple(
            Group("", row["on"], *by_day.shown(row))
            for row in sorted(by_day.all, key=lambda r: r["on"], reverse=True)
        ),
        smallest=least,
        suppressed=queues.hidden + by_day.hidden,
    )


@dataclass(frozen=True)
class _Counted:
    """Groups with their numbers, and which of them may be shown."""

    all: tuple[dict[str, Any], ...]
    small: frozenset[int]

    @property
    def hidden(self) -> int:
        return len(self.small)

    def shown(self, row: dict[str, Any]) -> tuple[int | None, float | None]:
        """Count and mean length of a group, or nothing of it."""
        return (None, None) if self.all.index(row) in self.small else (row["n"], row["mean_s"])


def _counted(groups: "QuerySet[Any, Any]", least: int) -> _Counted:
    customers = Q(participations__role=Participation.Role.CUSTOMER, participations__subject__isnull=False)
    rows = tuple(
        groups.order_by().annotate(
            n=Count("id", distinct=True),
            mean_s=Avg("duration_s"),
            people=Count("participations__subject", filter=customers, distinct=True),
        )
    )
    small = {place for place, row in enumerate(rows) if row["people"] < least}
    if len(small) == 1 and len(rows) > 1:
        # With the total, one hidden group could be worked out from the others: the next smallest hides it.
        others = [place for place in range(len(rows)) if place not in small]
        small.add(min(others, key=lambda place: rows[place]["people"]))
    return _Counted(rows, frozenset(small))


def _people(rows: "QuerySet[Conversation]") -> int:
    taking_part = Participation.objects.filter(
        conversation_id__in=rows.values("id"), role=Participation.Role.CUSTOMER, subject__isnull=False
    )
    return taking_part.order_by().values("subject_id").distinct().count()
