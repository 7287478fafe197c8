"""Accounts, memberships, API tokens."""

import hashlib
import secrets
from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from plainspoken.custody import clock, ledger
from plainspoken.custody.actors import Actor
from plainspoken.custody.models import Subject
from plainspoken.custody.sessions import purpose, required

from .models import Account, ApiToken, Identifier, Membership
from .resolution import Given, resolve


class AccountRefused(ValueError):
    """The account cannot be made or changed; the message says why and what to do."""


@dataclass(frozen=True)
class IssuedToken:
    """A token's row and its secret, which is shown this once."""

    token: ApiToken
    secret: str


def add_member(
    *,
    organisation: UUID,
    email: str,
    name: str,
    role: Membership.Role,
    by: Actor,
    password: str | None = None,
    team: str = "",
    region: str = "US",
) -> Membership:
    """Make (or find) an account and give it a role in an organisation, with the data subject it is there."""
    try:
        validate_email(email)
    except ValidationError as error:
        raise AccountRefused("The e-mail address is not one. Write it as name@place.example.") from error
    if role not in Membership.Role.values:
        raise AccountRefused(f"There is no role {role}. Choose one of {', '.join(Membership.Role.values)}.")
    with purpose("organisation.manage", organisation=organisation, by=by):
        account = Account.objects.filter(email=email.lower()).first()
        if account is None:
            account = Account.objects.create_user(email, password, name=name)
        if Membership.objects.filter(account=account, organisation_id=organisation).exists():
            raise AccountRefused("This address is a member already. Change its role instead.")
        subject = resolve(
            given=[Given(Identifier.Kind.EMAIL, email), Given(Identifier.Kind.NAME, name)],
            region=region,
            source="staff.account",
            by=by,
            kind=Subject.Kind.STAFF,
        )
        membership = Membership.objects.create(
            account=account,
            organisation_id=organisation,
            role=role,
            subject=subject,
            team=team,
            since=clock.now(organisation),
        )
        ledger.enter(
            act="member.added",
            subject=subject.id,
            about=f"membership:{membership.id}",
            by=by,
            detail={"role": role},
        )
        return membership


def change_role(*, membership: Membership, role: Membership.Role, by: Actor) -> None:
    """Give a member another role."""
    if role not in Membership.Role.values:
        raise AccountRefused(f"There is no role {role}. Choose one of {', '.join(Membership.Role.values)}.")
    with purpose("organisation.manage", organisation=membership.organisation_id, by=by):
        _keep_an_administrator(membership, becomes=role)
        membership.role = role
        membership.save(update_fields=["role"])
        ledger.enter(
            act="member.role",
            subject=membership.subject_id,
            about=f"membership:{membership.id}",
            by=by,
            detail={"role": role},
        )


LONGEST_TEAM = 60


def set_team(*, membership: Membership, team: str, by: Actor) -> bool:
    """Say in which team somebody is, empty for none; whether that changed anything. Reports count by team."""
    team = " ".join(team.replace("\0", " ").split())[:LONGEST_TEAM]
    if team == membership.team:
        return False
    with purpose("organisation.manage", organisation=membership.organisation_id, by=by):
        membership.team = team
        membership.save(update_fields=["team"])
        about = f"membership:{membership.id}"
        ledger.enter(act="member.team", subject=membership.subject_id, about=about, by=by)
    return True


def end_membership(*, membership: Membership, by: Actor) -> None:
    """Close a member's access: tokens are revoked, sign-in no longer leads here."""
    with purpose("organisation.manage", organisation=membership.organisation_id, by=by):
        _keep_an_administrator(membership, becomes=None)
        now = clock.now(membership.organisation_id)
        membership.ended_at = now
        membership.save(update_fields=["ended_at"])
        ApiToken.objects.filter(membership=membership, revoked_at=None).update(revoked_at=now)
        ledger.enter(
            act="member.ended", subject=membership.subject_id, about=f"membership:{membership.id}", by=by
        )


def _keep_an_administrator(membership: Membership, *, becomes: str | None) -> None:
    if membership.role != Membership.Role.ADMINISTRATOR or becomes == Membership.Role.ADMINISTRATOR:
        return
    others = Membership.objects.filter(
        organisation_id=membership.organisation_id, role=Membership.Role.ADMINISTRATOR, ended_at=None
    ).exclude(id=membership.id)
    if not others.exists():
        raise AccountRefused("This is the last administrator. Make another one first.")


def issue_token(*, membership: Membership, name: str, by: Actor) -> IssuedToken:
    """A new API token for a member. The secret is in the answer and nowhere else."""
    secret = "ps_" + secrets.token_urlsafe(32)
    with purpose("organisation.manage", organisation=membership.organisation_id, by=by):
        token = ApiToken.objects.create(
            membership=membership,
            name=name[:60],
            digest=digest_of(secret),
            created_at=clock.now(membership.organisation_id),
        )
        ledger.enter(act="token.issued", subject=membership.subject_id, about=f"token:{token.id}", by=by)
    return IssuedToken(token=token, secret=secret)


def digest_of(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def set_password(*, account: Account, password: str) -> None:
    """Set a password (argon2id by Django's hasher)."""
    with transaction.atomic():
        account.set_password(password)
        account.save(update_fields=["password"])


def erase_accounts_of(subject: UUID, by: Actor) -> int:
    """End the memberships of a staff subject here; the account goes when it is in no other organisation."""
    session = required()
    rows = Membership.objects.filter(organisation_id=session.organisation, subject_id=subject)
    accounts = [row.account_id for row in rows]
    if not accounts:
        return 0
    count, _ = rows.delete()
    for account in Account.objects.filter(id__in=accounts):
        if not account.memberships.exists():
            account.delete()
            count += 1
    return count


def remove_accounts_without_membership() -> int:
    """Accounts that lead nowhere: after an organisation was removed whole."""
    count, _ = Account.objects.filter(memberships=None).delete()
    return count


def revoke_token(*, token: ApiToken, by: Actor) -> None:
    """End a token at once. Ending it twice changes nothing."""
    organisation = token.membership.organisation_id
    with purpose("organisation.manage", organisation=organisation, by=by):
        ended = ApiToken.objects.filter(id=token.id, revoked_at=None).update(
            revoked_at=clock.now(organisation)
        )
        if ended:
            ledger.enter(
                act="token.revoked", subject=token.membership.subject_id, about=f"token:{token.id}", by=by
            )


# Without letters and digits that look alike.
READABLE = "abcdefghjkmnpqrstuvwxyz23456789"


def give_temporary_password(*, membership: Membership, by: Actor) -> str:
    """Replace a member's password by a random one (79 bits), which is in the answer and nowhere else.

    Every session of the account ends. Refused for somebody who is a member elsewhere too: an administrator
    of one organisation must not get into another.
    """
    account = membership.account
    elsewhere = account.memberships.filter(ended_at=None).exclude(organisation_id=membership.organisation_id)
    if elsewhere.exists():
        raise AccountRefused(
            "This person belongs to another organisation too. They must change it themselves."
        )
    if membership.ended_at is not None:
        raise AccountRefused("This membership has ended. Add the person again first.")
    secret = "-".join("".join(secrets.choice(READABLE) for _ in range(4)) for _ in range(4))
    with purpose("organisation.manage", organisation=membership.organisation_id, by=by):
        set_password(account=account, password=secret)
        ledger.enter(
            act="password.given", subject=membership.subject_id, about=f"membership:{membership.id}", by=by
        )
    return secret
