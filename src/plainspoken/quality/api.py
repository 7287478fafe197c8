"""Forms and evaluations over HTTP."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema

from plainspoken.conversations.queries import reference
from plainspoken.custody import ledger
from plainspoken.custody.sessions import purpose
from plainspoken.kernels import quality as kernel
from plainspoken.people.queries import label

from . import queries
from .access import PURPOSE, check_analyst
from .models import Evaluation, FormVersion
from .services import exporting
from .states import State

router = Router(tags=["quality"])
MOST = 200


class FormShown(Schema):
    """A form in use."""

    form: UUID
    title: str
    version: int
    digest: str
    published_at: datetime


class EvaluationShown(Schema):
    """An evaluation in a list. `made_by` is person or automatic: the two are never one number."""

    id: UUID
    conversation: UUID
    reference: str
    agent: str
    form: UUID
    version: int
    made_by: str
    state: str
    percent: float | None
    passed: bool | None
    band: str
    fatal: list[str]
    errors: list[str]
    made_at: datetime
    answer_until: datetime | None


class AnswerShown(Schema):
    """One answer, with what it rests on."""

    question: str
    value: str
    not_applicable: bool
    evidence: list[dict[str, Any]]
    confidence: float | None


class EvaluationWhole(EvaluationShown):
    """An evaluation with its answers; words are left to the page, where they play their second."""

    answers: list[AnswerShown]


def _who(request: HttpRequest) -> tuple[UUID, Any]:
    return request.membership.organisation_id, request.actor  # type: ignore[attr-defined]


@router.get("/quality/forms", response=list[FormShown])
def forms(request: HttpRequest) -> list[dict[str, Any]]:
    """The form versions in use."""
    organisation, by = _who(request)
    check_analyst(by, organisation=organisation)
    with purpose(PURPOSE, organisation=organisation, by=by):
        return [
            {
                "form": row.form_id,
                "title": row.form.title,
                "version": row.number,
                "digest": row.digest,
                "published_at": row.published_at,
            }
            for row in queries.published(organisation=organisation)
        ]


@router.get("/quality/forms/{form}")
def form(request: HttpRequest, form: UUID) -> dict[str, Any]:
    """A form in use as JSON, as `plainspoken quality forms import` reads it."""
    organisation, by = _who(request)
    check_analyst(by, organisation=organisation)
    with purpose(PURPOSE, organisation=organisation, by=by):
        row: FormVersion | None = queries.published(organisation=organisation).filter(form_id=form).first()
        if row is None:
            raise queries.NoSuchRow("No version of this form is in use. Look in the list of forms.")
        return kernel.to_json(queries.form_of(row))


@router.get("/quality/evaluations", response=list[EvaluationShown])
def evaluations(
    request: HttpRequest,
    state: Annotated[list[State], Query()] = [],  # noqa: B006 - ninja copies it
    limit: int = 50,
    offset: int = 0,
) -> list[dict[str, Any]]:
    """Evaluations that the token's member may see, newest first; `limit` is 200 at most."""
    organisation, by = _who(request)
    with purpose(PURPOSE, organisation=organisation, by=by):
        rows = queries.visible_to(by, organisation=organisation)
        rows = rows.filter(state__in=state) if state else rows
        first = max(0, offset)
        found = list(rows.order_by("-made_at", "id")[first : first + max(1, min(limit, MOST))])
        ledger.enter_read(place="quality.Evaluation", rows=len(found), by=by)
        return [_shown(row) for row in found]


@router.get("/quality/evaluations.csv")
def exported(request: HttpRequest) -> HttpResponse:
    """All evaluations but drafts as CSV, through the disclosure gate."""
    organisation, by = _who(request)
    text = exporting.export(organisation=organisation, by=by)
    return HttpResponse(text, content_type="text/csv; charset=utf-8")


@router.get("/quality/evaluations/{evaluation}", response=EvaluationWhole)
def evaluation(request: HttpRequest, evaluation: UUID) -> dict[str, Any]:
    """One evaluation with its answers."""
    organisation, by = _who(request)
    with purpose(PURPOSE, organisation=organisation, by=by):
        row = queries.evaluation(organisation=organisation, id=evaluation, by=by)
        ledger.enter_read(
            place="quality.Evaluation", rows=1, by=by, subject=row.agent_id, about=f"evaluation:{row.id}"
        )
        return {**_shown(row), "answers": list(row.answers.order_by("id"))}


def _shown(row: Evaluation) -> dict[str, Any]:
    return {
        "id": row.id,
        "conversation": row.conversation_id,
        "reference": reference(row.conversation_id),
        "agent": label(row.agent_id, kind="Agent") if row.agent_id else "",
        "form": row.version.form_id,
        "version": row.version.number,
        "made_by": row.made_by,
        "state": row.state,
        "percent": float(row.percent) if row.percent is not None else None,
        "passed": row.passed,
        "band": row.band,
        "fatal": row.fatal,
        "errors": row.errors,
        "made_at": row.made_at,
        "answer_until": row.answer_until,
    }
