"""The frame of the public pages: whose they are, which notice holds, which authority one can go to."""

from typing import cast
from zoneinfo import ZoneInfo

from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from plainspoken.custody.models import Organisation
from plainspoken.kernels.policy import Policy
from plainspoken.kernels.policy.kinds.notice import Authorities
from plainspoken.ui.shapes import Choice
from plainspoken.ui.shell import Public

from . import queries
from .models import Version

PAGES = (("portal:centre", "Privacy"), ("policies:notice", "Notice"), ("policies:changes", "What changed"))


def in_its_zone(organisation: Organisation) -> Organisation:
    """Tell every time of this answer where the organisation is: of a visitor's own zone we know nothing."""
    timezone.activate(ZoneInfo(organisation.time_zone))
    return organisation


def notice_url(organisation: Organisation, row: Version | None = None) -> str:
    """Where the notice of a version is read; without one, that of the version in force."""
    address = reverse("policies:notice", kwargs={"organisation": organisation.slug})
    return f"{address}?version={row.number}" if row else address


def changes_url(organisation: Organisation, row: Version | None = None) -> str:
    """Where it is shown what a version changed; without one, the version in force."""
    address = reverse("policies:changes", kwargs={"organisation": organisation.slug})
    return f"{address}?version={row.number}" if row else address


def shell(organisation: Organisation, *, active: str = "", row: Version | None = None) -> Public:
    """Context `public` of every public page. `row` is the version in force where the caller has it. Raises
    NoPolicy.
    """
    row = row or queries.version_in_force(organisation=organisation.id)
    policy = queries.compiled(row)
    authority = authority_of(policy)
    return Public(
        organisation=organisation.name,
        home_url=_address("portal:centre", organisation) or notice_url(organisation),
        nav=tuple(
            Choice(name, title, url=address, current=name == active)
            for name, title in PAGES
            if (address := _address(name, organisation))
        ),
        controller_line=f"{policy.controller.name}, {policy.controller.postal_address}",
        privacy_contact=policy.controller.privacy_contact,
        version=policy.version_label,
        version_on=queries.in_force_from(row) or row.effective_at,
        changes_url=changes_url(organisation),
        authority_name=authority[0],
        authority_url=authority[1],
    )


def authority_of(policy: Policy) -> tuple[str, str]:
    """(name, address) of the first supervisory authority that the policy names for complaints (GDPR
    Art. 77).
    """
    rule = cast(Authorities, policy.rule("right.complain"))
    return next(((item.title, item.link) for item in rule.authorities.values()), ("", ""))


def _address(name: str, organisation: Organisation) -> str:
    try:
        return reverse(name, kwargs={"organisation": organisation.slug})
    except NoReverseMatch:
        return ""
