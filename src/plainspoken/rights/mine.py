"""What we hold about a colleague, who looked at it, and what they can ask. Counts and codes only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.urls import reverse

from plainspoken.custody import acts
from plainspoken.custody.actors import Actor
from plainspoken.custody.models import LedgerEntry
from plainspoken.custody.sessions import purpose
from plainspoken.people.models import Account, Membership
from plainspoken.policies.queries import policy_in_force

from . import services
from .claims import Claim
from .closes import STAFF
from .copies import retention_of
from .kinds import Kind, kinds, law_text
from .models import Request
from .register import deadline_of
from .states import CLOSED, State
from .tracking import STATE_TEXTS

MOST_LOOKS = 50
# What staff can ask here; the rest goes to the privacy centre like anybody's.
OFFERED = ("access", "correct", "erase", "restrict", "object", "port")
INTRO = "What we hold about you as a colleague, who looked, and what you can ask."


@dataclass(frozen=True)
class Holding:
    """A place that holds something about them."""

    title: str
    what: str
    until: str


@dataclass(frozen=True)
class Look:
    """Somebody read something about them."""

    at: datetime
    name: str
    you: bool
    program: bool
    purpose: str
    took: str


@dataclass(frozen=True)
class Asked:
    """A request of their own, and how far it is."""

    reference: str
    title: str
    received: datetime
    due: date | None
    state_text: str


@dataclass(frozen=True)
class Offer:
    """A right and where to ask for it."""

    title: str
    text: str
    url: str


def context(*, member: Membership, by: Actor) -> dict[str, Any]:
    """What the page shows. A member without a data subject is held as an account only."""
    with purpose("rights.execute", organisation=member.organisation_id, by=by):
        holds = _holdings(member) if member.subject_id else ()
        looks = _looks(member) if member.subject_id else ()
        asked = _asked(member, member.subject_id) if member.subject_id else ()
    return {"intro": INTRO, "holds": holds, "looks": looks, "asked": asked, "rights": _offers(member)}


def _holdings(member: Membership) -> Sequence[Holding]:
    policy = policy_in_force(organisation=member.organisation_id)
    found = []
    for place in acts.personal_places():
        count = acts.count(place, member.subject_id) if member.subject_id else 0
        if count:
            what = "1 item" if count == 1 else f"{count} items"
            found.append(Holding(place.title, what, retention_of(place, policy)))
    return found


def _asked(member: Membership, subject: UUID) -> Sequence[Asked]:
    policy = policy_in_force(organisation=member.organisation_id)
    rows = Request.objects.filter(organisation_id=member.organisation_id, subject_id=subject)
    return [
        Asked(
            reference=row.reference,
            title=policy.clause(row.clause).title,
            received=row.received_at,
            due=None if State(row.state) in CLOSED else deadline_of(row).due,
            state_text=STATE_TEXTS[State(row.state)],
        )
        for row in rows.order_by("-received_at")
    ]


def _looks(member: Membership) -> Sequence[Look]:
    titles = {
        n: item.title for n, item in policy_in_force(organisation=member.organisation_id).purposes.items()
    }
    rows = LedgerEntry.objects.filter(
        organisation_id=member.organisation_id, subject=member.subject_id, act="read"
    ).order_by("-at")[:MOST_LOOKS]
    return [
        Look(
            at=row.at,
            name=_name(row.by),
            you=row.by == f"person:{member.account_id}",
            program=row.by.startswith("program:"),
            purpose=titles.get(row.purpose, row.purpose),
            took=_took(row.detail.get("rows")),
        )
        for row in rows
    ]


def _took(rows: Any) -> str:
    return "" if not isinstance(rows, int) else "1 item" if rows == 1 else f"{rows} items"


def _name(by: str) -> str:
    kind, _, identity = by.partition(":")
    if kind != "person":
        return identity if kind == "program" else "A visitor"
    return (
        Account.objects.filter(id=UUID(identity)).values_list("name", flat=True).first()
        or "Somebody who left"
    )


def _offers(member: Membership) -> Sequence[Offer]:
    if member.subject_id is None:
        return ()
    return [
        Offer(one.title, law_text(one.kind, one.laws[0]), reverse("rights:ask", kwargs={"kind": one.kind}))
        for one in kinds(organisation=member.organisation_id, people=STAFF)
        if one.kind in OFFERED
    ]


def right(*, organisation: UUID, kind: str) -> Kind | None:
    """A right that is offered here, or None."""
    return next(
        (
            one
            for one in kinds(organisation=organisation, people=STAFF)
            if one.kind == kind and kind in OFFERED
        ),
        None,
    )


def ask(*, member: Membership, kind: Kind, given: dict[str, Any], by: Actor) -> services.Filed:
    """File a colleague's own request. Raises RequestRefused."""
    account = member.account
    return services.file(
        organisation=member.organisation_id,
        kind=kind.kind,
        law=given["law"],
        ground=given.get("ground", ""),
        channel="account",
        claim=Claim(name=account.name, email=account.email, details=given.get("details", "")),
        subject=member.subject_id,
        by=by,
    )
