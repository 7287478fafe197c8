"""Quality in the browser: build a form, evaluate beside the player, dispute, overturn, calibrate."""

import re
from typing import Any

import pytest

from .centre import until
from .conftest import Open
from .tab import NARROW, WIDE, Tab

NOW = "document.querySelector('[data-now]').textContent"
ANALYST = ("/quality/", "/quality/work/", "/quality/waiting/", "/quality/forms/", "/quality/plans/", "/quality/plans/new",
           "/quality/calibration/", "first draft", "first disputed", "first form", "first session")  # fmt: skip
FIRST = {
    "first draft": ("/quality/?show=open", "#rows [data-row]"),
    "first disputed": ("/quality/?show=disputed", "#rows [data-row]"),
    "first form": ("/quality/forms/", "[data-rows] [data-row]"),
    "first session": ("/quality/calibration/", "[data-rows] [data-row]"),
    "first score": ("/quality/", "#rows [data-row]"),
}
EVERY = [("supervisor", path) for path in ANALYST] + [("agent", "/quality/"), ("agent", "first score")]


def address(tab: Tab, path: str) -> str:
    if path not in FIRST:
        return path
    there, link = FIRST[path]
    return str(tab.open(there).locator(link).first.get_attribute("href"))


def sound(tab: Tab, where: str, name: str) -> None:
    """Light and dark, wide and narrow: no violation of axe, no word in the console, no sideways scroll."""
    page: Any = tab.page
    where = where.partition("#")[0]  # with it, the browser would stay where it is
    for theme, sizes in (("light", (WIDE, NARROW)), ("dark", (NARROW, WIDE))):
        page.emulate_media(color_scheme=theme)
        for size in sizes:
            page.set_viewport_size(size)
            tab.open(where)
            tab.shot(f"quality-{name}-{theme}-{size['width']}")
            assert tab.fits(), f"{theme} {size['width']}: it scrolls sideways"
            assert tab.audit() == [], f"{theme} {size['width']}"
    page.set_viewport_size(WIDE)
    page.emulate_media(color_scheme="light")


@pytest.mark.parametrize(("role", "path"), EVERY, ids=[f"{role} {path}" for role, path in EVERY])
def test_a_page_of_quality_is_sound(enter: Open, role: str, path: str) -> None:
    tab = enter(role)
    sound(tab, address(tab, path), f"{role}-{re.sub('[^a-z0-9]+', '-', path.lower()).strip('-')}")


def test_what_a_role_may_not_do_is_refused(enter: Open) -> None:
    agent = enter("agent")
    for path in ("/quality/work/", "/quality/forms/", "/quality/plans/new", "/quality/calibration/"):
        agent.refused(path)
    page = agent.open("/conversations/")
    assert page.get_by_role("link", name="Plans").count() == 0
    enter("privacy_officer").refused("/quality/")
    enter("administrator").refused("/quality/")


def build(tab: Tab) -> None:
    page = tab.open("/quality/forms/")
    page.get_by_role("button", name="Make a form").click()
    page.wait_for_url(re.compile("/quality/forms/[0-9a-f-]{36}/$"))

    def kept(field: Any, text: str, said: str) -> None:
        field.fill(text)
        field.blur()
        until(lambda: said in tab.text(), what=said)

    kept(page.get_by_role("textbox", name="Title"), "Journey form", "Journey form")
    page.get_by_role("textbox", name="Section 1", exact=True).fill("Words")
    page.get_by_role("textbox", name="Section 1", exact=True).press("Enter")
    kept(page.get_by_role("textbox", name="Question 1.1", exact=True), "Was it warm?", "It can be published")
    page.get_by_role("button", name="Add a question to section 1").click()
    until(
        lambda: page.get_by_role("textbox", name="Question 1.2", exact=True).count() == 1,
        what="the second question",
    )
    assert "missing or wrong" in tab.text()
    kept(
        page.get_by_role("textbox", name="Question 1.2", exact=True),
        "Was the name used?",
        "It can be published",
    )
    # By keyboard alone: the second question goes up, and the focus stays on it.
    up = page.get_by_role("button", name="Move question 1.2 up")
    up.focus()
    page.keyboard.press("Enter")
    until(
        lambda: (
            page.get_by_role("textbox", name="Question 1.1", exact=True).input_value() == "Was the name used?"
        ),
        what="the move",
    )
    tab.shot("quality-journey-builder")
    assert tab.audit() == []


def test_build_a_form_by_keyboard_and_publish_it(enter: Open) -> None:
    tab = enter("supervisor")
    build(tab)
    page = tab.page
    page.get_by_role("button", name="Publish version 1").click()
    page.wait_for_url(re.compile("/versions/1/"))
    assert "Version 1 is in use." in tab.text() and "Was the name used?" in tab.text()
    tab.settled()
    page.get_by_role("button", name="Change it").click()
    page.wait_for_url(re.compile("/quality/forms/[0-9a-f-]{36}/$"))
    page.get_by_role("textbox", name="Question 1.1", exact=True).fill("Was the customer’s name used?")
    page.get_by_role("textbox", name="Question 1.1", exact=True).blur()
    until(
        lambda: "text: Was the name used? Was the customer’s name used?" in re.sub(r"\s+", " ", tab.text()),
        what="the diff",
    )
    tab.shot("quality-journey-diff")


def test_evaluate_beside_the_player(enter: Open) -> None:
    tab = enter("supervisor")
    page = tab.open("/conversations/?q=bookcase")
    page.locator("#rows tr", has_text="Daniel Hart").first.locator("[data-row]").click()
    page.get_by_role("link", name="Evaluate", exact=True).click()
    page.get_by_label("Form", exact=True).select_option(label="Service call")
    page.get_by_role("button", name="Begin").click()
    page.wait_for_url(re.compile("/quality/evaluations/"))
    score = page.locator("#score")

    def answer(question: str, label: str) -> None:
        page.locator(f"[data-question={question}]").get_by_label(label, exact=True).check()

    answer("greeting", "Yes")
    until(lambda: "100 %" in score.inner_text(), what="the running score")
    assert not page.locator("[data-question=hold-explained]").is_visible()
    answer("hold", "Yes")
    assert page.locator("[data-question=hold-explained]").is_visible()
    answer("hold-explained", "No")
    until(
        lambda: "Noted: “Was the hold explained" in score.inner_text(), what="the error that is not critical"
    )
    answer("verified", "No")
    until(lambda: "Fails by “Was the caller verified" in score.inner_text(), what="the fatal error")
    tab.shot("quality-journey-fatal")

    page.locator(".pn-turn-at").nth(2).click()
    tab.when(f"{NOW} !== '0:00'")
    at = page.evaluate(NOW)
    page.locator("h1").click()
    page.keyboard.press("n")
    assert page.evaluate("document.activeElement.id") == "remark-text"
    page.keyboard.type("Listen here.")
    page.get_by_role("button", name="Keep the remark").click()
    until(lambda: page.locator(".qa-remarks").get_by_text("Listen here.").count() == 1, what="the remark")
    assert page.locator(".qa-remarks a").first.inner_text() == at, "it stands at the second that played"

    page.reload()
    assert page.locator("[data-question=verified]").get_by_label("No", exact=True).is_checked(), (
        "drafts keep themselves"
    )
    for question, label in (
        ("understood", "4"),
        ("solved", "A next step with a date"),
        ("tone", "5"),
        ("anything-else", "Yes"),
    ):
        answer(question, label)
    until(lambda: "All answered" in score.inner_text(), what="all answers")
    sound(tab, page.url, "journey-evaluating")
    page.get_by_role("button", name="Submit the evaluation").click()
    until(lambda: "The evaluation is submitted." in tab.text(), what="submitting")
    assert "Critical to compliance" in tab.text()
    page.get_by_role("button", name="Release to the agent").click()
    until(lambda: "The agent can read it now." in tab.text(), what="releasing")
    tab.settled()


def test_an_agent_disputes_and_somebody_else_overturns(enter: Open) -> None:
    agent = enter("agent")
    page = agent.open("/quality/")
    page.locator("#rows tr", has_text="Released").first.locator("[data-row]").click()
    page.wait_for_url(re.compile("/quality/evaluations/"))
    where = page.url
    assert "You can dispute it until" in agent.text()
    assert page.get_by_role("button", name="I have read it").is_visible()
    page.locator(".qa-remarks [data-seek]").first.click()
    agent.when(f"{NOW} !== '0:00'")
    sound(agent, where, "journey-agent-result")
    page.get_by_label("Why?").fill("I asked for the postcode. Listen at the start.")
    page.get_by_role("button", name="Dispute the evaluation").click()
    until(lambda: "Your dispute is on its way." in agent.text(), what="the dispute")
    assert page.get_by_role("button", name="I have read it").count() == 0

    evaluator = enter("supervisor")
    assert "Decide the dispute" not in evaluator.open(where).inner_text("main"), (
        "who evaluated may not decide"
    )
    other = enter("second_supervisor")
    page = other.open("/quality/waiting/")
    assert "for you" in page.locator("h1").inner_text()
    other.shot("quality-journey-waiting")
    page = other.open(where)
    box = page.locator("#decide")
    box.locator("[data-question=verified]").get_by_label("Yes", exact=True).check()
    box.get_by_label("Why?").fill("You did. The second question comes at the start.")
    sound_before = page.locator("#score b").inner_text()
    other.shot("quality-journey-deciding")
    box.get_by_role("button", name="Decide").click()
    until(lambda: "The evaluation is changed." in other.text(), what="the decision")
    assert page.locator("#score b").inner_text() != sound_before

    page = agent.open(where)
    assert "It was changed" in agent.text() and "The second question comes at the start." in agent.text()
    assert "No → Yes" in agent.text()
    sound(agent, where, "journey-agent-decided")
    page.get_by_role("button", name="I have read it").click()
    until(lambda: "Final" in agent.text(), what="the end")


def test_calibrate_blind_then_compare(enter: Open) -> None:
    first, second = enter("supervisor"), enter("second_supervisor")
    page = first.open("/conversations/?q=refund")
    page.locator("#rows [data-row]").first.click()
    page.get_by_role("link", name="Evaluate", exact=True).click()
    page.get_by_role("link", name="Calibrate with others instead").click()
    page.get_by_label("Form", exact=True).select_option(label="Service call")
    page.get_by_label("Jonas Weber").check()
    page.get_by_role("button", name="Begin the session").click()
    page.wait_for_url(re.compile("/quality/calibration/[0-9a-f-]{36}/"))
    where = page.url

    def answered(tab: Tab, **differing: str) -> None:
        page = tab.open(where)
        given = {"greeting": "Yes", "verified": "Yes", "understood": "4", "solved": "Solved in this call", "hold": "No",
                 "tone": "4", "anything-else": "Yes", **differing}  # fmt: skip
        for question, label in given.items():
            page.locator(f"[data-question={question}]").get_by_label(label, exact=True).check()
        until(
            lambda: "All answered, kept" in page.inner_text(".qa-side"),
            what=lambda: f"the whole sheet ({page.inner_text('.qa-side')[:200]}; {tab.faults})",
        )
        page.get_by_role("button", name="Submit your answers").click()
        until(lambda: "Your answers are in." in tab.text(), what="submitting")

    answered(first)
    assert "alpha" not in first.text() and "Jonas Weber has not answered yet" in first.text()
    answered(second, solved="Left open", understood="2")
    page = second.open(where)
    text = second.text()
    assert "2\nof 8 questions differ" in text and "Left open" in text and "Solved in this call" in text
    sound(second, where, "journey-calibrated")


def test_a_plan_is_counted_before_it_is_kept(enter: Open) -> None:
    tab = enter("supervisor")
    page = tab.open("/conversations/?q=refund")
    hits = int(page.locator("#found").inner_text().split()[0])
    page.locator("#keep-name").fill("About refunds")
    page.get_by_role("button", name="Keep this search").click()
    until(lambda: "About refunds" in tab.text(), what="the kept search")
    page = tab.open("/quality/plans/new")
    preview = page.locator("#preview")
    until(lambda: "conversations of" in preview.inner_text(), what="the count")
    each, days = page.get_by_label("Conversations of each agent"), page.get_by_label("From the last days")
    each.fill("50")
    days.fill("180")
    every = until(
        lambda: re.search(r"(\d+) conversations? of \1\b", preview.inner_text()), what="the live count"
    )
    each.fill("1")
    until(
        lambda: not re.search(r"(\d+) conversations? of \1\b", preview.inner_text()),
        what="fewer of each agent",
    )
    each.fill("50")
    page.get_by_label("Among what a search finds").select_option(label="About refunds")
    found = until(
        lambda: (now := re.search(r"of (\d+)", preview.inner_text())) and now[1] != every[1] and now,
        what="the count of the search",
    )
    assert 0 < int(found[1]) <= hits < int(every[1])
    each.fill("0")
    until(lambda: "greater than or equal to 1" in preview.inner_text(), what="what is wrong")
    each.fill("1")
    until(lambda: "greater than" not in preview.inner_text(), what="the count again")
    assert tab.audit() == []
    tab.shot("quality-journey-plan")
    page.get_by_role("button", name="Keep the plan").click()
    until(lambda: "The plan is kept." in tab.text(), what="keeping")
    page.get_by_role("button", name="Choose now").first.click()
    until(lambda: re.search(r"conversations? (is|are) assigned", tab.text()), what="the choice")
