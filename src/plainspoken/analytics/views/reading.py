"""What every page of reports does first: who reads, for which purposes, and which report."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse

from plainspoken.analytics import access, queries
from plainspoken.custody.sessions import purpose
from plainspoken.people.access import StaffRequest
from plainspoken.policies.queries import policy_in_force
from plainspoken.ui.pages import Here, page
from plainspoken.ui.shell import Crumb, Purpose

READERS = access.READERS


class Reading:
    """One request. Raises Refused where the policy lets the role read reports for nothing."""

    def __init__(self, request: StaffRequest) -> None:
        self.request, self.actor = request, request.actor
        self.organisation: UUID = request.membership.organisation_id
        self.usual = access.usual_purpose(self.actor, organisation=self.organisation)

    def session(self, name: str = "") -> Any:
        """The purpose session of a report, or the usual one."""
        return purpose(name or self.usual, organisation=self.organisation, by=self.actor)

    def kept(self, report: UUID) -> queries.Kept:
        """A report that the reader may run. Raises Http404: what is not theirs is not there."""
        try:
            with self.session():
                return queries.report(self.actor, organisation=self.organisation, id=report)
        except queries.NoSuchReport as error:
            raise Http404(str(error)) from error

    def page(
        self,
        template: str,
        context: dict[str, Any],
        *,
        crumbs: tuple[Crumb, ...],
        name: str = "",
        status: int = 200,
    ) -> HttpResponse:
        """A page of reports; `name` is the purpose that it reads for."""
        shown = name or self.usual
        title = policy_in_force(organisation=self.organisation).purposes[shown].title
        here = Here(active="reports", crumbs=crumbs, purpose=shown, purposes=(Purpose(shown, title),))
        return page(self.request, template, context, here=here, status=status)
