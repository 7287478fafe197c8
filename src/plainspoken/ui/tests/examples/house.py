"""Invented house, people and frame: the fictional Larkfield Home, one Tuesday in November 2026."""

import datetime as dt

from plainspoken.ui.shapes import Choice, Receipt
from plainspoken.ui.shell import Badge, Crumb, Kept, Public, Purpose, Shell

UTC = dt.UTC
NOW = dt.datetime(2026, 11, 24, 11, 20, tzinfo=UTC)
TODAY = NOW.date()
DIGEST = "9f2c41d077abe3c5b1a0c4d2e9f3887766554433221100ffeeddccbbaa9908b15ed4a1"[:64]
KEPT = Kept(held=69, broken=1, unproved=2, at=dt.datetime(2026, 11, 24, 6, 12, tzinfo=UTC))
PURPOSES = (
    Purpose("service.answer", "answer the customer"),
    Purpose("quality.evaluate", "evaluate quality"),
    Purpose("rights.execute", "answer privacy requests"),
    Purpose("claims.defend", "defend against a claim"),
)
PEOPLE = {
    "agent": ("Maren Okafor", "Agent, returns"),
    "supervisor": ("Idris Cole", "Supervisor"),
    "analyst": ("Vera Lund", "Quality analyst"),
    "privacy_officer": ("Ruth Adeyemi", "Privacy officer"),
    "administrator": ("Camille Roux", "Administrator"),
}


def at(hour: int, minute: int = 0, day: int = 24, month: int = 11, year: int = 2026) -> dt.datetime:
    return dt.datetime(year, month, day, hour, minute, tzinfo=UTC)


def shell(role: str, active: str, *crumbs: str, purpose: str = "", search: str = "") -> Shell:
    person, label = PEOPLE[role]
    return Shell(
        organisation="Larkfield Home",
        region="Frankfurt, EU",
        person=person,
        role=role,
        role_label=label,
        active=active,
        crumbs=tuple(
            Crumb(title, "/somewhere/" if n < len(crumbs) - 1 else "") for n, title in enumerate(crumbs)
        ),
        purposes=PURPOSES if purpose else (),
        purpose=purpose,
        kept=KEPT,
        counts={
            "promises": Badge("1 broken", late=True),
            "requests": Badge("1 late", late=True),
            "conversations": 0,
        },
        search_url="/search/" if search else "",
        search_label=search or "Search",
        sign_out_url="/account/logout/",
        promises_url="/promises/",
        account_url="/my-privacy/",
    )


def public() -> Public:
    return Public(
        organisation="Larkfield Home",
        home_url="/",
        nav=(
            Choice("privacy", "Privacy", url="/centre/", current=True),
            Choice("notice", "Notice", url="/notice/"),
            Choice("promises", "Promises", url="/promises/"),
        ),
        languages=(Choice("de", "Deutsch", url="?language=de"),),
        controller_line="Larkfield Home GmbH, Hafenstraße 8, 20457 Hamburg",
        privacy_contact="privacy@larkfield.example",
        version="14",
        version_on=dt.date(2026, 11, 2),
        changes_url="/changes/",
        authority_name="Hamburg Commissioner for Data Protection",
        authority_url="https://authority.example/",
    )


RECEIPT = Receipt(48_213, at(6, 12), DIGEST, text="Erased 77 items", check_url="/ledger/?number=48213")
