"""Sessions: planned, prepared by both, held, acknowledged; called off and taken back. Notes that both can read."""

from datetime import datetime
from uuid import UUID

from plainspoken.coaching import access, queries, words
from plainspoken.coaching.models import CoachingSession, Excerpt, Goal, SessionNote
from plainspoken.coaching.states import OPEN, SessionState
from plainspoken.conversations.models import Conversation, Participation
from plainspoken.conversations.queries import collected_for
from plainspoken.custody import clock, ledger
from plainspoken.custody.actors import Actor
from plainspoken.custody.sessions import purpose
from plainspoken.quality.access import PURPOSE

MOST_ON_AGENDA = 20


class SessionRefused(ValueError):
    """The session cannot be planned or changed so; the message says why."""


def plan(*, organisation: UUID, agent: UUID, at: datetime, by: Actor) -> CoachingSession:
    """A coach plans a session; every goal that is open comes onto its agenda. Raises Refused."""
    with purpose(PURPOSE, organisation=organisation, by=by):
        access.check_coach_of(agent, by, organisation=organisation)
        if by.kind != "person":
            raise SessionRefused("Sessions are between people. Sign in to plan one.")
        goals = Goal.objects.filter(organisation_id=organisation, agent_id=agent, state__in=OPEN)
        made = CoachingSession.objects.create(
            organisation_id=organisation,
            agent_id=agent,
            coach=str(by),
            at=at,
            goals=list(goals.order_by("proposed_at").values_list("id", flat=True)[:MOST_ON_AGENDA]),
            made_at=clock.now(organisation),
        )
        _enter("planned", made, by)
    return made


def move(*, organisation: UUID, session: UUID, at: datetime, by: Actor) -> CoachingSession:
    """A coach moves a planned session to another time."""
    with purpose(PURPOSE, organisation=organisation, by=by):
        row = _held(organisation, session)
        access.check_lead(row, SessionState.HELD, by)
        row.at = at
        row.save(update_fields=["at"])
        _enter("moved", row, by)
    return row


def lead(*, organisation: UUID, session: UUID, then: SessionState, by: Actor) -> CoachingSession:
    """A coach says that it was held, calls it off, or takes either back (`then` is planned)."""
    with purpose(PURPOSE, organisation=organisation, by=by):
        row = _held(organisation, session)
        access.check_lead(row, then, by)
        row.state = then
        row.held_at = clock.now(organisation) if then == SessionState.HELD else None
        row.save(update_fields=["state", "held_at"])
        _enter(then.value, row, by)
    return row


def acknowledge(*, organisation: UUID, session: UUID, by: Actor) -> CoachingSession:
    """The agent says that it took place as its notes say."""
    with purpose(PURPOSE, organisation=organisation, by=by):
        row = _held(organisation, session)
        access.check_acknowledge(row, by)
        row.acknowledged_at = clock.now(organisation)
        row.save(update_fields=["acknowledged_at"])
        _enter("acknowledged", row, by)
    return row


# ---- notes ----


def note(*, organisation: UUID, session: UUID, text: str, own: bool = False, by: Actor) -> SessionNote:
    """Keep a note that both read; `own`: an agent's note for themselves. A coach has no private notes about somebody."""
    with purpose(PURPOSE, organisation=organisation, by=by):
        row = _held(organisation, session)
        access.check_note(row, by)
        mine = access.is_agent(row.agent_id, by, organisation=organisation)
        if own and not mine:
            raise SessionRefused("What a coach writes, both can read.")
        made = SessionNote(
            organisation_id=organisation,
            session=row,
            audience=SessionNote.Audience.AGENT if own else SessionNote.Audience.BOTH,
            by=str(by),
            at=clock.now(organisation),
        )
        words.seal_own(made, text, agent=row.agent_id)
        made.save(force_insert=True)
        _enter("noted", row, by)
    return made


def remove_note(*, organisation: UUID, session: UUID, note: UUID, by: Actor) -> None:
    """Whoever wrote a note takes it back."""
    with purpose(PURPOSE, organisation=organisation, by=by):
        row = _held(organisation, session)
        found = SessionNote.objects.select_related("session").filter(id=note, session=row).first()
        if found is None:
            raise queries.NoSuchRow("There is no such note any more.")
        access.check_unnote(found, by)
        found.delete()
        _enter("unnoted", row, by)


# ---- the agenda ----


def put_goal(*, organisation: UUID, session: UUID, goal: UUID, by: Actor) -> None:
    """Put a goal of the agent on the agenda, or take it off where it stands there."""
    with purpose(PURPOSE, organisation=organisation, by=by):
        row = _held(organisation, session)
        access.check_prepare(row, by)
        if not Goal.objects.filter(id=goal, agent_id=row.agent_id).exists():
            raise queries.NoSuchRow("There is no such goal of this agent.")
        others = [one for one in row.goals if one != goal]
        row.goals = others if goal in row.goals else [*others, goal][:MOST_ON_AGENDA]
        row.save(update_fields=["goals"])


def put_excerpt(
    *,
    organisation: UUID,
    session: UUID,
    conversation: UUID,
    start_s: float | None,
    end_s: float | None,
    text: str,
    by: Actor,
) -> Excerpt:
    """Put a stretch of one of the agent's conversations on the agenda, with why. Raises SessionRefused."""
    with purpose(PURPOSE, organisation=organisation, by=by):
        row = _held(organisation, session)
        access.check_prepare(row, by)
        if Excerpt.objects.filter(session=row).count() >= MOST_ON_AGENDA:
            raise SessionRefused(f"{MOST_ON_AGENDA} calls are enough for one session. Take one off first.")
        made = excerpt(
            _theirs(organisation, row.agent_id, conversation), start_s=start_s, end_s=end_s, text=text, by=by
        )
        made.session = row
        made.save(force_insert=True)
        _enter("prepared", row, by)
    return made


def _theirs(organisation: UUID, agent: UUID, conversation: UUID) -> Conversation:
    own = Participation.objects.filter(subject_id=agent, role=Participation.Role.AGENT)
    rows = Conversation.objects.filter(
        organisation_id=organisation, id=conversation, erased_at=None, id__in=own.values("conversation_id")
    )
    found = collected_for(rows).first()
    if found is None:
        raise SessionRefused("This is no conversation of this agent, or it is not there any more.")
    return found


def excerpt(
    conversation: Conversation, *, start_s: float | None, end_s: float | None, text: str, by: Actor
) -> Excerpt:
    """A stretch with its sealed words, not saved yet. Inside a session. Raises WordsRefused, KeyGone."""
    made = Excerpt(
        organisation_id=conversation.organisation_id,
        conversation=conversation,
        content_key=words.key_of(conversation.id),
        start_s=None if start_s is None else round(max(0.0, start_s), 2),
        end_s=None if end_s is None else round(max(0.0, end_s), 2),
        by=str(by),
        at=clock.now(conversation.organisation_id),
    )
    words.seal(made, "text", words.checked(text))
    return made


def remove_excerpt(*, organisation: UUID, session: UUID, excerpt: UUID, by: Actor) -> None:
    """Take a stretch off the agenda."""
    with purpose(PURPOSE, organisation=organisation, by=by):
        row = _held(organisation, session)
        access.check_prepare(row, by)
        Excerpt.objects.filter(id=excerpt, session=row).delete()


def _held(organisation: UUID, session: UUID) -> CoachingSession:
    found = (
        CoachingSession.objects.select_for_update(of=("self",))
        .filter(organisation_id=organisation, id=session)
        .first()
    )
    if found is None:
        raise queries.NoSuchRow("There is no such session here. Look in the list.")
    return found


def _enter(act: str, row: CoachingSession, by: Actor) -> None:
    ledger.enter(act=f"session.{act}", subject=row.agent_id, about=f"session:{row.id}", by=by)
