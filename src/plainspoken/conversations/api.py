"""The HTTP API of calls' events: what a telephone system says happened while a call lasted."""

from datetime import datetime
from typing import Annotated, Literal

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from ninja import Field, Router, Schema

from plainspoken.people.models import Membership

from . import services

router = Router(tags=["calls"])
MARKING = (Membership.Role.ADMINISTRATOR, Membership.Role.SUPERVISOR, Membership.Role.PRIVACY_OFFICER)


class CallEvent(Schema):
    """`at` is a moment of the world's time with its offset. `hold` and `retrieve` mark when somebody waits."""

    event: Literal["pause", "resume", "hold", "retrieve"]
    at: datetime


class CallEvents(Schema):
    """Events of one call, by the id that its source gives it. They may come before the call itself, or after."""

    source_id: Annotated[str, Field(min_length=1, max_length=200)]
    events: Annotated[list[CallEvent], Field(min_length=1, max_length=500)]


class MarkedCall(Schema):
    """`waiting` events wait for their call; `applied` ones concern a call that is here."""

    waiting: int
    applied: int


class TimeMissing(ValueError):
    """A moment without an offset from universal time may be any of many."""


@router.post("/conversations/marks", response=MarkedCall, summary="Pauses and holds of a call")
def marks(request: HttpRequest, given: CallEvents) -> services.Marked:
    """What was said between a pause and its end is silenced and dropped everywhere. A pause that nobody ends goes on for
    as long as the policy says.
    """
    member: Membership = request.membership  # type: ignore[attr-defined]
    if member.role not in MARKING:
        raise PermissionDenied("Your role may not mark calls. Use a token of an administrator.")
    if any(one.at.tzinfo is None for one in given.events):
        raise TimeMissing("Each time needs its offset, such as 2026-01-31T10:00:00+01:00.")
    return services.mark_call(
        organisation=member.organisation_id,
        source_id=given.source_id.strip(),
        events=[services.Event(services.EventKind(one.event), one.at) for one in given.events],
        by=request.actor,  # type: ignore[attr-defined]
    )
