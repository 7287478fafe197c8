"""Goals: proposed, answered, followed."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages as notes
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from plainspoken.coaching import access, measuring, queries, words
from plainspoken.coaching.forms import GoalForm
from plainspoken.coaching.models import Goal
from plainspoken.coaching.services import goals as services
from plainspoken.coaching.shapes import MAKERS
from plainspoken.coaching.states import GoalState, WrongState, check_goal
from plainspoken.custody import ledger
from plainspoken.people.access import StaffRequest, for_roles
from plainspoken.people.models import Membership
from plainspoken.quality.models import Evaluation
from plainspoken.ui.shapes import Act
from plainspoken.ui.shell import Crumb

from . import about
from .reading import AGENTS, COACHES, READERS, Reading
from .teaming import found

SAID = {
    "agree": "You agreed. The goal is measured from its first day on.",
    "decline": "You declined. The other side sees it.",
    "end": "The goal has ended.",
    "close": "The goal is reached.",
}
SERVICES: dict[str, Callable[..., Goal]] = {
    "agree": services.agree,
    "decline": services.decline,
    "end": services.end,
    "close": services.close,
}


@require_http_methods(["GET", "POST"])
@for_roles(*AGENTS)
def propose(request: StaffRequest) -> HttpResponse:
    """An agent proposes a goal of their own."""
    reading = Reading(request)
    return _propose(reading, reading.subject, back=reverse("coaching:mine"))


@require_http_methods(["GET", "POST"])
@for_roles(*COACHES)
def propose_for(request: StaffRequest, member: UUID) -> HttpResponse:
    """A coach proposes a goal for an agent."""
    reading = Reading(request)
    row = found(reading, member)
    assert row.subject_id is not None
    return _propose(reading, row.subject_id, back=reverse("coaching:agent", args=[row.id]), row=row)


def _propose(reading: Reading, agent: UUID, *, back: str, row: Membership | None = None) -> HttpResponse:
    request = reading.request
    with reading.session():
        offered = _questions(reading.organisation)
    asked = request.GET.get("about", "")
    data = request.POST if request.method == "POST" else None
    initial = {"about": asked} if asked else {}
    form = GoalForm(data, questions=offered, initial=initial)
    if form.is_bound and form.is_valid():
        try:
            made = services.propose(
                organisation=reading.organisation, agent=agent, terms=form.terms(), by=reading.actor
            )
        except (services.GoalRefused, words.WordsRefused) as error:
            form.add_error(None, str(error))
        else:
            notes.success(request, "The goal is proposed. The other side is asked.")
            return HttpResponseRedirect(reverse("coaching:goal", args=[made.id]))
    name = row.account.name if row else ""
    context = {"form": form, "name": name, "back_url": back, "nothing": not offered}
    crumbs = [reading.first(), *([Crumb(name, back)] if row else []), Crumb("New goal")]
    return reading.shown("coaching/propose.html", context, *crumbs, status=422 if form.is_bound else 200)


def _questions(organisation: UUID) -> list[tuple[str, Any]]:
    """Questions that count, by form and by whose answers count."""
    offered = []
    for form, asked, ruled in measuring.in_use(organisation):
        for maker, title in MAKERS.items():
            if maker == Evaluation.MadeBy.AUTOMATIC and not ruled:
                continue
            options = [(f"{form.id}/{one.id}/{maker}", one.text) for one in asked.questions if one.possible]
            if options:
                offered.append((f"{form.title}, {title.lower()}", options))
    return offered


@require_safe
@for_roles(*READERS)
def goal(request: StaffRequest, goal: UUID) -> HttpResponse:
    """One goal: what was agreed, what was before, what came since."""
    reading = Reading(request)
    with reading.session():
        row = _found(reading, goal)
        (shown,) = about.goals_of(reading, [row])
        member = queries.member_of(organisation=reading.organisation, subject=row.agent_id)
        ledger.enter_read(
            place="coaching.Goal", rows=1, by=reading.actor, subject=row.agent_id, about=f"goal:{row.id}"
        )
        context = {
            "goal": shown,
            "name": member.account.name if member and reading.coach else "",
            "acts": _acts(row, reading, met=shown["met"]),
            "main": shown["asks"] or shown["met"],
            "days": measuring.PERIOD.days,
        }
    crumbs = [reading.first()]
    if reading.coach and member:
        crumbs.append(Crumb(member.account.name, reverse("coaching:agent", args=[member.id])))
    return reading.shown("coaching/goal.html", context, *crumbs, Crumb("Goal"))


def _acts(row: Goal, reading: Reading, *, met: bool) -> list[Act]:
    def address(name: str) -> str:
        return reverse("coaching:goal_act", args=[row.id, name])

    acts = []
    answers = access.allowed(lambda: access.check_answer_goal(row, reading.actor))
    if answers:
        acts += [Act(address("agree"), "Agree", icon="check"), Act(address("decline"), "Decline", icon="x")]
    if met and access.allowed(lambda: check_goal(GoalState(row.state), GoalState.REACHED)):
        acts.append(Act(address("close"), "Close as reached", icon="check"))
    if not answers and access.allowed(lambda: access.check_end_goal(row, reading.actor)):
        label = "Take it back" if row.state == GoalState.PROPOSED else "End the goal"
        acts.append(Act(address("end"), label, icon="x"))
    return acts


def _found(reading: Reading, key: UUID) -> Goal:
    try:
        return queries.goal(organisation=reading.organisation, id=key, by=reading.actor)
    except queries.NoSuchRow as error:
        raise Http404(str(error)) from error


@require_POST
@for_roles(*READERS)
def goal_act(request: StaffRequest, goal: UUID, name: str) -> HttpResponse:
    """Agree, decline, end, close."""
    reading = Reading(request)
    act = SERVICES.get(name)
    if act is None:
        raise Http404("There is no such act.")
    with reading.session():
        _found(reading, goal)
    try:
        act(organisation=reading.organisation, goal=goal, by=reading.actor)
        notes.success(request, SAID[name])
    except (services.GoalRefused, WrongState) as error:
        notes.error(request, str(error))
    return HttpResponseRedirect(reverse("coaching:goal", args=[goal]))
