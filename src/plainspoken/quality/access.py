"""Who may do what here: one home for the button and for the refusal.

`check_*` raises Refused, `can_*` asks the same and answers yes or no. The published policy decides first: a role
that may not read for `quality.evaluate` may do nothing here. Supervisors and quality analysts evaluate; agents read
what is about them.
"""

from collections.abc import Callable
from uuid import UUID

from django.core.exceptions import PermissionDenied

from plainspoken.custody import clock
from plainspoken.custody.actors import Actor
from plainspoken.people.models import Membership
from plainspoken.policies.queries import may_read_for

from .models import CalibrationSession, CalibrationSheet, Dispute, Evaluation
from .states import SHOWN_TO_AGENT, State, WrongState, check

PURPOSE = "quality.evaluate"
ANALYSTS = (Membership.Role.SUPERVISOR, Membership.Role.ANALYST)


class Refused(PermissionDenied):
    """Who acts may not do this; the message says why. Pages and API answer 403 with it."""


def member(by: Actor, *, organisation: UUID) -> Membership | None:
    """The membership in force of a person; None for programs and strangers."""
    if by.kind != "person":
        return None
    rows = Membership.objects.select_related("account")
    return rows.filter(account_id=by.id, organisation_id=organisation, ended_at=None).first()


def allowed(check_it: Callable[[], None]) -> bool:
    """Whether a check passes."""
    try:
        check_it()
    except (Refused, WrongState):
        return False
    return True


def is_analyst(by: Actor, *, organisation: UUID) -> bool:
    """Whether somebody may see and make evaluations of everybody."""
    return allowed(lambda: check_analyst(by, organisation=organisation))


def check_analyst(by: Actor, *, organisation: UUID) -> None:
    """Supervisors, quality analysts, and our own programs, as far as the policy lets them."""
    if by.kind == "program":
        role = "program"
    else:
        found = member(by, organisation=organisation)
        role = found.role if found else ""
        if role not in ANALYSTS:
            raise Refused("Your role may not evaluate conversations. Ask a supervisor.")
    if not may_read_for(role, PURPOSE, organisation=organisation):
        raise Refused("The published policy does not let your role evaluate conversations.")


def check_read(evaluation: Evaluation, by: Actor) -> None:
    """Analysts read all; agents what is about them, once it was released."""
    if is_analyst(by, organisation=evaluation.organisation_id):
        return
    if not _is_agent(evaluation, by) or State(evaluation.state) not in SHOWN_TO_AGENT:
        raise Refused("This evaluation is not yours to read.")
    if not may_read_for(Membership.Role.AGENT, PURPOSE, organisation=evaluation.organisation_id):
        raise Refused("The published policy does not let your role read evaluations.")


def _is_agent(evaluation: Evaluation, by: Actor) -> bool:
    found = member(by, organisation=evaluation.organisation_id)
    return found is not None and found.subject_id is not None and found.subject_id == evaluation.agent_id


def _analyst_of(evaluation: Evaluation, by: Actor) -> None:
    check_analyst(by, organisation=evaluation.organisation_id)
    if _is_agent(evaluation, by):
        raise Refused("Nobody evaluates themselves. Let somebody else do it.")


def check_write(evaluation: Evaluation, by: Actor) -> None:
    """Who began a draft writes it."""
    _analyst_of(evaluation, by)
    if evaluation.evaluator != str(by):
        raise Refused("Somebody else is writing this evaluation.")
    if evaluation.state != State.DRAFT:
        raise WrongState("This evaluation was submitted, so its answers stay. Load the page again.")


def check_discard(evaluation: Evaluation, by: Actor) -> None:
    """Who began a draft may throw it away."""
    check_write(evaluation, by)


def check_approve(evaluation: Evaluation, by: Actor) -> None:
    """Somebody else than the evaluator approves, or gives it back."""
    _analyst_of(evaluation, by)
    check(State(evaluation.state), State.APPROVED)
    if evaluation.evaluator == str(by):
        raise Refused("You wrote this evaluation. Let somebody else approve it.")


def check_release(evaluation: Evaluation, by: Actor) -> None:
    """An analyst lets the agent see an approved evaluation."""
    _analyst_of(evaluation, by)
    check(State(evaluation.state), State.RELEASED)


def check_acknowledge(evaluation: Evaluation, by: Actor) -> None:
    """The agent says that they have read it; after a decision this makes it final."""
    if not _is_agent(evaluation, by):
        raise Refused("Only the agent can acknowledge this evaluation.")
    check_read(evaluation, by)
    now = State(evaluation.state)
    check(now, State.FINAL if now == State.DECIDED else State.ACKNOWLEDGED)


def check_dispute(evaluation: Evaluation, by: Actor) -> None:
    """The agent disagrees, first with the evaluation, then with the decision, within the form's days."""
    if not _is_agent(evaluation, by):
        raise Refused("Only the agent can dispute this evaluation.")
    check_read(evaluation, by)
    now = State(evaluation.state)
    check(now, State.APPEALED if now == State.DECIDED else State.DISPUTED)
    if evaluation.answer_until and clock.now(evaluation.organisation_id) > evaluation.answer_until:
        raise Refused("The days to disagree are over. Talk to your supervisor.")


def check_decide(evaluation: Evaluation, by: Actor) -> None:
    """Somebody else than the evaluator decides a dispute; an appeal, somebody who decided neither."""
    _analyst_of(evaluation, by)
    now = State(evaluation.state)
    check(now, State.FINAL if now == State.APPEALED else State.DECIDED)
    if evaluation.evaluator == str(by) or evaluation.approved_by == str(by):
        raise Refused("You wrote or approved this evaluation. Let somebody else decide.")
    if Dispute.objects.filter(evaluation=evaluation, decided_by=str(by)).exists():
        raise Refused("You decided the dispute. Let a third person decide the appeal.")


def check_answer_sheet(session: CalibrationSession, by: Actor) -> None:
    """Who is invited answers once, while the session is open."""
    check_analyst(by, organisation=session.organisation_id)
    sheet = CalibrationSheet.objects.filter(session=session, by=str(by)).first()
    if sheet is None:
        raise Refused("You are not invited to this session.")
    if session.state != CalibrationSession.State.OPEN:
        raise Refused("The session is closed. Its answers stay as they are.")
    if sheet.submitted_at is not None:
        raise Refused("You have answered. Answers stay as they are until all are in.")


def check_close(session: CalibrationSession, by: Actor) -> None:
    """The leader closes a session."""
    check_analyst(by, organisation=session.organisation_id)
    if session.leader != str(by):
        raise Refused("Only the leader can close the session.")
    if session.state != CalibrationSession.State.OPEN:
        raise Refused("The session is closed already.")


def check_compare(session: CalibrationSession, by: Actor) -> None:
    """Nobody sees others' answers before all have answered, or the session is closed."""
    check_analyst(by, organisation=session.organisation_id)
    if session.state == CalibrationSession.State.CLOSED:
        return
    if CalibrationSheet.objects.filter(session=session, submitted_at=None).exists():
        raise Refused("Others have not answered yet. You see all answers when everybody has.")
