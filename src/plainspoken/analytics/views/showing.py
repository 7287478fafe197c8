"""A report: its numbers, the evaluations behind one of them, and the file that leaves."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages as notes
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from plainspoken.analytics import observing, presenting, queries, results, wording
from plainspoken.analytics.definitions import EVALUATING, IMPROVING, Definition, Measure
from plainspoken.analytics.services import exporting
from plainspoken.custody import ledger
from plainspoken.disclosures.services import Refused as GateRefused
from plainspoken.people.access import StaffRequest, for_roles
from plainspoken.people.queries import label
from plainspoken.quality import queries as quality
from plainspoken.quality.models import Evaluation
from plainspoken.ui.shapes import Act, Choice, Page
from plainspoken.ui.shell import Crumb

from .building import table
from .mailing import mails
from .reading import READERS, Reading

ROWS, MOST_BEHIND = 50, 5000
NAMES, PSEUDONYMS = "names", "pseudonyms"


@require_safe
@for_roles(*READERS)
def report(request: StaffRequest, report: UUID) -> HttpResponse:
    """A report, counted now."""
    reading = Reading(request)
    kept = reading.kept(report)
    one = kept.definition
    named = _named(request, one)
    with reading.session(one.purpose):
        found = results.run(one, names=named)
        ledger.enter_read(place="quality.Evaluation", rows=found.counted, by=reading.actor)
    shown = table(found)
    base = reverse("analytics:report", kwargs={"report": kept.id})
    context: dict[str, Any] = {
        "name": kept.name,
        "what": wording.title(one),
        "explained": wording.EXPLAINED[one.measure],
        "days": presenting.days(found.span),
        "before": presenting.days(found.before),
        "counted": found.counted,
        "filters": _filters(one),
        "made_at": found.made_at,
        "called": _called(base, found, named),
        "acts": _acts(kept),
        "edit_url": reverse("analytics:edit_report", kwargs={"report": kept.id}),
        "edit_text": "Change" if kept.own else "Change for me",
        **shown,
        **mails(reading, kept),
    }
    if one.purpose == EVALUATING and one.measure != Measure.DRIFT:
        context["lines"] = [_linked(line, found, kept.id, named) for line in shown["lines"]]
    if one.measure == Measure.DRIFT:
        context["calibration_url"] = reverse("quality:calibration")
    crumbs = (Crumb("Reports", reverse("analytics:reports")), Crumb(kept.name))
    return reading.page("analytics/report.html", context, crumbs=crumbs, name=one.purpose)


def _named(request: StaffRequest, one: Definition) -> bool:
    asked = request.GET.get("called", "")
    return one.purpose != IMPROVING and (asked == NAMES or (not asked and not one.pseudonyms))


def _called(base: str, found: results.Result, named: bool) -> list[Choice]:
    """How people are called: the reader's choice, where lines are people."""
    if not found.people:
        return []
    return [
        Choice(PSEUDONYMS, "Pseudonyms", url=f"{base}?called={PSEUDONYMS}", current=not named),
        Choice(NAMES, "Names", url=f"{base}?called={NAMES}", current=named),
    ]


def _filters(one: Definition) -> list[str]:
    """What is left out, in words."""
    found = [f"Evaluations {wording.IN_WORDS[one.made_by]}", f"dated by {wording.DATED[one.dated]}"]
    if one.measure in (Measure.AGREEMENT, Measure.DRIFT):
        found = found[1:] if one.measure == Measure.AGREEMENT else ["dated by the end of the session"]
    if one.version:
        found.append(f"version {one.version} of the form")
    if one.kinds:
        found.append(" and ".join(f"{kind}s" for kind in one.kinds))
    if one.queues:
        found.append(", ".join(one.queues))
    return found


def _acts(kept: queries.Kept) -> list[Act]:
    found = [
        Act(
            reverse("analytics:export", kwargs={"report": kept.id, "format": name}),
            label,
            icon="package-export",
        )
        for name, label in (("csv", "CSV"), ("parquet", "Parquet"))
    ]
    if kept.own:
        remove = reverse("analytics:remove_report", kwargs={"report": kept.id})
        found.append(Act(remove, "Remove", icon="trash"))
    return found


def _linked(
    line: presenting.ShownLine, found: results.Result, report: UUID, named: bool
) -> presenting.ShownLine:
    """Each number leads to the evaluations behind it, where people are called as they are here."""
    base = reverse("analytics:behind", kwargs={"report": report})
    called = {"called": NAMES if named else PSEUDONYMS}
    cells = tuple(
        cell
        if cell.hidden or cell.empty
        else replace(
            cell,
            url=f"{base}?{urlencode({'row': line.key, 'col': column.key, 'by': column.made_by} | called)}",
        )
        for cell, column in zip(line.cells, found.columns, strict=True)
    )
    return replace(line, cells=cells)


@require_safe
@for_roles(*READERS)
def behind(request: StaffRequest, report: UUID) -> HttpResponse:
    """The evaluations that one number counts."""
    reading = Reading(request)
    kept = reading.kept(report)
    one = kept.definition
    if one.purpose != EVALUATING or one.measure == Measure.DRIFT:
        raise Http404("Behind this number stand no single evaluations.")
    made_by = request.GET.get("by", "")
    row, col = (request.GET.get(name, "").replace("\0", "")[:200] for name in ("row", "col"))
    if made_by not in observing.made_by_of(one):
        raise Http404("This report has no such number.")
    with reading.session():
        named = _named(request, one)
        found = results.run(one, names=named)
        line = next((line for line in found.lines if line.key == row), None)
        column = next((c for c in found.columns if (c.key, c.made_by) == (col, made_by)), None)
        if line is None or column is None or line.cells[found.columns.index(column)].hidden:
            raise Http404("This report has no such number.")
        zone = ZoneInfo(request.membership.organisation.time_zone)
        ids = observing.behind(
            one, zone=zone, span=found.span, row=row, col=col, made_by=made_by, most=MOST_BEHIND
        )
        rows = quality.visible_to(reading.actor, organisation=reading.organisation).filter(id__in=ids)
        sheet = Paginator(rows.order_by("-made_at", "id"), ROWS).get_page(request.GET.get("page"))
        context: dict[str, Any] = {
            "name": kept.name,
            "of": ", ".join(text for text in (line.title, column.title.replace("By ", "by ")) if text),
            "value": presenting.shown(line.cells[found.columns.index(column)], found, 0.0),
            "what": wording.MEASURES[one.measure],
            "days": presenting.days(found.span),
            "rows": [_evaluation(listed, named) for listed in quality.listed(list(sheet.object_list))],
            "found": sheet.paginator.count,
            "page": _pages(request, sheet),
            "back_url": reverse("analytics:report", kwargs={"report": kept.id}),
        }
        ledger.enter_read(place="quality.Evaluation", rows=len(context["rows"]), by=reading.actor)
    crumbs = (
        Crumb("Reports", reverse("analytics:reports")),
        Crumb(kept.name, context["back_url"]),
        Crumb(line.title),
    )
    return reading.page("analytics/behind.html", context, crumbs=crumbs, name=EVALUATING)


def _evaluation(one: quality.Listed, named: bool) -> dict[str, Any]:
    row = one.row
    agent = one.agent if named or row.agent_id is None else label(row.agent_id, kind="Agent")
    evaluator = one.evaluator if named else results.pseudonym(row.evaluator)
    return {
        "url": reverse("quality:evaluation", args=[row.id]),
        "title": one.title,
        "agent": agent,
        "by": "A program" if row.made_by == Evaluation.MadeBy.AUTOMATIC else evaluator,
        "when": row.conversation.started_at,
        "made": row.submitted_at or row.made_at,
        "percent": "–" if row.percent is None else wording.value(Measure.PERCENT, float(row.percent)),
        "failed": row.passed is False,
    }


def _pages(request: StaffRequest, sheet: Any) -> Page | None:
    if sheet.paginator.num_pages < 2:
        return None

    def at(number: int) -> str:
        values = request.GET.copy()
        values["page"] = str(number)
        return f"?{values.urlencode()}"

    return Page(
        number=sheet.number,
        pages=sheet.paginator.num_pages,
        total=sheet.paginator.count,
        first=sheet.start_index(),
        last=sheet.end_index(),
        previous_url=at(sheet.previous_page_number()) if sheet.has_previous() else "",
        next_url=at(sheet.next_page_number()) if sheet.has_next() else "",
    )


@require_POST
@for_roles(*READERS)
def export(request: StaffRequest, report: UUID, format: str) -> HttpResponse:
    """The numbers as a file, through the disclosure gate."""
    reading = Reading(request)
    if format not in exporting.FORMATS:
        raise Http404("There is no such format. Choose CSV or Parquet.")
    try:
        data = exporting.export(
            organisation=reading.organisation, report=report, format=format, by=reading.actor
        )
    except queries.NoSuchReport as error:
        raise Http404(str(error)) from error
    except GateRefused as error:
        notes.error(request, str(error))
        return HttpResponseRedirect(reverse("analytics:report", kwargs={"report": report}))
    return download(data, format)


def download(data: bytes, format: str) -> HttpResponse:
    """A file to keep, which nobody on the way keeps."""
    response = HttpResponse(data, content_type=exporting.FORMATS[format][0])
    response["Content-Disposition"] = f'attachment; filename="report.{format}"'
    response["Cache-Control"] = "private, no-store"
    return response
