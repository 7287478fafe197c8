"""Lists: evaluations, my work, what waits for an analyst; and the list that leaves as CSV."""

from typing import Any

from django.contrib import messages as notes
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from plainspoken.custody import clock, ledger
from plainspoken.disclosures.services import Refused as GateRefused
from plainspoken.people.access import StaffRequest, for_roles
from plainspoken.quality import access, queries, shapes
from plainspoken.quality.models import Evaluation
from plainspoken.quality.services import exporting
from plainspoken.quality.states import State
from plainspoken.ui.shapes import Choice, Page
from plainspoken.ui.shell import Crumb

from .reading import ANALYSTS, READERS, Reading

ROWS = 50
GROUPS = {
    "open": ("To finish", ("draft", "submitted", "approved")),
    "agent": ("With the agent", ("released", "acknowledged")),
    "disputed": ("Disputed", ("disputed", "decided", "appealed")),
    "final": ("Final", ("final",)),
}


@require_safe
@for_roles(*READERS)
def evaluations(request: StaffRequest) -> HttpResponse:
    """Evaluations that the reader may see, newest first."""
    reading = Reading(request)
    group = request.GET.get("show", "")
    with reading.session():
        rows = queries.visible_to(reading.actor, organisation=reading.organisation)
        everything = rows.count()
        shown = rows.filter(state__in=GROUPS[group][1]) if group in GROUPS else rows
        found = Paginator(shown.order_by("-made_at", "id"), ROWS).get_page(request.GET.get("page"))
        context: dict[str, Any] = {
            "rows": [_row(one) for one in queries.listed(list(found.object_list))],
            "groups": _groups(group) if reading.analyst else [],
            "found": found.paginator.count,
            "everything": everything,
            "page": _page(request, found),
            "analyst": reading.analyst,
            "automatic_url": reverse("quality:automatic"),
            "export_url": reverse("quality:export") if reading.analyst and everything else "",
        }
        ledger.enter_read(place="quality.Evaluation", rows=len(context["rows"]), by=reading.actor)
    title = "Evaluations" if reading.analyst else "My scores"
    return reading.page("quality/evaluations.html", context, active="evaluations", crumbs=(Crumb(title),))


def _row(one: queries.Listed) -> dict[str, Any]:
    row = one.row
    return {
        "url": reverse("quality:evaluation", args=[row.id]),
        "title": one.title,
        "agent": one.agent,
        "evaluator": one.evaluator,
        "automatic": row.made_by == Evaluation.MadeBy.AUTOMATIC,
        "form": row.version.form.title,
        "made": row.made_at,
        "when": row.conversation.started_at,
        "percent": shapes.percent(row.percent),
        "failed": row.passed is False,
        "fatal": len(row.fatal),
        "state": row.state,
        "state_text": shapes.STATES[State(row.state)],
        "until": row.answer_until,
    }


def _groups(current: str) -> list[Choice]:
    base = reverse("quality:evaluations")
    found = [Choice("", "All", url=base, current=current not in GROUPS)]
    return found + [
        Choice(key, title, url=f"{base}?show={key}", current=key == current)
        for key, (title, _) in GROUPS.items()
    ]


def _page(request: StaffRequest, found: Any) -> Page | None:
    if found.paginator.num_pages < 2:
        return None

    def at(number: int) -> str:
        values = request.GET.copy()
        values["page"] = str(number)
        return f"?{values.urlencode()}"

    return Page(
        number=found.number,
        pages=found.paginator.num_pages,
        total=found.paginator.count,
        first=found.start_index(),
        last=found.end_index(),
        previous_url=at(found.previous_page_number()) if found.has_previous() else "",
        next_url=at(found.next_page_number()) if found.has_next() else "",
    )


@require_safe
@for_roles(*ANALYSTS)
def work(request: StaffRequest) -> HttpResponse:
    """What the reader is asked to evaluate, soonest first, and their own drafts."""
    reading = Reading(request)
    with reading.session():
        now = clock.now(reading.organisation)
        tasks = queries.work_of(reading.actor, organisation=reading.organisation, now=now)
        drafts = queries.visible_to(reading.actor, organisation=reading.organisation).filter(
            state=State.DRAFT, evaluator=str(reading.actor), assignment=None
        )
        context = {
            "tasks": [_task(one) for one in tasks],
            "drafts": [_row(one) for one in queries.listed(list(drafts.order_by("-made_at")[:ROWS]))],
            "late": sum(one.late for one in tasks),
            "plans_url": reverse("quality:plans"),
            "conversations_url": reverse("conversations:list"),
        }
        ledger.enter_read(place="quality.Assignment", rows=len(tasks), by=reading.actor)
    return reading.page("quality/work.html", context, active="work", crumbs=(Crumb("To evaluate"),))


def _task(one: queries.Work) -> dict[str, Any]:
    begin = reverse("quality:begin", args=[one.row.conversation_id])
    return {
        "url": reverse("quality:evaluation", args=[one.draft])
        if one.draft
        else f"{begin}?assignment={one.row.id}",
        "title": one.title,
        "agent": one.agent,
        "started": one.started,
        "form": one.row.version.form.title,
        "due": one.row.due_at,
        "late": one.late,
        "begun": one.draft is not None,
    }


@require_safe
@for_roles(*ANALYSTS)
def waiting(request: StaffRequest) -> HttpResponse:
    """Evaluations to approve, to release, to decide; first what the reader may act on."""
    reading = Reading(request)
    with reading.session():
        rows = list(
            queries.waiting(reading.actor, organisation=reading.organisation).order_by("made_at")[:200]
        )
        listed = queries.listed(rows)
        context = {
            "mine": [_row(one) for one in listed if _may(one.row, reading)],
            "others": [_row(one) for one in listed if not _may(one.row, reading)],
        }
        ledger.enter_read(place="quality.Evaluation", rows=len(rows), by=reading.actor)
    return reading.page(
        "quality/waiting.html", context, active="waiting", crumbs=(Crumb("Approvals and disputes"),)
    )


def _may(row: Evaluation, reading: Reading) -> bool:
    checks = {
        State.SUBMITTED: access.check_approve,
        State.APPROVED: access.check_release,
        State.DISPUTED: access.check_decide,
        State.APPEALED: access.check_decide,
    }
    check = checks[State(row.state)]
    return access.allowed(lambda: check(row, reading.actor))


@require_POST
@for_roles(*ANALYSTS)
def exported(request: StaffRequest) -> HttpResponse:
    """The evaluations as CSV, through the disclosure gate."""
    reading = Reading(request)
    try:
        text = exporting.export(organisation=reading.organisation, by=reading.actor)
    except GateRefused as error:
        notes.error(request, str(error))
        return HttpResponseRedirect(reverse("quality:evaluations"))
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="evaluations.csv"'
    response["Cache-Control"] = "private, no-store"
    return response
