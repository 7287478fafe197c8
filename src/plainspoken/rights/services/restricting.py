"""Restriction (GDPR Art. 18): the person's rows vanish from every purpose that the policy closes for it."""

from uuid import UUID

from plainspoken.custody import ledger
from plainspoken.custody.actors import Actor
from plainspoken.custody.models import Decision
from plainspoken.custody.subjects import decide, lift
from plainspoken.disclosures.models import Message
from plainspoken.policies.queries import policy_in_force

from .. import answers
from ..models import Request
from ..states import State
from .frame import RequestRefused, check_role, office, taken, tell, track_link

RESTRICTION = "restriction"
CLAUSE = "right.restrict"


def closed_by_restriction(*, organisation: UUID, clause: str = CLAUSE) -> tuple[str, ...]:
    """The purposes that a restriction closes: those the policy says so of, except what goes on and
    maintenance.
    """
    policy = policy_in_force(organisation=organisation)
    goes_on = policy.rule(clause).still_used_for  # type: ignore[attr-defined]
    return tuple(
        name
        for name, item in policy.purposes.items()
        if RESTRICTION in item.closed_by and name not in goes_on and not item.maintenance
    )


def restrict(*, organisation: UUID, subject: UUID, ground: str, by: Actor, clause: str = CLAUSE) -> Decision:
    """Close those purposes for a subject. One restriction on the same ground is enough. Needs a session."""
    purposes = sorted(closed_by_restriction(organisation=organisation, clause=clause))
    there = Decision.objects.filter(
        subject_id=subject, kind=Decision.Kind.RESTRICTION, ground=ground, purposes=purposes, lifted_at=None
    ).first()
    if there is not None:
        return there
    return decide(subject=subject, kind=Decision.Kind.RESTRICTION, purposes=purposes, ground=ground, by=by)


def titles(*, organisation: UUID, purposes: list[str]) -> list[str]:
    """What the purposes are called."""
    known = policy_in_force(organisation=organisation).purposes
    return [known[name].title if name in known else name for name in purposes]


def lift_restriction(*, organisation: UUID, reference: str, by: Actor) -> bool:
    """End the restriction of a request. The person is told first: True when it is lifted, False when the mail
    is on its way and lifting has to wait for it (GDPR Art. 18(3)).
    """
    check_role(organisation=organisation, by=by)
    with office(organisation, by):
        request = taken(organisation, reference)
        decision = request.decision and Decision.objects.filter(id=request.decision, lifted_at=None).first()
        if request.kind != "restrict" or State(request.state) != State.DONE or not decision:
            raise RequestRefused("There is no restriction to lift for this request.")
        if not _is_told(request, by):
            return False
        lift(decision=decision, by=by)
        request.outcome = {**request.outcome, "lifted": True}
        request.save(update_fields=["outcome"])
        return True


def _is_told(request: Request, by: Actor) -> bool:
    """Whether the mail before lifting has gone; writes it where there is none yet."""
    if request.lifting is not None:
        message = Message.objects.filter(id=request.lifting).first()
        if message is not None and message.state in (Message.State.SENT, Message.State.OUTBOX):
            return True
        if message is not None and message.state == Message.State.QUEUED:
            return False
    title, text = answers.lifting_mail(request, link=track_link(request))
    request.lifting = tell(request, title=title, text=text, by=by)
    if request.lifting is None:
        raise RequestRefused("The person must be told first, and no mail can go. Set up a mail server first.")
    request.save(update_fields=["lifting"])
    ledger.enter(
        act="restriction.announced", subject=request.subject_id, about=f"request:{request.id}", by=by
    )
    return False
