"""The administrator: does it run, who works here; no conversation, ever."""

import re

from .conftest import Open, sign_in

NEW = "nora.beck"


def test_health_and_organisation(enter: Open) -> None:
    tab = enter("administrator")
    page = tab.open("/health/")
    faults = page.locator(".pn-checks li", has_text="Broken").all_inner_texts()
    assert faults == [], "everything runs"
    assert re.fullmatch(r"Everything works|\d+ things? to set up", page.locator("h1").inner_text())
    states = page.locator(".pn-checks li .pn-state").all_inner_texts()
    assert states == sorted(states, key=["Broken", "Set up", "Works"].index), (
        "what needs somebody stands first"
    )
    assert "`" not in tab.text(), "commands are set as commands"
    tab.shot("administrator-health")
    tab.open("/organisation/")
    assert "EU (Frankfurt)" in tab.text() and "Policy in force" in tab.text()
    tab.shot("administrator-organisation")


def test_a_new_member_and_a_token_that_is_shown_once(enter: Open) -> None:
    tab = enter("administrator")
    page = tab.open("/people/")
    page.get_by_role("link", name="Add a person").click()
    page.wait_for_selector("form.pn-form")
    page.get_by_label("Name").fill("Nora Beck")
    page.get_by_label("E-mail").fill(f"{NEW}@larkfield.example")
    page.get_by_label(re.compile("^Agent")).check()
    page.get_by_role("button", name="Add the person").click()
    page.wait_for_selector("[data-copy-text]")
    password = page.locator("[data-copy-text]").inner_text()
    tab.settled()
    tab.shot("administrator-password-once")

    page.get_by_label("What is the token for?").fill("Telephone system")
    page.get_by_role("button", name="Issue a token").click()
    page.wait_for_selector("text=Telephone system")
    secret = page.locator("[data-copy-text]").last.inner_text()
    assert secret.startswith("ps_")
    address = tab.open("/people/").get_by_role("link", name="Nora Beck").get_attribute("href")
    page = tab.open(str(address))
    assert (
        "Telephone system" in tab.text() and secret not in page.content() and password not in page.content()
    )
    tab.shot("administrator-member")

    guest = enter()
    sign_in(guest, NEW, password)
    assert guest.open("/conversations/").locator("#rows [data-row]").count() == 0


def test_no_conversation_is_offered_or_shown(enter: Open) -> None:
    supervisor = enter("supervisor")
    address = supervisor.open("/conversations/").locator("#rows [data-row]").first.get_attribute("href")
    tab = enter("administrator")
    page = tab.open("/health/")
    offered = page.get_by_role("navigation", name="Sections").get_by_role("link").all_inner_texts()
    assert not any("Conversations" in name for name in offered)
    assert page.locator("form[action='/conversations/']").count() == 0
    for path in ("/conversations/", "/conversations/measures/", str(address)):
        tab.refused(path)
    for part in ("sound", "peaks"):
        assert page.request.get(f"{tab.base}{address}{part}").status == 403
