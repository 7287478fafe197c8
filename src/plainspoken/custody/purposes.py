"""Purposes as the database knows them: bits, states and which role may enter them. Written when a policy is published."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

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


def declare(*, organisation: UUID, terms: Mapping[str, Terms]) -> None:
    """Make the purposes of an organisation what `terms` says; others are closed. Runs as the owner."""
    with transaction.atomic(using=OWNER_ALIAS):
        bits = dict(Purpose.objects.using(OWNER_ALIAS).select_for_update().values_list("name", "bit"))
        for name in sorted(set(terms) - set(bits)):
            bits[name] = max(bits.values(), default=-1) + 1
            if bits[name] >= MOST_BITS:
                raise TooManyPurposes(f"There is no bit left for the purpose {name}; {MOST_BITS} is the most.")
            Purpose.objects.using(OWNER_ALIAS).create(name=name, bit=bits[name])
        for name, term in terms.items():
            _state(organisation, name, term)
        PurposeState.objects.using(OWNER_ALIAS).filter(organisation_id=organisation).exclude(
            purpose_id__in=terms
        ).update(open=False)


def _state(organisation: UUID, name: str, term: Terms) -> None:
    PurposeState.objects.using(OWNER_ALIAS).update_or_create(
        organisation_id=organisation,
        purpose_id=name,
        defaults={
            "open": term.open,
            "needs_consent": term.needs_consent,
            "maintenance": term.maintenance,
        },
    )
    for role in (APP, PORTAL) if term.portal else (APP,):
        PurposeGrant.objects.using(OWNER_ALIAS).get_or_create(role=role, purpose_id=name)
    if not term.portal:
        PurposeGrant.objects.using(OWNER_ALIAS).filter(role=PORTAL, purpose_id=name).delete()
