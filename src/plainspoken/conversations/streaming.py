"""A playable sound as an answer to a request for it, or for a range of it."""

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from .ranges import Range, Unsatisfiable, asked
from .services import MEDIA_TYPE, Playable


def ranged(request: HttpRequest, playable: Playable) -> HttpResponseBase:
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
    response["Content-Type"] = MEDIA_TYPE
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Disposition"] = "inline"
    return response


def _body(request: HttpRequest, playable: Playable, part: Range) -> Iterator[bytes]:
    return iter(()) if request.method == "HEAD" else playable.read(part.start, part.end)
