"""The privacy officer: clocks, an erasure with a second person, a restriction, the promises, the data map, the ledger."""

import re
from typing import Any

import pytest

from .centre import Centre, somebody, until
from .conftest import Open

ERASED = {"Pays an invoice by card", "Warranty for a kettle"}
RESTRICTED = "Wrong item delivered"


@pytest.fixture(scope="module")
def titles(enter: Open) -> Any:
    """What the supervisor's list shows now."""
    tab = enter("supervisor")

    def look() -> set[str]:
        page = tab.open("/conversations/")
        return {text.strip() for text in page.locator("#rows [data-row]").all_inner_texts()}

    return look


def proved(centre: Centre, kind: str, **more: str) -> str:
    """A request whose code was entered."""
    asking = centre.ask(kind, kind, **more)
    asking.prove()
    return asking.reference


def test_the_queue_shows_what_is_due_next(enter: Open) -> None:
    tab = enter("privacy_officer")
    page = tab.open("/requests")
    groups = page.locator(".pn-queue").inner_text()
    assert "Emily Carter" not in groups and "Susan Walker" not in groups, "identity is not proved yet"
    items = page.locator(".pn-queue a[href^='/requests/R-']")
    assert items.count() >= 3
    items.first.click()
    page.wait_for_selector("article.pn-case")
    assert "Identity not proved: nothing is shown." in tab.text() and "Emily Carter" not in tab.text()
    assert "By letter" in tab.text()
    badge = page.get_by_role("navigation", name="Sections").get_by_role("link", name=re.compile("Requests"))
    assert re.search(r"\d", badge.inner_text()), "the side bar says how many wait"
    tab.settled()
    tab.shot("officer-unproved")


def test_a_long_queue_is_narrowed_by_typing(centre: Centre, enter: Open) -> None:
    for _ in range(7):
        centre.ask("access", "Thomas Becker")
    tab = enter("privacy_officer")
    page = tab.open("/requests")
    items = page.locator(".pn-queue a[href^='/requests/R-']")
    everything = items.count()
    assert everything > 8
    number = re.search(r"R-\d{4}-\d{4}", items.nth(2).inner_text())
    assert number
    page.get_by_label("Number, kind, person or state").fill(number.group())
    tab.when("[...document.querySelectorAll('#queue li')].filter(e => e.checkVisibility()).length === 1")
    page.get_by_label("Number, kind, person or state").fill("no such thing")
    assert page.get_by_text("Nothing matches. Clear the field.").is_visible()
    tab.settled()


def test_an_erasure_needs_the_reference_and_a_second_person(centre: Centre, enter: Open, titles: Any) -> None:
    assert titles() >= ERASED
    reference = proved(centre, "erase")
    tab = enter("privacy_officer")
    page = tab.open(f"/requests/{reference}")
    main = page.get_by_role("button", name=re.compile(r"^Erase \d+ items$")).first
    items = int(re.search(r"\d+", main.inner_text()).group())  # type: ignore[union-attr]
    plan = page.locator("table").filter(has_text="What will happen")
    assert str(items) in plan.locator("tfoot, tr").last.inner_text(), (
        "the button says what the plan adds up to"
    )
    tab.shot("officer-erasure-plan")
    main.click()
    dialog = page.get_by_role("dialog")
    assert page.evaluate("document.activeElement.innerText").strip() == "Keep everything"
    assert "This cannot come back:" in dialog.inner_text() and "second person" in dialog.inner_text()
    erase = dialog.get_by_role("button", name=re.compile("^Erase"))
    dialog.get_by_label(re.compile("Type")).fill("R-0000")
    assert erase.is_disabled() or not erase.evaluate("b => b.form.checkValidity()"), (
        "a wrong reference is not enough"
    )
    dialog.get_by_label(re.compile("Type")).fill(reference)
    tab.shot("officer-erasure-dialog")
    erase.click()
    page.wait_for_selector("text=Somebody else has to agree")
    tab.settled()

    second = enter("administrator")
    other = second.open("/requests")
    badge = other.get_by_role("navigation", name="Sections").get_by_role("link", name=re.compile("Requests"))
    assert "1" in badge.inner_text()
    other.locator(f".pn-queue a[href$='{reference}']").click()
    other.wait_for_selector("article.pn-case")
    second.shot("administrator-second-person")
    other.get_by_role("button", name=re.compile("^Agree: erase")).click()

    def done() -> bool:
        tab.open(f"/requests/{reference}")
        return bool(page.locator(".pn-receipt").count())

    until(done, what="the erasure")
    assert "What happened, place by place" in tab.text() and "Erased" in tab.text()
    assert re.search(r"Ledger entry \d+", page.locator(".pn-receipt").inner_text())
    tab.shot("officer-erased")
    assert not titles() & ERASED, "nobody finds the calls any more"
    until(lambda: len(centre.mailbox.to(somebody("erase").email)) >= 2, what="the answer by mail")


def test_a_restriction_takes_a_call_out_of_use(centre: Centre, enter: Open, titles: Any) -> None:
    assert RESTRICTED in titles()
    reference = proved(centre, "restrict", ground="accuracy-contested")
    tab = enter("privacy_officer")
    page = tab.open(f"/requests/{reference}")
    page.get_by_role("button", name=re.compile("^Suspend")).first.click()
    page.get_by_role("dialog").get_by_role("button", name=re.compile("^Suspend")).click()

    def done() -> bool:
        tab.open(f"/requests/{reference}")
        return "Answered in time" in tab.text()

    until(done, what="the restriction")
    assert page.get_by_role("button", name=re.compile("[Ll]ift")).count() == 1, "it can be lifted again"
    tab.shot("officer-restricted")
    assert RESTRICTED not in titles()


def test_promises_say_what_held_and_open_by_link(enter: Open) -> None:
    tab = enter("privacy_officer")
    page = tab.open("/promises/")
    total, held = 76, 12
    assert page.locator("h1").inner_text() == f"{held} of {total} promises held"
    assert page.locator(".pn-attn li").first.inner_text().startswith("Broken"), "what is broken stands first"
    page.get_by_role("link", name=re.compile("^Held")).click()
    page.wait_for_url(re.compile("show=held"))
    assert page.locator("#clauses [data-clause]").count() == held
    page = tab.open("/promises/")
    page.get_by_label("Filter by word or id").fill("right.erase")
    tab.when(
        "[...document.querySelectorAll('#clauses [data-clause]')].filter(e => e.checkVisibility()).length === 1"
    )
    page.keyboard.press("Enter")
    tab.open("/datamap/")
    page = tab.open("/promises/#right.erase")
    page.wait_for_selector("#drawer:not([hidden]) .pn-quote")
    drawer = page.locator("#drawer").inner_text()
    assert (
        "Held" in drawer
        and "right.erase" in drawer
        and "What the proof did" in drawer
        and "Ledger entry" in drawer
    )
    tab.settled()
    tab.shot("officer-promises")


def test_prove_again_queues_a_proof(enter: Open) -> None:
    tab = enter("privacy_officer")
    page = tab.open("/promises/?clause=notice.controller")
    page.get_by_role("button", name="Prove again").click()
    page.wait_for_url(re.compile("clause=notice.controller"))

    def goes_on() -> bool:
        tab.open("/promises/?clause=notice.controller")
        runs = page.locator("#drawer .pn-runs i").count()
        return bool(page.locator(".pn-tag[role=status]").count()) or runs >= 2

    until(goes_on, what="the proof")


def test_the_data_map_opens_a_place(enter: Open) -> None:
    tab = enter("privacy_officer")
    page = tab.open("/datamap/")
    assert re.match(r"\d+ places hold personal data", page.locator("h1").inner_text())
    page.locator("#place-q").fill("sound")
    page.get_by_role("link", name="Recorded sound, as it arrived").click()
    page.wait_for_selector("#drawer:not([hidden])")
    drawer = page.locator("#drawer").inner_text()
    assert "conversations.Recording" in drawer and "What a right does here" in drawer and "Erasure" in drawer
    tab.settled()
    tab.shot("officer-datamap")
    rows = page.locator("#places tr").all_inner_texts()
    assert rows and not any("own act" in row or "end what is left" in row for row in rows)


def test_the_chain_of_the_ledger_is_checked(enter: Open) -> None:
    tab = enter("privacy_officer")
    page = tab.open("/ledger/")
    page.get_by_role("button", name="Check the chain").click()
    page.wait_for_selector(".pn-receipt")
    chain = page.locator(".pn-chain").inner_text()
    assert chain.startswith("Held") and "follow one another, unchanged" in chain
    page.locator("#rows [data-row]").first.click()
    page.wait_for_selector("#drawer:not([hidden]) dl")
    assert "Digest" in page.locator("#drawer").inner_text()
    tab.settled()
    tab.shot("officer-ledger")
