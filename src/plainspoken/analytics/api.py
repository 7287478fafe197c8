"""Measures over the API: conversations in groups, never of one person (use.aggregate)."""

from datetime import date, datetime
from typing import Annotated, Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from ninja import Router, Schema
from ninja.params import QueryEx

from plainspoken.conversations import measuring
from plainspoken.custody import clock
from plainspoken.custody.sessions import purpose
from plainspoken.policies.queries import may_read_for

router = Router(tags=["measures"])
LONGEST = 3660


class Group(Schema):
    """A queue or a day. Of a group that is too small, count and mean_s are null."""

    title: str
    on: date | None
    count: int | None
    mean_s: float | None


class Measures(Schema):
    """`suppressed` groups were too small to show; `smallest` is the least number of people in a group."""

    total: int | None
    smallest: int
    suppressed: int
    by_queue: list[Group]
    by_day: list[Group]
    made_at: datetime


@router.get("/measures", response=Measures, summary="Count conversations in groups")
def measures(request: HttpRequest, days: Annotated[int, QueryEx(ge=1, le=LONGEST)] = 30) -> Any:
    """Conversations of the last days, by queue and by day."""
    member = request.membership  # type: ignore[attr-defined]
    if not may_read_for(member.role, measuring.IMPROVING, organisation=member.organisation_id):
        raise PermissionDenied("Your role may not read measures.")
    with purpose(measuring.IMPROVING, organisation=member.organisation_id, by=request.actor):  # type: ignore[attr-defined]
        found = measuring.measured(organisation=member.organisation_id, days=days)
        made_at = clock.now(member.organisation_id)
    return {
        "total": found.total,
        "smallest": found.smallest,
        "suppressed": found.suppressed,
        "by_queue": found.by_queue,
        "by_day": found.by_day,
        "made_at": made_at,
    }
