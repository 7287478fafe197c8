"""The HTTP API of uploads in parts, as clients of tus 1.0 speak it."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from ninja import Router

from . import uploads
from .api import _may_send
from .models import Upload
from .uploads import UploadRefused

router = Router(tags=["uploads"])
VERSION = "1.0.0"
EXTENSIONS = "creation,expiration,checksum,termination"
OFFSET_TYPE = "application/offset+octet-stream"


@router.post("/uploads", summary="Begin an upload in parts", include_in_schema=True)
def begin(request: HttpRequest) -> HttpResponse:
    """Needs Upload-Length; facts stand in Upload-Metadata under `metadata`, as JSON in base64."""
    member = _may_send(request)
    length = request.headers.get("Upload-Length", "")
    if not length.isdecimal():
        return _refused(UploadRefused(400, "Upload-Length must say how many bytes come. Send it."))
    try:
        row = uploads.begin(
            organisation=member.organisation_id,
            length=int(length),
            metadata=request.headers.get("Upload-Metadata", ""),
            by=request.actor,  # type: ignore[attr-defined]
        )
    except UploadRefused as error:
        return _refused(error)
    answer = HttpResponse(status=201)
    answer["Location"] = request.build_absolute_uri(reverse("api-1:upload", kwargs={"upload": row.id}))
    return _tus(answer, row)


@router.api_operation(["HEAD"], "/uploads/{upload}", url_name="upload", summary="How far an upload is")
def status(request: HttpRequest, upload: UUID) -> HttpResponse:
    """Upload-Offset says where to go on."""
    row = _status(request, upload)
    answer = HttpResponse(status=200)
    answer["Cache-Control"] = "no-store"
    answer["Upload-Length"] = str(row.length)
    return _tus(answer, row)


@router.get("/uploads/{upload}", summary="What became of an upload")
def result(request: HttpRequest, upload: UUID) -> HttpResponse:
    """Its state, and the conversation or the refusal."""
    return JsonResponse(_described(_status(request, upload)))


@router.patch("/uploads/{upload}", summary="Send a part of an upload")
def append(request: HttpRequest, upload: UUID) -> HttpResponse:
    """The part begins at Upload-Offset. The last one takes the conversation in: 204, or 422 with why not."""
    member = _may_send(request)
    offset = request.headers.get("Upload-Offset", "")
    size = request.headers.get("Content-Length", "")
    if request.headers.get("Content-Type", "").split(";")[0] != OFFSET_TYPE:
        return _refused(UploadRefused(415, f"A part has the media type {OFFSET_TYPE}. Send it so."))
    if not offset.isdecimal() or not size.isdecimal():
        return _refused(UploadRefused(400, "Upload-Offset and Content-Length must be numbers. Send them."))
    try:
        row = uploads.append(
            organisation=member.organisation_id,
            upload=upload,
            offset=int(offset),
            body=request,
            size=int(size),
            checksum=request.headers.get("Upload-Checksum", ""),
            by=request.actor,  # type: ignore[attr-defined]
        )
    except UploadRefused as error:
        return _refused(error)
    if row.state == Upload.State.REFUSED:
        return _tus(JsonResponse(_described(row), status=422), row)
    return _tus(HttpResponse(status=204), row)


@router.delete("/uploads/{upload}", summary="End an upload")
def end(request: HttpRequest, upload: UUID) -> HttpResponse:
    """What came of it is removed and its key destroyed."""
    member = _may_send(request)
    uploads.end(organisation=member.organisation_id, upload=upload, by=request.actor)  # type: ignore[attr-defined]
    answer = HttpResponse(status=204)
    answer["Tus-Resumable"] = VERSION
    return answer


@router.api_operation(["OPTIONS"], "/uploads", summary="What uploads can do")
def options(request: HttpRequest) -> HttpResponse:
    """The extensions of tus that are there."""
    answer = HttpResponse(status=204)
    answer["Tus-Resumable"] = answer["Tus-Version"] = VERSION
    answer["Tus-Extension"] = EXTENSIONS
    answer["Tus-Max-Size"] = str(uploads.LARGEST)
    answer["Tus-Checksum-Algorithm"] = ",".join(uploads.ALGORITHMS)
    return answer


def _status(request: HttpRequest, upload: UUID) -> Upload:
    member = _may_send(request)
    return uploads.status(organisation=member.organisation_id, upload=upload, by=request.actor)  # type: ignore[attr-defined]


def _described(row: Upload) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "state": row.state,
        "length": row.length,
        "offset": row.offset,
        "conversation": str(row.conversation) if row.conversation else None,
        "created": row.created,
        "code": row.code,
        "error": row.reason,
    }


def _tus(answer: HttpResponse, row: Upload) -> HttpResponse:
    answer["Tus-Resumable"] = VERSION
    answer["Upload-Offset"] = str(row.offset)
    answer["Upload-Expires"] = row.expires_at.strftime("%a, %d %b %Y %H:%M:%S GMT")
    return answer


def _refused(error: UploadRefused) -> HttpResponse:
    answer = JsonResponse({"error": str(error)}, status=error.status)
    answer["Tus-Resumable"] = VERSION
    if error.status == 503:
        answer["Retry-After"] = "60"
    return answer
