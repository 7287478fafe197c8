"""Domain time. Only a proving organisation may shift its clock, so that proofs can travel in time."""

from datetime import datetime
from uuid import UUID

from django.utils import timezone

from .models import Organisation
from .sessions import current


def now(organisation: UUID) -> datetime:
    """The organisation's time, aware, in UTC."""
    session = current()
    if session is not None and session.organisation == organisation:
        return timezone.now() + session.clock_shift
    return timezone.now() + Organisation.objects.values_list("clock_shift", flat=True).get(id=organisation)


def wall() -> datetime:
    """The machine's time, for what belongs to no organisation (sessions, jobs, files)."""
    return timezone.now()
