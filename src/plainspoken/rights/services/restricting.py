"""Restriction (GDPR Art. 18) and objection (Art. 21): the person's rows vanish from every purpose that the
policy closes for it.
"""

from collections.abc import Sequence
from uuid import UUID

from plainspoken.custody import ledger
from plainspoken.custody.actors import Actor
from plainspoken.custody.models import Decision
from plainspoken.custody.subjects import decide, lift
from plainspoken.disclosures.models import Message
from plainspoken.policies.queries import policy_in_force, rule

from .. import answers, claims
from ..closes import OBJECT, RESTRICT, closed_by_objection, closed_by_restriction, marketing, people_of
from ..models import Request
from ..states import State
from .frame import LONGEST_REASON, RequestRefused, check_role, office, taken, tell, track_link

CLAUSE = "right.restrict"
# Grounds of an objection: the person's own situation (GDPR Art. 21(1)), or marketing (Art. 21(2) and (3)).
OWN_SITUATION, MARKETING = "own-situation", "marketing"


def restrict(*, organisation: UUID, subject: UUID, ground: str, by: Actor, clause: str = CLAUSE) -> Decision:
    """Close those purposes for a subject. One restriction on the same ground is enough. Needs a session."""
    purposes = list(closed_by_restriction(organisation=organisation, clause=clause))
    return _once(subject=subject, kind=Decision.Kind.RESTRICTION, purposes=purposes, ground=ground, by=by)


def oppose(*, organisation: UUID, subject: UUID, by: Actor) -> tuple[Decision, ...]:
    """Close the purposes that an objection closes for a subject; what can be lifted comes first.

    Marketing is a decision of its own, since nothing lifts it. Raises RequestRefused where nothing rests on
    our interest. Needs a session.
    """
    closed = closed_by_objection(organisation=organisation, people=people_of(subject))
    always = marketing(organisation=organisation)
    parts = {
        OWN_SITUATION: [name for name in closed if name not in always],
        MARKETING: [name for name in closed if name in always],
    }
    made = tuple(
        _once(subject=subject, kind=Decision.Kind.OBJECTION, purposes=purposes, ground=ground, by=by)
        for ground, purposes in parts.items()
        if purposes
    )
    if not made:
        raise RequestRefused(NOTHING_TO_OPPOSE)
    return made


NOTHING_TO_OPPOSE = (
    "Nothing that we do with these data rests on our own interest, so nothing can be objected to."
)


def _once(*, subject: UUID, kind: Decision.Kind, purposes: list[str], ground: str, by: Actor) -> Decision:
    """The decision that stands already, else a new one."""
    there = Decision.objects.filter(
        subject_id=subject, kind=kind, ground=ground, purposes=sorted(purposes), lifted_at=None
    ).first()
    return there or decide(subject=subject, kind=kind, purposes=purposes, ground=ground, by=by)


def titles(*, organisation: UUID, purposes: Sequence[str]) -> list[str]:
    """What the purposes are called."""
    known = policy_in_force(organisation=organisation).purposes
    return [known[name].title if name in known else name for name in purposes]


def can_lift(request: Request) -> bool:
    """Whether the decision of a request stands and may end: an objection to marketing never does."""
    return request.kind in LIFTED and _liftable(request) is not None


def _liftable(request: Request) -> Decision | None:
    if State(request.state) != State.DONE or request.decision is None:
        return None
    return Decision.objects.filter(id=request.decision, lifted_at=None).exclude(ground=MARKETING).first()


LIFTED = {RESTRICT: "restriction", OBJECT: "objection"}


def lift_restriction(*, organisation: UUID, reference: str, by: Actor, reason: str = "") -> bool:
    """End the restriction or the objection of a request. The person is told first: True when it is lifted,
    False when the mail is on its way and lifting has to wait for it (GDPR Art. 18(3), 21(1)).

    Going on against an objection needs reasons where the policy says so; the person reads them.
    """
    check_role(organisation=organisation, by=by)
    with office(organisation, by):
        request = taken(organisation, reference)
        what = LIFTED.get(request.kind, "restriction")
        decision = _liftable(request) if request.kind in LIFTED else None
        if decision is None:
            raise RequestRefused(f"There is no {what} to lift for this request.")
        if not _is_told(request, by, reason.strip()[:LONGEST_REASON]):
            return False
        lift(decision=decision, by=by)
        request.outcome = {**request.outcome, "lifted": True}
        request.save(update_fields=["outcome"])
        return True


def _is_told(request: Request, by: Actor, reason: str) -> bool:
    """Whether the mail before lifting has gone; writes it where there is none yet."""
    if request.lifting is not None:
        message = Message.objects.filter(id=request.lifting).first()
        if message is not None and message.state in (Message.State.SENT, Message.State.OUTBOX):
            return True
        if message is not None and message.state == Message.State.QUEUED:
            return False
    needed = rule(organisation=request.organisation_id, clause=request.clause).override_needs_reasons
    if request.kind == OBJECT and needed and not reason:
        raise RequestRefused("Going on against an objection needs your reasons. Write them for the person.")
    title, text = answers.lifting_mail(request, link=track_link(request), reason=reason)
    request.lifting = tell(request, title=title, text=text, by=by)
    if request.lifting is None:
        raise RequestRefused("The person must be told first, and no mail can go. Set up a mail server first.")
    if reason:
        claims.add_words(request, "lifting", reason)
    request.save(update_fields=["lifting", "words"])
    ledger.enter(
        act=f"{LIFTED[request.kind]}.announced",
        subject=request.subject_id,
        about=f"request:{request.id}",
        by=by,
    )
    return False
