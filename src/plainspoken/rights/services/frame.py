"""What every service of requests shares: sessions, locks, who may act, and moving from state to state."""

from contextlib import AbstractContextManager
from typing import Any
from uuid import UUID

from plainspoken.custody import clock, ledger
from plainspoken.custody.actors import Actor
from plainspoken.custody.sessions import Session, purpose
from plainspoken.disclosures.messages import NoMailServer, write
from plainspoken.people.models import Membership

from .. import claims, links
from ..models import Request
from ..register import NoSuchRequest
from ..states import CLOSED, State, check

MAIL_HOLDS = ("email", "request")
LONGEST_REASON = 4000
OFFICERS = (Membership.Role.PRIVACY_OFFICER,)
SECOND_PEOPLE = (Membership.Role.PRIVACY_OFFICER, Membership.Role.ADMINISTRATOR)


class RequestRefused(ValueError):
    """The request cannot be made or moved so; the message says why and what to do."""


class NotYours(RequestRefused):
    """Whoever acts may not do this."""


def intake(organisation: UUID, by: Actor) -> AbstractContextManager[Session]:
    """The session for what people do themselves; visitors come as the public pages' database role."""
    return purpose(
        "rights.intake", organisation=organisation, by=by, role="portal" if by.kind == "visitor" else "app"
    )


def office(organisation: UUID, by: Actor) -> AbstractContextManager[Session]:
    """The session for deciding and carrying out."""
    return purpose("rights.execute", organisation=organisation, by=by)


def check_role(*, organisation: UUID, by: Actor, roles: tuple[str, ...] = OFFICERS) -> None:
    """Raises NotYours unless a program of ours or a member with one of these roles acts."""
    if by.kind == "program":
        return
    member = (
        by.kind == "person"
        and Membership.objects.filter(
            account_id=by.id, organisation_id=organisation, ended_at=None, role__in=roles
        ).exists()
    )
    if not member:
        raise NotYours("Your role may not do this. Ask the privacy officer.")


def check_desk(*, organisation: UUID, by: Actor) -> None:
    """Raises NotYours unless the register may be read: the privacy officer and second people."""
    check_role(organisation=organisation, by=by, roles=SECOND_PEOPLE)


def taken(organisation: UUID, reference: str) -> Request:
    """The request of a reference, locked until the session ends. Raises NoSuchRequest."""
    row = (
        Request.objects.select_for_update()
        .filter(organisation_id=organisation, reference=reference.strip().upper())
        .first()
    )
    if row is None:
        raise NoSuchRequest(f"There is no request {reference[:20]}. Check the reference.")
    return row


def become(request: Request, then: State, *, by: Actor, **detail: Any) -> UUID:
    """Move a locked request on and enter it; returns the ledger entry. The caller saves. Raises
    WrongState.
    """
    check(State(request.state), then)
    request.state = then
    if then in CLOSED:
        request.closed_at = clock.now(request.organisation_id)
        _end_pauses(request)
    return ledger.enter(
        act=f"request.{then}",
        subject=request.subject_id,
        about=f"request:{request.id}",
        by=by,
        detail={"reference": request.reference, "kind": request.kind, **detail},
    )


def _end_pauses(request: Request) -> None:
    end = clock.now(request.organisation_id).isoformat()
    request.pauses = [{**pause, "end": pause["end"] or end} for pause in request.pauses]


def tell(request: Request, *, title: str, text: str, by: Actor) -> UUID | None:
    """Write to the person at the address of their claim; None where there is none or no mail can go.

    The page behind their link says the same, so a house without a mail server still answers.
    """
    claim = claims.claim_of(request)
    if not claim.email:
        return None
    try:
        message = write(
            to=claim.email,
            title=title,
            text=text,
            categories=MAIL_HOLDS,
            by=by,
            subject=request.subject_id,
            key=request.key_name,
            about=f"request:{request.id}",
        )
    except NoMailServer:
        ledger.enter(act="request.untold", about=f"request:{request.id}", by=by)
        return None
    return message.id


def track_link(request: Request) -> str:
    """The person's own link to their request, while its key lives."""
    return links.track(
        organisation=request.organisation_id, reference=request.reference, token=claims.token_of(request)
    )
