"""The HTTP API of administrators: sources, call records, rules of what is kept, and how far everything is."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from ninja import Router, Schema, Status

from plainspoken.custody.sessions import purpose
from plainspoken.people.models import Membership

from . import keeping, pipeline, reconciling, sources, tasks
from .models import KeepingRule, Source

router = Router(tags=["sources"])
MANAGE = "organisation.manage"
CSV = "text/csv"


class NewSource(Schema):
    """A source to keep. `place`: a folder's whole path, or a bucket as name/prefix."""

    kind: Literal["folder", "bucket"]
    title: str = ""
    place: str
    settled_s: int = sources.SETTLED_S
    every_s: int = sources.EVERY_S
    keep_days: int = sources.KEEP_DAYS
    endpoint: str = ""
    region: str = ""
    key: str = ""
    secret: str = ""


class SourceOut(Schema):
    """A source without its credentials."""

    id: UUID
    kind: str
    title: str
    place: str
    state: str
    run_at: datetime | None
    run_state: str
    problem: str
    taken: int
    known: int
    refused: int
    signed_in: bool


class NewCall(Schema):
    """One call as the telephone system counted it. Times without a zone are the organisation's own."""

    call_id: str
    started_at: datetime
    duration: float
    direction: Literal["", "in", "out", "internal"] = ""
    queue: str = ""


class LoadedOut(Schema):
    """How many records are new, here already, or not understood, with the number of each line and why."""

    new: int
    known: int
    wrong: list[tuple[int, str]]


class NewRule(Schema):
    """A rule of what is kept. `rest_for`: how long the rest of a sample stays, such as P30D."""

    title: str
    act: Literal["keep", "leave-out", "sample"]
    queues: list[str] = []
    directions: list[str] = []
    kinds: list[str] = []
    words: list[str] = []
    percent: float | None = None
    rest_for: str = ""


def _administrator(request: HttpRequest) -> Membership:
    member: Membership = request.membership  # type: ignore[attr-defined]
    if member.role != Membership.Role.ADMINISTRATOR:
        raise PermissionDenied("Only administrators may do this.")
    return member


@router.get("/sources", response=list[SourceOut], summary="List sources")
def listed(request: HttpRequest) -> Any:
    """Where conversations come from by themselves."""
    member = _administrator(request)
    with purpose(MANAGE, organisation=member.organisation_id, by=request.actor):  # type: ignore[attr-defined]
        rows = Source.objects.filter(organisation_id=member.organisation_id).order_by("made_at")
        return [sources.described(row) for row in rows]


@router.post("/sources", response={201: SourceOut}, summary="Add a source")
def add(request: HttpRequest, given: NewSource) -> Any:
    """A folder or a bucket that is looked into from now on. Credentials are sealed and never shown again."""
    member = _administrator(request)
    row = sources.add(
        organisation=member.organisation_id,
        given=sources.Given(**given.dict()),
        by=request.actor,  # type: ignore[attr-defined]
    )
    return Status(201, sources.described(row))


@router.post("/sources/{source}/{act}", response={204: None}, summary="Pause, resume, end or run a source")
def change(request: HttpRequest, source: UUID, act: Literal["pause", "resume", "end", "run"]) -> Any:
    """`run` looks into it now, by a job."""
    member = _administrator(request)
    given: dict[str, Any] = {"organisation": member.organisation_id, "source": source}
    if act == "run":
        with purpose(MANAGE, organisation=member.organisation_id, by=request.actor):  # type: ignore[attr-defined]
            sources.one(source)
        tasks.look_into(**given)
    else:
        acts = {"pause": sources.pause, "resume": sources.resume, "end": sources.remove}
        acts[act](**given, by=request.actor)  # type: ignore[attr-defined]
    return Status(204, None)


@router.post("/calls", response=LoadedOut, summary="Send call records")
def load_calls(request: HttpRequest, calls: list[NewCall]) -> Any:
    """What the telephone system counted; recordings are compared with it. Other fields are not taken."""
    member = _administrator(request)
    rows = [one.dict() for one in calls[: reconciling.MOST_LINES]]
    done = reconciling.load(organisation=member.organisation_id, rows=rows, by=request.actor)  # type: ignore[attr-defined]
    reconciling.judge(organisation=member.organisation_id, by=request.actor)  # type: ignore[attr-defined]
    return vars(done)


@router.get("/calls", summary="What was recorded of the calls")
def calls(request: HttpRequest) -> dict[str, Any]:
    """How many calls of each verdict, and how many problems nobody has looked at."""
    member = _administrator(request)
    found = reconciling.summary(organisation=member.organisation_id, by=request.actor)  # type: ignore[attr-defined]
    return {
        "counts": found.counts,
        "open": found.open,
        "extra": found.extra,
        "first": found.first,
        "last": found.last,
    }


@router.get("/keeping", summary="List rules of what is kept")
def rules(request: HttpRequest) -> list[dict[str, Any]]:
    """The rules in force, in the order in which they decide."""
    member = _administrator(request)
    with purpose(MANAGE, organisation=member.organisation_id, by=request.actor):  # type: ignore[attr-defined]
        rows = KeepingRule.objects.filter(organisation_id=member.organisation_id, ended_at=None)
        names = (
            "id",
            "position",
            "title",
            "act",
            "queues",
            "directions",
            "kinds",
            "words",
            "percent",
            "rest_for",
        )
        return [{name: getattr(row, name) for name in names} for row in rows.order_by("position")]


@router.post("/keeping", response={201: dict[str, UUID]}, summary="Add a rule of what is kept")
def add_rule(request: HttpRequest, given: NewRule) -> Any:
    """It decides from now on, after those that are there."""
    member = _administrator(request)
    rule = keeping.Given(
        title=given.title,
        act=given.act,
        queues=tuple(given.queues),
        directions=tuple(given.directions),
        kinds=tuple(given.kinds),
        words=tuple(given.words),
        percent=given.percent,
        rest_for=given.rest_for,
    )
    row = keeping.add(organisation=member.organisation_id, given=rule, by=request.actor)  # type: ignore[attr-defined]
    return Status(201, {"id": row.id})


@router.delete("/keeping/{rule}", response={204: None}, summary="End a rule of what is kept")
def end_rule(request: HttpRequest, rule: UUID) -> Any:
    """It decides nothing more."""
    member = _administrator(request)
    keeping.end(organisation=member.organisation_id, rule=rule, by=request.actor)  # type: ignore[attr-defined]
    return Status(204, None)


@router.get("/conversations/{conversation}/keeping", summary="Why a conversation is kept")
def why(request: HttpRequest, conversation: UUID) -> dict[str, Any]:
    """The rule that decides, and where the conversation stands in a sample."""
    member = _administrator(request)
    found = keeping.explain(organisation=member.organisation_id, conversation=conversation, by=request.actor)  # type: ignore[attr-defined]
    return vars(found)


@router.get("/pipeline", summary="How far everything is")
def progress(request: HttpRequest) -> dict[str, Any]:
    """What waits, runs and failed at each station."""
    member = _administrator(request)
    found = pipeline.progress(organisation=member.organisation_id, by=request.actor)  # type: ignore[attr-defined]
    return {
        "stations": [vars(one) for one in found.stations],
        "failures": [vars(one) for one in found.failures],
        "waiting": found.waiting,
        "limit": found.limit,
    }
