"""A customer asks for a copy: the code from the mail, the clock, the archive; an impostor gets nothing."""

import hashlib
import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

from plainspoken.proofs.mailbox import text_of

from .centre import SLUG, Centre, somebody, until
from .conftest import Open

CENTRE = f"/privacy/{SLUG}/"
PERSON = somebody("access")


def fill(page: Any, **values: str) -> None:
    for label, value in values.items():
        page.get_by_label(re.compile(label)).fill(value)


def code_for(centre: Centre, email: str, before: int) -> str:
    mails = centre.mailbox.wait(email, count=before + 1)
    assert len(mails) == before + 1, "one code came by mail"
    found = re.search(r"\b\d{6,10}\b", text_of(mails[-1]))
    assert found
    return found.group()


def test_a_copy_of_everything_and_nothing_for_an_impostor(
    centre: Centre, enter: Open, tmp_path: Path
) -> None:
    tab = enter()
    page = tab.open(CENTRE)
    tab.shot("privacy-centre")
    page.get_by_role("link", name="Get a copy of my data").click()
    page.wait_for_selector("form.pn-form")
    before = len(centre.mailbox.to(PERSON.email))
    fill(page, **{"Your name": PERSON.name, "Your e-mail": PERSON.email, "Your telephone": PERSON.phone})
    tab.shot("privacy-ask")
    page.locator("form.pn-form button[type=submit]").click()
    page.wait_for_selector(".pn-code-form")
    reference = page.locator(".pn-ref").inner_text()
    assert re.fullmatch(r"R-\d{4}-\d{4,}", reference)
    assert PERSON.email not in tab.text(), "the address is masked"
    tab.settled()

    code = code_for(centre, PERSON.email, before)
    wrong = "".join("1" if digit == "0" else "0" for digit in code)
    page.get_by_label(re.compile("[Cc]ode")).fill(wrong)
    page.get_by_role("button", name="Check the code").click()
    page.wait_for_selector(".pn-notice-warning")
    assert "That is not the code we sent." in tab.text()
    tab.shot("privacy-wrong-code")

    stranger = enter()
    for path in (f"track/{reference}/", f"verify/{reference}/", f"track/{reference}/archive/"):
        stranger.open(f"{CENTRE}{path}", status=404)
        seen = stranger.page.inner_text("body")
        assert "Open the link in our e-mail" in seen and PERSON.name not in seen

    page.get_by_label(re.compile("[Cc]ode")).fill(code)
    page.get_by_role("button", name="Check the code").click()
    page.wait_for_url(re.compile(f"track/{reference}/"))
    assert "How far we are" in tab.text()
    tab.shot("privacy-track-open")

    officer = enter("privacy_officer")
    desk = officer.open(f"/requests/{reference}")
    assert "What will happen, place by place" in officer.text()
    desk.get_by_role("button", name=re.compile("Make a copy of")).click()
    desk.wait_for_load_state()

    def ready() -> bool:
        page.reload()
        return bool(page.get_by_role("link", name=re.compile("Download your data")).count())

    until(ready, what="the archive")
    tab.settled()
    tab.shot("privacy-track-ready")
    with page.expect_download() as coming:
        page.get_by_role("link", name=re.compile("Download your data")).click()
    saved = tmp_path / "archive.zip"
    coming.value.save_as(saved)
    check(saved.read_bytes())
    stranger.open(f"{CENTRE}track/{reference}/archive/", status=404)


def check(content: bytes) -> None:
    """The archive as its receiver opens it: every digest, what is theirs, and nothing of others."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        files = json.loads(archive.read(next(n for n in names if n.endswith("manifest.json"))))["signed"][
            "files"
        ]
        for name, item in files.items():
            assert hashlib.sha256(archive.read(name)).hexdigest() == item["sha256"], name
        texts = {n: archive.read(n).decode() for n in names if n.endswith((".json", ".csv", ".html", ".txt"))}
    assert any(n.endswith(".html") for n in names) and any(n.endswith(".csv") for n in names)
    assert any(n.endswith((".opus", ".ogg", ".wav")) for n in names), "sound is in it"
    whole = "\n".join(texts.values())
    assert PERSON.email in whole and "bookcase" in whole
    assert "Thomas Becker" not in whole, "other people's data is masked"


def tab_to(page: Any, name: str, *, most: int = 60) -> None:
    """Press Tab until something of this name has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        told = page.evaluate("(e => e.innerText || e.labels?.[0]?.innerText || '')(document.activeElement)")
        if name in " ".join(str(told).split()):
            return
    raise AssertionError(f"Tab never comes to {name}")


def test_with_the_keyboard_alone_on_a_phone_and_then_taken_back(centre: Centre, enter: Open) -> None:
    person = somebody("Robert Chen")
    tab = enter(narrow=True)
    page = tab.open(CENTRE)
    tab_to(page, "Where do you live?")
    page.keyboard.press("ArrowDown")
    page.wait_for_timeout(300)
    assert page.url.endswith(CENTRE), "choosing a place alone goes nowhere"
    tab_to(page, "Use this place")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("place="))
    page = tab.open(CENTRE)
    before = len(centre.mailbox.to(person.email))
    tab_to(page, "Get a copy of my data")
    page.keyboard.press("Enter")
    page.wait_for_selector("form.pn-form")
    tab_to(page, "Your e-mail")
    page.keyboard.type("nobody")
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-focus]")
    assert "Write it as name@place.example." in tab.text(), "what is wrong and what to do, in one sentence"
    tab.settled()
    page.get_by_label(re.compile("Your e-mail")).focus()
    page.keyboard.press("Control+A")
    page.keyboard.type(person.email)
    page.keyboard.press("Enter")
    page.wait_for_selector(".pn-code-form")
    reference = page.locator(".pn-ref").inner_text()
    tab_to(page, "Code")
    page.keyboard.type(code_for(centre, person.email, before))
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(f"track/{reference}/"))
    assert tab.fits() and tab.audit() == []
    told = page.locator("ol.pn-way time").first.get_attribute("datetime")
    assert told and re.search(r"\+0[12]:00$", told), "times are those of Frankfurt, where the house is"

    tab_to(page, "Take it back")
    page.keyboard.press("Enter")
    tab_to(page, "Take the request back")
    tab.shot("privacy-take-back")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=You took it back.")
    assert page.get_by_role("link", name="Ask again").count() == 1
    assert page.get_by_text("Take the request back").count() == 0
    tab.settled()
    officer = enter("privacy_officer")
    desk = officer.open("/requests?show=closed")
    assert reference in desk.locator(".pn-queue").inner_text()


def test_each_right_names_its_law(enter: Open) -> None:
    tab = enter()
    page = tab.open(CENTRE)
    laws = page.locator(".pn-choice small:last-child").all_inner_texts()
    assert len(laws) >= 8 and all("GDPR Article" in law for law in laws), laws
    page = tab.open(f"{CENTRE}?place=ccpa")
    laws = page.locator(".pn-choice small:last-child").all_inner_texts()
    assert len(laws) >= 5 and all(re.match(r"Right .+, California$", law) for law in laws), laws
