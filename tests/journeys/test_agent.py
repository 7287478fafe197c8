"""An agent: their own conversations, played and read along; nothing else."""

import re

from .conftest import Open

PLAYS = "document.querySelector('[data-sound]')"


def test_an_agent_sees_and_plays_their_own_conversations_only(enter: Open) -> None:
    tab = enter("agent")
    page = tab.open("/conversations/?kind=call")
    titles = page.locator("#rows [data-row]").all_inner_texts()
    assert "Bookcase has not arrived" in titles
    assert set(titles) <= {"Bookcase has not arrived", "Warranty for a kettle"}, "calls of Daniel Hart alone"
    assert page.get_by_label("Agent", exact=True).count() == 0, "there is no other agent to choose"
    tab.shot("agent-conversations")

    page.get_by_role("link", name="Bookcase has not arrived").click()
    page.wait_for_url(re.compile("/conversations/[0-9a-f-]{36}/"))
    assert page.locator("h1").inner_text() == "Bookcase has not arrived"
    assert page.locator(".pn-redact", has_text="phone number").count() == 1
    assert "Bergmann" not in tab.text() and "Lindenstrasse" not in tab.text()
    assert page.get_by_role("button", name="Ask to see what was removed").count() == 0

    page.locator(".pn-player").get_by_role("button", name="Play", exact=True).click()
    tab.when(f"{PLAYS}.currentTime > 0.5 && !{PLAYS}.paused")
    # The transcript follows: by second 8 the customer speaks.
    page.evaluate(f"{PLAYS}.currentTime = 9")
    page.wait_for_selector(".pn-turn-now .pn-who-c")
    assert "I ordered a bookcase" in page.locator(".pn-turn-now").inner_text()
    before = page.evaluate(f"{PLAYS}.currentTime")
    tab.when(f"{PLAYS}.currentTime > {before} + 0.3")
    tab.settled()
    tab.shot("agent-conversation-playing")


def test_what_an_agent_may_not_do_is_not_offered_and_refused(enter: Open) -> None:
    tab = enter("agent")
    page = tab.open("/conversations/")
    offered = page.get_by_role("navigation", name="Sections").get_by_role("link").all_inner_texts()
    names = {name.strip() for name in offered}
    assert names >= {"Conversations", "Promises", "My privacy"}
    others = {"Requests", "People and roles", "Health", "Data map", "Ledger", "Recipients", "Measures"}
    assert not names & others, "what is not for agents is not offered"
    for path in (
        "/requests",
        "/people/",
        "/health/",
        "/datamap/",
        "/ledger/",
        "/recipients",
        "/conversations/measures/",
    ):
        tab.refused(path)
    # Everybody may read whether promises are kept; only some may start a proof.
    page = tab.open("/promises/")
    assert page.get_by_role("button", name=re.compile("Prove")).count() == 0
    token = page.locator("[name=csrfmiddlewaretoken]").first.input_value()
    answer = page.request.post(
        f"{tab.base}/promises/prove/",
        form={"csrfmiddlewaretoken": token},
        headers={"Referer": f"{tab.base}/promises/"},
    )
    assert answer.status == 403


def test_an_agent_reads_what_is_kept_about_them(enter: Open) -> None:
    tab = enter("agent")
    tab.open("/my-privacy")
    assert "Recorded sound" in tab.text() and "Who looked" in tab.text() and "Right of access" in tab.text()
    tab.shot("agent-my-privacy")
    page = tab.open("/my-privacy/ask/access")
    page.get_by_role("button", name="Ask", exact=True).click()
    page.wait_for_url(re.compile("/my-privacy$"))
    reference = re.search(r"R-\d{4}-\d{4}", page.get_by_role("status").first.inner_text() + tab.text())
    assert reference
    asked = page.locator("section[aria-labelledby=asked]").inner_text()
    assert reference.group() in asked and "answer due" in asked, "they see how far it is"
    tab.settled()
