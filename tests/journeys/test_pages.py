"""Every page in light and dark, at 1440 and at 390 pixels: no violation of axe, no word in the console, no sideways scroll."""

import re
from typing import Any

import pytest

from .centre import Centre
from .conftest import Open
from .tab import NARROW, WIDE, Tab

PAGES = {
    "": (
        "/privacy/larkfield/", "/privacy/larkfield/?place=ccpa", "/privacy/larkfield/ask/access/",
        "/privacy/larkfield/ask/erase/", "/privacy/larkfield/ask/restrict/", "/privacy/larkfield/ask/own-posts/", "/notice/larkfield/",
        "/changes/larkfield/", "/account/login/",
    ),
    "agent": ("/conversations/", "/promises/", "/my-privacy", "/my-privacy/ask/access", "/account/password/change/", "/account/logout/"),
    "supervisor": ("/conversations/", "/conversations/?q=refund", "/conversations/?q=zzyzx", "first conversation",
                   "/conversations/measures/"),
    "privacy_officer": (
        "/promises/", "/promises/?clause=right.erase", "/requests", "first request", "/requests/new", "/datamap/",
        "/datamap/?place=conversations.recording", "/ledger/", "first entry", "/recipients", "/outbox", "/retention",
    ),
    "administrator": ("/health/", "/people/", "/people/add/", "first member", "/organisation/", "/requests"),
}  # fmt: skip
FIRST = {
    "first conversation": ("/conversations/", "#rows [data-row]"),
    "first request": ("/requests", ".pn-queue a[href^='/requests/R-']"),
    "first entry": ("/ledger/", "#rows [data-row]"),
    "first member": ("/people/", "#people a"),
}
EVERY = [(role, path) for role, paths in PAGES.items() for path in paths]


@pytest.fixture(scope="module")
def tabs(enter: Open) -> dict[str, Tab]:
    return {role: enter(role) for role in PAGES}


def address(tab: Tab, path: str) -> str:
    if path not in FIRST:
        return path
    there, link = FIRST[path]
    return str(tab.open(there).locator(link).first.get_attribute("href"))


@pytest.mark.parametrize(("role", "path"), EVERY, ids=[f"{role or 'visitor'} {path}" for role, path in EVERY])
def test_a_page_is_sound(tabs: dict[str, Tab], role: str, path: str) -> None:
    tab = tabs[role]
    page: Any = tab.page
    page.set_viewport_size(WIDE)
    page.emulate_media(color_scheme="light")
    where = address(tab, path)
    name = f"{role or 'visitor'}-{re.sub('[^a-z0-9]+', '-', path.lower()).strip('-')}"
    for theme, sizes in (("light", (WIDE, NARROW)), ("dark", (NARROW, WIDE))):
        page.set_viewport_size(sizes[0])
        page.emulate_media(color_scheme=theme)
        tab.open(where)
        assert page.evaluate("document.documentElement.dataset.bsTheme") == theme
        for size in sizes:
            page.set_viewport_size(size)
            tab.settled()
            tab.shot(f"{name}-{theme}-{size['width']}")
            assert tab.fits(), f"{theme} {size['width']}: it scrolls sideways"
            assert tab.audit() == [], f"{theme} {size['width']}"


@pytest.mark.parametrize(
    "path", ["/nothing-here/", "/privacy/nobody/", "/privacy/larkfield/track/R-2026-9999/"]
)
def test_what_is_not_there_is_said_plainly(tabs: dict[str, Tab], path: str) -> None:
    tab = tabs[""]
    tab.open(path, status=404)
    assert tab.audit() == []


def test_a_visitor_is_led_to_the_sign_in_and_back(centre: Centre, enter: Open) -> None:
    tab = enter()
    page = tab.open("/requests")
    assert "/account/login/" in page.url and "next=" in page.url
    assert "ruth.adler@larkfield.example" in tab.text(), "a demonstration shows who one can be"
    tab.shot("sign-in")


def test_the_people_of_a_demonstration_sign_in_with_two_presses(enter: Open) -> None:
    tab = enter(narrow=True)
    page = tab.open("/account/login/")
    assert "larkfield-demo" in tab.text(), "the password is seen on a phone too"
    page.get_by_role("button", name="Fill in: Supervisor").click()
    assert page.evaluate("document.activeElement.innerText").strip() == "Sign in"
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/conversations/"))
    tab.settled()
