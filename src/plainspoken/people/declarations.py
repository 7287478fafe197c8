"""Accounts, memberships and identifiers, declared."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.db.models import Q

from plainspoken.custody.actors import Actor
from plainspoken.custody.declarations import DESK, MAINTENANCE, MASKS, READERS
from plainspoken.custody.places import (
    KEY,
    STATE,
    TECHNICAL,
    TIME,
    Acts,
    Copied,
    Ending,
    OwnSubject,
    Place,
    Platform,
    personal,
    register,
)

from .models import Account, ApiToken, Membership, MergeProposal
from .services import erase_accounts_of


def _memberships(subject: UUID) -> Any:
    return Membership.objects.filter(subject_id=subject)


def _copy_account(subject: UUID) -> Iterator[Copied]:
    """The name, address and settings of the account; the password is left out."""
    for row in _memberships(subject).select_related("account"):
        account = row.account
        yield Copied(
            row=str(account.id),
            values={
                "email": account.email,
                "name": account.name,
                "time_zone": account.time_zone,
                "language": account.language,
                "last_login": account.last_login,
                "created_at": account.created_at,
            },
            masked={"password": "Only a hash is kept, and it protects you to keep it here."},
        )


def _copy_membership(subject: UUID) -> Iterator[Copied]:
    """The role and team, and since when."""
    for row in _memberships(subject):
        yield Copied(row=str(row.id), values={"role": row.role, "team": row.team, "since": row.since})


def _copy_token(subject: UUID) -> Iterator[Copied]:
    """The name of each token and when it was made; never the token."""
    for row in ApiToken.objects.filter(membership__subject_id=subject):
        yield Copied(row=str(row.id), values={"name": row.name, "created_at": row.created_at})


def _erase_account(subject: UUID, by: Actor) -> Ending:
    """The account is deleted, after its sessions."""
    # Sessions first: they hold the address of the sign-in, and afterwards nothing leads to them.
    _end_sessions(subject, by)
    return Ending(count=erase_accounts_of(subject, by), verb="erase")


def _nothing_left(subject: UUID, by: Actor) -> Ending:
    """Deleted together with the account."""
    return Ending(count=0, verb="erase")


def _proposals(subject: UUID) -> Any:
    """A proposal is about both; which of the two stands first says nothing."""
    return MergeProposal.objects.filter(Q(subject_id=subject) | Q(other_id=subject))


def _copy_addresses(subject: UUID) -> Iterator[Copied]:
    """Each address, and whether it was confirmed."""
    for row in EmailAddress.objects.filter(user__memberships__subject_id=subject):
        yield Copied(row=str(row.pk), values={"email": row.email, "verified": row.verified})


def _copy_nothing(subject: UUID) -> Iterator[Copied]:
    """Nothing: a session holds only an id and a secret that opens the account."""
    yield from ()


def _count_nothing(subject: UUID) -> int:
    return 0


def _end_sessions(subject: UUID, by: Actor) -> Ending:
    """Every session of the person is ended."""
    # Opened one by one, since they carry no account column.
    accounts = {str(pk) for pk in _memberships(subject).values_list("account_id", flat=True)}
    ended = 0
    if accounts:
        for session in Session.objects.iterator():
            if session.get_decoded().get("_auth_user_id") in accounts:
                session.delete()
                ended += 1
    return Ending(count=ended, verb="erase")


register(
    Place(
        model="people.Account",
        title="Accounts",
        source="staff.account",
        scope=Platform(reason="Sign-in comes before any purpose; an account is of no single organisation."),
        columns={
            "id": KEY,
            "password": personal("login"),
            "last_login": personal("login"),
            "email": personal("email"),
            "name": personal("name"),
            "time_zone": personal("preference"),
            "language": personal("preference"),
            "is_active": STATE,
            "created_at": TIME,
        },
        retention="account",
        age_from="created_at",
        acts=Acts(
            copy=_copy_account,
            rows=lambda subject: Account.objects.filter(memberships__subject_id=subject),
            erase=_erase_account,
        ),
    ),
    Place(
        model="people.Membership",
        title="Memberships and roles",
        source="staff.account",
        scope=Platform(reason="Decides which organisation a session is for, before any purpose."),
        columns={
            "id": KEY,
            "account": KEY,
            "organisation": KEY,
            "role": personal("job"),
            "subject": KEY,
            "team": personal("job"),
            "since": TIME,
            "ended_at": TIME,
        },
        retention="account",
        age_from="ended_at",
        acts=Acts(copy=_copy_membership, rows=_memberships, erase=_nothing_left),
    ),
    Place(
        model="people.ApiToken",
        title="API tokens",
        source="staff.account",
        scope=Platform(reason="Recognises a program before any purpose."),
        columns={
            "id": KEY,
            "membership": KEY,
            "name": personal("login"),
            "digest": TECHNICAL,
            "created_at": TIME,
            "last_used_at": personal("login"),
            "revoked_at": TIME,
        },
        retention="account",
        age_from="revoked_at",
        acts=Acts(
            copy=_copy_token,
            rows=lambda subject: ApiToken.objects.filter(membership__subject_id=subject),
            erase=_nothing_left,
        ),
    ),
    Place(
        model="people.Identifier",
        title="Names, numbers and addresses",
        source="conversations and requests",
        scope=OwnSubject("subject"),
        columns={
            "id": KEY,
            **MASKS,
            "subject": KEY,
            "kind": STATE,
            "value": personal("identifier", sealed=True),
            "blind": personal("identifier"),
            "tokens": personal("identifier"),
            "source": STATE,
            "first_seen_at": TIME,
        },
        purposes=(*MAINTENANCE, *DESK, *READERS, "service.notify", "marketing.inform"),
        retention="identifiers",
        age_from="first_seen_at",
        portal="w",
    ),
    Place(
        model="people.MergeProposal",
        title="Proposed merges",
        source="resolution of identifiers",
        scope=OwnSubject("subject"),
        columns={
            "id": KEY,
            **MASKS,
            "subject": KEY,
            "other": KEY,
            "reason": personal("identifier"),
            "state": STATE,
            "proposed_at": TIME,
            "decided_at": TIME,
        },
        purposes=(*MAINTENANCE, *DESK),
        retention="identifiers",
        age_from="proposed_at",
        acts=Acts(rows=_proposals),
        portal="w",
    ),
    Place(
        model="people.Throttle",
        title="Counters of failed sign-ins",
        scope=Platform(reason="Counted before anybody is known; keys are digests."),
        columns={"cache_key": TECHNICAL, "value": TECHNICAL, "expires": TIME},
        retention="session",
        age_from="expires",
    ),
    Place(
        model="account.EmailAddress",
        title="Sign-in addresses",
        scope=Platform(reason="Sign-in comes before any purpose."),
        columns={
            "id": KEY,
            "user": KEY,
            "email": personal("email"),
            "verified": STATE,
            "primary": STATE,
        },
        retention="account",
        acts=Acts(
            copy=_copy_addresses,
            rows=lambda subject: EmailAddress.objects.filter(user__memberships__subject_id=subject),
            erase=_nothing_left,
        ),
    ),
    Place(
        model="account.EmailConfirmation",
        title="Confirmations of sign-in addresses",
        scope=Platform(reason="Sign-in comes before any purpose."),
        columns={"id": KEY, "email_address": KEY, "created": TIME, "sent": TIME, "key": TECHNICAL},
        retention="account",
    ),
    Place(
        model="sessions.Session",
        title="Sign-in sessions",
        scope=Platform(reason="A session is opened before any purpose."),
        columns={"session_key": personal("login"), "session_data": personal("login"), "expire_date": TIME},
        retention="session",
        age_from="expire_date",
        acts=Acts(copy=_copy_nothing, count=_count_nothing, erase=_end_sessions),
    ),
    *(
        Place(
            model=model,
            title=title,
            scope=Platform(reason="Django's own frame; about no data subject."),
            columns=columns,
        )
        for model, title, columns in (
            (
                "contenttypes.ContentType",
                "Kinds of rows",
                {"id": KEY, "app_label": TECHNICAL, "model": TECHNICAL},
            ),
            (
                "auth.Permission",
                "Permissions (unused)",
                {"id": KEY, "name": TECHNICAL, "content_type": KEY, "codename": TECHNICAL},
            ),
            ("auth.Group", "Groups (unused)", {"id": KEY, "name": TECHNICAL}),
            (
                "auth.Group_permissions",
                "Group permissions (unused)",
                {"id": KEY, "group": KEY, "permission": KEY},
            ),
        )
    ),
)
