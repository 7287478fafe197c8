"""The HTTP API of conversations: sending them, finding them, reading and hearing them."""

import json
from datetime import datetime
from typing import Annotated, Any, BinaryIO, Literal, cast
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from ninja import File, Form, Query, Router, Schema, Status
from ninja.files import UploadedFile
from ninja.params import QueryEx

from plainspoken.conversations import queries, services, streaming
from plainspoken.conversations.arrival import ArrivalRefused
from plainspoken.conversations.models import Conversation
from plainspoken.conversations.ports import Wanted, words
from plainspoken.conversations.services import Arrival
from plainspoken.custody import ledger
from plainspoken.custody.sessions import purpose
from plainspoken.people.models import Membership
from plainspoken.policies.queries import may_read_for

from . import exporting, pipeline, vcon
from . import services as exchange

router = Router(tags=["conversations"])
MOST_ROWS = 200
NOT_FACTS = "The metadata must be a JSON object. Correct it and send again."
Asked = Annotated[str, QueryEx(alias="purpose")]
INGESTING = "ingest.write"


class Arrived(Schema):
    """`created` is false when the conversation was here already."""

    id: UUID
    reference: str
    created: bool
    state: str
    notes: list[str] = []


class Refusal(Schema):
    """What is wrong, in one sentence; nothing was stored."""

    error: str
    code: str
    field: str = ""


class Segment(Schema):
    text: str
    hit: bool


class Hit(Schema):
    ordinal: int
    at_s: float | None
    segments: list[Segment]


class Row(Schema):
    id: UUID
    reference: str
    title: str
    kind: str
    started_at: datetime
    duration_s: float | None
    queue: str
    agent: str
    customer: str
    removed: int
    state: str
    reason: str
    policy_version: int
    hits: list[Hit] = []


class Rows(Schema):
    """`found` counts all that match; `rows` holds one page of them."""

    found: int
    purpose: str
    rows: list[Row]


class Turn(Schema):
    """What one person said, redacted. `removed` lists the types of what was removed from it."""

    ordinal: int
    start_s: float | None
    end_s: float | None
    role: str | None
    text: str
    removed: list[str]
    gone: bool


class Turns(Schema):
    state: str
    language: str
    turns: list[Turn]


class Filters(Schema):
    q: str = ""
    queue: str = ""
    agent: UUID | None = None
    kind: Literal["", "call", "chat"] = ""
    since: datetime | None = None
    until: datetime | None = None
    participant: UUID | None = None
    sort: Literal["newest", "best"] = "newest"
    limit: int = 50
    offset: int = 0
    purpose: str = ""


@router.post(
    "/conversations", response={201: Arrived, 200: Arrived, 422: Refusal}, summary="Send a conversation"
)
def upload(request: HttpRequest, sound: File[UploadedFile], metadata: Form[str] = "{}") -> Any:
    """A sound and its facts as a JSON object, whose names are fields of the collection point
    conversation.upload.
    """
    member = _may_send(request)
    try:
        facts = json.loads(metadata)
    except (ValueError, RecursionError):
        facts = None
    if not isinstance(facts, dict):
        return Status(422, Refusal(error=NOT_FACTS, code="metadata"))
    try:
        done = exchange.import_sound(
            organisation=member.organisation_id,
            sound=cast(BinaryIO, sound.file),
            metadata=facts,
            by=request.actor,  # type: ignore[attr-defined]
        )
    except ArrivalRefused as error:
        return _refused(error)
    return _arrived(done)


@router.post("/vcons", response={201: Arrived, 200: Arrived, 422: Refusal}, summary="Send a vCon")
def upload_vcon(request: HttpRequest) -> Any:
    """A vCon as the body of the request. An address in it is not fetched."""
    member = _may_send(request)
    data = request.read(vcon.LARGEST + 1)
    try:
        done, notes = exchange.import_vcon(organisation=member.organisation_id, data=data, by=request.actor)  # type: ignore[attr-defined]
    except ArrivalRefused as error:
        return _refused(error)
    return _arrived(done, notes)


def _may_send(request: HttpRequest) -> Membership:
    member: Membership = request.membership  # type: ignore[attr-defined]
    if not may_read_for(member.role, INGESTING, organisation=member.organisation_id):
        raise PermissionDenied("Your role may not send conversations.")
    pipeline.check_room()
    return member


def _refused(error: ArrivalRefused) -> "Status[Refusal]":
    return Status(422, Refusal(error=error.sentence, code=error.code, field=error.field))


def _arrived(done: Arrival, notes: tuple[str, ...] = ()) -> "Status[Arrived]":
    row = done.conversation
    answer = Arrived(
        id=row.id,
        reference=queries.reference(row.id),
        created=done.created,
        state=row.state,
        notes=list(notes),
    )
    return Status(201 if done.created else 200, answer)


@router.get("/conversations", response=Rows, summary="Find conversations")
def find(request: HttpRequest, filters: Query[Filters]) -> Rows:
    """Conversations that the member may read for the purpose, by words or newest first."""
    member, chosen = _reader(request, filters.purpose)
    wanted = Wanted(
        q=filters.q,
        queue=filters.queue,
        agent=filters.agent,
        kind=filters.kind,
        since=filters.since,
        until=filters.until,
        participant=filters.participant,
        sort=filters.sort,
        limit=max(1, min(filters.limit, MOST_ROWS)),
        offset=max(0, filters.offset),
    )
    with purpose(chosen, organisation=member.organisation_id, by=request.actor):  # type: ignore[attr-defined]
        found = queries.listed(wanted, member)
        rows = queries.rows_of(found.conversations)
        ledger.enter_read(place="conversations.Conversation", rows=len(rows), by=request.actor)  # type: ignore[attr-defined]
    return Rows(
        found=found.total, purpose=chosen, rows=[_row(row, found.hits.get(row.id, ())) for row in rows]
    )


@router.get("/conversations/{conversation}", response=Row, summary="Read the facts of a conversation")
def one(request: HttpRequest, conversation: UUID, purpose_: Asked = "") -> Row:
    """The facts of one conversation."""
    member, chosen = _reader(request, purpose_)
    with purpose(chosen, organisation=member.organisation_id, by=request.actor):  # type: ignore[attr-defined]
        row = _visible(member, conversation)
        _entered(request, row, "conversations.Conversation")
        return _row(queries.rows_of([row.id])[0], ())


@router.get("/conversations/{conversation}/turns", response=Turns, summary="Read the redacted words")
def turns(request: HttpRequest, conversation: UUID, purpose_: Asked = "") -> Turns:
    """The redacted words of one conversation, turn by turn."""
    member, chosen = _reader(request, purpose_)
    with purpose(chosen, organisation=member.organisation_id, by=request.actor):  # type: ignore[attr-defined]
        row = _visible(member, conversation)
        _entered(request, row, "transcripts.Turn")
        script = words().script(row.id)
        roles = {party.position: party.role for party in services.parties(row.id)}
    if script is None:
        return Turns(state=row.state, language="", turns=[])
    return Turns(
        state=row.state,
        language=script.language,
        turns=[
            Turn(
                ordinal=line.ordinal,
                start_s=line.start_s,
                end_s=line.end_s,
                role=roles.get(line.position) if line.position is not None else None,
                text=line.text,
                removed=[cut["type"] for cut in line.cuts],
                gone=line.gone,
            )
            for line in script.lines
        ],
    )


@router.get("/conversations/{conversation}/sound", summary="Hear a conversation")
def sound(request: HttpRequest, conversation: UUID, purpose_: Asked = "") -> HttpResponseBase:
    """The sound, silent where personal data was said; byte ranges are answered."""
    member, chosen = _reader(request, purpose_)
    with purpose(chosen, organisation=member.organisation_id, by=request.actor):  # type: ignore[attr-defined]
        row = _visible(member, conversation)
        subject = next(iter(queries.customers_of(row.id)), None)
        playable = services.open_sound(conversation=row.id, subject=subject, by=request.actor)  # type: ignore[attr-defined]
    return streaming.ranged(request, playable)


@router.get("/conversations/{conversation}/vcon", summary="Take a conversation out as a vCon")
def as_vcon(
    request: HttpRequest,
    conversation: UUID,
    recipient: str = exporting.RECIPIENT,
    purpose_: Asked = "",
    sound: bool = True,
) -> HttpResponse:
    """One conversation, redacted, for a recipient that the policy names. Whatever leaves is recorded."""
    member, chosen = _reader(request, purpose_)
    made = exporting.export_vcon(
        organisation=member.organisation_id,
        conversation=conversation,
        by=request.actor,  # type: ignore[attr-defined]
        member=member,
        recipient=recipient,
        purpose=chosen,
        sound=sound,
    )
    return HttpResponse(
        made.data,
        content_type="application/vcon+json",
        headers={"Content-Disposition": f'attachment; filename="{made.uuid}.vcon.json"'},
    )


class NotThere(LookupError):
    """There is no such conversation for this member and purpose."""


def _reader(request: HttpRequest, asked: str) -> tuple[Membership, str]:
    member: Membership = request.membership  # type: ignore[attr-defined]
    try:
        chosen, _ = queries.chosen_purpose(member, asked)
    except queries.NotForThis as error:
        raise PermissionDenied(str(error)) from error
    return member, chosen.name


def _visible(member: Membership, conversation: UUID) -> Conversation:
    row = queries.visible_to(member).filter(id=conversation).first()
    if row is None:
        raise NotThere("There is no such conversation. Check its id and your purpose.")
    return row


def _entered(request: HttpRequest, row: Conversation, place: str) -> None:
    ledger.enter_read(
        place=place,
        rows=1,
        by=request.actor,  # type: ignore[attr-defined]
        subject=next(iter(queries.customers_of(row.id)), None),
        about=f"conversation:{row.id}",
    )


def _row(row: queries.Listed, hits: Any) -> Row:
    return Row(
        id=row.id,
        reference=queries.reference(row.id),
        title=row.title,
        kind=row.kind,
        started_at=row.started,
        duration_s=row.duration_s,
        queue=row.queue,
        agent=row.agent,
        customer=row.customer,
        removed=row.removed,
        state=row.state,
        reason=row.reason,
        policy_version=row.policy_version,
        hits=[
            Hit(
                ordinal=h.ordinal, at_s=h.at_s, segments=[Segment(text=s.text, hit=s.hit) for s in h.segments]
            )
            for h in hits
        ],
    )
