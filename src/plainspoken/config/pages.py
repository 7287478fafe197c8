"""The administrator's pages: health and organisation."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.urls import path, reverse

from plainspoken.config.health import Check, checks
from plainspoken.custody import clock
from plainspoken.people.access import for_roles
from plainspoken.policies import queries as policies
from plainspoken.ui.pages import Here, page
from plainspoken.ui.shell import Crumb


@dataclass(frozen=True)
class Fact:
    """One line of a list of facts."""

    term: str
    text: str
    mono: bool = False


@dataclass(frozen=True)
class _Looked(Check):
    """A check with the word that the page has for its state."""

    word: str = ""


# The marks are those of the promises; a health check is no promise, so its words are others.
WORDS = {"held": "Works", "unproved": "Set up", "broken": "Broken"}
WORST = ("broken", "unproved", "held")


def headline(rows: Sequence[Check]) -> str:
    """The page in one line: "Everything works", "1 thing is broken", "2 things to set up"."""
    for status, one, many in (
        ("broken", "thing is broken", "things are broken"),
        ("unproved", "thing to set up", "things to set up"),
    ):
        count = sum(row.status == status for row in rows)
        if count:
            return f"{count} {one if count == 1 else many}"
    return "Everything works"


@for_roles("administrator")
def health(request: Any) -> HttpResponse:
    """Does it run? What needs somebody stands first."""
    rows = [_Looked(**vars(check), word=WORDS[check.status]) for check in checks()]
    rows.sort(key=lambda row: WORST.index(row.status))
    context = {
        "headline": headline(rows),
        "checks": rows,
        "made_at": clock.wall(),
        "again_url": reverse("config:health"),
    }
    return page(request, "config/health.html", context, here=Here("health", (Crumb("Health"),)))


@for_roles("administrator")
def organisation(request: Any) -> HttpResponse:
    """Who we are, where data is kept, which policy is in force."""
    row = request.membership.organisation
    version = policies.version_in_force(organisation=row.id)
    controller = policies.policy_in_force(organisation=row.id).controller
    facts = [
        Fact("Controller", controller.name),
        Fact("Privacy contact", controller.privacy_contact),
        Fact("Home region", row.home_region),
        Fact("Time zone", row.time_zone),
        Fact("Language", row.language),
        Fact("Policy in force", f"version {version.number} ({version.label})"),
        Fact("Policy digest", version.digest, mono=True),
        Fact("Mail", "set up" if row.smtp_url else "not set up; mails are kept here"),
        Fact("Reference", str(row.id), mono=True),
    ]
    return page(
        request,
        "config/organisation.html",
        {"facts": facts, "form": None},
        here=Here("organisation", (Crumb("Organisation"),)),
    )


app_name = "config"
urlpatterns = [
    path("health/", health, name="health"),
    path("organisation/", organisation, name="organisation"),
]
