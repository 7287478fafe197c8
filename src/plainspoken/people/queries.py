"""Reads about accounts, memberships and identifiers."""

from uuid import UUID

from django.db.models import QuerySet

from plainspoken.custody import keys
from plainspoken.custody.acts import context
from plainspoken.custody.sessions import required

from .models import Account, Identifier, Membership


class NoSuchMember(LookupError):
    """There is no such member in the organisation."""


def membership(*, account: Account, organisation: UUID | None = None) -> Membership | None:
    """The membership in force: of this organisation, else the first one."""
    rows = Membership.objects.select_related("organisation").filter(account=account, ended_at=None)
    if organisation:
        rows = rows.filter(organisation_id=organisation)
    return rows.order_by("since").first()


def identifiers(*, subject: UUID) -> list[tuple[Identifier.Kind, str]]:
    """Kind and value of every identifier of a subject, opened. Raises KeyGone after an erasure."""
    rows = list(Identifier.objects.filter(subject_id=subject).order_by("kind", "first_seen_at"))
    if not rows:
        return []
    sealer = keys.subject_sealer(subject)
    return [
        (Identifier.Kind(row.kind), sealer.open_text(bytes(row.value), context=context(row, "value")))
        for row in rows
    ]


def name(*, subject: UUID) -> str | None:
    """The first name known of a subject, opened."""
    return next((value for kind, value in identifiers(subject=subject) if kind == Identifier.Kind.NAME), None)


def label(subject: UUID, *, kind: str = "Customer") -> str:
    """How a subject is shown where the name is not needed: a short pseudonym, always the same."""
    digits = subject.hex.upper()
    return f"{kind} {digits[:3]}-{digits[3:5]}"


def members(*, organisation: UUID) -> "QuerySet[Membership]":
    """Everybody who is or was a member, by name. Needs the purpose organisation.manage in force."""
    required()
    rows = Membership.objects.filter(organisation_id=organisation).select_related("account", "organisation")
    return rows.order_by("account__name", "account__email")


def member(*, organisation: UUID, id: UUID) -> Membership:
    """One member. Needs the purpose organisation.manage in force. Raises NoSuchMember."""
    found = members(organisation=organisation).filter(id=id).first()
    if found is None:
        raise NoSuchMember("There is no such person here. Look in the list of people.")
    return found


def member_by_login(*, organisation: UUID, email: str) -> Membership:
    """One member by sign-in address. Needs the purpose organisation.manage in force. Raises NoSuchMember."""
    found = members(organisation=organisation).filter(account__email=email.strip().lower()).first()
    if found is None:
        raise NoSuchMember(f"Nobody signs in here as {email}. Look in `plainspoken people list`.")
    return found
