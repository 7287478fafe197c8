"""The public notice and what changed in it; every field of its rules changes what is shown."""

import json
import re
from datetime import timedelta

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from plainspoken.custody import clock
from plainspoken.custody.actors import program
from plainspoken.custody.models import Organisation
from plainspoken.custody.organisations import create
from plainspoken.kernels.policy.catalogue import CLAUSES
from plainspoken.policies import services

from .texts import REWORDED, changed, longer_retention, ours

ME = program("test")


def get(address: str) -> str:
    answer = Client().get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.content.decode()


def test_every_clause_and_section_has_an_address_of_its_own(house: Organisation) -> None:
    text = get("/notice/larkfield/")
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert set(CLAUSES) <= set(ids)
    assert {"rights", "collection", "communities-retention-recourse"} <= set(ids)
    assert "{{" not in text and "}}" not in text


def test_the_summary_comes_before_the_sections(house: Organisation) -> None:
    text = get("/notice/larkfield/")
    assert 0 < text.index('id="short"') < text.index('id="sections"')
    short = text[text.index('id="short"') : text.index('id="sections"')]
    assert len(re.findall(r"<li>", short)) == 11


def test_without_a_short_name_it_is_the_only_house(house: Organisation) -> None:
    assert get("/notice/") == get("/notice/larkfield/")
    assert Client().get("/notice/nobody/").status_code == 404


def test_a_house_without_a_policy_shows_none(database: str) -> None:
    create(slug="bare", name="Bare", home_region="EU")
    assert Client().get("/notice/bare/").status_code == 404
    assert Client().get("/notice/").status_code == 404
    assert Client().get("/api/notice").status_code == 404


def test_reading_stores_nothing_and_sets_no_cookie(house: Organisation) -> None:
    with CaptureQueriesContext(connections["default"]) as seen:
        answer = Client().get("/notice/larkfield/")
    assert answer.status_code == 200 and not answer.cookies
    assert [q["sql"] for q in seen if not q["sql"].lstrip().upper().startswith("SELECT")] == []


@pytest.mark.parametrize(("state", "open_"), [("closed", False), ("open", True)])
def test_sections_start_as_the_rule_says(house: Organisation, state: str, open_: bool) -> None:
    if open_:
        text = changed(("sections_start: closed", f"sections_start: {state}"))
        services.publish(organisation=house.id, source=text, file="p.md", by=ME)
    page = get("/notice/larkfield/")
    layers = re.findall(r'<details class="pn-layer"[^>]*>', page)
    assert len(layers) == 11
    assert all((" open" in layer) == open_ for layer in layers)


def test_the_controller_is_shown_as_the_rule_says(house: Organisation) -> None:
    page = get("/notice/larkfield/")
    who = _aside(page)
    for expected in (
        "Larkfield Home GmbH",
        "Feldlerchenweg 12",
        "mailto:privacy@larkfield.example",
        "tel:+496990009214",
    ):
        assert expected in who, expected
    source = ours()
    shows = re.search(r"shows: \[[^\]]*\]", source)
    assert shows
    text = changed((shows.group(), "shows: [name, postal_address, privacy_contact]"))
    services.publish(organisation=house.id, source=text, file="p.md", by=ME)
    fewer = get("/notice/larkfield/")
    who = _aside(fewer)
    assert "Larkfield Home GmbH" in who and "Telephone" not in who and "Miriam Aydin" not in who


def _aside(page: str) -> str:
    return page[page.index('aria-label="About the notice"') : page.index('id="toc"')]


def test_earlier_and_announced_versions_can_be_read(house: Organisation) -> None:
    services.publish(organisation=house.id, source=changed(REWORDED), file="p.md", by=ME)
    pending = services.announce(
        organisation=house.id, source=longer_retention(changed(REWORDED)), file="p.md", by=ME
    )
    assert "You may download" in get("/notice/larkfield/")
    old = get("/notice/larkfield/?version=1")
    assert "You can download" in old and "no longer in force" in old
    coming = get(f"/notice/larkfield/?version={pending.number}")
    assert "announced; it starts on" in coming
    for wrong in ("9", "-1", "one", "1" * 30, "1; DROP"):
        assert Client().get("/notice/larkfield/", {"version": wrong}).status_code == 404


def test_what_changed_is_shown_word_by_word_and_rule_by_rule(house: Organisation) -> None:
    text = changed(REWORDED, ("sections_start: closed", "sections_start: open"))
    services.publish(organisation=house.id, source=text, file="p.md", by=ME)
    page = get("/changes/larkfield/")
    assert "<del>can</del><ins>may</ins>" in page
    assert re.search(r"sections_start</th><td>closed</td><td>open</td>", page)
    assert "notice.layered" in page and "right.erase" not in page[page.index("What changed</h1>") :]
    assert "is the first" in get("/changes/larkfield/?version=1")


def test_material_changes_are_named_with_what_they_are(house: Organisation) -> None:
    services.publish(
        organisation=house.id, source=longer_retention(), file="p.md", by=ME,
        notified=clock.now(house.id) - timedelta(days=60), told=4,
    )  # fmt: skip
    page = get("/changes/larkfield/")
    assert "We told everybody concerned first." in page
    assert "protects you less" in page and "conversation.words" in page


def test_the_notice_for_programs(house: Organisation) -> None:
    answer = Client().get("/api/notice", {"organisation": "larkfield"})
    data = json.loads(answer.content)
    clauses = [clause for section in data["sections"] for clause in section["clauses"]]
    assert {clause["id"] for clause in clauses} == set(CLAUSES)
    assert all(clause["text"] and "{{" not in clause["text"] for clause in clauses)
    assert data["controller"][0] == {"term": "Controller", "text": "Larkfield Home GmbH"}
    assert data["number"] == 1


def test_text_of_an_author_cannot_bring_markup(house: Organisation) -> None:
    bad = changed(
        ("You can download the whole notice", "You <script>alert(1)</script> can download the whole notice")
    )
    services.publish(organisation=house.id, source=bad, file="p.md", by=ME)
    page = get("/notice/larkfield/")
    assert "<script>alert" not in page and "&lt;script&gt;alert" in page
