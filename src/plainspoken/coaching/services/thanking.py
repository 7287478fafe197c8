"""Thanks: a colleague or a supervisor recognises a goal that was reached, a conversation, or somebody's work."""

from uuid import UUID

from plainspoken.coaching import access, library, queries, words
from plainspoken.coaching.access import SHARING
from plainspoken.coaching.models import Goal, Recognition
from plainspoken.coaching.states import ClipState, GoalState
from plainspoken.conversations.models import Conversation, Participation
from plainspoken.conversations.queries import collected_for, visible_to
from plainspoken.custody import clock, ledger
from plainspoken.custody.actors import Actor
from plainspoken.custody.sessions import purpose
from plainspoken.quality.access import PURPOSE, Refused, member

from .sessions import excerpt


class ThanksRefused(ValueError):
    """It cannot be said so; the message says why."""


def thank(
    *,
    organisation: UUID,
    agent: UUID,
    text: str,
    goal: UUID | None = None,
    conversation: UUID | None = None,
    by: Actor,
) -> Recognition:
    """Thank an agent: a coach for anything of theirs, a colleague for a conversation that they may see.

    Raises ThanksRefused, Refused, WordsRefused.
    """
    with purpose(PURPOSE, organisation=organisation, by=by):
        _check(agent, by, organisation)
        coach = access.is_coach(by, organisation=organisation)
        if not coach and conversation is None:
            raise Refused(
                "You can thank a colleague for a call that you share, or for a clip in the library."
            )
        about = _conversation(organisation, agent, conversation, by) if conversation else None
        return _keep(organisation, agent, text, goal, about, by)


def thank_for_clip(*, organisation: UUID, clip: UUID, text: str, by: Actor) -> Recognition:
    """Thank the agent of a clip in the library for that call: everybody who may hear it can."""
    with purpose(SHARING, organisation=organisation, by=by):
        access.check_share(by, organisation=organisation)
        row = library.there(organisation=organisation).filter(id=clip, state=ClipState.SHARED).first()
        if row is None or row.agent_id is None:
            raise queries.NoSuchRow("There is no such clip in the library any more.")
        agent, conversation = row.agent_id, row.conversation_id
    with purpose(PURPOSE, organisation=organisation, by=by):
        _check(agent, by, organisation)
        found = Conversation.objects.filter(organisation_id=organisation, id=conversation, erased_at=None)
        about = collected_for(found).first()
        if about is None:
            raise ThanksRefused("This call is closed to coaching, so nothing can be written about it.")
        return _keep(organisation, agent, text, None, about, by)


def _check(agent: UUID, by: Actor, organisation: UUID) -> None:
    found = member(by, organisation=organisation)
    if found is None or found.role not in access.READERS:
        raise Refused("Agents and supervisors thank each other.")
    if found.subject_id == agent:
        raise Refused("You cannot thank yourself.")
    if not any(one.subject_id == agent for one in queries.agents(organisation=organisation)):
        raise queries.NoSuchRow("There is no such agent here.")


def _conversation(organisation: UUID, agent: UUID, key: UUID, by: Actor) -> Conversation:
    found = member(by, organisation=organisation)
    rows = visible_to(found) if found else Conversation.objects.none()
    own = Participation.objects.filter(subject_id=agent, role=Participation.Role.AGENT)
    row = rows.filter(id=key, id__in=own.values("conversation_id")).first()
    if row is None:
        raise ThanksRefused("This is no conversation of theirs that you may see.")
    return row


def _keep(
    organisation: UUID, agent: UUID, text: str, goal: UUID | None, about: Conversation | None, by: Actor
) -> Recognition:
    if (
        goal is not None
        and not Goal.objects.filter(id=goal, agent_id=agent, state=GoalState.REACHED).exists()
    ):
        raise ThanksRefused("This goal is not reached. Thank them when it is.")
    made = Recognition(
        organisation_id=organisation,
        agent_id=agent,
        goal_id=goal,
        conversation=about,
        by=str(by),
        at=clock.now(organisation),
    )
    if about is None:
        words.seal_own(made, text, agent=agent)
    made.save(force_insert=True)
    if about is not None:
        said = excerpt(about, start_s=None, end_s=None, text=text, by=by)
        said.recognition = made
        said.save(force_insert=True)
    ledger.enter(act="thanks.said", subject=agent, about=f"thanks:{made.id}", by=by)
    return made


def take_back(*, organisation: UUID, thanks: UUID, by: Actor) -> None:
    """Who thanked takes it back; who was thanked takes it off their page."""
    with purpose(PURPOSE, organisation=organisation, by=by):
        row = Recognition.objects.filter(organisation_id=organisation, id=thanks).first()
        if row is None:
            raise queries.NoSuchRow("There are no such thanks any more.")
        access.check_take_back(row, by)
        ledger.enter(act="thanks.taken-back", subject=row.agent_id, about=f"thanks:{row.id}", by=by)
        row.delete()
