"""Purposes as the database knows them: bits, states and which role may enter them. Written when a policy is
published.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connections, transaction

from .ddl import APP, PORTAL
from .models import Purpose, PurposeGrant, PurposeState

OWNER_ALIAS = "owner"
MOST_BITS = 62


class TooManyPurposes(ValueError):
    """More purposes than bits. Bits are never reused."""


@dataclass(frozen=True)
class Terms:
    """What a published policy says of one purpose."""

    needs_consent: bool
    maintenance: bool
    portal: bool
    open: bool = True


CLOSED = Terms(needs_consent=False, maintenance=False, portal=False, open=False)


def declare(*, organisation: UUID, terms: Mapping[str, Terms], since: datetime | None = None) -> None:
    """Make the purposes of an organisation what `terms` says, from `since` on (None: at once). Runs as the
    owner.

    `since` counts by the organisation's clock. Purposes that `terms` leaves out are closed. What was
    declared for `since` or later is replaced.
    """
    with transaction.atomic(using=OWNER_ALIAS):
        _give_bits(terms)
        start = since or _now(organisation)
        states = PurposeState.objects.using(OWNER_ALIAS).filter(organisation_id=organisation)
        states.filter(since__gte=start).delete()
        before = {
            row.purpose_id: Terms(row.needs_consent, row.maintenance, row.portal, row.open)
            for row in states.order_by("purpose_id", "-since").distinct("purpose_id")
        }
        for name in sorted({*before, *terms}):
            term = terms.get(name, CLOSED)
            if before.get(name) != term:
                _state(organisation, name, term, start)


def _give_bits(terms: Mapping[str, Terms]) -> None:
    with connections[OWNER_ALIAS].cursor() as cursor:
        # One publisher at a time hands out bits; readers are not held up.
        cursor.execute("LOCK TABLE custody_purpose IN SHARE ROW EXCLUSIVE MODE")
    bits = dict(Purpose.objects.using(OWNER_ALIAS).values_list("name", "bit"))
    for name in sorted(set(terms) - set(bits)):
        bits[name] = max(bits.values(), default=-1) + 1
        if bits[name] >= MOST_BITS:
            raise TooManyPurposes(f"There is no bit left for the purpose {name}; {MOST_BITS} is the most.")
        Purpose.objects.using(OWNER_ALIAS).create(name=name, bit=bits[name])


def _now(organisation: UUID) -> datetime:
    """The database's own clock, which `custody_enter` compares with: at once means at once."""
    with connections[OWNER_ALIAS].cursor() as cursor:
        cursor.execute(
            "SELECT clock_timestamp() + clock_shift FROM custody_organisation WHERE id = %s",
            [str(organisation)],
        )
        found: datetime = cursor.fetchone()[0]
        return found


def _state(organisation: UUID, name: str, term: Terms, since: datetime) -> None:
    PurposeState.objects.using(OWNER_ALIAS).create(
        organisation_id=organisation,
        purpose_id=name,
        since=since,
        open=term.open,
        needs_consent=term.needs_consent,
        maintenance=term.maintenance,
        portal=term.portal,
    )
    # A grant is the most that a database role may ever do; each organisation's state decides within it.
    for role in (APP, PORTAL) if term.portal else (APP,):
        PurposeGrant.objects.using(OWNER_ALIAS).get_or_create(role=role, purpose_id=name)
