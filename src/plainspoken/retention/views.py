"""What goes when, and what is held."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib import messages as notes
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from plainspoken.custody import ledger
from plainspoken.custody.sessions import purpose
from plainspoken.people.access import for_roles
from plainspoken.people.queries import label
from plainspoken.policies.queries import policy_in_force, purposes_for
from plainspoken.ui.pages import Here, page
from plainspoken.ui.shapes import Act
from plainspoken.ui.shell import Crumb

from . import queries, services
from .forms import HoldForm
from .models import Hold, Purge

OFFICE = "rights.execute"
MOST_PURGES = 10


@dataclass(frozen=True)
class HoldRow:
    """A hold in force."""

    who: str
    reason: str
    law: str
    until: date | None
    placed_at: datetime
    act: Act


@dataclass(frozen=True)
class DueRow:
    """A place, its period in words, and how many rows are over it."""

    title: str
    period: str
    rows: int | None
    left: str


@for_roles("privacy_officer")
def holds(request: HttpRequest) -> HttpResponse:
    """What goes when? Place a hold."""
    member, actor = request.membership, request.actor  # type: ignore[attr-defined]
    form = HoldForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.place_hold(organisation=member.organisation_id, by=actor, **form.cleaned_data)
        except services.HoldRefused as error:
            form.add_error(None, str(error))
        else:
            notes.info(request, "The hold is placed.")
            return HttpResponseRedirect(reverse("retention:holds"))
    return page(
        request,
        "retention/holds.html",
        {**_shown(member, actor), "form": form},
        here=Here(
            active="retention",
            crumbs=(Crumb("Retention and holds"),),
            purpose=OFFICE,
            purposes=tuple(
                one
                for one in purposes_for(member.role, organisation=member.organisation_id)
                if one.name == OFFICE
            ),
        ),
        status=422 if form.is_bound else 200,
    )


def _shown(member: Any, actor: Any) -> dict[str, Any]:
    organisation = member.organisation_id
    due = queries.due(organisation=organisation, by=actor)
    with purpose(OFFICE, organisation=organisation, by=actor):
        held = _rows(list(queries.active_holds(organisation=organisation).order_by("placed_at")))
        purges = list(Purge.objects.filter(organisation_id=organisation).order_by("-at")[:MOST_PURGES])
        ledger.enter_read(place="retention.Hold", rows=len(held), by=actor)
    policy = policy_in_force(organisation=organisation)
    periods = policy.rule(queries.CLAUSE).periods  # type: ignore[attr-defined]
    return {
        "due": [
            DueRow(one.title, periods[one.rule].format(policy.language), one.rows, one.left) for one in due
        ],
        "holds": held,
        "purges": [{"at": one.at, "rows": sum(one.counts.values()), "held": one.held} for one in purges],
    }


def _rows(held: Sequence[Hold]) -> list[HoldRow]:
    return [
        HoldRow(
            who=label(row.subject_id, kind="Person"),
            reason=row.get_reason_display(),
            law=queries.law_of(row),
            until=row.until,
            placed_at=row.placed_at,
            act=Act(url=reverse("retention:lift", kwargs={"hold": row.id}), label="Lift the hold"),
        )
        for row in held
    ]


@require_POST
@for_roles("privacy_officer")
def lift(request: HttpRequest, hold: UUID) -> HttpResponse:
    """End a hold; an erasure that waited for it goes on."""
    member, actor = request.membership, request.actor  # type: ignore[attr-defined]
    try:
        services.lift_hold(organisation=member.organisation_id, hold=hold, by=actor)
    except services.HoldRefused as error:
        notes.error(request, str(error))
    return HttpResponseRedirect(reverse("retention:holds"))
