"""Supervisors: the team as coaching sees it, one agent's page, and thanks."""

from typing import Any
from uuid import UUID

from django.contrib import messages as notes
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from plainspoken.coaching import queries, words
from plainspoken.coaching.forms import ThanksForm
from plainspoken.coaching.models import Goal
from plainspoken.coaching.services import goals as goal_services
from plainspoken.coaching.services import thanking
from plainspoken.coaching.states import GoalState
from plainspoken.conversations.models import Conversation, Participation
from plainspoken.conversations.queries import visible_to
from plainspoken.custody import clock, ledger
from plainspoken.custody.keys import KeyGone
from plainspoken.people.access import StaffRequest, for_roles
from plainspoken.people.models import Membership
from plainspoken.quality.queries import titles
from plainspoken.ui.shapes import Act, Ask, Choice
from plainspoken.ui.shell import Crumb

from . import about
from .reading import COACHES, READERS, Reading

RECENT = 15


@require_safe
@for_roles(*COACHES)
def team(request: StaffRequest) -> HttpResponse:
    """Who waits, and whose goals are late."""
    reading = Reading(request)
    waiting = request.GET.get("show") == "waiting"
    with reading.session():
        house = reading.organisation
        rows = queries.overview(organisation=house, now=clock.now(house), today=goal_services.today(house))
        ledger.enter_read(place="coaching.Goal", rows=sum(one.goals for one in rows), by=reading.actor)
    base = reverse("coaching:team")
    waits = sum(one.waits for one in rows)
    context = {
        "rows": [_row(one) for one in rows if one.waits or not waiting],
        "everybody": len(rows),
        "waits": waits,
        "late": sum(one.late for one in rows),
        "groups": [
            Choice("", "All", url=base, current=not waiting),
            Choice(
                "waiting", "Waiting for a coach", count=waits, url=f"{base}?show=waiting", current=waiting
            ),
        ],
        "library_url": reverse("coaching:library"),
    }
    return reading.shown("coaching/team.html", context, Crumb("Coaching"))


def _row(one: queries.Coached) -> dict[str, Any]:
    return {
        "url": reverse("coaching:agent", args=[one.member.id]),
        "name": one.member.account.name,
        "team": one.member.team,
        "goals": one.goals,
        "late": one.late,
        "asks": one.asks,
        "due_sessions": one.due_sessions,
        "next": one.next,
        "last": one.last,
    }


def found(reading: Reading, member: UUID) -> Membership:
    """An agent's membership. Raises Http404."""
    try:
        return queries.agent(organisation=reading.organisation, member=member)
    except queries.NoSuchRow as error:
        raise Http404(str(error)) from error


@require_safe
@for_roles(*COACHES)
def agent(request: StaffRequest, member: UUID) -> HttpResponse:
    """One agent: what to work on, goals, sessions, thanks."""
    reading = Reading(request)
    row = found(reading, member)
    assert row.subject_id is not None
    with reading.session():
        propose = reverse("coaching:propose_for", args=[row.id])
        context = {
            **about.sections(reading, row.subject_id, propose_url=propose),
            "name": row.account.name,
            "team": row.team,
            "plan_url": reverse("coaching:plan_session", args=[row.id]),
            "thank": _thank(reading, row, row.subject_id),
        }
    return reading.shown("coaching/agent.html", context, reading.first(), Crumb(row.account.name))


def _thank(reading: Reading, row: Membership, subject: UUID) -> Act:
    own = Participation.objects.filter(subject_id=subject, role=Participation.Role.AGENT)
    recent = visible_to(reading.membership).filter(id__in=own.values("conversation_id"))
    calls: list[Conversation] = list(recent.order_by("-started_at")[:RECENT])
    called = titles(calls)
    reached = Goal.objects.filter(agent_id=subject, state=GoalState.REACHED).select_related("form")
    goals = about.goals_of(reading, list(reached.order_by("-ended_at")[:RECENT]))
    choices = [
        Choice("", "Their work"),
        *(Choice(f"goal/{one['id']}", f"Goal reached: {one['question']}") for one in goals),
        *(Choice(f"conversation/{one.id}", called[one.id]) for one in calls),
    ]
    return Act(
        reverse("coaching:thank", args=[row.id]),
        "Say thank you",
        icon="message",
        fields=(
            Ask("about", "For", "select", choices=choices, required=False),
            Ask("text", "Words", "textarea"),
        ),
        help="They read it on their page. Nobody is ranked by it.",
    )


@require_POST
@for_roles(*READERS)
def thank(request: StaffRequest, member: UUID) -> HttpResponse:
    """Thank an agent."""
    reading = Reading(request)
    row = found(reading, member)
    assert row.subject_id is not None
    form = ThanksForm(request.POST)
    if not form.is_valid():
        notes.error(request, str(next(iter(form.errors.values()))[0]))
    else:
        kind, _, key = form.cleaned_data["about"].partition("/")
        given = {kind: UUID(key)} if kind else {}
        try:
            thanking.thank(
                organisation=reading.organisation,
                agent=row.subject_id,
                text=form.cleaned_data["text"],
                by=reading.actor,
                **given,
            )
            notes.success(request, "Your thanks stand on their page.")
        except (thanking.ThanksRefused, words.WordsRefused, KeyGone) as error:
            notes.error(request, str(error))
    return HttpResponseRedirect(
        reverse("coaching:agent", args=[row.id]) if reading.coach else reverse("coaching:library")
    )


@require_POST
@for_roles(*READERS)
def unthank(request: StaffRequest, thanks: UUID) -> HttpResponse:
    """Take thanks back, or off one's page."""
    reading = Reading(request)
    try:
        thanking.take_back(organisation=reading.organisation, thanks=thanks, by=reading.actor)
        notes.success(request, "It does not stand there any more.")
    except queries.NoSuchRow as error:
        raise Http404(str(error)) from error
    return HttpResponseRedirect(reading.first().url)
