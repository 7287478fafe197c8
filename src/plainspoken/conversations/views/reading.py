"""What every view of conversations does first: which purpose, whose rows, and where the reader is."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlencode
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404

from plainspoken.conversations import queries
from plainspoken.conversations.models import Conversation
from plainspoken.custody.sessions import purpose
from plainspoken.people.access import StaffRequest
from plainspoken.ui.pages import Here
from plainspoken.ui.shell import Crumb, Purpose

READERS = ("agent", "supervisor", "analyst", "privacy_officer")


class Reading:
    """One request's purpose and the other purposes of the reader. Raises PermissionDenied for a
    purpose not theirs.
    """

    def __init__(self, request: StaffRequest) -> None:
        self.request = request
        self.membership, self.actor = request.membership, request.actor
        asked = request.POST.get("reading") or request.GET.get("purpose") or ""
        try:
            self.purpose, self.purposes = queries.chosen_purpose(request.membership, asked)
        except queries.NotForThis as error:
            raise PermissionDenied(str(error)) from error

    @contextmanager
    def session(self) -> Iterator[None]:
        """The purpose session of this reading."""
        with purpose(self.purpose.name, organisation=self.membership.organisation_id, by=self.actor):
            yield

    def conversation(self, key: UUID) -> Conversation:
        """A conversation that the reader may see for this purpose. Raises Http404: what is not
        theirs is not there.
        """
        row = queries.visible_to(self.membership).filter(id=key).first()
        if row is None:
            raise Http404("There is no such conversation.")
        return row

    def here(self, *crumbs: Crumb) -> Here:
        """Where the page is."""
        return Here(active="conversations", crumbs=crumbs, purpose=self.purpose.name, purposes=self.purposes)

    def address(self, url: str, **more: object) -> str:
        """An address that keeps the purpose, unless it is the usual one."""
        usual: Purpose = self.purposes[0]
        values = {} if self.purpose == usual else {"purpose": self.purpose.name}
        values |= {name: str(value) for name, value in more.items() if value not in (None, "")}
        return f"{url}?{urlencode(values)}" if values else url
