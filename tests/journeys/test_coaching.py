"""Coaching in the browser: propose a goal, agree, meet with notes, follow up; the library; who listened and why."""

import re
from datetime import date, timedelta
from typing import Any

import pytest

from .centre import until
from .conftest import Open
from .tab import NARROW, WIDE, Tab

PAGES = [
    ("supervisor", "/coaching/team/"),
    ("supervisor", "first agent"),
    ("supervisor", "new goal"),
    ("supervisor", "new session"),
    ("supervisor", "/coaching/library/"),
    ("agent", "/coaching/"),
    ("agent", "first goal"),
    ("agent", "first session"),
    ("agent", "/coaching/library/"),
    ("agent", "/coaching/listened/?days=365"),
]
AGENT = "[data-rows] tr:has-text('Daniel Hart') [data-row]"


def address(tab: Tab, path: str) -> str:
    """The address of a page that is named by how one comes there."""
    if path.startswith("/"):
        return path
    if path in ("first agent", "new goal", "new session"):
        agent = str(tab.open("/coaching/team/").locator(AGENT).get_attribute("href"))
        return {"first agent": agent, "new goal": f"{agent}goals/new", "new session": f"{agent}sessions/new"}[
            path
        ]
    heading = {"first goal": "goals-h", "first session": "sessions-h"}[path]
    link = tab.open("/coaching/").locator(f"[aria-labelledby={heading}] .co-list a").first
    return str(link.get_attribute("href"))


def sound(tab: Tab, where: str, name: str) -> None:
    """Light and dark, wide and narrow: no violation of axe, no word in the console, no sideways scroll."""
    page: Any = tab.page
    for theme, sizes in (("light", (WIDE, NARROW)), ("dark", (NARROW, WIDE))):
        page.emulate_media(color_scheme=theme)
        for size in sizes:
            page.set_viewport_size(size)
            tab.open(where)
            tab.shot(f"coaching-{name}-{theme}-{size['width']}")
            assert tab.fits(), f"{theme} {size['width']}: it scrolls sideways"
            assert tab.audit() == [], f"{theme} {size['width']}"
    page.set_viewport_size(WIDE)
    page.emulate_media(color_scheme="light")


@pytest.mark.parametrize(("role", "path"), PAGES, ids=[f"{role} {path}" for role, path in PAGES])
def test_a_page_of_coaching_is_sound(enter: Open, role: str, path: str) -> None:
    tab = enter(role)
    sound(tab, address(tab, path), f"{role}-{re.sub('[^a-z0-9]+', '-', path.lower()).strip('-')}")


def test_what_a_role_may_not_do_is_refused(enter: Open) -> None:
    agent, supervisor = enter("agent"), enter("supervisor")
    theirs = address(supervisor, "first agent")
    for path in ("/coaching/team/", theirs):
        agent.refused(path)
    supervisor.refused("/coaching/")
    for role in ("privacy_officer", "administrator"):
        tab = enter(role)
        tab.refused("/coaching/team/")
        assert tab.open("/promises/").get_by_role("link", name="Coaching").count() == 0


def test_an_agent_and_a_supervisor_coach(enter: Open) -> None:
    coach, agent = enter("supervisor"), enter("agent")
    # The coach proposes a goal.
    page = coach.open(address(coach, "first agent"))
    page.get_by_role("link", name="Propose a goal").click()
    page.get_by_label("Question", exact=True).select_option(
        label="Was the caller verified before account data was given?"
    )
    page.get_by_label("Target, percent of the points").fill("90")
    page.get_by_label("Until").fill((date.today() + timedelta(days=30)).isoformat())
    page.get_by_label("Why, and how").fill("Ask for the second fact before the order is opened.")
    page.get_by_role("button", name="Propose the goal").click()
    until(lambda: "The goal is proposed." in coach.text(), what="the proposal")
    goal = page.url
    assert page.get_by_role("button", name="Agree").count() == 0, "who proposed does not agree for the other"

    # The agent agrees; the baseline is there at once.
    page = agent.open("/coaching/")
    page.get_by_role("link", name="Was the caller verified before account data was given?").first.click()
    page.wait_for_url(re.compile("/coaching/goals/"))
    page.get_by_role("button", name="Agree").click()
    until(lambda: "You agreed." in agent.text(), what="the agreement")
    assert "90 days before" in agent.text() and "Too little to tell" in agent.text()
    sound(agent, page.url, "journey-goal")

    # They meet: a session with a note of each, which both read.
    page = coach.open(address(coach, "first agent"))
    page.get_by_role("link", name="Plan a session").click()
    page.get_by_label("When").fill("2030-01-15T10:00")
    page.get_by_role("button", name="Plan the session").click()
    until(lambda: "The session is planned." in coach.text(), what="the session")
    where = page.url
    assert "Was the caller verified before account data was given?" in coach.text(), (
        "open goals stand on the agenda"
    )
    page.get_by_text("Put a call on the agenda").click()
    page.get_by_label("What to listen for").fill("Where is the second question?")
    page.get_by_role("button", name="Put it there").click()
    until(lambda: "The call is on the agenda." in coach.text(), what="the call")
    page.get_by_label("Note", exact=True).fill("You hear it yourself now. Good.")
    page.get_by_role("button", name="Keep the note").click()
    until(lambda: "The note is kept." in coach.text(), what="the note")
    sound(coach, where, "journey-session-coach")
    page = agent.open(where)
    assert "You hear it yourself now. Good." in agent.text() and "second question?" in agent.text()
    page.get_by_label("Note", exact=True).fill("I was nervous.")
    page.get_by_label("Only I read this").check()
    page.get_by_role("button", name="Keep the note").click()
    until(lambda: "The note is kept." in agent.text(), what="the agent's note")
    assert "I was nervous." in agent.text()
    page = coach.open(where)
    assert "I was nervous." not in coach.text()
    page.get_by_role("button", name="It took place").click()
    until(lambda: "asked to acknowledge" in coach.text(), what="held")
    page = agent.open(where)
    sound(agent, where, "journey-session-agent")
    page.get_by_role("button", name="It was as the notes say").click()
    until(lambda: "You acknowledged the session." in agent.text(), what="acknowledged")

    # Follow-up: the goal stands on the coach's page with what was before and since.
    coach.open(goal)
    assert "Since the start" in coach.text() and "Running" in coach.text()
    # A thank-you for the work, on the agent's page.
    page = coach.open(address(coach, "first agent"))
    page.get_by_role("button", name="Say thank you").click()
    page.get_by_role("dialog").get_by_label("Words").fill("Thank you for this week.")
    page.get_by_role("dialog").get_by_role("button", name="Say thank you").click()
    until(lambda: "Your thanks stand on their page." in coach.text(), what="thanks")
    agent.open("/coaching/")
    assert "Thank you for this week." in agent.text()


def test_an_agent_decides_about_a_clip_and_hears_one(enter: Open) -> None:
    agent = enter("agent")
    page = agent.open("/coaching/library/")
    assert "Reading to learn from good calls" in re.sub(r"\s+", " ", page.inner_text("body"))
    page.get_by_role("button", name="Let colleagues hear it").click()
    until(lambda: "Colleagues can hear it now." in agent.text(), what="the yes")
    sounds = page.locator("audio").evaluate_all("all => all.map(one => one.getAttribute('src'))")
    assert sounds and all(
        page.request.get(f"{page.url.partition('/coaching/')[0]}{one}").ok for one in sounds
    )
    page.locator("li", has_text="Agent: you").get_by_role("button", name="Say no").click()
    until(lambda: "Nobody else hears it." in agent.text(), what="the no")
    assert "You said no" in agent.text()


def test_an_agent_reads_who_listened_and_takes_it_along(enter: Open) -> None:
    coach, agent = enter("supervisor"), enter("agent")
    where = str(
        agent.open("/conversations/?kind=call").locator("#rows [data-row]").first.get_attribute("href")
    )
    coach.open(f"{where.partition('?')[0]}?purpose=quality.evaluate")
    page = agent.open("/coaching/listened/")
    assert "Helen Marsh" in agent.text() and "check quality and coach" in agent.text()
    with page.expect_download() as download:
        page.get_by_role("button", name="Export as CSV").click()
    text = download.value.path().read_text("utf-8")
    assert text.startswith("when,conversation,who") and "Supervisor" in text and "Helen" not in text
