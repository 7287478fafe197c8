"""The builder: a form without scripts, which shows a report before it is kept."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from plainspoken.analytics import access, presenting, queries, results, wording
from plainspoken.analytics.definitions import (
    Columns,
    Definition,
    DefinitionRefused,
    MadeBy,
    Measure,
    Rows,
    check,
)
from plainspoken.analytics.forms import ReportForm, initial_of
from plainspoken.analytics.services import saving
from plainspoken.custody import ledger
from plainspoken.kernels.reporting import Unit
from plainspoken.people.access import StaffRequest, for_roles
from plainspoken.ui.shell import Crumb

from .reading import READERS, Reading

# What a house asks most, ready to be looked at: one click, then a name.
BEGINNINGS: dict[str, Definition] = {
    "queues": Definition(rows=Rows.QUEUE, made_by=MadeBy.BOTH),
    "teams": Definition(measure=Measure.PASSED, rows=Rows.TEAM, columns=Columns.QUEUE),
    "months": Definition(measure=Measure.FATAL, rows=Rows.PERIOD, every=Unit.MONTH, last=6, unit=Unit.MONTH),
    "disputes": Definition(measure=Measure.DISPUTED, rows=Rows.TEAM, last=3, unit=Unit.MONTH),
    "rules": Definition(measure=Measure.AGREEMENT, rows=Rows.QUESTION, last=3, unit=Unit.MONTH),
    "drift": Definition(measure=Measure.DRIFT, rows=Rows.EVALUATOR, last=3, unit=Unit.MONTH),
}


@require_http_methods(["GET", "POST"])
@for_roles(*READERS)
def new_report(request: StaffRequest) -> HttpResponse:
    """A new report, from nothing or from one of the beginnings."""
    reading = Reading(request)
    begun = BEGINNINGS.get(request.GET.get("from", ""), Definition())
    initial = initial_of(begun, name=wording.title(begun) if "from" in request.GET else "")
    return _build(reading, None, initial)


@require_http_methods(["GET", "POST"])
@for_roles(*READERS)
def edit_report(request: StaffRequest, report: UUID) -> HttpResponse:
    """Change one's own report; somebody else's is saved as one's own."""
    reading = Reading(request)
    kept = reading.kept(report)
    return _build(reading, kept, initial_of(kept.definition, name=kept.name, shared=kept.row.shared))


def _form(reading: Reading, initial: dict[str, Any]) -> ReportForm:
    with reading.session():
        offered = queries.forms_offered(organisation=reading.organisation)
        queues = queries.queues_offered(organisation=reading.organisation)
    return ReportForm(
        reading.request.POST if reading.request.method == "POST" else None,
        initial=initial,
        offered=offered,
        queues=queues,
        purposes=access.purposes_of(reading.actor, organisation=reading.organisation),
    )


def _build(reading: Reading, kept: queries.Kept | None, initial: dict[str, Any]) -> HttpResponse:
    form = _form(reading, initial)
    result = None
    if form.is_bound and form.is_valid():
        try:
            definition = check(form.definition())
            if "preview" in reading.request.POST:
                result = _preview(reading, definition)
            else:
                return _save(reading, kept, form, definition)
        except DefinitionRefused as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
    own = kept is None or kept.own
    title = "New report" if kept is None else f"Change {kept.name}" if own else f"Your own {kept.name}"
    back = reverse("analytics:reports") if kept is None else reverse("analytics:report", args=[kept.id])
    context = {
        "form": form,
        "title": title,
        "back_url": back,
        "result": result,
        **(_shown(result) if result else {}),
    }
    crumbs = (Crumb("Reports", reverse("analytics:reports")), Crumb(title))
    wrong = form.is_bound and bool(form.errors)
    name = result.definition.purpose if result else ""
    return reading.page(
        "analytics/builder.html", context, crumbs=crumbs, name=name, status=422 if wrong else 200
    )


def _preview(reading: Reading, definition: Definition) -> results.Result:
    access.check_read(reading.actor, organisation=reading.organisation, purpose=definition.purpose)
    with reading.session(definition.purpose):
        found = results.run(definition)
        ledger.enter_read(place="quality.Evaluation", rows=found.counted, by=reading.actor)
    return found


def _shown(found: results.Result) -> dict[str, Any]:
    return {
        "what": wording.title(found.definition),
        "explained": wording.EXPLAINED[found.definition.measure],
        "days": presenting.days(found.span),
        "before": presenting.days(found.before),
        **table(found),
    }


def table(found: results.Result) -> dict[str, Any]:
    """A result as the table template takes it."""
    one = found.definition
    return {
        "columns": found.columns,
        "lines": presenting.lines(found),
        "total": [presenting.shown(cell, found, presenting.largest(found)) for cell in found.total]
        if one.columns == Columns.NONE
        else [],
        "row_title": wording.ROWS[one.rows],
        "value_title": wording.MEASURES[one.measure],
        "single": len(found.columns) == 1,
        "buckets": [wording.period(day, one.every) for day in found.buckets]
        if one.rows != Rows.PERIOD
        else [],
        "every": wording.UNITS[one.every],
        "series": any(line.series for line in found.lines),
        "least": found.least,
        "suppressed": found.suppressed,
        "changes": one.columns != Columns.PERIOD,
    }


def _save(
    reading: Reading, kept: queries.Kept | None, form: ReportForm, definition: Definition
) -> HttpResponse:
    row = saving.save(
        organisation=reading.organisation,
        name=form.cleaned_data["name"],
        definition=definition,
        shared=form.cleaned_data["shared"],
        report=kept.id if kept and kept.own else None,
        by=reading.actor,
    )
    return HttpResponseRedirect(reverse("analytics:report", kwargs={"report": row.id}))
