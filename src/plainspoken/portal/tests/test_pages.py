"""The public pages as visitors meet them: what they may ask, how they prove it, and what an impostor
learns.
"""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client

from plainspoken.custody.actors import program
from plainspoken.custody.models import LedgerEntry, Organisation
from plainspoken.custody.sessions import purpose
from plainspoken.disclosures.queries import outbox
from plainspoken.policies import services as policies
from plainspoken.policies.tests.texts import changed, ours
from plainspoken.portal import throttle
from plainspoken.rights.models import Request

ME = program("test")
ASK = "/privacy/larkfield/ask"
GIVEN = {
    "kind": "access",
    "name": "Ada Quill",
    "email": "ada@quill.example",
    "law": "gdpr",
    "details": "",
    "phone": "",
}


def count(house: Organisation) -> int:
    with purpose("rights.execute", organisation=house.id, by=ME):
        return Request.objects.count()


def mails(house: Organisation) -> list[Any]:
    """What waits to be sent, as its reader would see it."""
    from plainspoken.config.work import drain

    drain()
    with purpose("rights.execute", organisation=house.id, by=ME):
        return [mail.letter for mail in outbox(organisation=house.id)]


def code_of(house: Organisation, address: str = "ada@quill.example") -> str:
    texts = [f"{mail.title}\n{mail.text}" for mail in mails(house) if mail.to == address]
    found = [code for text in texts for code in re.findall(r"\b\d{6,12}\b", text)]
    assert found, texts
    return found[0]


def file(browser: Client, kind: str = "access", **more: str) -> str:
    """Ask through the form; gives the reference."""
    answer = browser.post(f"{ASK}/{kind}/", GIVEN | {"kind": kind} | more)
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    found = re.search(r"/(?:verify|track)/(R-\d{4}-\d{4})/", answer["Location"])
    assert found, answer["Location"]
    return found.group(1)


# ---- the centre ----


def test_the_centre_offers_every_right_of_the_place(house: Organisation) -> None:
    text = Client().get("/privacy/larkfield/").content.decode()
    assert "Get a copy of my data" in text and "Right of access, GDPR Article 15" in text
    assert f"{ASK}/erase/?law=gdpr" in text and "forbid-sale" not in text
    assert "Forbid any sale" in Client().get("/privacy/larkfield/?place=nevada").content.decode()
    assert Client().get("/privacy/larkfield/?place=mars").status_code == 200
    assert Client().get("/privacy/nobody/").status_code == 404
    assert Client().get("/privacy/").status_code == 200


def test_the_time_to_answer_is_the_published_one(house: Organisation) -> None:
    assert "1 month" in Client().get("/privacy/larkfield/").content.decode()
    source = ours()
    start = source.index("{#right.access}")
    line = next(part for part in source[start:].splitlines() if part.startswith("answer_within:"))
    text = source[:start] + source[start:].replace(line, line.replace("gdpr: P1M", "gdpr: P9D"), 1)
    policies.publish(organisation=house.id, source=text, file="p.md", by=ME)
    assert "9 days" in Client().get("/privacy/larkfield/").content.decode()


# ---- asking ----


def test_the_form_has_exactly_the_fields_of_the_point(house: Organisation) -> None:
    page = Client().get(f"{ASK}/access/").content.decode()
    form = page[
        page.index('<form class="pn-form"') : page.index("</form>", page.index('<form class="pn-form"'))
    ]
    names = set(re.findall(r'name="([^"]+)"', form))
    assert names == {"csrfmiddlewaretoken", "kind", "name", "email", "phone", "details", "law"}
    restrict = Client().get(f"{ASK}/restrict/").content.decode()
    assert 'name="ground"' in restrict
    assert Client().get(f"{ASK}/nothing/").status_code == 404


def test_a_field_that_the_policy_drops_is_neither_offered_nor_taken(house: Organisation) -> None:
    source = ours()
    start = source.index("- name: privacy.request")
    line = next(part for part in source[start:].splitlines() if part.strip().startswith("phone:"))
    text = source[:start] + source[start:].replace(line + "\n", "", 1)
    policies.publish(organisation=house.id, source=text, file="p.md", by=ME)
    assert 'name="phone"' not in Client().get(f"{ASK}/access/").content.decode()
    answer = Client().post(f"{ASK}/access/", GIVEN | {"phone": "+49 30 1234567"})
    assert answer.status_code == 422 and "does not take phone" in answer.content.decode()
    assert count(house) == 0


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"birthday": "1980-01-01"}, "does not take birthday"),
        ({"email": ""}, "Write an address"),
        ({"email": "nowhere"}, "Write it as name@place.example."),
        ({"law": "lunar"}, "Choose one of these places."),
        ({"kind": "erase"}, ""),
    ],
)
def test_what_is_not_as_declared_is_refused_and_nothing_is_stored(
    house: Organisation, more: dict[str, str], says: str
) -> None:
    answer = Client().post(f"{ASK}/access/", GIVEN | more)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert count(house) == 0 and mails(house) == []


def test_asking_records_the_version_of_the_notice(house: Organisation) -> None:
    file(Client())
    with purpose("security.audit", organisation=house.id, by=ME):
        row = LedgerEntry.objects.get(act="request.filed")
    assert row.detail["policy"] == 1


# ---- proving and following ----


def test_from_asking_to_the_page_that_follows_it(house: Organisation) -> None:
    browser = Client()
    reference = file(browser)
    page = browser.get(f"/privacy/larkfield/verify/{reference}/").content.decode()
    assert "a…@quill.example" in page and "ada@quill.example" not in page
    wrong = browser.post(f"/privacy/larkfield/verify/{reference}/", {"code": "000000"})
    assert wrong.status_code == 422 and "not the code we sent" in wrong.content.decode()
    right = browser.post(f"/privacy/larkfield/verify/{reference}/", {"code": code_of(house)})
    assert right["Location"] == f"/privacy/larkfield/track/{reference}/"
    text = browser.get(right["Location"]).content.decode()
    assert reference in text and "How far we are" in text
    assert (
        browser.get("/privacy/larkfield/track/", {"reference": reference.lower()})["Location"]
        == right["Location"]
    )


def test_an_impostor_learns_nothing(house: Organisation) -> None:
    """Somebody else's browser, a made-up number and a forged key all get the same page."""
    reference = file(Client())
    pages = set()
    for browser, path in (
        (Client(), f"track/{reference}/"),
        (Client(), "track/R-2026-9999/"),
        (Client(), f"verify/{reference}/"),
        (Client(), f"track/{reference}/archive/"),
    ):
        answer = browser.get(f"/privacy/larkfield/{path}")
        assert answer.status_code == 404
        text = answer.content.decode()
        assert "quill" not in text.lower() and "Open the link in our e-mail" in text
        pages.add(text.replace(reference, "X").replace("R-2026-9999", "X"))
    assert len(pages) == 1
    forged = Client()
    moved = forged.get(f"/privacy/larkfield/track/{reference}/?key={'f' * 43}")
    assert moved["Location"] == f"/privacy/larkfield/track/{reference}/"
    assert forged.get(moved["Location"]).status_code == 404
    assert forged.post(f"/privacy/larkfield/verify/{reference}/", {"code": code_of(house)}).status_code == 422
    assert forged.get(f"/privacy/larkfield/track/{reference}/").status_code == 404


def test_what_is_no_key_is_not_kept_in_the_session(house: Organisation) -> None:
    """Whatever somebody writes into an address would stand there, out of every erasure's reach."""
    browser, reference = Client(), file(Client())
    for text in ("ada@quill.example", "Ada Quill", "f" * 44, "f" * 42 + "%0a"):
        browser.get(f"/privacy/larkfield/track/{reference}/?key={text}")
    assert "portal" not in browser.session


def test_the_key_of_a_mail_goes_into_the_session_and_out_of_the_address(house: Organisation) -> None:
    reference = file(Client())
    [text] = [mail.text for mail in mails(house)]
    link = re.search(r"https?://[^/]+(/privacy/larkfield/verify/\S+\?key=\S+)", text)
    assert link, text
    elsewhere = Client()
    moved = elsewhere.get(link.group(1))
    assert moved["Location"] == f"/privacy/larkfield/verify/{reference}/"
    again = elsewhere.post(f"/privacy/larkfield/verify/{reference}/again/")
    assert again.status_code == 302
    assert len(mails(house)) == 2


def test_codes_are_as_long_as_the_rule_says(house: Organisation) -> None:
    policies.publish(
        organisation=house.id, source=changed(("code_digits: 6", "code_digits: 8")), file="p.md", by=ME
    )
    browser = Client()
    reference = file(browser)
    assert "8 digits." in browser.get(f"/privacy/larkfield/verify/{reference}/").content.decode()
    short = browser.post(f"/privacy/larkfield/verify/{reference}/", {"code": "123456"})
    assert "The code has 8 digits." in short.content.decode()
    code = code_of(house)
    assert len(code) == 8
    assert browser.post(f"/privacy/larkfield/verify/{reference}/", {"code": code}).status_code == 302


def test_what_needs_no_proof_needs_none(house: Organisation) -> None:
    """Cal. Civ. Code 1798.135: an opt-out of sale needs no verification."""
    page = Client().get(f"{ASK}/opt-out/").content.decode()
    needs = "We send a code" in page
    assert needs is (not _without(house, "opt-out"))


def _without(house: Organisation, kind: str) -> bool:
    from plainspoken.policies.queries import rule

    verify = next(
        clause.rule.verify
        for clause in _policy(house).clauses
        if getattr(clause.rule, "rule_kind", "") == "right" and clause.rule.kind == kind
    )
    return verify == "none" or kind in rule(organisation=house.id, clause="rights.verify").without


def _policy(house: Organisation) -> Any:
    from plainspoken.policies.queries import policy_in_force

    return policy_in_force(organisation=house.id)


# ---- limits, addresses, security ----


def test_one_address_is_slowed_down_and_others_are_not(
    house: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(throttle.MOST, "request", 2)
    cache.clear()
    bad = GIVEN | {"email": "nowhere"}
    answers = [Client(REMOTE_ADDR="192.0.2.7").post(f"{ASK}/access/", bad).status_code for _ in range(3)]
    assert answers == [422, 422, 429]
    assert Client(REMOTE_ADDR="192.0.2.8").post(f"{ASK}/access/", bad).status_code == 422


def test_an_address_is_stored_nowhere(house: Organisation, database: str) -> None:
    browser = Client(REMOTE_ADDR="192.0.2.77", HTTP_USER_AGENT="Canary/9.9")
    reference = file(browser)
    browser.post(f"/privacy/larkfield/verify/{reference}/", {"code": "000000"})
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT session_data, '' FROM django_session"
            " UNION ALL SELECT cache_key, value FROM people_throttle"
        )
        rows = cursor.fetchall()
    from django.contrib.sessions.models import Session

    opened = [str(row.get_decoded()) for row in Session.objects.all()]
    assert rows and opened
    for text in (*map(str, rows), *opened):
        assert "192.0.2.77" not in text and "Canary" not in text
    with purpose("security.audit", organisation=house.id, by=ME):
        for entry in LedgerEntry.objects.all():
            assert "192.0.2.77" not in f"{entry.by}{entry.about}{entry.detail}"


def test_whom_to_tell_of_a_weakness(house: Organisation) -> None:
    """RFC 9116: Contact and Expires are required, Expires lies ahead and within a year."""
    answer = Client().get("/.well-known/security.txt")
    assert answer["Content-Type"].startswith("text/plain")
    fields = dict(line.split(": ", 1) for line in answer.content.decode().splitlines())
    assert fields["Contact"] == "mailto:security@larkfield.example"
    ahead = datetime.fromisoformat(fields["Expires"]) - datetime.now(UTC)
    assert 0 < ahead.days < 365
    text = changed(("email: security@larkfield.example", "email: guard@larkfield.example"))
    policies.publish(organisation=house.id, source=text, file="p.md", by=ME)
    assert "guard@larkfield.example" in Client().get("/.well-known/security.txt").content.decode()


def test_forms_need_their_token(house: Organisation) -> None:
    assert Client(enforce_csrf_checks=True).post(f"{ASK}/access/", GIVEN).status_code == 403
    assert count(house) == 0
