"""What pages do when somebody uses them: player, filters, drawer, dialogs, menus, theme."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from . import gallery

WIDE = {"width": 1440, "height": 900}
NARROW = {"width": 390, "height": 844}


@pytest.fixture
def page(browser: Any, base: str) -> Iterator[Any]:
    context = browser.new_context(viewport=WIDE, base_url=base)
    gallery.Handler.asked.clear()
    yield context.new_page()
    context.close()


@pytest.fixture
def phone(browser: Any, base: str) -> Iterator[Any]:
    context = browser.new_context(viewport=NARROW, base_url=base, has_touch=True)
    yield context.new_page()
    context.close()


def until(page: Any, condition: str, limit: float = 10.0) -> None:
    """Wait for a condition; asked from outside, because the policy of the pages forbids eval inside."""
    end = time.monotonic() + limit
    while not page.evaluate(f"Boolean({condition})"):
        assert time.monotonic() < end, f"never came true: {condition}"
        page.wait_for_timeout(30)


def drawn(page: Any) -> None:
    page.evaluate(gallery.PROBES)
    until(page, "probe.canvases().length > 1")


def seconds(page: Any) -> int:
    return int(page.locator("[data-scrub]").get_attribute("aria-valuenow"))


# ---- player ----


def test_sound_is_asked_for_on_play_only(page: Any) -> None:
    page.goto("/conversation")
    drawn(page)
    page.keyboard.press("ArrowRight")
    assert "/sound.wav" not in gallery.Handler.asked
    page.get_by_role("button", name="Play").click()
    until(page, "document.querySelector('[data-sound]').currentTime > 5.05")
    assert "/sound.wav" in gallery.Handler.asked
    page.get_by_role("button", name="Pause", exact=True).click()
    assert page.evaluate("document.querySelector('[data-sound]').paused")


def test_two_channels_are_drawn_in_the_inks_of_the_theme(page: Any) -> None:
    page.goto("/conversation")
    drawn(page)
    assert page.evaluate("probe.inks()") == ["11,90,107", "134,71,106"]
    page.get_by_role("button", name="Switch between light and dark").click()
    page.wait_for_timeout(100)
    assert page.evaluate("probe.inks()") == ["116,195,212", "219,160,189"]


def test_the_drawing_works_without_a_nonce(page: Any) -> None:
    gallery.Handler.nonce = False
    try:
        page.goto("/conversation")
        drawn(page)
        places = page.evaluate("probe.canvases().map((canvas) => getComputedStyle(canvas).position)")
        assert set(places) == {"absolute"}
    finally:
        gallery.Handler.nonce = True


def test_keys_of_the_player(page: Any) -> None:
    page.goto("/conversation")
    page.keyboard.press("ArrowRight")
    assert seconds(page) == 5
    page.keyboard.press("ArrowLeft")
    assert seconds(page) == 0
    page.keyboard.press("Shift+ArrowRight")
    assert seconds(page) == 11
    page.keyboard.press("Shift+ArrowRight")
    assert seconds(page) == 27
    page.keyboard.press("Shift+ArrowLeft")
    assert seconds(page) == 11
    page.keyboard.press("r")
    assert seconds(page) == 35
    page.keyboard.press(">")
    assert page.locator("[data-speed-pick]").input_value() == "1.25"
    page.keyboard.press("<")
    assert page.evaluate("document.querySelector('[data-sound]').playbackRate") == 1
    page.keyboard.press("Space")
    until(page, "!document.querySelector('[data-sound]').paused")
    page.keyboard.press("Space")
    until(page, "document.querySelector('[data-sound]').paused")
    page.keyboard.press("?")
    assert page.locator("#keys").is_visible()


def test_keys_rest_in_fields_and_can_be_switched_off(page: Any) -> None:
    page.goto("/conversation")
    page.keyboard.press("/")
    page.keyboard.type("r>")
    assert page.locator("#find").input_value() == "r>"
    assert seconds(page) == 0
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    page.locator("[data-letter-keys]").uncheck()
    page.get_by_role("button", name="Close the list").click()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("r")
    assert seconds(page) == 0
    page.reload()
    page.keyboard.press("r")
    assert seconds(page) == 0


@pytest.mark.parametrize("address", ["/conversation#t72", "/conversation?t=72"])
def test_a_deep_link_stands_at_its_second(page: Any, address: str) -> None:
    page.goto(address)
    assert seconds(page) == 72
    assert page.locator("#t72").get_attribute("aria-current") == "true"


def test_words_turns_cuts_parts_and_slider_seek(page: Any) -> None:
    page.goto("/conversation")
    page.locator("#t11 [data-t]").nth(3).click()
    assert 11 < seconds(page) < 27
    page.locator("#t54 .pn-turn-at").click()
    assert seconds(page) == 54
    page.get_by_text("6 parts removed").click()
    page.locator("[data-cut]").nth(3).click()
    assert seconds(page) == 110
    page.get_by_role("link", name="6 Closing").click()
    assert seconds(page) == 290
    box = page.locator("[data-waves]").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 20)
    assert seconds(page) == 186
    page.locator("[data-scrub]").press("Home")
    assert seconds(page) == 0


def test_the_transcript_follows_until_somebody_scrolls(page: Any) -> None:
    page.goto("/conversation?t=200")
    follow = page.locator("[data-follow]")
    page.get_by_role("button", name="Play").click()
    drawn(page)
    until(page, "document.querySelector('[data-sound]').currentTime > 200.2")
    page.locator("[data-jump='5']").click(click_count=5, delay=40)
    page.wait_for_timeout(900)
    assert page.evaluate("probe.turnInView()")
    assert follow.get_attribute("aria-pressed") == "true"
    page.mouse.move(500, 700)
    page.mouse.wheel(0, -300)
    page.wait_for_timeout(200)
    assert follow.get_attribute("aria-pressed") == "false"
    follow.click()
    page.wait_for_timeout(900)
    assert page.evaluate("probe.turnInView()")


def test_one_channel_alone_can_be_heard(page: Any) -> None:
    page.goto("/conversation")
    page.get_by_role("button", name="Customer", exact=True).click()
    assert page.locator("[data-channel='customer']").get_attribute("aria-pressed") == "true"
    page.get_by_role("button", name="Play").click()
    until(page, "document.querySelector('[data-sound]').currentTime > 0.2")


def test_search_inside_the_call(page: Any) -> None:
    page.goto("/conversation")
    page.locator("#in-call").fill("postcode")
    assert page.locator(".pn-turn:visible").count() == 2
    until(page, "document.getElementById('said').textContent === '2 found'")
    page.locator("#in-call").fill("nobody said this")
    assert page.locator("[data-nothing]").is_visible()


def test_removed_words_are_never_in_the_page(page: Any) -> None:
    page.goto("/conversation")
    assert "Weidmann" not in page.content()
    page.goto("/conversation-revealed")
    assert page.get_by_text("Weidmann").count() == 1
    assert page.get_by_text("The look stands in the ledger.").is_visible()


def test_reveal_asks_for_a_purpose_and_a_reason(page: Any) -> None:
    page.goto("/conversation")
    page.get_by_role("button", name="Ask to see what was removed").click()
    page.get_by_role("button", name="Show the words").click()
    assert page.locator("#reveal").is_visible(), "the browser lets nothing through without a purpose"
    page.get_by_role("button", name="Go back").click()
    assert not page.locator("#reveal").is_visible()
    assert "Ask to see" in page.evaluate("document.activeElement.textContent")


# ---- lists ----


def test_a_filter_swaps_the_rows_and_keeps_the_focus(page: Any) -> None:
    page.goto("/conversations")
    before = page.locator("#rows tr.pn-openrow").count()
    page.locator("select[name=queue]").focus()
    page.locator("select[name=queue]").select_option("returns")
    until(page, "document.querySelectorAll('#rows tr.pn-openrow').length === 2")
    assert before == 8
    assert page.locator("#found").inner_text() == "2 found"
    until(page, "document.getElementById('said').textContent === '2 found'")
    assert "queue=returns" in page.url
    assert "agent=" not in page.url
    assert page.evaluate("document.activeElement.name") == "queue"
    page.go_back()
    until(page, "document.querySelectorAll('#rows tr.pn-openrow').length === 8")


def test_rows_by_key_and_the_whole_row_opens(page: Any) -> None:
    page.goto("/conversations")
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert "Change of the delivery" in page.evaluate("document.activeElement.textContent")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_url("**/conversation/")
    page.goto("/conversations")
    page.locator("#rows tr.pn-openrow").nth(2).locator("td").nth(3).click(force=True)
    page.wait_for_url("**/conversation/")


# ---- promises ----


def test_the_drawer_opens_without_a_new_page(page: Any) -> None:
    page.goto("/promises-shut")
    page.evaluate("window.same = true")
    page.get_by_role("button", name="Open all groups").click()
    row = page.locator("[data-group] [data-clause='right.access']")
    page.evaluate("history.replaceState({}, '', '/promises')")
    row.click()
    until(page, "!document.getElementById('drawer').hidden")
    assert page.locator("#evidence").inner_text() == "Evidence for right.access"
    assert page.url.endswith("?clause=right.access#right.access")
    assert page.evaluate("window.same")
    page.get_by_role("link", name="Next clause").click()
    until(page, "document.getElementById('evidence').textContent.includes('right.restrict')")
    page.keyboard.press("Escape")
    assert page.locator("#drawer").is_hidden()
    assert page.evaluate("document.activeElement.dataset.clause") == "right.access"


def test_a_clause_is_reached_by_its_id(page: Any) -> None:
    page.goto("/promises#right.erase")
    assert page.locator("[data-group] [data-clause='right.erase']").is_visible()
    page.goto("/promises-shut")
    page.evaluate("history.replaceState({}, '', '/promises#cookies.declared')")
    page.reload()
    assert page.locator("[data-group] [data-clause='cookies.declared']").is_visible()


def test_promises_narrow_by_word(page: Any) -> None:
    page.goto("/promises-shut")
    page.locator("#clause-q").fill("cookie")
    assert page.locator("[data-group]:visible").count() == 1
    assert page.locator("[data-group] [data-words]:visible").count() == 3
    page.locator("#clause-q").fill("")
    assert page.locator("[data-group]:visible").count() == 7


def test_only_who_may_prove_is_offered_it(page: Any) -> None:
    page.goto("/promises")
    assert page.get_by_role("button", name="Prove all").count() == 1
    page.goto("/promises-none")
    assert page.get_by_role("button", name="Prove all").count() == 0


# ---- acts that cannot be undone ----


def test_an_act_that_cannot_be_undone_wants_the_reference(page: Any) -> None:
    page.goto("/desk")
    page.get_by_role("button", name="Erase 58 items").click()
    dialog = page.get_by_role("dialog", name="Erase 58 items about Klara Weidmann")
    assert dialog.is_visible()
    assert page.evaluate("document.activeElement.textContent") == "Keep everything"
    go = dialog.get_by_role("button", name="Erase 58 items")
    assert go.is_disabled()
    dialog.get_by_label("Type R-2026-0417 to go on").fill("R-2026-0418")
    assert go.is_disabled()
    dialog.get_by_label("Type R-2026-0417 to go on").fill("r-2026-0417")
    assert go.is_enabled()
    page.keyboard.press("Escape")
    assert not dialog.is_visible()
    assert "Erase 58 items" in page.evaluate("document.activeElement.textContent")


def test_nothing_about_a_person_whose_identity_is_not_proved(page: Any) -> None:
    page.goto("/desk-unproved")
    case = page.locator("article.pn-case").inner_text()
    assert "Identity not proved: nothing is shown." in case
    assert "Klara" not in case
    assert page.locator(".pn-plan").count() == 0


# ---- frame ----


def test_the_purpose_menu_keeps_the_other_parameters(page: Any) -> None:
    page.goto("/conversations?q=refund&page=3")
    page.locator(".pn-purpose").click()
    link = page.get_by_role("link", name="answer the customer")
    assert link.get_attribute("href") == "?q=refund&purpose=service.answer"
    page.keyboard.press("Escape")
    assert not link.is_visible()


def test_the_theme_stays(page: Any) -> None:
    page.goto("/centre")
    theme = "document.documentElement.dataset.bsTheme"
    assert page.evaluate(theme) == "light"
    page.get_by_role("button", name="Switch between light and dark").click()
    page.reload()
    assert page.evaluate(theme) == "dark"
    stored = page.evaluate("Object.keys(localStorage)")
    assert stored == ["plainspoken.theme"]


def test_the_menu_of_a_small_screen(phone: Any) -> None:
    phone.goto("/desk-queue")
    assert not phone.get_by_role("link", name="Data map").is_visible()
    phone.get_by_role("button", name="Open the menu").click()
    assert phone.get_by_role("link", name="Data map").is_visible()
    phone.keyboard.press("Escape")
    assert not phone.get_by_role("link", name="Data map").is_visible()


def test_agents_get_tabs_on_a_small_screen(phone: Any) -> None:
    phone.goto("/conversation-agent")
    tabs = phone.get_by_role("navigation", name="Main sections").get_by_role("link").all_inner_texts()
    assert tabs == ["Calls", "Promises", "Privacy"]
    phone.goto("/desk-queue")
    assert phone.get_by_role("navigation", name="Main sections").count() == 0


def test_queue_and_detail_are_two_pages_on_a_small_screen(phone: Any) -> None:
    phone.goto("/desk")
    assert not phone.locator(".pn-queue").is_visible()
    assert phone.get_by_role("link", name="All requests").is_visible()
    phone.goto("/desk-queue")
    assert phone.locator(".pn-queue").is_visible()


def test_a_small_player_stays_in_reach(phone: Any) -> None:
    phone.goto("/conversation")
    assert not phone.locator("[data-mini]").is_visible()
    phone.locator("#t124").scroll_into_view_if_needed()
    until(phone, "!document.querySelector('[data-mini]').hidden")
    phone.locator("[data-mini] [data-play]").click()
    until(phone, "!document.querySelector('[data-sound]').paused")


def test_a_deep_link_opens_the_section_of_the_notice(page: Any) -> None:
    page.goto("/notice#right.erase")
    assert page.locator("[id='right.erase']").is_visible()
    assert page.locator("details[open]").count() == 1


def test_errors_of_a_form_take_the_focus_and_lead_to_the_field(page: Any) -> None:
    page.goto("/request-wrong")
    assert page.evaluate("document.activeElement.getAttribute('role')") == "alert"
    page.get_by_role("link", name="Your e-mail: Enter a valid email address.").click()
    assert page.evaluate("document.activeElement.id") == "id_email"
    assert page.locator("#id_email").get_attribute("aria-describedby") == "id_email-help id_email-error"


def test_pages_read_without_scripts(browser: Any, base: str) -> None:
    context = browser.new_context(viewport=WIDE, base_url=base, java_script_enabled=False)
    page = context.new_page()
    try:
        page.goto("/conversation")
        assert page.get_by_text("I am sorry about the lamp.").is_visible()
        assert page.locator("audio[controls]").count() == 1
        assert page.locator("svg.pn-over rect.pn-cut").count() == 6
        assert not page.locator("[data-follow]").is_visible()
        page.goto("/conversations")
        assert page.get_by_role("button", name="Show the matches").is_visible()
        page.goto("/desk")
        assert page.get_by_role("heading", name="11 days left").count() == 0
        assert page.get_by_text("11 days left").is_visible()
        page.goto("/promises")
        assert page.locator("#evidence").count() == 1
    finally:
        context.close()
