"""Reports in the browser: a supervisor builds one without scripts, looks behind a number, gets it by mail, and stops it."""

import re
from typing import Any

import pytest

from .centre import Centre, until
from .conftest import Open
from .tab import NARROW, WIDE, Tab

PATHS = ("/reports/", "first report", "/reports/new", "/reports/new?from=teams", "behind")
FIRST = ("/reports/", "#rows [data-row]")


def address(tab: Tab, path: str) -> str:
    if path not in ("first report", "behind"):
        return path
    found = str(tab.open(FIRST[0]).locator(FIRST[1]).first.get_attribute("href"))
    if path == "behind":
        return str(tab.open(found).locator("main a[href*='/evaluations?']").first.get_attribute("href"))
    return found


def sound(tab: Tab, where: str, name: str) -> None:
    """Light and dark, wide and narrow: no violation of axe, no word in the console, no sideways scroll."""
    page: Any = tab.page
    for theme, sizes in (("light", (WIDE, NARROW)), ("dark", (NARROW, WIDE))):
        page.emulate_media(color_scheme=theme)
        for size in sizes:
            page.set_viewport_size(size)
            tab.open(where)
            tab.shot(f"reports-{name}-{theme}-{size['width']}")
            assert tab.fits(), f"{theme} {size['width']}: it scrolls sideways"
            assert tab.audit() == [], f"{theme} {size['width']}"
    page.set_viewport_size(WIDE)
    page.emulate_media(color_scheme="light")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("role", ["supervisor", "analyst"])
def test_a_page_of_reports_is_sound(enter: Open, role: str, path: str) -> None:
    tab = enter(role)
    sound(tab, address(tab, path), f"{role}-{re.sub('[^a-z0-9]+', '-', path.lower()).strip('-')}")


def test_the_teams_are_set_on_one_page(enter: Open) -> None:
    tab = enter("administrator")
    sound(tab, "/people/teams/", "teams")
    page = tab.open("/people/teams/")
    page.get_by_label("Daniel Hart").fill("Morning shift")
    page.get_by_role("button", name="Save the teams").click()
    tab.settled()
    assert "1 changed" in tab.text()
    assert page.get_by_label("Daniel Hart").input_value() == "Morning shift"


def test_the_analyst_works_where_analysts_work(enter: Open) -> None:
    tab = enter("analyst")
    page = tab.open("/")
    assert page.url.endswith("/quality/work/")
    entries = [text.strip() for text in page.locator(".pn-nav a").all_inner_texts()]
    for one in (
        "To evaluate",
        "Conversations",
        "Evaluations",
        "Calibration",
        "Disputes",
        "Forms",
        "Measures",
        "Reports",
    ):
        assert any(one in entry for entry in entries), entries
    tab.refused("/people/")
    page = tab.open("/conversations/")
    assert "check quality and coach" in page.inner_text("body")


def test_build_look_behind_and_get_it_by_mail(enter: Open, centre: Centre) -> None:
    tab = enter("supervisor")
    page = tab.open("/reports/new")
    # By keyboard alone, from field to field.
    page.get_by_label("What is counted").focus()
    page.keyboard.type("Share passed")
    page.get_by_label("Rows", exact=True).focus()
    page.keyboard.type("Team")
    page.get_by_label("The last").fill("8")
    page.get_by_label("Dated by").select_option(label="when the conversation took place")
    page.get_by_label("Name").fill("Passed by team")
    page.get_by_role("button", name="Show it first").focus()
    page.keyboard.press("Enter")
    until(lambda: "Not saved yet" in tab.text(), what="the preview")
    tab.shot("reports-journey-preview")
    page.get_by_role("button", name="Save the report").click()
    page.wait_for_url(re.compile("/reports/[0-9a-f-]{36}/$"))
    assert "Share passed by team" in tab.text()
    number = page.locator("main a[href*='/evaluations?']").first
    number.click()
    page.wait_for_url(re.compile("/evaluations"))
    assert re.search(r"[0-9]+ evaluations?", page.inner_text("h1"))
    tab.shot("reports-journey-behind")
    page.get_by_role("link", name="Back to the report").click()
    page.wait_for_url(re.compile("/reports/[0-9a-f-]{36}/$"))
    with page.expect_download() as coming:
        page.get_by_role("button", name="CSV").click()
    assert coming.value.suggested_filename == "report.csv"
    page.get_by_label("How often").select_option(label="Each day")
    page.get_by_role("button", name="Send it by mail").click()
    until(lambda: "goes out by mail" in tab.text(), what="the subscription")
    assert "Helen Marsh" in tab.text() and "Nothing sent yet" in tab.text()
    tab.shot("reports-journey-mail")
    page.get_by_role("button", name="Stop").click()
    until(lambda: "This mail is stopped" in tab.text(), what="the end")


def test_others_are_refused(enter: Open) -> None:
    for role in ("agent", "privacy_officer", "administrator"):
        enter(role).refused("/reports/")
