"""What people do themselves: ask, prove who they are, take it back."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Max
from procrastinate.contrib.django import app

from plainspoken.custody import clock, ledger
from plainspoken.custody.actors import Actor
from plainspoken.custody.models import Subject
from plainspoken.people.models import Membership
from plainspoken.policies.collection import CollectionRefused, admit
from plainspoken.policies.queries import policy_in_force, rule, version_in_force
from plainspoken.retention.queries import zone_of

from .. import claims, matching
from ..claims import Claim, ClaimRefused
from ..closes import CUSTOMER, OBJECT, STAFF, closed_by_objection
from ..kinds import UnknownKind, clause_of
from ..models import Request
from ..register import VERIFICATION
from ..states import State
from .frame import RequestRefused, become, check_role, intake, taken

CHANNELS = ("page", "email", "letter", "phone", "visit", "api", "account")
# What proves enough for each way to verify: any one of these sets.
ENOUGH: dict[str, tuple[frozenset[str], ...]] = {
    "none": (frozenset(),),
    "control-of-contact": (frozenset({"contact"}), frozenset({"sign-in"}), frozenset({"in-person"})),
    "sign-in": (frozenset({"sign-in"}), frozenset({"in-person"})),
    "sign-in-and-contact": (frozenset({"sign-in", "contact"}), frozenset({"in-person"})),
    "in-person": (frozenset({"in-person"}),),
}


@dataclass(frozen=True)
class Filed:
    """A request that stands in the register. The token lets its filer prove who they are, and see nothing
    else.
    """

    reference: str
    token: str


def file(
    *,
    organisation: UUID,
    kind: str,
    claim: Claim,
    by: Actor,
    law: str = "gdpr",
    channel: str = "page",
    received_at: datetime | None = None,
    ground: str = "",
    subject: UUID | None = None,
) -> Filed:
    """Enter a request in the register; its clock runs from `received_at` (default: now).

    `subject` is only for signed-in members who ask about themselves: their sign-in is the proof.
    Raises RequestRefused for what the policy does not offer or does not take; then nothing is stored.
    """
    claim, clause = _checked(organisation, kind, law, channel, claim, ground, by)
    now = clock.now(organisation)
    if received_at is not None and received_at > now:
        raise RequestRefused("The day of receipt lies in the future. Choose today or an earlier day.")
    if received_at is not None and by.kind == "visitor":
        raise RequestRefused("A request on this page is received when you send it.")
    if subject is not None and not _is_self(organisation, subject, by):
        raise RequestRefused("Only somebody who is signed in can ask about themselves without a code.")
    with intake(organisation, by):
        request = Request(
            organisation_id=organisation,
            kind=kind,
            clause=clause,
            law=law,
            channel=channel,
            ground=ground,
            filed_at=now,
            received_at=received_at or now,
        )
        request.key_name = claims.request_key(request)
        claims.seal(request, "claim", claim.given)
        token = claims.token_of(request)
        request.token_digest = claims.token_digest(token)
        _number(request)
        request.save(force_insert=True)
        ledger.enter(
            act="request.filed",
            about=f"request:{request.id}",
            by=by,
            detail={
                "reference": request.reference,
                "kind": kind,
                "law": law,
                "channel": channel,
                # Under which notice it was collected (notice.version).
                "policy": version_in_force(organisation=organisation).number,
            },
        )
        if subject is not None:
            request.subject = Subject.objects.get(id=subject)
        if (found := _prove(request, "sign-in" if subject is not None else "", by=by)) is not None:
            token = found
        request.save()
    return Filed(reference=request.reference, token=token)


def _checked(
    organisation: UUID, kind: str, law: str, channel: str, claim: Claim, ground: str, by: Actor
) -> tuple[Claim, str]:
    policy = policy_in_force(organisation=organisation)
    try:
        clause = clause_of(policy, kind=kind, law=law)
        checked = claim.checked()
        given = {"kind": kind, "law": law, **checked.given, **({"ground": ground} if ground else {})}
        admit(organisation=organisation, name="privacy.request", given=given)
    except (UnknownKind, ClaimRefused, CollectionRefused) as error:
        raise RequestRefused(str(error)) from None
    own = by.kind == "person" and channel == "account"
    if kind == OBJECT and not closed_by_objection(
        organisation=organisation, people=STAFF if own else CUSTOMER
    ):
        raise RequestRefused(
            "Nothing that we do rests on our own interest, so there is nothing to object to."
        )
    if channel not in CHANNELS:
        raise RequestRefused(f"There is no channel {channel[:20]}. Choose one of {', '.join(CHANNELS)}.")
    grounds = getattr(clause.rule, "grounds", ())
    if ground and ground not in grounds:
        raise RequestRefused(f"There is no such ground. Choose one of {', '.join(grounds) or 'none'}.")
    if by.kind == "visitor" and not checked.email and _needs_proof(organisation, kind, clause.id):
        raise RequestRefused("Give an e-mail address, so that we can send you a code.")
    return checked, clause.id


def _is_self(organisation: UUID, subject: UUID, by: Actor) -> bool:
    return (
        by.kind == "person"
        and Membership.objects.filter(
            account_id=by.id, organisation_id=organisation, subject_id=subject, ended_at=None
        ).exists()
    )


def _needs_proof(organisation: UUID, kind: str, clause: str) -> bool:
    without = rule(organisation=organisation, clause=VERIFICATION).without
    return kind not in without and rule(organisation=organisation, clause=clause).verify != "none"


def _number(request: Request) -> None:
    """The next number of the year. One filer at a time; a number is taken only by a request that stays."""
    organisation = request.organisation_id
    request.year = request.filed_at.astimezone(zone_of(organisation)).year
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 11))",
            [f"rights:{organisation}:{request.year}"],
        )
    last = Request.objects.filter(organisation_id=organisation, year=request.year).aggregate(
        last=Max("number")
    )
    request.number = (last["last"] or 0) + 1
    request.reference = f"R-{request.year}-{request.number:04d}"


def _prove(request: Request, proof: str, *, by: Actor) -> str | None:
    """Note a proof. Once there is enough of it the request opens, and its link gets a new token
    (returned).
    """
    organisation = request.organisation_id
    if proof and proof not in request.proofs:
        request.proofs = [*request.proofs, proof]
    needed = rule(organisation=organisation, clause=request.clause).verify
    if _needs_proof(organisation, request.kind, request.clause) and not any(
        enough <= set(request.proofs) for enough in ENOUGH[needed]
    ):
        return None
    now = clock.now(organisation)
    request.verified_at = now
    request.pauses = [{**pause, "end": pause["end"] or now.isoformat()} for pause in request.pauses]
    if request.subject_id is None:
        found = matching.match(claims.claim_of(request), by=by)
        request.matches = [str(one) for one in found.several]
        request.subject_id = found.subject
    become(request, State.OPEN, by=by, proofs=sorted(request.proofs))
    return _settle(request)


def _settle(request: Request) -> str | None:
    """Once we know whose request it is, their own key seals it, and the request's key is destroyed."""
    if request.subject_id is not None:
        old = request.key_name
        claims.move_to_subject(request)
        app.configure_task(name="rights.forget_key").defer(
            organisation=str(request.organisation_id), name=old
        )
    token = claims.token_of(request)
    request.token_digest = claims.token_digest(token)
    return token


def choose(*, organisation: UUID, reference: str, subject: UUID, by: Actor) -> None:
    """Say which of several people with the proved address is asking. Only one of those that fit can be
    chosen.
    """
    check_role(organisation=organisation, by=by)
    with intake(organisation, by):
        request = taken(organisation, reference)
        if str(subject) not in request.matches:
            raise RequestRefused("This person does not fit the request. Choose one of those shown.")
        if request.subject_id is not None:
            raise RequestRefused("It is known already who asks.")
        request.subject = Subject.objects.get(id=subject)
        request.matches = []
        _settle(request)
        request.save()
        ledger.enter(act="request.matched", subject=subject, about=f"request:{request.id}", by=by)


def confirm_in_person(*, organisation: UUID, reference: str, by: Actor) -> None:
    """Note that the person showed in person who they are, where the policy asks for that."""
    check_role(organisation=organisation, by=by)
    with intake(organisation, by):
        request = taken(organisation, reference)
        if rule(organisation=organisation, clause=request.clause).verify != "in-person":
            raise RequestRefused("The policy lets people prove this by a code. Send one.")
        _prove(request, "in-person", by=by)
        request.save()


def reach(*, organisation: UUID, reference: str, email: str, by: Actor) -> None:
    """Add or mend the address of a request that came by letter or telephone, before it is proved."""
    check_role(organisation=organisation, by=by)
    with intake(organisation, by):
        request = taken(organisation, reference)
        if State(request.state) not in (State.RECEIVED, State.PROVING):
            raise RequestRefused("It is known already who asks, so the address stays.")
        try:
            claim = Claim(**{**claims.claim_of(request).given, "email": email}).checked()
        except ClaimRefused as error:
            raise RequestRefused(str(error)) from None
        claims.seal(request, "claim", claim.given)
        request.save(update_fields=["claim"])
        ledger.enter(act="request.address", about=f"request:{request.id}", by=by)


def withdraw(*, organisation: UUID, reference: str, by: Actor, token: str = "") -> None:
    """Take a request back. Visitors need the link's token."""
    if by.kind != "visitor":
        check_role(organisation=organisation, by=by)
    with intake(organisation, by):
        request = taken(organisation, reference)
        if by.kind == "visitor" and not claims.token_fits(request, token):
            raise RequestRefused("Open the link in our mail to take the request back.")
        become(request, State.WITHDRAWN, by=by)
        request.save()
