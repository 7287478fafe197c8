"""The frame of every page: who reads, where, for what purpose, and how many promises held."""

from contextlib import suppress
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from plainspoken.custody import sessions
from plainspoken.exchange import reconciling
from plainspoken.people.models import Membership
from plainspoken.rights import queries as rights
from plainspoken.ui.pages import Here
from plainspoken.ui.shell import Badge, Kept, Shell

WAITED_FOR = (Membership.Role.PRIVACY_OFFICER, Membership.Role.ADMINISTRATOR)


def shell(request: HttpRequest) -> dict[str, Any]:
    """`shell` for the pages of the workplace; nothing for visitors."""
    membership = getattr(request, "membership", None)
    if membership is None:
        return {}
    here: Here = getattr(request, "here", None) or Here(active="")
    organisation = membership.organisation
    kept = _kept(membership.organisation_id)
    return {
        "shell": Shell(
            organisation=organisation.name,
            region=organisation.home_region,
            person=membership.account.name,
            role=membership.role,
            role_label=membership.get_role_display(),
            active=here.active,
            crumbs=here.crumbs,
            purposes=here.purposes,
            purpose=here.purpose,
            kept=kept,
            counts=_counts(request, kept),
            search_url=_address("conversations:list") if membership.role != "administrator" else "",
            search_label="Search conversations",
            search_value=str(request.GET.get("q", "")),
            sign_out_url=_address("account_logout"),
            promises_url=_address("policies:promises"),
            account_url=_address("people:my_privacy"),
        )
    }


def _counts(request: Any, kept: Kept | None) -> dict[str, Badge | int]:
    """Only where this person must act."""
    found: dict[str, Badge | int] = {}
    member = request.membership
    if kept and kept.broken and member.role != Membership.Role.AGENT:
        found["promises"] = Badge(f"{kept.broken} broken", late=True)
    if member.role == Membership.Role.ADMINISTRATOR and sessions.current() is None:
        # A house that is being founded has no purpose open yet, and no calls.
        with suppress(sessions.PurposeRefused):
            if problems := reconciling.open_problems(organisation=member.organisation_id, by=request.actor):
                found["sources"] = Badge(f"{problems:,} {'call' if problems == 1 else 'calls'}", late=True)
    if member.role in WAITED_FOR and sessions.current() is None:
        waiting = rights.waiting(member=member, by=request.actor)
        if waiting:
            found["requests"] = waiting
    return found


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def _kept(organisation: Any) -> Kept | None:
    from plainspoken.policies.queries import kept

    return kept(organisation=organisation)
