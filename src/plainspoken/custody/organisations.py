"""Organisations: made once, and shifted in time only where they prove."""

from datetime import timedelta
from uuid import UUID

from . import clock
from .models import Organisation


class OrganisationRefused(ValueError):
    """The organisation cannot be made or changed so; the message says why."""


def create(
    *,
    slug: str,
    name: str,
    home_region: str,
    kind: Organisation.Kind = Organisation.Kind.LIVE,
    time_zone: str = "UTC",
    language: str = "en",
    phone_region: str = "US",
    smtp_url: str = "",
) -> Organisation:
    """A new organisation. Until a policy is published for it, nothing may be collected or read."""
    if Organisation.objects.filter(slug=slug).exists():
        raise OrganisationRefused(f"There is an organisation {slug} already. Choose another short name.")
    return Organisation.objects.create(
        slug=slug,
        name=name,
        home_region=home_region,
        kind=kind,
        time_zone=time_zone,
        language=language,
        phone_region=phone_region,
        smtp_url=smtp_url,
        created_at=clock.wall(),
    )


def shift_clock(*, organisation: UUID, by: timedelta) -> None:
    """Let a proving organisation live in another time. Refused for every other kind."""
    row = Organisation.objects.get(id=organisation)
    if row.kind != Organisation.Kind.PROVING:
        raise OrganisationRefused("Only a proving organisation may shift its clock.")
    row.clock_shift = by
    row.save(update_fields=["clock_shift"])
