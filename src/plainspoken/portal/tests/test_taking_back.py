"""A visitor takes a request back, with its key alone; times are those of the house; a demonstration says where its mail is."""

import re

from django.test import Client
from django.utils import timezone

from plainspoken.custody.models import LedgerEntry, Organisation
from plainspoken.custody.sessions import purpose
from plainspoken.rights.models import Request

from .test_pages import ME, code_of, file

TRACK = "/privacy/larkfield/track"


def state(house: Organisation, reference: str) -> str:
    with purpose("rights.execute", organisation=house.id, by=ME):
        return str(Request.objects.get(reference=reference).state)


def proved(house: Organisation, browser: Client) -> str:
    reference = file(browser, "erase")
    answer = browser.post(f"/privacy/larkfield/verify/{reference}/", {"code": code_of(house)})
    assert answer.status_code == 302
    return reference


def test_a_request_is_taken_back_and_nothing_is_done(house: Organisation) -> None:
    browser = Client()
    reference = proved(house, browser)
    page = browser.get(f"{TRACK}/{reference}/").content.decode()
    assert "Take the request back" in page
    answer = browser.post(f"{TRACK}/{reference}/withdraw/")
    assert (answer.status_code, answer["Location"]) == (302, f"{TRACK}/{reference}/")
    assert state(house, reference) == "withdrawn"
    page = browser.get(f"{TRACK}/{reference}/").content.decode()
    assert "You took it back." in page and "Take the request back" not in page and "Ask again" in page
    with purpose("security.audit", organisation=house.id, by=ME):
        entry = LedgerEntry.objects.get(act="request.withdrawn")
    assert entry.by.startswith("visitor:")


def test_it_can_be_taken_back_before_it_is_proved_too(house: Organisation) -> None:
    browser = Client()
    reference = file(browser, "access")
    assert browser.post(f"{TRACK}/{reference}/withdraw/").status_code == 302
    assert state(house, reference) == "withdrawn"


def test_nobody_else_takes_it_back(house: Organisation) -> None:
    reference = proved(house, Client())
    stranger = Client()
    for path in (reference, "R-2026-9999"):
        assert stranger.post(f"{TRACK}/{path}/withdraw/").status_code == 404
    file(stranger, "access", email="mallory@other.example")
    assert stranger.post(f"{TRACK}/{reference}/withdraw/").status_code == 404
    assert stranger.get(f"{TRACK}/{reference}/withdraw/").status_code == 405
    assert state(house, reference) == "open"


def test_it_is_too_late_once_it_is_closed(house: Organisation) -> None:
    browser = Client()
    reference = proved(house, browser)
    browser.post(f"{TRACK}/{reference}/withdraw/")
    answer = browser.post(f"{TRACK}/{reference}/withdraw/", follow=True)
    assert "It is too late to take it back." in answer.content.decode()


def test_public_pages_tell_the_time_of_the_house(house: Organisation) -> None:
    Organisation.objects.filter(id=house.id).update(time_zone="Asia/Kolkata")
    browser = Client()
    reference = proved(house, browser)
    page = browser.get(f"{TRACK}/{reference}/").content.decode()
    told = re.findall(r'<time datetime="\d{4}-\d\d-\d\dT[^"]+?([+-]\d\d:\d\d)"', page)
    assert told and set(told) == {"+05:30"}
    timezone.deactivate()


def test_only_a_demonstration_points_at_its_outbox(house: Organisation) -> None:
    for kind, shown in ((Organisation.Kind.DEMO, True), (Organisation.Kind.LIVE, False)):
        Organisation.objects.filter(id=house.id).update(
            kind=kind, smtp_url="" if shown else "smtp://127.0.0.1:9"
        )
        browser = Client()
        reference = file(browser, "access", email=f"{kind}@quill.example")
        page = browser.get(f"/privacy/larkfield/verify/{reference}/").content.decode()
        assert ("the outbox" in page) is shown
