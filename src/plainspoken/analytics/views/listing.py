"""The list of reports, ways to begin one, and removing one."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib import messages as notes
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from plainspoken.analytics import queries, wording
from plainspoken.analytics.definitions import Measure
from plainspoken.analytics.services import saving
from plainspoken.people.access import StaffRequest, for_roles
from plainspoken.ui.shapes import Choice
from plainspoken.ui.shell import Crumb

from .building import BEGINNINGS
from .reading import READERS, Reading

REPORTS = Crumb("Reports")


@dataclass(frozen=True)
class Row:
    """A report in the list."""

    url: str
    name: str
    what: str
    whose: str
    changed: datetime


@require_safe
@for_roles(*READERS)
def reports(request: StaffRequest) -> HttpResponse:
    """Own reports and those that others share."""
    reading = Reading(request)
    with reading.session():
        found = queries.reports(reading.actor, organisation=reading.organisation)
    context = {
        "rows": [_row(one) for one in found],
        "new_url": reverse("analytics:new_report"),
        "beginnings": [
            Choice(name, wording.title(definition), url=f"{reverse('analytics:new_report')}?from={name}")
            for name, definition in BEGINNINGS.items()
        ],
        "measures": len(Measure),
    }
    return reading.page("analytics/reports.html", context, crumbs=(REPORTS,))


def _row(one: queries.Kept) -> Row:
    whose = "Yours" if one.own else "Shared with you"
    if one.own and one.row.shared:
        whose = "Yours, shared"
    return Row(
        reverse("analytics:report", kwargs={"report": one.id}),
        one.name,
        wording.title(one.definition),
        whose,
        one.row.used_at,
    )


@require_POST
@for_roles(*READERS)
def remove_report(request: StaffRequest, report: UUID) -> HttpResponse:
    """Remove one's own report with its mails."""
    reading = Reading(request)
    try:
        saving.remove(organisation=reading.organisation, report=report, by=reading.actor)
    except queries.NoSuchReport as error:
        raise Http404(str(error)) from error
    notes.info(request, "The report is removed. Nobody gets it by mail any more.")
    return HttpResponseRedirect(reverse("analytics:reports"))
