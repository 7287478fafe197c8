"""What the office decides: look at the plan, carry it out, with a second person where the policy says so, or
refuse.
"""

from uuid import UUID

from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from plainspoken.custody import clock, ledger
from plainspoken.custody.actors import Actor
from plainspoken.kernels.policy import Duration
from plainspoken.policies.queries import rule

from .. import answers, claims, plans
from ..kinds import EXECUTED
from ..models import Request
from ..plans import Plan
from ..register import CLOCK, deadline_of, extension, find, open_requests
from ..states import UNPROVED, WAITING, State
from .frame import (
    LONGEST_REASON,
    SECOND_PEOPLE,
    RequestRefused,
    become,
    check_role,
    office,
    taken,
    tell,
    track_link,
)


class PlanChanged(ValueError):
    """What would happen is no longer what was shown. `plan` is what would happen now."""

    def __init__(self, plan: Plan) -> None:
        super().__init__("The plan changed since you looked. Look at it again, then decide.")
        self.plan = plan


def plan(*, organisation: UUID, reference: str, by: Actor) -> Plan:
    """Walk the data map for a request: what would happen now. Writes nothing.

    Raises RequestRefused before identity is proved.
    """
    check_role(organisation=organisation, by=by, roles=SECOND_PEOPLE)
    with office(organisation, by):
        return _plan(find(organisation=organisation, reference=reference))


def _plan(request: Request) -> Plan:
    if State(request.state) in UNPROVED:
        raise RequestRefused("Identity is not proved, so nothing is shown. Send a code.")
    return plans.make(
        organisation=request.organisation_id,
        subject=request.subject_id,
        kind=request.kind,
        clause=request.clause,
    )


def decide(
    *, organisation: UUID, reference: str, plan_seen: str, by: Actor, typed: str = "", ground: str = ""
) -> Request:
    """Carry a request out as the plan says; `plan_seen` is its fingerprint, `typed` the reference for an
    erasure.

    With a second person the request waits for them. Raises PlanChanged, RequestRefused, WrongState.
    """
    check_role(organisation=organisation, by=by)
    with office(organisation, by):
        request = taken(organisation, reference)
        made = _agreed(request, plan_seen)
        if request.kind == "erase" and typed.strip().upper() != request.reference:
            raise RequestRefused(f"Type {request.reference} to go on. Nothing was done.")
        if request.kind == "restrict":
            request.ground = _ground(request, ground)
        _check_others(request)
        request.plan = made.as_json()
        request.decided_by, request.decided_at = str(by), clock.now(organisation)
        if rule(organisation=organisation, clause=request.clause).second_person:
            become(request, State.SECOND, by=by, items=made.total)
        else:
            _start(request, made, by)
        request.save()
    return request


def approve(*, organisation: UUID, reference: str, plan_seen: str, by: Actor) -> Request:
    """The second person agrees, and it starts. Raises RequestRefused for the first person."""
    check_role(organisation=organisation, by=by, roles=SECOND_PEOPLE)
    with office(organisation, by):
        request = taken(organisation, reference)
        if State(request.state) != State.SECOND:
            raise RequestRefused("The request does not wait for a second person.")
        if request.decided_by == str(by):
            raise RequestRefused("You decided it, so somebody else has to agree.")
        made = _agreed(request, plan_seen)
        request.plan = made.as_json()
        request.approved_by, request.approved_at = str(by), clock.now(organisation)
        _start(request, made, by)
        request.save()
    return request


def disagree(*, organisation: UUID, reference: str, by: Actor) -> None:
    """The second person does not agree; the request is open again."""
    check_role(organisation=organisation, by=by, roles=SECOND_PEOPLE)
    with office(organisation, by):
        request = taken(organisation, reference)
        if State(request.state) != State.SECOND:
            raise RequestRefused("The request does not wait for a second person.")
        become(request, State.OPEN, by=by)
        request.decided_by, request.decided_at = "", None
        request.save()


def _agreed(request: Request, plan_seen: str) -> Plan:
    """The plan of now, where it is the one that was seen."""
    if request.kind not in EXECUTED:
        raise RequestRefused("Requests of this kind are answered by hand. Write the answer.")
    made = _plan(request)
    if request.matches and request.subject_id is None:
        raise RequestRefused("Several people have this address. Choose who asks first.")
    if made.blocked:
        raise RequestRefused(f"{made.blocked[0]} Publish a policy that names it, or end it there.")
    if made.fingerprint != plan_seen:
        raise PlanChanged(made)
    return made


def _ground(request: Request, given: str) -> str:
    """On which ground a restriction rests (GDPR Art. 18(1))."""
    grounds = rule(organisation=request.organisation_id, clause=request.clause).grounds
    chosen = given or request.ground
    if chosen not in grounds:
        raise RequestRefused(f"A restriction needs one of these grounds: {', '.join(grounds)}.")
    return chosen


def _check_others(request: Request) -> None:
    """An erasure ends everything, so what else the person asked for comes first."""
    if request.kind != "erase" or request.subject_id is None:
        return
    others = (
        open_requests(organisation=request.organisation_id)
        .filter(subject_id=request.subject_id)
        .exclude(id=request.id)
        .exclude(kind="erase")
        .order_by("received_at")
    )
    first = others.first()
    if first is not None:
        raise RequestRefused(f"The same person asked something else in {first.reference}. Answer that first.")


def _start(request: Request, made: Plan, by: Actor) -> None:
    become(request, State.RUNNING, by=by, items=made.total)
    _run(request)


def _run(request: Request) -> None:
    app.configure_task(name="rights.execute", lock=f"request:{request.id}").defer(
        organisation=str(request.organisation_id), request=str(request.id)
    )


def resume(*, organisation: UUID, reference: str, by: Actor) -> None:
    """Run a request again whose execution stopped; it goes on where it was. Doing this twice does no harm."""
    check_role(organisation=organisation, by=by)
    with office(organisation, by):
        request = taken(organisation, reference)
        if State(request.state) != State.RUNNING:
            raise RequestRefused("The request is not being carried out, so there is nothing to run again.")
        ledger.enter(act="request.resumed", subject=request.subject_id, about=f"request:{request.id}", by=by)
        _run(request)


def is_queued(request: Request) -> bool:
    """Whether a job that carries the request out waits or runs."""
    return ProcrastinateJob.objects.filter(
        task_name="rights.execute", args__request=str(request.id), status__in=("todo", "doing")
    ).exists()


def refuse(*, organisation: UUID, reference: str, reason: str, by: Actor) -> None:
    """Refuse a request; where the policy wants reasons there must be some, and the person is told them."""
    check_role(organisation=organisation, by=by)
    text = reason.strip()
    if not text and rule(organisation=organisation, clause=CLOCK).refusal_needs_reasons:
        raise RequestRefused("A refusal states its reasons. Write them for the person.")
    with office(organisation, by):
        request = taken(organisation, reference)
        if text:
            claims.add_words(request, "refusal", text[:LONGEST_REASON])
        _close(request, State.REFUSED, by)


def answer(*, organisation: UUID, reference: str, text: str, by: Actor) -> None:
    """Answer by hand what no program carries out."""
    check_role(organisation=organisation, by=by)
    with office(organisation, by):
        request = taken(organisation, reference)
        if request.kind in EXECUTED:
            raise RequestRefused("This kind is carried out by program. Look at its plan.")
        if not text.strip():
            raise RequestRefused("An answer needs words. Write them for the person.")
        claims.add_words(request, "answer", text.strip()[:LONGEST_REASON])
        _close(request, State.DONE, by)


def _close(request: Request, then: State, by: Actor) -> None:
    request.outcome = {"policy": answers.policy_number(request.organisation_id)}
    request.receipt = become(request, then, by=by)
    answer = answers.answer_of(request, words=claims.words_of(request))
    proved = request.verified_at is not None
    text = answer.text(link=track_link(request) if proved else "")
    request.answered = tell(request, title=answer.title, text=text, by=by)
    request.save()


def extend(*, organisation: UUID, reference: str, reason: str, by: Actor) -> None:
    """Take longer, once, with a reason, and tell the person in time (GDPR Art. 12(3))."""
    check_role(organisation=organisation, by=by)
    if not reason.strip():
        raise RequestRefused("An extension states its reason. Write it for the person.")
    more = extension(organisation)
    if more is None:
        raise RequestRefused("The policy allows no extension.")
    with office(organisation, by):
        request = taken(organisation, reference)
        _check_extension(request)
        now = clock.now(organisation)
        request.extended_at = now
        claims.add_words(request, "extension", reason.strip()[:LONGEST_REASON])
        due = deadline_of(request, now=now).due
        title, text = answers.extension_mail(
            request,
            reason=reason.strip()[:LONGEST_REASON],
            due=f"{due.day} {due:%B %Y}",
            link=track_link(request),
        )
        tell(request, title=title, text=text, by=by)
        ledger.enter(
            act="request.extended",
            subject=request.subject_id,
            about=f"request:{request.id}",
            by=by,
            detail={"reference": request.reference, "due": due.isoformat()},
        )
        request.save()


def _check_extension(request: Request) -> None:
    if State(request.state) not in WAITING:
        raise RequestRefused("Only an open request can be extended.")
    if request.extended_at is not None:
        raise RequestRefused("It was extended once already.")
    told_within: Duration | None = rule(
        organisation=request.organisation_id, clause=CLOCK
    ).extension_told_within
    now = clock.now(request.organisation_id)
    if told_within is not None and now > told_within.add_to(request.received_at):
        raise RequestRefused("It is too late for an extension: the time for telling it has passed.")
