"""Proving organisations: made for a proof, with the policy of the organisation that is proved, and removed after it."""

import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.db import DatabaseError, connections, transaction

from plainspoken.custody.actors import program
from plainspoken.custody.models import Organisation
from plainspoken.custody.organisations import create
from plainspoken.custody.places import places
from plainspoken.custody.ports import KeyGone, keyring
from plainspoken.custody.removal import remove
from plainspoken.people.models import Membership
from plainspoken.people.services import add_member, issue_token, remove_accounts_without_membership
from plainspoken.policies import queries as policies
from plainspoken.policies.services import publish

PROVER = program("prover")
CAST = (
    ("agent", Membership.Role.AGENT, "Avery Prover"),
    ("supervisor", Membership.Role.SUPERVISOR, "Sandy Prover"),
    ("officer", Membership.Role.PRIVACY_OFFICER, "Parker Prover"),
    ("second", Membership.Role.PRIVACY_OFFICER, "Sasha Prover"),
    ("administrator", Membership.Role.ADMINISTRATOR, "Addison Prover"),
)


@dataclass(frozen=True)
class Person:
    """A member of a proving organisation: how to sign in, and an API token."""

    role: str
    email: str
    password: str
    token: str


@dataclass(frozen=True)
class Proving:
    """Everything a prover needs to act as a person would."""

    id: str
    slug: str
    people: dict[str, Person]


def start(*, of: Organisation, smtp_url: str) -> Proving:
    """A new proving organisation with the policy in force of `of`."""
    mark = secrets.token_hex(4)
    row = create(
        slug=f"proving-{mark}",
        name=f"Proving {mark}",
        home_region=of.home_region,
        kind=Organisation.Kind.PROVING,
        time_zone=of.time_zone,
        language=of.language,
        phone_region=of.phone_region,
        smtp_url=smtp_url,
    )
    source = policies.version_in_force(organisation=of.id).source
    publish(organisation=row.id, source=source, file="proving", by=PROVER)
    return Proving(
        id=str(row.id), slug=row.slug, people={key: _hire(row, key, role, name) for key, role, name in CAST}
    )


def _hire(row: Organisation, key: str, role: Membership.Role, name: str) -> Person:
    email, password = f"{key}@{row.slug}.example", secrets.token_urlsafe(16)
    membership = add_member(
        organisation=row.id, email=email, name=name, role=role, password=password, by=PROVER
    )
    secret = issue_token(membership=membership, name="proof", by=PROVER).secret
    return Person(role=role, email=email, password=password, token=secret)


def end(*, organisation: UUID) -> int:
    """Remove a proving organisation and its accounts."""
    removed = remove(organisation=organisation)
    return removed + remove_accounts_without_membership()


def age_failures(*, organisation: UUID, host: str, by: timedelta) -> int:
    """Let the failed sign-ins of the organisation's own accounts be older by this much, as if so much time had
    passed: sign-in knows no organisation and so no clock of one. Returns how many there were.

    host: the address of the sign-in page, which is part of the counter's name.
    """
    # allauth offers nothing to look at its counters with; their names are its own.
    from allauth.core.internal import ratelimit

    where = {"app": "allauth.account", "action": "login_failed"}
    emails = Membership.objects.filter(organisation_id=organisation).values_list("account__email", flat=True)
    count = 0
    for rate in ratelimit.get_rates(**where):
        for email in emails:
            key = ratelimit.get_cache_key(None, **where, rate=rate, key=f"{host}:{email.lower()}")
            failed = cache.get(key, [])
            count += len(failed)
            if failed:
                cache.set(key, [at - by.total_seconds() for at in failed], rate.duration)
    return count


def tamper(*, organisation: UUID) -> dict[str, list[str]]:
    """Try to change the organisation's ledger as each login role. Whatever happens is rolled back."""
    refused: list[str] = []
    changed: list[str] = []
    for alias, role in (("default", "app"), ("owner", "owner")):
        try:
            with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
                if alias == "default":
                    cursor.execute("SELECT custody_enter(%s::uuid, 'security.audit')", [str(organisation)])
                cursor.execute(
                    "UPDATE custody_ledgerentry SET act = 'forged' WHERE organisation_id = %s",
                    [str(organisation)],
                )
                (changed if cursor.rowcount else refused).append(role)
                transaction.set_rollback(True, using=alias)
        except DatabaseError:
            refused.append(role)
    return {"refused": refused, "changed": changed}


def scan(*, organisation: UUID) -> dict[str, Any]:
    """Ask every governed table for a row without a purpose, and for this organisation's rows under another's."""
    asked, open_tables = 0, []
    for place in places():
        if not place.governed:
            continue
        asked += 1
        try:
            with transaction.atomic(), connections["default"].cursor() as cursor:
                cursor.execute(f"SELECT 1 FROM {place.table} LIMIT 1")  # noqa: S608 - names of our own tables
                open_tables.append(place.model)
        except DatabaseError:
            continue
    foreign, seen = _seen_from_elsewhere(organisation)
    return {
        "asked": asked,
        "foreign": foreign,
        "seen": seen,
        "refused": asked - len(open_tables),
        "open": open_tables,
        "organisation": str(organisation),
    }


def _seen_from_elsewhere(organisation: UUID) -> tuple[int, list[str]]:
    """(tables asked, tables that showed a row of this organisation) under purposes of another organisation."""
    other = Organisation.objects.exclude(id=organisation).filter(policy_versions__isnull=False).first()
    if other is None:
        return 0, []
    asked, seen = 0, []
    for place in places():
        if not place.governed:
            continue
        for purpose in place.purposes:
            with suppress(DatabaseError), transaction.atomic(), connections["default"].cursor() as cursor:
                cursor.execute("SELECT custody_enter(%s::uuid, %s)", [str(other.id), purpose])
                cursor.execute(
                    f"SELECT 1 FROM {place.table} WHERE organisation_id = %s LIMIT 1",  # noqa: S608
                    [str(organisation)],
                )
                asked += 1
                if cursor.fetchone():
                    seen.append(place.model)
                break
    return asked, seen


def key_of(*, organisation: UUID, subject: UUID) -> str:
    """Whether the keyring still gives a subject's key: "here", "destroyed" or "none"."""
    try:
        found = keyring().get(organisation=organisation, name=f"subject/{subject}")
    except KeyGone:
        return "destroyed"
    return "none" if found is None else "here"


# Every column of ids, whatever the declarations say of it.
IDS = """
SELECT c.relname, a.attname, a.atttypid = 'uuid[]'::regtype
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
 WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
   AND a.atttypid IN ('uuid'::regtype, 'uuid[]'::regtype) AND c.relname NOT LIKE 'django\\_%'
 ORDER BY c.relname, a.attnum
"""


def named(*, ids: Sequence[UUID]) -> dict[str, int]:
    """Tables with a row that names any of these ids in any column, and how many such columns and rows there are."""
    found: dict[str, int] = {}
    with connections["owner"].cursor() as cursor:
        cursor.execute(IDS)
        for table, column, many in cursor.fetchall():
            test = f'"{column}" && %s::uuid[]' if many else f'"{column}" = ANY (%s::uuid[])'
            cursor.execute(f'SELECT count(*) FROM "{table}" WHERE {test}', [[str(one) for one in ids]])  # noqa: S608
            count = cursor.fetchone()[0]
            if count:
                found[table] = found.get(table, 0) + count
    return found
