"""Who may do what here: one home for the button and for the refusal.

`check_*` raises Refused, `allowed` asks the same and answers yes or no. Supervisors coach; agents see what is about
themselves. The published policy decides first, by `quality.evaluate` ("… and coach our staff") and `coaching.share`.
"""

from collections.abc import Callable
from uuid import UUID

from plainspoken.custody.actors import Actor
from plainspoken.people.models import Membership
from plainspoken.policies.queries import may_read_for
from plainspoken.quality.access import PURPOSE, Refused, member

from .models import CoachingSession, Goal, LibraryClip, Recognition, SessionNote
from .states import ClipState, GoalState, SessionState, WrongState, check_goal, check_session

SHARING = "coaching.share"
COACHES = (Membership.Role.SUPERVISOR,)
READERS = (Membership.Role.AGENT, Membership.Role.SUPERVISOR)


def allowed(check_it: Callable[[], None]) -> bool:
    """Whether a check passes."""
    try:
        check_it()
    except (Refused, WrongState):
        return False
    return True


def check_coach(by: Actor, *, organisation: UUID) -> None:
    """Supervisors, and our own programs, as far as the policy lets them."""
    if by.kind == "program":
        role = "program"
    else:
        found = member(by, organisation=organisation)
        role = found.role if found else ""
        if role not in COACHES:
            raise Refused("Your role may not coach others. Ask a supervisor.")
    if not may_read_for(role, PURPOSE, organisation=organisation):
        raise Refused("The published policy does not let your role coach.")


def is_coach(by: Actor, *, organisation: UUID) -> bool:
    """Whether somebody may coach everybody else."""
    return allowed(lambda: check_coach(by, organisation=organisation))


def is_agent(agent: UUID | None, by: Actor, *, organisation: UUID) -> bool:
    """Whether somebody is this very agent."""
    found = member(by, organisation=organisation)
    return found is not None and agent is not None and found.subject_id == agent


def check_agent(agent: UUID | None, by: Actor, *, organisation: UUID) -> None:
    """The agent themselves, in a role that the policy lets read it."""
    if not is_agent(agent, by, organisation=organisation):
        raise Refused("Only the agent can do this.")
    found = member(by, organisation=organisation)
    if found is None or not may_read_for(found.role, PURPOSE, organisation=organisation):
        raise Refused("The published policy does not let your role do this.")


def check_coach_of(agent: UUID, by: Actor, *, organisation: UUID) -> None:
    """A coach who is not the agent."""
    check_coach(by, organisation=organisation)
    if is_agent(agent, by, organisation=organisation):
        raise Refused("Nobody coaches themselves. Let somebody else do it.")


def check_party(agent: UUID, by: Actor, *, organisation: UUID) -> None:
    """The agent or a coach: the two who work together."""
    if is_agent(agent, by, organisation=organisation):
        check_agent(agent, by, organisation=organisation)
    else:
        check_coach(by, organisation=organisation)


# ---- goals ----


def check_answer_goal(goal: Goal, by: Actor) -> None:
    """The one who did not propose it agrees or declines: the agent, or a coach where the agent proposed."""
    if by.kind == "program":
        raise Refused("Only people agree on a goal.")
    check_party(goal.agent_id, by, organisation=goal.organisation_id)
    check_goal(GoalState(goal.state), GoalState.AGREED)
    if _from_agent(goal) == is_agent(goal.agent_id, by, organisation=goal.organisation_id):
        raise Refused("The other side has to agree. You will see it here.")


def _from_agent(goal: Goal) -> bool:
    kind, _, key = goal.proposed_by.partition(":")
    rows = Membership.objects.filter(organisation_id=goal.organisation_id, subject_id=goal.agent_id)
    return kind == "person" and rows.filter(account_id=key).exists()


def check_end_goal(goal: Goal, by: Actor) -> None:
    """Either side ends a goal that is not over; who was asked declines instead."""
    check_party(goal.agent_id, by, organisation=goal.organisation_id)
    check_goal(GoalState(goal.state), GoalState.ENDED)


# ---- sessions ----


def check_lead(session: CoachingSession, then: SessionState, by: Actor) -> None:
    """A coach says that a session was held, calls it off, or takes either back."""
    check_coach_of(session.agent_id, by, organisation=session.organisation_id)
    check_session(SessionState(session.state), then)
    if then == SessionState.PLANNED and session.acknowledged_at is not None:
        raise WrongState("The agent has acknowledged this session, so it stays.")


def check_prepare(session: CoachingSession, by: Actor) -> None:
    """Both put things on the agenda until the session is acknowledged or called off."""
    check_party(session.agent_id, by, organisation=session.organisation_id)
    if session.state == SessionState.CANCELLED or session.acknowledged_at is not None:
        raise WrongState("This session is over. Plan another one.")


def check_note(session: CoachingSession, by: Actor) -> None:
    """Both write notes, also after the session."""
    check_party(session.agent_id, by, organisation=session.organisation_id)
    if session.state == SessionState.CANCELLED:
        raise WrongState("This session was called off. Plan another one.")


def check_unnote(note: SessionNote, by: Actor) -> None:
    """Whoever wrote a note takes it back, until the agent acknowledged the session; their own agents always may."""
    if note.by != str(by):
        raise Refused("Only who wrote a note can take it back.")
    acknowledged = note.session.acknowledged_at
    if acknowledged and note.at < acknowledged and note.audience == SessionNote.Audience.BOTH:
        raise WrongState("The agent has acknowledged this session with your note, so it stays.")


def check_acknowledge(session: CoachingSession, by: Actor) -> None:
    """The agent says that the session took place as its notes say."""
    check_agent(session.agent_id, by, organisation=session.organisation_id)
    if session.state != SessionState.HELD or session.acknowledged_at is not None:
        raise WrongState("There is nothing to acknowledge. Load the page again.")


# ---- the library and thanks ----


def check_share(by: Actor, *, organisation: UUID) -> None:
    """Who may open the library of good clips."""
    if by.kind == "program":
        role = "program"
    else:
        found = member(by, organisation=organisation)
        role = found.role if found and found.role in READERS else ""
    if not role or not may_read_for(role, SHARING, organisation=organisation):
        raise Refused("The published policy does not let your role use the library of clips.")


def check_hear(clip: LibraryClip, by: Actor) -> None:
    """Everybody hears what is shared; what waits or was declined, its agent and who put it there."""
    check_share(by, organisation=clip.organisation_id)
    if clip.state == ClipState.SHARED or clip.by == str(by):
        return
    if not is_agent(clip.agent_id, by, organisation=clip.organisation_id):
        raise Refused("The agent in this clip has not agreed that colleagues hear it.")


def check_decide_clip(clip: LibraryClip, by: Actor) -> None:
    """The agent in a clip says yes or no, at any time."""
    check_share(by, organisation=clip.organisation_id)
    if not is_agent(clip.agent_id, by, organisation=clip.organisation_id):
        raise Refused("Only the agent in this clip decides.")


def check_remove_clip(clip: LibraryClip, by: Actor) -> None:
    """Who put a clip there, its agent, and coaches take it out."""
    check_share(by, organisation=clip.organisation_id)
    if clip.by == str(by) or is_agent(clip.agent_id, by, organisation=clip.organisation_id):
        return
    check_coach(by, organisation=clip.organisation_id)


def check_take_back(thanks: Recognition, by: Actor) -> None:
    """Who thanked takes it back; who was thanked takes it off their page."""
    mine = is_agent(thanks.agent_id, by, organisation=thanks.organisation_id)
    if thanks.by != str(by) and not mine:
        raise Refused("Only who thanked, or who was thanked, can take this away.")
