"""Plans: the list, a new one with its preview, running and ending one."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages as notes
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from plainspoken.conversations.models import Conversation
from plainspoken.conversations.queries import agent_names
from plainspoken.conversations.queries import queues as known_queues
from plainspoken.conversations.services import searches
from plainspoken.people.access import StaffRequest, for_roles
from plainspoken.quality import queries
from plainspoken.quality.forms import PlanForm
from plainspoken.quality.models import Assignment, Plan
from plainspoken.quality.services import planning
from plainspoken.ui.shapes import Act
from plainspoken.ui.shell import Crumb

from .reading import ANALYSTS, Reading


@require_safe
@for_roles(*ANALYSTS)
def plans(request: StaffRequest) -> HttpResponse:
    """What is chosen to be evaluated, by whom."""
    reading = Reading(request)
    with reading.session():
        rows = list(
            Plan.objects.filter(organisation_id=reading.organisation)
            .select_related("form")
            .order_by("ended_at", "-made_at")[:100]
        )
        found = {kept.id: kept.name for kept in searches(member=reading.membership)}
        context = {"plans": [_row(row, found) for row in rows], "new_url": reverse("quality:new_plan")}
    return reading.page("quality/plans.html", context, active="plans", crumbs=(Crumb("Plans"),))


def _row(row: Plan, found: Mapping[UUID, str]) -> dict[str, Any]:
    given = Assignment.objects.filter(plan=row)
    kinds = [Conversation.Kind(kind).label + "s" for kind in row.kinds]
    people = queries.names_of([f"person:{account}" for account in row.evaluators])
    return {
        "form": row.form.title,
        "each": row.per_agent,
        "days": row.days,
        "which": ", ".join([*kinds, *row.queues]) or "All",
        "search": found.get(row.search, "a search that is gone, or not yours") if row.search else "",
        "people": ", ".join(people.values()),
        "assigned": given.count(),
        "done": given.filter(state=Assignment.State.DONE).count(),
        "run_at": row.run_at,
        "ended": row.ended_at,
        "approval": row.approval,
        "acts": []
        if row.ended_at
        else [
            Act(url=reverse("quality:run_plan", args=[row.id]), label="Choose now", icon="player-play"),
            Act(url=reverse("quality:end_plan", args=[row.id]), label="End"),
        ],
    }


def _form(reading: Reading, data: Any = None) -> PlanForm:
    with reading.session():
        people = queries.analysts(organisation=reading.organisation)
        choices = {
            "forms_offered": [
                (str(one.form_id), one.form.title)
                for one in queries.published(organisation=reading.organisation)
            ],
            "queues": [(name, name) for name in known_queues(reading.membership)],
            "people": [(str(one.account_id), one.account.name) for one in people],
            "searches": [(str(one.id), one.name) for one in searches(member=reading.membership)],
        }
    initial = {"evaluators": [str(reading.membership.account_id)]}
    return PlanForm(data, initial=initial, **choices)  # type: ignore[arg-type]


@require_http_methods(["GET", "POST"])
@for_roles(*ANALYSTS)
def new_plan(request: StaffRequest) -> HttpResponse:
    """A new plan; what it would choose is shown before it is kept."""
    reading = Reading(request)
    form = _form(reading, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            planning.make(organisation=reading.organisation, terms=form.terms(), by=reading.actor)
        except planning.PlanRefused as error:
            form.add_error(None, str(error))
        else:
            notes.info(request, "The plan is kept. It chooses when you say so.")
            return HttpResponseRedirect(reverse("quality:plans"))
    context = {
        **_counted(reading, form if form.is_bound else _form(reading, _usual(form))),
        "form": form,
        "nothing": not form.fields["form"].choices,  # type: ignore[attr-defined]
        "forms_url": reverse("quality:forms"),
        "preview_url": reverse("quality:preview"),
        "back_url": reverse("quality:plans"),
    }
    crumbs = (Crumb("Plans", reverse("quality:plans")), Crumb("New plan"))
    status = 422 if form.is_bound else 200
    return reading.page("quality/plan.html", context, active="plans", crumbs=crumbs, status=status)


@require_POST
@for_roles(*ANALYSTS)
def preview(request: StaffRequest) -> HttpResponse:
    """How many conversations the plan would choose now."""
    reading = Reading(request)
    return render(request, "quality/_preview.html", _counted(reading, _form(reading, request.POST)))


def _usual(form: PlanForm) -> dict[str, Any]:
    """What the empty form would send."""
    usual = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    first = next(iter(form.fields["form"].choices), ("", ""))[0]  # type: ignore[attr-defined]
    return {name: value for name, value in {**usual, "form": first}.items() if value is not None}


def _counted(reading: Reading, form: PlanForm) -> dict[str, Any]:
    """What the plan would choose now, or what is wrong with it."""
    if not form.is_valid():
        return {"error": str(next(iter(form.errors.values()))[0])}
    try:
        with reading.session():
            seen = planning.preview(organisation=reading.organisation, terms=form.terms(), by=reading.actor)
            names = agent_names(list(seen.agents))
    except planning.PlanRefused as error:
        return {"error": str(error)}
    agents = sorted(((names[key], count) for key, count in seen.agents.items()), key=lambda one: one[0])
    return {"chosen": len(seen.chosen), "candidates": seen.candidates, "agents": agents}


@require_POST
@for_roles(*ANALYSTS)
def run_plan(request: StaffRequest, plan: UUID) -> HttpResponse:
    """Assign what the plan chooses now."""
    reading = Reading(request)
    try:
        count = planning.run(organisation=reading.organisation, plan=plan, by=reading.actor)
    except queries.NoSuchRow as error:
        raise Http404(str(error)) from error
    except planning.PlanRefused as error:
        notes.error(request, str(error))
    else:
        said = "1 conversation is assigned." if count == 1 else f"{count} conversations are assigned."
        notes.info(request, said if count else "Nothing new to choose. All of it is assigned already.")
    return HttpResponseRedirect(reverse("quality:plans"))


@require_POST
@for_roles(*ANALYSTS)
def end_plan(request: StaffRequest, plan: UUID) -> HttpResponse:
    """Choose nothing more with it."""
    reading = Reading(request)
    planning.end(organisation=reading.organisation, plan=plan, by=reading.actor)
    notes.info(request, "The plan has ended. What it assigned stays to do.")
    return HttpResponseRedirect(reverse("quality:plans"))
