"""The player and what stands beside it: moments, notes, clips, links, turns, searches, card data."""

import re

import pytest

from .centre import until
from .conftest import Open

SOUND = "document.querySelector('[data-sound]')"
NOW = "document.querySelector('[data-now]').textContent"


def first_call(tab: object) -> None:
    """A call that can be heard."""
    page = tab.open("/conversations/?kind=call")  # type: ignore[attr-defined]
    page.locator("#rows [data-row]").first.click()
    page.wait_for_url(re.compile("/conversations/[0-9a-f-]{36}/"))
    tab.settled()  # type: ignore[attr-defined]


def test_speed_and_skipping_are_kept_and_a_second_has_an_address(enter: Open) -> None:
    tab = enter("supervisor")
    first_call(tab)
    page = tab.page
    page.locator("[data-speed-pick]").select_option("3")
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    if page.locator("[data-skip]").count():
        page.keyboard.press("s")
        assert page.locator("[data-skip]").get_attribute("aria-pressed") == "true"
    page.keyboard.press("2")
    assert page.locator("[data-channel=agent]").get_attribute("aria-pressed") == "true"
    page.keyboard.press("1")
    page.goto(page.url.partition("?")[0] + "?t=12")
    assert page.locator("[data-speed-pick]").input_value() == "3", "the speed is the person's"
    assert page.evaluate(NOW) == "0:12"
    page.keyboard.press("Space")
    tab.when(f"!{SOUND}.paused && {SOUND}.currentTime > 12")
    assert page.evaluate(f"{SOUND}.playbackRate") == 3
    page.keyboard.press("Space")
    tab.settled()


def test_a_note_a_clip_and_a_link(enter: Open) -> None:
    tab = enter("supervisor")
    first_call(tab)
    page = tab.page
    address = page.url.partition("?")[0]
    page.goto(f"{address}?t=7")
    page.keyboard.press("m")
    assert page.locator("#note [name=at]").input_value() == "0:07"
    page.locator("#note [name=text]").fill("A clear greeting")
    page.locator("#note").get_by_role("button", name="Write a note").click()
    page.wait_for_url(re.compile("#beside"))
    assert "A clear greeting" in page.locator("#beside").inner_text()
    page.locator("[data-opens=clip]").click()
    page.locator("#clip [name=title]").fill("How to greet")
    page.locator("#clip").get_by_role("button", name="Cut a clip").click()
    until(lambda: "How to greet" in page.locator("#beside").inner_text(), what="the clip")
    page.locator("[data-opens=share]").click()
    page.locator("#share").get_by_role("button", name="Make a link").click()
    until(lambda: page.locator("#links-h").count(), what="the link")
    link = page.locator("[aria-labelledby=links-h] a.pn-work-at").get_attribute("href")
    assert tab.audit() == []
    page.locator("#beside").scroll_into_view_if_needed()
    tab.shot("player-beside")
    other = enter("agent")
    other.open(str(link))
    assert "shares it with you" in other.text()
    other.page.get_by_role("button", name="Open it").click()
    until(lambda: other.page.locator(".pn-script").count(), what="the shared words")
    assert other.audit() == []
    other.shot("player-link-opened")
    page.goto(address)
    assert "Opened 1 time" in page.locator("#beside").inner_text()
    page = tab.open("/conversations/clips/")
    assert "How to greet" in tab.text() and tab.audit() == [] and tab.fits()
    tab.shot("player-clips")


def test_a_turn_is_mended_and_found_by_its_new_words(enter: Open) -> None:
    tab = enter("supervisor")
    first_call(tab)
    page = tab.page
    page.locator(".pn-turn-change").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/turns/"))
    assert tab.audit() == []
    tab.shot("player-turn")
    page.locator("[data-opens=mend]").click()
    field = page.locator("#mend [name=text]")
    field.fill(field.input_value() + " Zephyr")
    page.locator("#mend").get_by_role("button", name="Mend the words").click()
    until(lambda: "Words mended" in tab.text(), what="the history", seconds=120)
    page = tab.open("/conversations/?q=zephyr")
    assert page.locator("#found").inner_text() == "1 found"


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("dark", [False, True])
def test_it_looks_right(enter: Open, narrow: bool, dark: bool) -> None:
    kind = f"{'390' if narrow else '1440'}-{'dark' if dark else 'light'}"
    tab = enter("supervisor", narrow=narrow, dark=dark)
    first_call(tab)
    page = tab.page
    if page.locator(".pn-moments").count():
        page.locator(".pn-moments > summary").click()
    assert tab.audit() == [] and tab.fits()
    tab.shot(f"player-{kind}")
    page = tab.open("/conversations/?q=refund")
    page.locator(".pn-build > summary").click()
    assert tab.audit() == [] and tab.fits()
    tab.shot(f"player-search-{kind}")
    page = tab.open("/conversations/?q=lamp+NEAR%2F99+sofa")
    assert "After NEAR/ stands a number from 1 to 10." in tab.text()
    tab.open("/conversations/slipped/")
    assert tab.audit() == [] and tab.fits()
    tab.shot(f"player-slipped-{kind}")


def test_an_agent_pauses_for_a_card(enter: Open) -> None:
    tab = enter("agent", narrow=True)
    page = tab.open("/conversations/pausing/")
    page.get_by_role("button", name="Pause the recording").click()
    until(lambda: "The recording pauses." in tab.text(), what="the pause")
    assert tab.audit() == [] and tab.fits()
    tab.shot("player-pausing-390")
    page.get_by_role("button", name="Let it go on").click()
    until(lambda: "The recording pauses." not in tab.text(), what="the end of the pause")
