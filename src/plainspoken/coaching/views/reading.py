"""What every view of coaching does first: for which purpose, and where the reader is."""

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.urls import reverse

from plainspoken.people.models import Membership
from plainspoken.quality.views.reading import ANALYSTS, READERS
from plainspoken.quality.views.reading import Reading as QualityReading
from plainspoken.ui.shell import Crumb

AGENTS = (Membership.Role.AGENT.value,)
COACHES = ANALYSTS
__all__ = ["AGENTS", "COACHES", "READERS", "Reading"]


class Reading(QualityReading):
    """One request, for `quality.evaluate`. Raises PermissionDenied where the policy lets the role not."""

    @property
    def coach(self) -> bool:
        """Whether the reader coaches; else they read what is about them."""
        return self.membership.role in COACHES

    @property
    def subject(self) -> UUID:
        """The agent who reads. Raises PermissionDenied for an account that is no data subject here."""
        if self.membership.subject_id is None:
            raise PermissionDenied("Your account has no conversations of its own.")
        return self.membership.subject_id

    def first(self) -> Crumb:
        """The page where coaching begins for the reader."""
        return Crumb("Coaching", reverse("coaching:team" if self.coach else "coaching:mine"))

    def shown(
        self, template: str, context: dict[str, Any], *crumbs: Crumb, status: int = 200
    ) -> HttpResponse:
        """A page of coaching."""
        return self.page(template, context, active="coaching", crumbs=crumbs, status=status)
