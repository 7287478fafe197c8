"""Carrying a decided request out. Each part is done once, however often the job runs or where it was cut
off.
"""

from collections.abc import Sequence
from uuid import UUID

from plainspoken.custody import clock, ledger, sealing
from plainspoken.custody.actors import Actor
from plainspoken.custody.models import Decision
from plainspoken.disclosures import messages
from plainspoken.disclosures.messages import NoMailServer
from plainspoken.disclosures.models import Message
from plainspoken.retention.queries import held, laws

from .. import answers, claims, links, plans
from ..closes import OBJECT
from ..models import Archive, Request, Step
from ..plans import Plan
from ..states import State
from . import archiving, erasing, restricting
from .frame import MAIL_HOLDS, RequestRefused, become, office, tell, track_link

HELD_GROUND = "needed-for-claims"


def execute(*, organisation: UUID, request: UUID, by: Actor) -> Request:
    """Carry a request out to its answer (body of the job `rights.execute`). A request that is done stays
    done.

    Raises WrongState or RequestRefused for one that was not decided, Unsound, NotErased.
    """
    with office(organisation, by):
        row = Request.objects.select_for_update().get(id=request)
        if State(row.state) == State.DONE:
            return row
        if State(row.state) != State.RUNNING:
            raise RequestRefused("The request is not decided, so it is not carried out.")
        if row.kind == "erase" and not _begin_erasure(row, by):
            return row
    match row.kind:
        case "access":
            _access(row, by)
        case "erase":
            _erase(row, by)
        case "restrict" | "object":
            _suspend(row, by)
        case _:
            raise RequestRefused("Requests of this kind are answered by hand.")
    # So that the receipt can be shown at once; the sealer would come round within a second anyway.
    sealing.seal(organisation=organisation)
    with office(organisation, by):
        return Request.objects.get(id=request)


# ---- access ----


def _access(row: Request, by: Actor) -> None:
    organisation = row.organisation_id
    with office(organisation, by):
        made = plans.make(organisation=organisation, subject=row.subject_id, kind=row.kind, clause=row.clause)
    archiving.build(organisation=organisation, request=row.id, by=by)
    with office(organisation, by):
        request = Request.objects.select_for_update().get(id=row.id)
        if State(request.state) != State.RUNNING:
            return
        masked = Archive.objects.filter(request=request).values_list("masked", flat=True).first() or 0
        _done(request, made, by, masked=masked)
        answer = answers.answer_of(request, words={})
        request.answered = tell(
            request, title=answer.title, text=answer.text(link=track_link(request)), by=by
        )
        request.save()


# ---- restriction and objection ----


def _suspend(row: Request, by: Actor) -> None:
    organisation = row.organisation_id
    with office(organisation, by):
        request = Request.objects.select_for_update().get(id=row.id)
        if State(request.state) != State.RUNNING:
            return
        made = plans.make(
            organisation=organisation, subject=request.subject_id, kind=request.kind, clause=request.clause
        )
        # Of somebody whom we do not know nothing is used, so there is nothing to close.
        decisions = _decisions(request, request.subject_id, by) if request.subject_id else ()
        request.decision = decisions[0].id if decisions else None
        purposes = [name for decision in decisions for name in decision.purposes]
        closed = restricting.titles(organisation=organisation, purposes=purposes)
        _done(request, made, by, closed=closed)
        answer = answers.answer_of(request, words={})
        request.answered = tell(
            request, title=answer.title, text=answer.text(link=track_link(request)), by=by
        )
        request.save()


def _decisions(request: Request, subject: UUID, by: Actor) -> Sequence[Decision]:
    """What closes purposes for the person; a decision that can be lifted comes first."""
    organisation = request.organisation_id
    if request.kind == OBJECT:
        return restricting.oppose(organisation=organisation, subject=subject, by=by)
    return [
        restricting.restrict(
            organisation=organisation, subject=subject, ground=request.ground, by=by, clause=request.clause
        )
    ]


# ---- erasure ----


def _begin_erasure(row: Request, by: Actor) -> bool:
    """Compare the plan once more and keep what the last mail needs. False: the plan changed, so it is open
    again.
    """
    if Step.objects.filter(request=row).exists():
        return True
    made = plans.make(
        organisation=row.organisation_id, subject=row.subject_id, kind=row.kind, clause=row.clause
    )
    if made.fingerprint != row.plan.get("fingerprint") or made.blocked:
        become(row, State.OPEN, by=by)
        row.plan = made.as_json()
        row.decided_by = row.approved_by = ""
        row.decided_at = row.approved_at = None
        row.save()
        ledger.enter(act="request.plan-changed", subject=row.subject_id, about=f"request:{row.id}", by=by)
        return False
    erasing.make_steps(row)
    _hold_last_mail(row, by)
    row.save()
    return True


def _hold_last_mail(row: Request, by: Actor) -> None:
    """The address outlives the person's key for one mail: under a key of its own, destroyed once it was
    sent.
    """
    claim = claims.claim_of(row)
    if not claim.email:
        return
    try:
        message = messages.hold(
            to=claim.email,
            words=claims.token_of(row),
            categories=MAIL_HOLDS,
            about=f"request:{row.id}",
        )
    except NoMailServer:
        ledger.enter(act="request.untold", about=f"request:{row.id}", by=by)
        return
    row.answered = message.id


def _erase(row: Request, by: Actor) -> None:
    organisation = row.organisation_id
    if row.subject_id is None:
        raise RequestRefused("It is not known who asks, so nothing can be erased. Choose who it is.")
    is_held = erasing.run_steps(organisation=organisation, request=row.id, subject=row.subject_id, by=by)
    with office(organisation, by):
        request = Request.objects.select_for_update().get(id=row.id)
        if State(request.state) != State.RUNNING or request.subject_id is None:
            return
        if is_held:
            for name, law in laws(subject=request.subject_id).items():
                # With the other words, so that the answer can name it, and erased with them.
                claims.add_words(request, name, law)
            restricting.restrict(
                organisation=organisation, subject=request.subject_id, ground=HELD_GROUND, by=by
            )
        _done(request, erasing.done_plan(request), by, held=is_held)
        _close_the_same(request, by)
        _send_last_mail(request, by)
        request.save()


def _close_the_same(request: Request, by: Actor) -> None:
    """Other open erasures of the same person were carried out by this one."""
    assert request.subject_id is not None
    others = (
        Request.objects.select_for_update()
        .filter(subject_id=request.subject_id, kind="erase", state__in=[State.OPEN, State.SECOND])
        .exclude(id=request.id)
    )
    for other in others:
        other.outcome = {"with": request.reference, "policy": request.outcome["policy"]}
        become(other, State.DONE, by=by)
        other.save()


def _send_last_mail(request: Request, by: Actor) -> None:
    message = (
        request.answered and Message.objects.filter(id=request.answered, state=Message.State.HELD).first()
    )
    if not message:
        return
    token = messages.read(message).text
    link = links.track(organisation=request.organisation_id, reference=request.reference, token=token)
    answer = answers.answer_of(request, words=claims.words_of(request))
    messages.post(message=message, title=answer.title, text=answer.text(link=link), by=by)


def after_hold(*, organisation: UUID, subject: UUID, by: Actor) -> int:
    """Erase what an erasure had to leave, once no hold is left; returns how many rows ended."""
    with office(organisation, by):
        waiting = list(
            Request.objects.filter(
                subject_id=subject, kind="erase", state=State.DONE, outcome__held=True
            ).values_list("id", flat=True)
        )
        still = held(organisation=organisation, subject=subject)
    if not waiting or still is not None:
        return 0
    erased = erasing.everywhere(organisation=organisation, subject=subject, by=by)
    with office(organisation, by):
        for request in Request.objects.select_for_update().filter(id__in=waiting):
            rows = tuple(
                plans.Row(where.model, where.title, ending.verb, ending.count, ending.kept)
                for where, ending in erased.places
                if ending.count or ending.kept
            )
            after = Plan(rows=rows, empty=len(erased.places) - len(rows), made_at=clock.now(organisation))
            request.outcome = {**request.outcome, "held": False, "plan": after.as_json()}
            request.save(update_fields=["outcome"])
            ledger.enter(
                act="request.erased-after-hold",
                subject=subject,
                about=f"request:{request.id}",
                by=by,
                detail={"items": erased.count},
            )
    return erased.count


# ---- both ----


def _done(request: Request, made: Plan, by: Actor, **outcome: object) -> None:
    request.outcome = {
        **outcome,
        "plan": made.as_json(),
        "policy": answers.policy_number(request.organisation_id),
    }
    request.receipt = become(request, State.DONE, by=by, items=made.total, kept=made.kept)
