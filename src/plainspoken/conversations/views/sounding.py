"""The sound of a conversation, in ranges, opened while it is sent; and its drawing."""

from collections.abc import Iterator
from uuid import UUID

from django.http import Http404, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from plainspoken.conversations import queries, services
from plainspoken.conversations.ranges import Range, Unsatisfiable, asked
from plainspoken.people.access import StaffRequest, for_roles

from .reading import READERS, Reading


@require_safe
@for_roles(*READERS)
def sound(request: StaffRequest, conversation: UUID) -> HttpResponseBase:
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
    return ranged(request, playable)


def ranged(request: StaffRequest, playable: services.Playable) -> HttpResponseBase:
    """A playable sound as an answer to a request for it or for a range of it."""
    tag = f'"{playable.tag}"'
    unchanged = request.headers.get("If-Range", tag) == tag
    try:
        part = asked(request.headers.get("Range", ""), size=playable.size) if unchanged else None
    except Unsatisfiable:
        response: HttpResponseBase = HttpResponse(status=416)
        response["Content-Range"] = f"bytes */{playable.size}"
    else:
        wanted = part or Range(0, playable.size)
        response = StreamingHttpResponse(_body(request, playable, wanted), status=206 if part else 200)
        response["Content-Length"] = str(wanted.end - wanted.start)
        if part:
            response["Content-Range"] = f"bytes {part.start}-{part.end - 1}/{playable.size}"
    response["Content-Type"] = services.MEDIA_TYPE
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Disposition"] = "inline"
    return response


def _body(request: StaffRequest, playable: services.Playable, part: Range) -> Iterator[bytes]:
    return iter(()) if request.method == "HEAD" else playable.read(part.start, part.end)


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
