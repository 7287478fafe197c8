"""Measures over the API, in groups, never of one person (use.aggregate); and saved reports."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from ninja.params import QueryEx

from plainspoken.conversations import measuring
from plainspoken.custody import clock, ledger
from plainspoken.custody.sessions import purpose
from plainspoken.policies.queries import may_read_for

from . import access, queries, results, wording
from .services import exporting

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


# ---- reports ----


class ReportShown(Schema):
    """A saved report that the token's member may run."""

    report: UUID
    name: str
    title: str
    purpose: str
    own: bool
    shared: bool


class ReportRow(Schema):
    """One number with its interval at 95 % and its change against the period before; null where it is not told.

    `made_by` is person or automatic: the two are never one number. `suppressed`: about too few people to show.
    """

    row: str
    column: str
    made_by: str
    observations: int | None
    value: float | None
    low: float | None
    high: float | None
    change: float | None
    change_low: float | None
    change_high: float | None
    suppressed: bool


class Series(Schema):
    """The values of a line in each bucket, in order; null where nothing was evaluated or the group is too small."""

    row: str
    values: list[float | None]


class ReportRun(Schema):
    """A report, counted at `made_at`; people are under pseudonyms."""

    title: str
    definition: dict[str, Any]
    first_day: date
    last_day: date
    made_at: datetime
    policy: str
    group_of_at_least: int
    suppressed: int
    rows: list[ReportRow]
    buckets: list[date]
    series: list[Series]


def _who(request: HttpRequest) -> tuple[UUID, Any]:
    return request.membership.organisation_id, request.actor  # type: ignore[attr-defined]


@router.get("/reports", response=list[ReportShown], summary="List saved reports")
def reports(request: HttpRequest) -> Any:
    """Own reports and those that others share."""
    organisation, by = _who(request)
    usual = access.usual_purpose(by, organisation=organisation)
    with purpose(usual, organisation=organisation, by=by):
        return [
            {
                "report": one.id,
                "name": one.name,
                "title": wording.title(one.definition),
                "purpose": one.definition.purpose,
                "own": one.own,
                "shared": one.row.shared,
            }
            for one in queries.reports(by, organisation=organisation)
        ]


@router.get("/reports/{report}", response=ReportRun, summary="Run a saved report")
def run_report(request: HttpRequest, report: UUID) -> Any:
    """The report, counted now."""
    organisation, by = _who(request)
    usual = access.usual_purpose(by, organisation=organisation)
    with purpose(usual, organisation=organisation, by=by):
        kept = queries.report(by, organisation=organisation, id=report)
    with purpose(kept.definition.purpose, organisation=organisation, by=by):
        found = results.run(kept.definition)
        ledger.enter_read(place="quality.Evaluation", rows=found.counted, by=by, about=f"report:{report}")
    return exporting.as_json(found)


@router.get("/reports/{report}/csv", summary="A saved report as CSV")
def report_csv(request: HttpRequest, report: UUID) -> HttpResponse:
    """The numbers as CSV, through the disclosure gate."""
    return _file(request, report, "csv")


@router.get("/reports/{report}/parquet", summary="A saved report as Parquet")
def report_parquet(request: HttpRequest, report: UUID) -> HttpResponse:
    """The numbers as Parquet, through the disclosure gate."""
    return _file(request, report, "parquet")


def _file(request: HttpRequest, report: UUID, format: str) -> HttpResponse:
    organisation, by = _who(request)
    data = exporting.export(organisation=organisation, report=report, format=format, by=by)
    return HttpResponse(data, content_type=exporting.FORMATS[format][0])
