"""Goals, sessions, what to work on, and who listened, over HTTP."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from plainspoken.custody import clock, ledger
from plainspoken.custody.sessions import purpose
from plainspoken.people.models import Membership
from plainspoken.quality.access import PURPOSE, Refused

from . import access, queries, working
from .models import CoachingSession, Goal
from .services import exporting
from .services import goals as goal_services

router = Router(tags=["coaching"])
MOST = 200


class AgentShown(Schema):
    """An agent as the overview of the team shows them."""

    member: UUID
    name: str
    team: str
    goals: int
    late: int
    asks: int
    next_session: datetime | None
    last_session: datetime | None


class TallyShown(Schema):
    """A rate (0 to 1) of so many evaluations, with its 95 % interval."""

    evaluations: int
    rate: float | None
    low: float
    high: float


class ExampleShown(Schema):
    """An evaluation behind a weakness; `second` is where to listen."""

    evaluation: UUID
    conversation: UUID
    share: float
    second: float | None


class WorkShown(Schema):
    """A question to work on. `made_by` is person or automatic: the two are never one number."""

    form: UUID
    question: str
    text: str
    made_by: str
    now: TallyShown
    before: TallyShown
    verdict: str
    examples: list[ExampleShown]


class WorkFound(Schema):
    """What to work on by one kind of maker; empty while there are fewer than 3 evaluations."""

    made_by: str
    evaluations: int
    enough: bool
    work: list[WorkShown]


class GoalShown(Schema):
    """A goal with its measure before and since. Words are left to the page."""

    id: UUID
    form: UUID
    question: str
    text: str
    made_by: str
    target: int
    starts_on: date
    due_on: date
    state: str
    reason: str
    late: bool
    before: TallyShown | None
    since: TallyShown | None
    verdict: str
    met: bool | None


class SessionShown(Schema):
    """A session; its notes are left to the page."""

    id: UUID
    at: datetime
    state: str
    goals: list[UUID]
    held_at: datetime | None
    acknowledged_at: datetime | None


def _who(request: HttpRequest) -> tuple[UUID, Any]:
    return request.membership.organisation_id, request.actor  # type: ignore[attr-defined]


def _agent(request: HttpRequest, member: UUID | None) -> UUID:
    """The agent named, for coaches; else the one who asks. Raises Refused, NoSuchRow."""
    organisation, by = _who(request)
    if member is None:
        own: Membership = request.membership  # type: ignore[attr-defined]
        if own.role != Membership.Role.AGENT:
            raise Refused("Name an agent by the id of their membership.")
        mine = own.subject_id
        access.check_agent(mine, by, organisation=organisation)
        assert mine is not None
        return mine
    access.check_coach(by, organisation=organisation)
    found = queries.agent(organisation=organisation, member=member).subject_id
    assert found is not None
    return found


@router.get("/coaching/agents", response=list[AgentShown])
def agents(request: HttpRequest) -> list[dict[str, Any]]:
    """Every agent, by name, with what is open."""
    organisation, by = _who(request)
    access.check_coach(by, organisation=organisation)
    with purpose(PURPOSE, organisation=organisation, by=by):
        rows = queries.overview(
            organisation=organisation, now=clock.now(organisation), today=goal_services.today(organisation)
        )
        ledger.enter_read(place="coaching.Goal", rows=sum(one.goals for one in rows), by=by)
    return [
        {
            "member": one.member.id,
            "name": one.member.account.name,
            "team": one.member.team,
            "goals": one.goals,
            "late": one.late,
            "asks": one.asks,
            "next_session": one.next,
            "last_session": one.last,
        }
        for one in rows
    ]


@router.get("/coaching/work", response=list[WorkFound])
def work(request: HttpRequest, member: UUID | None = None) -> list[dict[str, Any]]:
    """What to work on: one's own, or for coaches that of the agent with this membership."""
    organisation, by = _who(request)
    agent = _agent(request, member)
    with purpose(PURPOSE, organisation=organisation, by=by):
        found = working.to_work_on(organisation=organisation, agent=agent, now=clock.now(organisation))
        ledger.enter_read(
            place="quality.Evaluation",
            rows=sum(one.evaluations for one in found),
            by=by,
            subject=agent,
            about=f"subject:{agent}",
        )
    return [
        {
            "made_by": one.made_by,
            "evaluations": one.evaluations,
            "enough": one.enough,
            "work": [work_of(item) for item in one.work],
        }
        for one in found
    ]


def work_of(one: working.Work) -> dict[str, Any]:
    """A question to work on as plain values, as the API and the command line show it."""
    return {
        "form": one.key[0],
        "question": one.key[1],
        "text": one.question,
        "made_by": one.key[2],
        "now": tally_of(one.change.after),
        "before": tally_of(one.change.before),
        "verdict": one.change.verdict.value,
        "examples": [
            {
                "evaluation": example.evaluation,
                "conversation": example.conversation,
                "share": example.share,
                "second": example.second,
            }
            for example in one.examples
        ],
    }


def tally_of(tally: Any) -> dict[str, Any]:
    """A tally with its interval as plain values."""
    from plainspoken.kernels.coaching import interval

    around = interval(tally)
    return {
        "evaluations": tally.n,
        "rate": tally.rate if tally.n else None,
        "low": around.low,
        "high": around.high,
    }


@router.get("/coaching/goals", response=list[GoalShown])
def goals(request: HttpRequest, member: UUID | None = None) -> list[dict[str, Any]]:
    """Goals, one's own or an agent's, newest first; 200 at most."""
    organisation, by = _who(request)
    agent = _agent(request, member)
    with purpose(PURPOSE, organisation=organisation, by=by):
        rows = Goal.objects.filter(organisation_id=organisation, agent_id=agent).select_related("form")
        found = queries.measured(
            list(rows.order_by("-proposed_at", "id")[:MOST]),
            now=clock.now(organisation),
            today=goal_services.today(organisation),
        )
        ledger.enter_read(place="coaching.Goal", rows=len(found), by=by, subject=agent)
    return [goal_of(one) for one in found]


def goal_of(one: queries.Measured) -> dict[str, Any]:
    """A goal as plain values, as the API and the command line show it."""
    row = one.row
    return {
        "id": row.id,
        "form": row.form_id,
        "question": row.question,
        "text": one.question,
        "made_by": row.made_by,
        "target": row.target,
        "starts_on": row.starts_on,
        "due_on": row.due_on,
        "state": row.state,
        "reason": row.reason,
        "late": one.late,
        "before": tally_of(one.change.before) if one.change else None,
        "since": tally_of(one.change.after) if one.change else None,
        "verdict": one.change.verdict.value if one.change else "",
        "met": one.met,
    }


@router.get("/coaching/sessions", response=list[SessionShown])
def sessions(request: HttpRequest, member: UUID | None = None) -> list[CoachingSession]:
    """Sessions, one's own or an agent's, newest first; 200 at most."""
    organisation, by = _who(request)
    agent = _agent(request, member)
    with purpose(PURPOSE, organisation=organisation, by=by):
        rows = CoachingSession.objects.filter(organisation_id=organisation, agent_id=agent)
        found = list(rows.order_by("-at", "id")[:MOST])
        ledger.enter_read(place="coaching.CoachingSession", rows=len(found), by=by, subject=agent)
    return found


@router.get("/coaching/listened.csv")
def listened(request: HttpRequest, days: int = 90) -> HttpResponse:
    """Who listened to the one who asks, as CSV through the disclosure gate; at most 365 days back."""
    organisation, by = _who(request)
    now = clock.now(organisation)
    since = now - timedelta(days=max(1, min(days, 365)))
    text = exporting.export(organisation=organisation, since=since, until=now, by=by)
    return HttpResponse(text, content_type="text/csv; charset=utf-8")
