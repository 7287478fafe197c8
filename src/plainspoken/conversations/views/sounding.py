"""The sound of a conversation, in ranges, opened while it is sent; and its drawing."""

from typing import cast
from uuid import UUID

from django.http import Http404, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from plainspoken.conversations import queries, services, streaming
from plainspoken.people.access import StaffRequest, for_roles

from .reading import READERS, Reading


@require_safe
@for_roles(*READERS)
def sound(request: StaffRequest, conversation: UUID) -> HttpResponse:
    """The silenced copy. Answers 200 with the whole, 206 with a range, 416 for one beyond the end."""
    reading = Reading(request)
    with reading.session():
        row = reading.conversation(conversation)
        try:
            playable = services.open_sound(
                conversation=row.id, subject=next(iter(queries.customers_of(row.id)), None), by=reading.actor
            )
        except services.NothingToPlay as error:
            raise Http404(str(error)) from error
    return cast(HttpResponse, streaming.ranged(request, playable))


@require_safe
@for_roles(*READERS)
def peaks(request: StaffRequest, conversation: UUID) -> HttpResponse:
    """The drawing of the silenced copy: the agent's channel first."""
    reading = Reading(request)
    with reading.session():
        row = reading.conversation(conversation)
        try:
            seconds, channels = services.drawing(conversation=row.id)
        except services.NothingToPlay as error:
            raise Http404(str(error)) from error
    keys = ("agent", "customer") if len(channels) > 1 else ("both",)
    response = JsonResponse(
        {
            "seconds": seconds,
            "channels": [{"key": k, "peaks": p} for k, p in zip(keys, channels, strict=True)],
        }
    )
    response["Cache-Control"] = "private, no-store"
    return response
