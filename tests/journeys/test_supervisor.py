"""A supervisor: searching, hearing the very second, looking at what was removed, under one purpose at a time."""

import re
from urllib.parse import parse_qs, urlsplit

from .centre import until
from .conftest import Open

SOUND = "document.querySelector('[data-sound]')"
NOW = "document.querySelector('[data-now]').textContent"


def query(url: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(url).query)


def test_a_hit_is_highlighted_and_plays_that_second(enter: Open) -> None:
    tab = enter("supervisor")
    page = tab.open("/conversations/")
    everything = page.locator("#rows [data-row]").count()
    assert everything >= 9
    page.locator("#q").fill("refund")
    page.wait_for_url(re.compile("q=refund"))
    until(lambda: page.locator("#rows [data-row]").count() < everything, what="the search")
    assert page.locator("#found").inner_text() == f"{page.locator('#rows [data-row]').count()} found"
    assert "refund" in page.locator(".pn-hit mark").first.inner_text().lower()
    tab.shot("supervisor-search")

    hit = page.locator(".pn-hit").filter(has_text="refund").first
    minutes, seconds = hit.locator(".pn-hit-at").inner_text().split(":")
    at = int(minutes) * 60 + int(seconds)
    assert at > 0
    hit.click()
    page.wait_for_url(re.compile("/conversations/[0-9a-f-]{36}/"))
    tab.when(f"{NOW} !== '0:00'")
    page.keyboard.press("Space")
    tab.when(f"!{SOUND}.paused && {SOUND}.currentTime > 0")
    assert abs(page.evaluate(f"{SOUND}.currentTime") - at) < 4, "it starts where it was said"
    tab.settled()


def test_filters_stand_in_the_address_and_can_be_cleared(enter: Open) -> None:
    tab = enter("supervisor")
    page = tab.open("/conversations/")
    everything = page.locator("#found").inner_text()
    page.get_by_label("Queue").select_option("Orders")
    page.wait_for_url(re.compile("queue=Orders"))
    until(lambda: page.locator("#found").inner_text() != everything, what="the filter")
    narrowed = page.locator("#rows [data-row]").all_inner_texts()
    assert "Change of address" in narrowed and "Cancels a sofa" not in narrowed
    page.reload()
    assert page.locator("#rows [data-row]").all_inner_texts() == narrowed, "the address holds the filter"
    page.get_by_role("link", name="Clear the filters").click()
    page.wait_for_url(lambda url: "queue=Orders" not in url)
    assert page.locator("#found").inner_text() == everything
    page = tab.open("/conversations/?q=zzyzx")
    assert "Nothing matches. Clear the filters." in tab.text()
    tab.shot("supervisor-nothing-found")


def test_the_keyboard_is_enough(enter: Open) -> None:
    tab = enter("supervisor")
    page = tab.open("/conversations/")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.type") == "search"
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    titles = page.locator("#rows [data-row]").all_inner_texts()

    def focused() -> str:
        return str(page.evaluate("document.activeElement.innerText")).strip()

    page.keyboard.press("j")
    assert focused() == titles[0].strip()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert focused() == titles[1].strip()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/conversations/[0-9a-f-]{36}/"))
    assert page.locator("h1").inner_text() == titles[1].strip()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Space")
    tab.when(f"!{SOUND}.paused && {SOUND}.currentTime > 0.2")
    page.keyboard.press("Space")
    tab.when(f"{SOUND}.paused")
    page.keyboard.press("ArrowRight")
    tab.when(f"{SOUND}.currentTime > 5")
    page.keyboard.press("r")
    page.keyboard.press("?")
    assert page.locator("dialog#keys").is_visible()


def test_removed_words_are_shown_for_a_reason_and_the_ledger_keeps_the_look(enter: Open) -> None:
    tab = enter("supervisor")
    page = tab.open("/conversations/")
    page.get_by_role("link", name="Cancels a sofa").click()
    page.wait_for_selector("[data-script]")
    assert page.locator(".pn-redact", has_text="card number").count() >= 1
    assert "5556" not in tab.text() and "James Miller" not in tab.text()
    page.get_by_role("button", name="Ask to see what was removed").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("What do you need it for?").select_option(index=1)
    dialog.get_by_label("Why now?").fill("The customer asks which card was charged.")
    tab.shot("supervisor-reveal")
    dialog.get_by_role("button", name="Show the words").click()
    page.wait_for_selector(".pn-revealed")
    assert "James Miller" in page.locator("[data-script]").inner_text()
    receipt = page.locator(".pn-revealed .pn-receipt").inner_text()
    assert re.search(r"Ledger entry \d+", receipt) and "sha256" in receipt
    looked = page.locator(".pn-looks").inner_text()
    assert "Helen Marsh, you" in looked
    tab.settled()
    tab.shot("supervisor-revealed")
    # Shown once: the page itself does not hold it.
    page = tab.open(urlsplit(page.url).path.removesuffix("reveal"))
    assert "James Miller" not in tab.text()


def test_another_purpose_is_another_look(enter: Open) -> None:
    tab = enter("supervisor")
    page = tab.open("/conversations/")
    first = page.locator(".pn-purpose b").inner_text()
    page.locator(".pn-purpose-menu summary").click()
    other = page.locator(".pn-purpose-menu a:not([aria-current])").first
    title = other.locator("b").inner_text().strip()
    assert len(title.split()) <= 5, "the bar says it short"
    assert other.locator("small").inner_text().strip() != title, "the policy's own words stand beside it"
    other.click()
    page.wait_for_url(re.compile("purpose="))
    assert page.locator(".pn-purpose b").inner_text() == title != first
    page.locator("#rows [data-row]").first.click()
    page.wait_for_selector(".pn-uses-now")
    assert page.locator(".pn-uses-now").inner_text().lower().startswith(title.lower())
    assert query(page.url)["purpose"], "the purpose stays in the address"


def test_small_groups_are_not_counted_and_big_ones_are(enter: Open) -> None:
    tab = enter("supervisor")
    page = tab.open("/conversations/measures/")
    assert "Groups under 12 are not shown." in tab.text() and "under 12, not shown" in tab.text()
    shown = {
        row.locator("th").inner_text(): row.locator("td").first.inner_text()
        for row in page.locator("section[aria-labelledby=by-queue] tbody tr").all()
    }
    assert all(int(shown[queue]) >= 12 for queue in ("Delivery", "Orders")), "big groups are counted"
    assert all(shown[queue] == "under 12, not shown" for queue in ("Billing", "Returns"))
    tab.shot("supervisor-measures")


def test_the_keys_of_the_player_are_listed_where_there_is_one(enter: Open) -> None:
    tab = enter("supervisor")
    page = tab.open("/conversations/?kind=call")
    page.keyboard.press("?")
    assert "Player" not in page.locator("dialog#keys").inner_text()
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Cancels a sofa").click()
    page.wait_for_selector("[data-player]")
    page.locator(".pn-keys").click()
    keys = page.locator("dialog#keys").inner_text()
    for does in (
        "play or pause",
        "5 seconds back or on",
        "the turn before or after",
        "slower or faster",
        "next removed part",
    ):
        assert does in keys, does
    tab.shot("supervisor-player-keys")
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    first = page.evaluate(f"Number({NOW}.split(':')[1])")
    assert first > 0, "the next turn"
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press(">")
    assert page.locator("[data-speed-pick]").input_value() == "1.25"
    page.keyboard.press("<")
    assert page.locator("[data-speed-pick]").input_value() == "1"
    tab.settled()
