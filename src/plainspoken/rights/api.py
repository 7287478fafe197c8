"""Requests over the HTTP API. Filing is open to every member; deciding to the privacy officer and second
people.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Router, Schema, Status

from plainspoken.custody import ledger
from plainspoken.custody.sessions import purpose

from . import services
from .claims import Claim
from .models import Request
from .plans import Plan
from .register import clock_of, deadline_of, find
from .states import State

router = Router(tags=["requests"])
READ_FOR = "security.audit"


class Filing(Schema):
    """A request to enter in the register."""

    kind: str
    law: str = "gdpr"
    ground: str = ""
    channel: str = "api"
    received_at: datetime | None = None
    name: str = ""
    email: str = ""
    phone: str = ""
    details: str = ""


class Reason(Schema):
    """Why, in words that the person reads."""

    reason: str = ""


class Words(Schema):
    """An answer by hand."""

    text: str


class Decision(Schema):
    """`plan` is the fingerprint of the plan that was looked at."""

    plan: str
    typed: str = ""
    ground: str = ""


class Choice(Schema):
    """Who asks, where several people share an address."""

    subject: UUID


def _as(request: Any) -> dict[str, Any]:
    return {"organisation": request.membership.organisation_id, "by": request.actor}


def _shown(row: Request) -> dict[str, Any]:
    """A request without anything that the person told us."""
    limit = deadline_of(row)
    return {
        "reference": row.reference,
        "kind": row.kind,
        "clause": row.clause,
        "law": row.law,
        "channel": row.channel,
        "state": row.state,
        "received_at": row.received_at,
        "verified_at": row.verified_at,
        "closed_at": row.closed_at,
        "due": limit.due,
        "clock": clock_of(row).headline,
        "pauses": row.pauses,
        "extended_at": row.extended_at,
        "subject": row.subject_id,
        "matches": row.matches if row.subject_id is None else [],
        "outcome": row.outcome,
        "receipt": row.receipt,
    }


def _plan(plan: Plan) -> dict[str, Any]:
    return {**plan.as_json(), "total": plan.total, "kept": plan.kept}


@router.post("/requests", response={201: dict[str, Any]})
def file(request: Any, body: Filing) -> Any:
    """Enter a request. A code still has to prove who asks."""
    given = body.dict()
    claim = Claim(**{name: given.pop(name) for name in ("name", "email", "phone", "details")})
    filed = services.file(claim=claim, **given, **_as(request))
    return Status(201, {"reference": filed.reference})


@router.get("/requests")
def list_requests(request: Any, state: str = "") -> list[dict[str, Any]]:
    """All requests, newest first, without what people told us."""
    services.check_desk(**_as(request))
    member, actor = request.membership, request.actor
    with purpose(READ_FOR, organisation=member.organisation_id, by=actor):
        rows = Request.objects.filter(organisation_id=member.organisation_id).order_by("-received_at")
        if state:
            rows = rows.filter(state=state)
        found = [_shown(row) for row in rows[:500]]
        ledger.enter_read(place="rights.Request", rows=len(found), by=actor)
    return found


@router.get("/requests/{reference}")
def show(request: Any, reference: str) -> dict[str, Any]:
    """One request; what the person wrote is not in it."""
    services.check_desk(**_as(request))
    member, actor = request.membership, request.actor
    with purpose(READ_FOR, organisation=member.organisation_id, by=actor):
        row = find(organisation=member.organisation_id, reference=reference)
        ledger.enter_read(place="rights.Request", rows=1, by=actor, subject=row.subject_id)
        return _shown(row)


@router.get("/requests/{reference}/plan")
def plan(request: Any, reference: str) -> dict[str, Any]:
    """What would happen now, place by place."""
    return _plan(services.plan(reference=reference, **_as(request)))


@router.post("/requests/{reference}/code")
def code(request: Any, reference: str) -> dict[str, Any]:
    """Send a new code."""
    sent = services.send_code(reference=reference, **_as(request))
    return {"sent_to": sent.sent_to, "expires_at": sent.expires_at, "attempts_left": sent.attempts_left}


@router.post("/requests/{reference}/execute")
def execute(request: Any, reference: str, body: Decision) -> dict[str, Any]:
    """Decide to carry it out. An erasure may wait for a second person."""
    row = services.decide(
        reference=reference, plan_seen=body.plan, typed=body.typed, ground=body.ground, **_as(request)
    )
    return {"reference": row.reference, "state": row.state, "second_person": row.state == State.SECOND}


@router.post("/requests/{reference}/approve")
def approve(request: Any, reference: str, body: Decision) -> dict[str, Any]:
    """Agree as the second person."""
    row = services.approve(reference=reference, plan_seen=body.plan, **_as(request))
    return {"reference": row.reference, "state": row.state}


@router.post("/requests/{reference}/disagree", response={204: None})
def disagree(request: Any, reference: str) -> Any:
    """Do not agree as the second person."""
    services.disagree(reference=reference, **_as(request))
    return Status(204, None)


@router.post("/requests/{reference}/choose", response={204: None})
def choose(request: Any, reference: str, body: Choice) -> Any:
    """Say who asks, where several people share the proved address."""
    services.choose(reference=reference, subject=body.subject, **_as(request))
    return Status(204, None)


@router.post("/requests/{reference}/refuse", response={204: None})
def refuse(request: Any, reference: str, body: Reason) -> Any:
    """Refuse, with reasons."""
    services.refuse(reference=reference, reason=body.reason, **_as(request))
    return Status(204, None)


@router.post("/requests/{reference}/extend", response={204: None})
def extend(request: Any, reference: str, body: Reason) -> Any:
    """Take longer, with a reason."""
    services.extend(reference=reference, reason=body.reason, **_as(request))
    return Status(204, None)


@router.post("/requests/{reference}/answer", response={204: None})
def answer(request: Any, reference: str, body: Words) -> Any:
    """Answer by hand."""
    services.answer(reference=reference, text=body.text, **_as(request))
    return Status(204, None)


@router.post("/requests/{reference}/withdraw", response={204: None})
def withdraw(request: Any, reference: str) -> Any:
    """Take it back for the person."""
    services.withdraw(reference=reference, **_as(request))
    return Status(204, None)


@router.post("/requests/{reference}/lift")
def lift(request: Any, reference: str, body: Reason | None = None) -> dict[str, Any]:
    """Lift a restriction or an objection: the first call tells the person, with reasons where the policy
    wants them; a later one lifts.
    """
    reason = body.reason if body else ""
    return {"lifted": services.lift_restriction(reference=reference, reason=reason, **_as(request))}
