"""Reads: agents and who they are, goals with their measure, sessions with their notes, thanks. Inside a session."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet

from plainspoken.custody.actors import Actor
from plainspoken.kernels import coaching as kernel
from plainspoken.people.models import Membership

from . import measuring
from .access import is_agent, is_coach
from .measuring import PERIOD, Key
from .models import CoachingSession, Excerpt, Goal, Recognition, SessionNote
from .states import OPEN, GoalState, SessionState
from .words import own_text, text_of

MANY = 100


class NoSuchRow(LookupError):
    """There is no such agent, goal, session, clip or thanks for who asks."""


# ---- people ----


def agents(*, organisation: UUID) -> list[Membership]:
    """Agents at work here who are a data subject, by name."""
    rows = Membership.objects.filter(
        organisation_id=organisation, role=Membership.Role.AGENT, ended_at=None, subject__isnull=False
    )
    return list(rows.select_related("account").order_by("account__name", "id"))


def agent(*, organisation: UUID, member: UUID) -> Membership:
    """One agent by their membership. Raises NoSuchRow."""
    rows = Membership.objects.select_related("account").filter(
        organisation_id=organisation, id=member, role=Membership.Role.AGENT, ended_at=None
    )
    found = rows.filter(subject__isnull=False).first()
    if found is None:
        raise NoSuchRow("There is no such agent here. Look in the list of your team.")
    return found


def member_of(*, organisation: UUID, subject: UUID) -> Membership | None:
    """The membership of a subject, also one that ended."""
    rows = Membership.objects.select_related("account").filter(
        organisation_id=organisation, subject_id=subject
    )
    return rows.first()


# ---- goals ----


def goals_visible(by: Actor, *, organisation: UUID) -> "QuerySet[Goal]":
    """Goals that somebody may see: coaches all, agents their own."""
    rows = Goal.objects.filter(organisation_id=organisation).select_related("form")
    if is_coach(by, organisation=organisation):
        return rows
    mine = _own_subject(by, organisation)
    return rows.filter(agent_id=mine) if mine else rows.none()


def _own_subject(by: Actor, organisation: UUID) -> UUID | None:
    if by.kind != "person":
        return None
    rows = Membership.objects.filter(
        organisation_id=organisation, account_id=by.id, role=Membership.Role.AGENT, ended_at=None
    )
    return rows.values_list("subject_id", flat=True).first()


def goal(*, organisation: UUID, id: UUID, by: Actor) -> Goal:
    """One goal. Raises NoSuchRow: what is not theirs is not there."""
    found = goals_visible(by, organisation=organisation).filter(id=id).first()
    if found is None:
        raise NoSuchRow("There is no such goal here. Look in the list.")
    return found


@dataclass(frozen=True)
class Measured:
    """A goal and what came of it: `change` from the 90 days before it started to now, or to its end.

    met: whether the target is reached by what was found since; None while there is too little to tell, or it has
    not started.
    """

    row: Goal
    question: str
    text: str
    change: kernel.Change | None
    met: bool | None
    late: bool


def key_of(row: Goal) -> Key:
    """The question that a goal is about."""
    return (str(row.form_id), row.question, row.made_by)


def base(row: Goal, *, at: datetime) -> kernel.Tally:
    """The 90 days before a moment."""
    return _tally(row, at - PERIOD, at)


def since(row: Goal, *, until: datetime) -> kernel.Tally:
    """What was found in conversations from the start of a goal on."""
    if row.started_at is None:
        return kernel.Tally(0, 0.0)
    return _tally(row, row.started_at, until)


def _tally(row: Goal, start: datetime, end: datetime) -> kernel.Tally:
    key = key_of(row)
    found = measuring.book(
        organisation=row.organisation_id, agent=row.agent_id, since=start, until=end, only=key
    )
    return found.tallies(since=start, until=end).get(key, kernel.Tally(0, 0.0))


def measured(rows: Collection[Goal], *, now: datetime, today: date) -> list[Measured]:
    """Goals with their measure; those that ended show what was kept when they did."""
    if not rows:
        return []
    texts = measuring.questions(next(iter(rows)).organisation_id)
    found = []
    for row in rows:
        change = _change(row, now)
        met = kernel.meets(change.after, row.target / 100) if change else None
        found.append(
            Measured(
                row=row,
                question=texts.get((str(row.form_id), row.question), row.question),
                text=own_text(row, agent=row.agent_id),
                change=change,
                met=met,
                late=row.state in (GoalState.AGREED, GoalState.RUNNING) and row.due_on < today,
            )
        )
    return found


def _change(row: Goal, now: datetime) -> kernel.Change | None:
    if row.base_n is None or row.started_at is None:
        return None
    after = (
        kernel.Tally(row.since_n, row.since_earned or 0.0)
        if row.since_n is not None
        else since(row, until=now)
    )
    return kernel.change(kernel.Tally(row.base_n, row.base_earned or 0.0), after)


# ---- sessions ----


def sessions_visible(by: Actor, *, organisation: UUID) -> "QuerySet[CoachingSession]":
    """Sessions that somebody may see: coaches all, agents their own."""
    rows = CoachingSession.objects.filter(organisation_id=organisation)
    if is_coach(by, organisation=organisation):
        return rows
    mine = _own_subject(by, organisation)
    return rows.filter(agent_id=mine) if mine else rows.none()


def session(*, organisation: UUID, id: UUID, by: Actor) -> CoachingSession:
    """One session. Raises NoSuchRow."""
    found = sessions_visible(by, organisation=organisation).filter(id=id).first()
    if found is None:
        raise NoSuchRow("There is no such session here. Look in the list.")
    return found


def notes_of(row: CoachingSession, by: Actor) -> list[tuple[SessionNote, str]]:
    """Notes with their words, oldest first: those of both, and an agent's own for nobody else."""
    rows = SessionNote.objects.filter(session=row).select_related("session")
    if not is_agent(row.agent_id, by, organisation=row.organisation_id):
        rows = rows.filter(audience=SessionNote.Audience.BOTH)
    return [(one, own_text(one, agent=row.agent_id)) for one in rows.order_by("at", "id")]


def excerpts_of(row: CoachingSession) -> list[tuple[Excerpt, str]]:
    """Stretches of conversations on the agenda, with their words; those that the purpose may not see are not there."""
    rows = Excerpt.objects.filter(session=row).select_related("content_key", "conversation")
    return [(one, text_of(one)) for one in rows.order_by("at", "id")]


# ---- thanks ----


def thanks_to(agent: UUID, *, organisation: UUID, most: int = 20) -> list[tuple[Recognition, str]]:
    """Thanks with their words, newest first; about a conversation, its words end with it."""
    rows = list(
        Recognition.objects.filter(organisation_id=organisation, agent_id=agent)
        .select_related("goal", "conversation")
        .order_by("-at", "id")[:most]
    )
    about = {
        one.recognition_id: text_of(one)
        for one in Excerpt.objects.filter(recognition__in=rows).select_related("content_key")
    }
    return [(row, about.get(row.id) or own_text(row, agent=agent)) for row in rows]


# ---- the team ----


@dataclass(frozen=True)
class Coached:
    """An agent as the overview of the team shows them; `waits`: something waits for a coach."""

    member: Membership
    goals: int
    late: int
    asks: int
    due_sessions: int
    next: datetime | None
    last: datetime | None

    @property
    def waits(self) -> bool:
        """Whether a coach has something to do."""
        return bool(self.late or self.asks or self.due_sessions)


def overview(*, organisation: UUID, now: datetime, today: date) -> list[Coached]:
    """Every agent with what is open, by name; nobody is ranked."""
    members = agents(organisation=organisation)
    accounts = {str(one.account_id) for one in members}
    goals: dict[UUID, list[Goal]] = {}
    for row in Goal.objects.filter(organisation_id=organisation, state__in=OPEN):
        goals.setdefault(row.agent_id, []).append(row)
    sessions: dict[UUID, list[CoachingSession]] = {}
    for meeting in CoachingSession.objects.filter(organisation_id=organisation).exclude(
        state=SessionState.CANCELLED
    ):
        sessions.setdefault(meeting.agent_id, []).append(meeting)
    return [
        _coached(
            one, goals.get(one.subject_id or one.id, []), sessions.get(one.subject_id or one.id, []),
            accounts, now, today,
        )
        for one in members
    ]  # fmt: skip


def _coached(
    member: Membership,
    goals: list[Goal],
    sessions: list[CoachingSession],
    accounts: set[str],
    now: datetime,
    today: date,
) -> Coached:
    planned = [one.at for one in sessions if one.state == SessionState.PLANNED]
    held = [one.at for one in sessions if one.state == SessionState.HELD]
    return Coached(
        member=member,
        goals=len(goals),
        late=sum(one.state in (GoalState.AGREED, GoalState.RUNNING) and one.due_on < today for one in goals),
        asks=sum(
            one.state == GoalState.PROPOSED and one.proposed_by.partition(":")[2] in accounts for one in goals
        ),
        due_sessions=sum(at < now for at in planned),
        next=min((at for at in planned if at >= now), default=None),
        last=max(held, default=None),
    )
