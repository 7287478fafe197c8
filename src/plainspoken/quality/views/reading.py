"""What every view of quality does first: for which purpose, and where the reader is."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from plainspoken.conversations import queries as conversations
from plainspoken.conversations.views.reading import Reading as ConversationReading
from plainspoken.people.access import StaffRequest
from plainspoken.people.models import Membership
from plainspoken.quality.access import PURPOSE
from plainspoken.ui.pages import Here, page
from plainspoken.ui.shell import Crumb

Role = Membership.Role
READERS = (Role.AGENT.value, Role.SUPERVISOR.value, Role.ANALYST.value)
ANALYSTS = (Role.SUPERVISOR.value, Role.ANALYST.value)


class Reading(ConversationReading):
    """One request, always for `quality.evaluate`. Raises PermissionDenied where the policy lets the role not."""

    def __init__(self, request: StaffRequest) -> None:
        self.request = request
        self.membership, self.actor = request.membership, request.actor
        self.organisation = request.membership.organisation_id
        try:
            self.purpose, self.purposes = conversations.chosen_purpose(request.membership, PURPOSE)
        except conversations.NotForThis as error:
            raise PermissionDenied(str(error)) from error

    @property
    def analyst(self) -> bool:
        """Whether the reader evaluates; else they read what is about them."""
        return self.membership.role in ANALYSTS

    def at(self, active: str, *crumbs: Crumb) -> Here:
        """Where the page is; a page here is for one purpose only."""
        return Here(active=active, crumbs=crumbs, purpose=self.purpose.name, purposes=(self.purpose,))

    def page(
        self,
        template: str,
        context: dict[str, Any],
        *,
        active: str,
        crumbs: tuple[Crumb, ...],
        status: int = 200,
    ) -> HttpResponse:
        """A page of quality."""
        return page(self.request, template, context, here=self.at(active, *crumbs), status=status)


def is_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of the page."""
    return bool(request.headers.get("HX-Request"))
