"""Measures of conversations in groups."""

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from plainspoken.conversations import measuring
from plainspoken.custody import clock
from plainspoken.custody.sessions import purpose
from plainspoken.people.access import StaffRequest, for_roles
from plainspoken.ui.pages import Here, page
from plainspoken.ui.shapes import Choice
from plainspoken.ui.shell import Crumb, Purpose


@require_safe
@for_roles("supervisor", "analyst")
def measures(request: StaffRequest) -> HttpResponse:
    """How many conversations, by queue and by day; groups below the policy's least are not shown."""
    organisation = request.membership.organisation_id
    chosen = measuring.period(request.GET.get("period", ""))
    with purpose(measuring.IMPROVING, organisation=organisation, by=request.actor):
        found = measuring.measured(organisation=organisation, days=chosen.days)
        made_at = clock.now(organisation)
    url = reverse("conversations:measures")
    context = {
        "periods": [
            Choice(p.value, p.title, url=f"{url}?period={p.value}", current=p == chosen)
            for p in measuring.PERIODS
        ],
        "total": found.total,
        "by_queue": found.by_queue,
        "by_day": found.by_day,
        "smallest": found.smallest,
        "suppressed": found.suppressed,
        "made_at": made_at,
    }
    shown = Purpose(measuring.IMPROVING, found.title)
    here = Here(active="measures", crumbs=(Crumb("Measures"),), purpose=shown.name, purposes=(shown,))
    return page(request, "conversations/measures.html", context, here=here)
