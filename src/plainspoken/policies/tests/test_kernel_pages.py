"""The pages of the kernel: the data map and the ledger."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.test import Client

from plainspoken.cli.documents import our_policy
from plainspoken.custody import ledger, sealing
from plainspoken.custody.actors import program
from plainspoken.custody.datamap import document, held
from plainspoken.custody.models import LedgerEntry, Organisation
from plainspoken.custody.places import places
from plainspoken.custody.sessions import purpose
from plainspoken.policies import services
from plainspoken.policies.coverage import gaps
from plainspoken.policies.datamap import said

from .texts import changed, ours, seal_everything

ME = program("test")
Staff = Callable[..., tuple[Any, Client]]
DOCUMENT = Path(__file__).parents[4] / "docs" / "reference" / "data-map.md"


@pytest.mark.parametrize("path", ["/datamap/", "/ledger/"])
@pytest.mark.parametrize(
    ("role", "status"),
    [("agent", 403), ("supervisor", 403), ("privacy_officer", 200), ("administrator", 200)],
)
def test_who_may_open_them(house: Organisation, staff: Staff, path: str, role: str, status: int) -> None:
    assert Client().get(path).status_code == 302
    assert staff(role)[1].get(path).status_code == status


# ---- data map ----


def test_every_place_with_personal_data_is_listed_with_what_the_policy_says(
    house: Organisation, staff: Staff
) -> None:
    text = staff("privacy_officer")[1].get("/datamap/").content.decode()
    personal = [place for place in places() if place.is_personal]
    assert f"{len(personal)} places hold" in text
    for place in personal:
        assert place.model in text, place.model
    assert "policies.Version" not in text


def test_a_place_opens_with_its_fields_terms_purposes_and_acts(house: Organisation, staff: Staff) -> None:
    text = staff("administrator")[1].get("/datamap/?place=people.identifier").content.decode()
    drawer = text[text.index('id="drawer"') :]
    for expected in (
        "value",
        "dpv-pd:",
        "Erasure",
        "rows deleted",
        "retain.as-needed",
        "carry out your rights",
    ):
        assert expected in drawer, expected
    assert staff("privacy_officer")[1].get("/datamap/?place=nothing.here").status_code == 404


def test_the_list_narrows_by_word_and_category(house: Organisation, staff: Staff) -> None:
    _, browser = staff("privacy_officer")
    one = browser.get("/datamap/?q=merge").content.decode()
    rows = one[one.index('id="places"') : one.index("</tbody>")]
    assert "people.MergeProposal" in rows and "people.Account" not in rows
    by_category = browser.get("/datamap/?category=email").content.decode()
    rows = by_category[by_category.index('id="places"') : by_category.index("</tbody>")]
    assert "people.Account" in rows and "people.Membership" not in rows


def test_keeping_times_are_those_of_the_published_rule(house: Organisation, staff: Staff) -> None:
    source = ours()
    line = next(
        part for part in source[source.index("```rule retention") :].splitlines() if " session:" in part
    )
    text = changed((line, line.partition(":")[0] + ": PT77M"))
    services.publish(organisation=house.id, source=text, file="p.md", by=ME)
    page = staff("privacy_officer")[1].get("/datamap/?place=sessions.session").content.decode()
    assert "1 hour, 17 minutes" in page or "1 hour and 17 minutes" in page


def test_the_policy_knows_every_name_of_the_declarations(house: Organisation) -> None:
    assert [gap.message for gap in gaps(our_policy())] == []


def test_a_place_of_an_unknown_category_is_a_gap() -> None:
    line = next(part for part in ours().splitlines() if part.strip().startswith("preference:"))
    from plainspoken.kernels.policy import PolicyErrors, compile_policy

    try:
        policy = compile_policy(changed((line + "\n", "")), file="p.md")
    except PolicyErrors as error:
        assert "preference" in str(error)
        return
    assert any("people.Account" in gap.message and "preference" in gap.message for gap in gaps(policy))


def test_the_document_is_the_one_in_the_repository() -> None:
    assert DOCUMENT.read_text("utf-8") == document(said(our_policy())), "Run `make docs`."


def test_the_map_for_programs(house: Organisation, staff: Staff) -> None:
    answer = staff("privacy_officer")[1].get("/api/datamap")
    rows = json.loads(answer.content)["places"]
    assert {row["model"] for row in rows} == {place.model for place in places() if place.is_personal}
    assert staff("agent")[1].get("/api/datamap").status_code == 403
    assert Client().get("/api/datamap").status_code == 401


def test_every_personal_place_says_what_erasing_does() -> None:
    for row in held(said(our_policy())):
        assert row.erasing and row.retention and row.whose, row.model


# ---- ledger ----


def enter(house: Organisation, act: str = "test.act", about: str = "thing:1", **detail: Any) -> None:
    with purpose("security.audit", organisation=house.id, by=ME):
        ledger.enter(act=act, by=ME, about=about, detail=detail)


def numbers(answer: Any) -> list[str]:
    text = answer.content.decode()
    rows = text[text.index('id="rows"') : text.index("</tbody>")]
    return re.findall(r"\?(?:[^\"]*&amp;)?entry=(\d+)", rows)


def test_entries_are_listed_newest_first_and_open(house: Organisation, staff: Staff) -> None:
    enter(house, count=3, code="alpha")
    seal_everything(house.id)
    _, browser = staff("privacy_officer")
    answer = browser.get("/ledger/?act=test.act")
    [number] = numbers(answer)
    text = browser.get(f"/ledger/?entry={number}").content.decode()
    drawer = text[text.index('id="drawer"') :]
    with purpose("security.audit", organisation=house.id, by=ME):
        row = LedgerEntry.objects.get(act="test.act")
    assert sealing.leaf_hash(row).hex() in drawer
    for expected in ("thing:1", "alpha", "program:test", "security.audit"):
        assert expected in drawer, expected
    assert browser.get("/ledger/?entry=999999").status_code == 404
    assert browser.get("/ledger/?entry=x").status_code == 404


def test_looking_is_entered_once_a_page(house: Organisation, staff: Staff) -> None:
    member, browser = staff("privacy_officer")
    browser.get("/ledger/")
    with purpose("security.audit", organisation=house.id, by=ME):
        rows = list(LedgerEntry.objects.filter(act="read", by=f"person:{member.account_id}"))
    assert len(rows) == 1
    assert rows[0].detail["place"] == "custody.LedgerEntry"


def test_filters(house: Organisation, staff: Staff) -> None:
    for n in range(3):
        enter(house, act="test.one", about=f"thing:{n}")
    enter(house, act="test.two", about="other:7")
    seal_everything(house.id)
    _, browser = staff("administrator")
    assert len(numbers(browser.get("/ledger/?act=test.one"))) == 3
    assert len(numbers(browser.get("/ledger/?q=other:7"))) == 1
    assert len(numbers(browser.get("/ledger/?act=test.one&from=2000-01-01&to=2000-01-02"))) == 0
    assert len(numbers(browser.get("/ledger/?act=test.one&from=2000-01-01"))) == 3
    # What makes no sense narrows nothing and breaks nothing.
    assert browser.get("/ledger/?from=yesterday&page=zero&to=2026-99-99").status_code == 200


def test_fifty_a_page(house: Organisation, staff: Staff) -> None:
    for n in range(60):
        enter(house, about=f"thing:{n}")
    seal_everything(house.id)
    _, browser = staff("privacy_officer")
    first, second = browser.get("/ledger/?act=test.act"), browser.get("/ledger/?act=test.act&page=2")
    assert (len(numbers(first)), len(numbers(second))) == (50, 10)
    assert not set(numbers(first)) & set(numbers(second))
    assert "page=2" in first.content.decode()


def test_checking_the_chain_says_that_it_holds_with_a_receipt(house: Organisation, staff: Staff) -> None:
    enter(house)
    _, browser = staff("privacy_officer")
    assert "Not checked in this session." in browser.get("/ledger/").content.decode()
    seal_everything(house.id)
    text = browser.post("/ledger/check/", follow=True).content.decode()
    assert "follow one another, unchanged." in text
    seal_everything(house.id)
    text = browser.get("/ledger/").content.decode()
    assert "Chain checked" in text and "Ledger entry" in text
    assert browser.get("/ledger/check/").status_code == 405
    assert staff("supervisor")[1].post("/ledger/check/").status_code == 403


def test_a_changed_entry_shows(house: Organisation, staff: Staff, database: str) -> None:
    enter(house, count=3)
    seal_everything(house.id)
    from django.conf import settings

    options = settings.DATABASES["owner"]
    with psycopg.connect(
        dbname=database,
        user=options["USER"],
        password=options["PASSWORD"],
        host=options["HOST"],
        port=options["PORT"],
    ) as owner:
        owner.execute("ALTER TABLE custody_ledgerentry DISABLE TRIGGER USER")
        owner.execute("UPDATE custody_ledgerentry SET detail = '{\"count\": 4}' WHERE act = 'test.act'")
    text = staff("privacy_officer")[1].post("/ledger/check/", follow=True).content.decode()
    assert "was changed after it was sealed." in text
    assert "The chain is broken." in text
