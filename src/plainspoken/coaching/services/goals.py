"""Goals: proposed by one side, agreed by the other, measured from their start, closed on their day."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from plainspoken.coaching import access, measuring, queries, words
from plainspoken.coaching.models import Goal
from plainspoken.coaching.states import OPEN, GoalState, check_goal
from plainspoken.custody import clock, ledger
from plainspoken.custody.actors import Actor
from plainspoken.custody.models import Organisation
from plainspoken.custody.sessions import purpose
from plainspoken.kernels import coaching as kernel
from plainspoken.quality.access import PURPOSE
from plainspoken.quality.models import Evaluation

LONGEST_DAYS = 365
# Why a goal ended without its day having decided.
DECLINED, TAKEN_BACK, BY_HAND, TOO_FEW = "declined", "taken-back", "by-hand", "too-few"


class GoalRefused(ValueError):
    """The goal cannot be set so; the message says why."""


@dataclass(frozen=True)
class Terms:
    """What a goal says. target: percent of the question's points. starts_on: None means as soon as it is agreed."""

    form: UUID
    question: str
    made_by: str
    target: int
    due_on: date
    starts_on: date | None = None
    text: str = ""


def propose(*, organisation: UUID, agent: UUID, terms: Terms, by: Actor) -> Goal:
    """An agent proposes a goal of their own, or a coach one for them. Raises GoalRefused, Refused, WordsRefused."""
    with purpose(PURPOSE, organisation=organisation, by=by):
        access.check_party(agent, by, organisation=organisation)
        if by.kind != "person":
            raise GoalRefused("Goals are between people. Sign in to propose one.")
        _check(organisation, agent, terms)
        now = clock.now(organisation)
        made = Goal(
            organisation_id=organisation,
            agent_id=agent,
            form_id=terms.form,
            question=terms.question,
            made_by=terms.made_by,
            target=terms.target,
            starts_on=terms.starts_on or today(organisation),
            due_on=terms.due_on,
            proposed_by=str(by),
            proposed_at=now,
        )
        if terms.text.strip():
            words.seal_own(made, terms.text, agent=agent)
        made.save(force_insert=True)
        _enter("proposed", made, by)
    return made


def today(organisation: UUID) -> date:
    """The day at the organisation's place."""
    zone = Organisation.objects.values_list("time_zone", flat=True).get(id=organisation)
    return clock.now(organisation).astimezone(ZoneInfo(zone)).date()


def _check(organisation: UUID, agent: UUID, terms: Terms) -> None:
    if (str(terms.form), terms.question) not in measuring.questions(organisation):
        raise GoalRefused("No form asks this question for points. Choose another question.")
    if terms.made_by not in Evaluation.MadeBy.values:
        raise GoalRefused("Choose whose answers count: people’s or the rules’.")
    if not 1 <= terms.target <= 100:
        raise GoalRefused("Choose a target from 1 to 100 percent.")
    start = terms.starts_on or today(organisation)
    if start < today(organisation):
        raise GoalRefused("A goal starts today or later. What came before is its baseline.")
    if not 1 <= (terms.due_on - start).days <= LONGEST_DAYS:
        raise GoalRefused("Choose a day after the start, within a year.")
    twin = Goal.objects.filter(
        agent_id=agent, form_id=terms.form, question=terms.question, made_by=terms.made_by, state__in=OPEN
    )
    if twin.exists():
        raise GoalRefused("There is a goal for this question already. End it first.")


def agree(*, organisation: UUID, goal: UUID, by: Actor) -> Goal:
    """The other side agrees. On its first day the goal starts, and its baseline is taken."""
    with purpose(PURPOSE, organisation=organisation, by=by):
        row = _held(organisation, goal)
        access.check_answer_goal(row, by)
        row.state, row.agreed_by, row.agreed_at = GoalState.AGREED, str(by), clock.now(organisation)
        row.save(update_fields=["state", "agreed_by", "agreed_at"])
        _enter("agreed", row, by)
        if row.starts_on <= today(organisation):
            _start(row, by)
    return row


def _start(row: Goal, by: Actor) -> None:
    check_goal(GoalState(row.state), GoalState.RUNNING)
    now = clock.now(row.organisation_id)
    found = queries.base(row, at=now)
    row.state, row.started_at = GoalState.RUNNING, now
    row.base_n, row.base_earned = found.n, found.earned
    row.save(update_fields=["state", "started_at", "base_n", "base_earned"])
    _enter("started", row, by)


def decline(*, organisation: UUID, goal: UUID, by: Actor) -> Goal:
    """The other side does not agree."""
    with purpose(PURPOSE, organisation=organisation, by=by):
        row = _held(organisation, goal)
        access.check_answer_goal(row, by)
        return _end(row, DECLINED, by)


def end(*, organisation: UUID, goal: UUID, by: Actor) -> Goal:
    """Either side ends it: a proposal is taken back, a goal that runs is given up, and says how far it came."""
    with purpose(PURPOSE, organisation=organisation, by=by):
        row = _held(organisation, goal)
        access.check_end_goal(row, by)
        return _end(row, TAKEN_BACK if row.state == GoalState.PROPOSED else BY_HAND, by)


def _end(row: Goal, reason: str, by: Actor) -> Goal:
    check_goal(GoalState(row.state), GoalState.ENDED)
    row.reason = reason
    return _over(row, GoalState.ENDED, by)


def _over(row: Goal, state: GoalState, by: Actor) -> Goal:
    now = clock.now(row.organisation_id)
    if row.started_at is not None:
        found = queries.since(row, until=now)
        row.since_n, row.since_earned = found.n, found.earned
    row.state, row.ended_at, row.ended_by = state, now, str(by)
    row.save(update_fields=["state", "reason", "ended_at", "ended_by", "since_n", "since_earned"])
    _enter("ended", row, by, state=state.value)
    return row


def close(*, organisation: UUID, goal: UUID, by: Actor) -> Goal:
    """Either side closes a goal before its day because its target is reached. Raises GoalRefused where it is not."""
    with purpose(PURPOSE, organisation=organisation, by=by):
        row = _held(organisation, goal)
        access.check_party(row.agent_id, by, organisation=organisation)
        check_goal(GoalState(row.state), GoalState.REACHED)
        if not kernel.meets(queries.since(row, until=clock.now(organisation)), row.target / 100):
            raise GoalRefused("The target is not reached yet, or there is too little to tell.")
        return _over(row, GoalState.REACHED, by)


def keep_up(*, organisation: UUID, by: Actor) -> int:
    """What the day brings: agreed goals start, and those whose day is over are decided. Returns how many changed.

    Where there is too little to tell, a goal ends without a verdict, and says so.
    """
    changed = 0
    with purpose(PURPOSE, organisation=organisation, by=by):
        day = today(organisation)
        rows = Goal.objects.select_for_update(of=("self",)).filter(organisation_id=organisation)
        for row in rows.filter(state=GoalState.AGREED, starts_on__lte=day):
            _start(row, by)
            changed += 1
        for row in rows.filter(state=GoalState.RUNNING, due_on__lt=day):
            _decide(row, clock.now(organisation), by)
            changed += 1
    return changed


def _decide(row: Goal, now: datetime, by: Actor) -> None:
    met = kernel.meets(queries.since(row, until=now), row.target / 100)
    if met is None:
        _end(row, TOO_FEW, by)
    else:
        _over(row, GoalState.REACHED if met else GoalState.NOT_REACHED, by)


def _held(organisation: UUID, goal: UUID) -> Goal:
    rows = Goal.objects.select_for_update(of=("self",)).select_related("form")
    found = rows.filter(organisation_id=organisation, id=goal).first()
    if found is None:
        raise queries.NoSuchRow("There is no such goal here. Look in the list.")
    return found


def _enter(act: str, row: Goal, by: Actor, **detail: str) -> None:
    ledger.enter(act=f"goal.{act}", subject=row.agent_id, about=f"goal:{row.id}", by=by, detail=dict(detail))


__all__ = ["DECLINED", "GoalRefused", "Terms", "agree", "close", "decline", "end", "keep_up", "propose", "today"]  # fmt: skip
