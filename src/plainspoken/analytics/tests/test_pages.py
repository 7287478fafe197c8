"""Reports in the browser: build, look, drill, export, remove; who may and who may not."""

import csv
import io
import json
import re
from typing import Any
from uuid import UUID

import pyarrow.parquet as pq
import pytest
from django.test import Client
from django.urls import reverse

from plainspoken.analytics import results
from plainspoken.analytics.definitions import (
    EVALUATING,
    IMPROVING,
    Columns,
    Definition,
    MadeBy,
    Measure,
    QueueSet,
    Rows,
    from_json,
    to_json,
)
from plainspoken.analytics.models import Report
from plainspoken.analytics.services import exporting, saving
from plainspoken.custody.actors import program
from plainspoken.custody.models import LedgerEntry
from plainspoken.custody.sessions import purpose
from plainspoken.disclosures.models import Release
from plainspoken.quality.models import Evaluation

from .makers import ME, Planted, planted

GIVEN = {"name": "Scores of queues", "shared": "on", "measure": "percent", "rows": "queue", "columns": "", "made_by": "both",
         "form": "", "version": "", "question": "", "sets": "Goods: Returns, Delivery\nMoney: Billing", "last": "8", "unit": "week",
         "first": "", "last_day": "", "every": "week", "dated": "evaluated", "purpose": EVALUATING, "pseudonyms": "on"}  # fmt: skip


@pytest.fixture(scope="module")
def there(module_database: str) -> Planted:
    from conftest import _house

    return planted(_house(), count=160)


def browser(there: Planted, who: str) -> Client:
    found = Client()
    found.force_login((there.staff.get(who) or there.agents[who]).account)
    return found


def saved(there: Planted, definition: Definition, who: str = "sue", **more: Any) -> Report:
    given = {"name": "A report", "shared": True, **more}
    return saving.save(organisation=there.house.id, definition=definition, by=there.actor(who), **given)


def text(answer: Any) -> str:
    plain = re.sub(r"<[^>]+>", " ", answer.content.decode())
    return re.sub(r"\s+", " ", plain)


def page(there: Planted, row: Report, who: str = "sue", **query: str) -> str:
    answer = browser(there, who).get(reverse("analytics:report", args=[row.id]), query)
    assert answer.status_code == 200
    return answer.content.decode()


def entries(there: Planted, act: str) -> int:
    with purpose("security.audit", organisation=there.house.id, by=ME):
        return LedgerEntry.objects.filter(act=act).count()


def test_build_look_and_change_without_scripts(there: Planted) -> None:
    sue = browser(there, "sue")
    shown = sue.post("/reports/new", {**GIVEN, "preview": "1"})
    assert shown.status_code == 200 and "Not saved yet" in text(shown)
    assert "Goods" in text(shown) and "By people" in text(shown) and "By programs" in text(shown)
    with purpose(EVALUATING, organisation=there.house.id, by=ME):
        before = Report.objects.count()
    made = sue.post("/reports/new", GIVEN)
    assert made.status_code == 302
    found = sue.get(made["Location"])
    assert "Scores of queues" in text(found) and "Mean score by queue" in text(found)
    key = UUID(re.findall(r"[0-9a-f-]{36}", made["Location"])[0])
    changed = sue.post(
        reverse("analytics:edit_report", args=[key]), {**GIVEN, "name": "Passed", "measure": "passed"}
    )
    assert changed["Location"] == made["Location"]
    assert "Share passed by queue" in text(sue.get(made["Location"]))
    with purpose(EVALUATING, organisation=there.house.id, by=ME):
        assert Report.objects.count() == before + 1
        row = Report.objects.get(id=key)
        assert b"Passed" not in bytes(row.name) and b"Returns" not in bytes(row.definition)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"rows": "question"}, "rows"),
        ({"measure": "result"}, "form"),
        ({"columns": "queue"}, "columns"),
        ({"sets": "Goods: Returns\nMore: Returns"}, "sets"),
        ({"sets": "Goods"}, "sets"),
        ({"first": "2026-01-01"}, "last_day"),
        ({"first": "2026-02-01", "last_day": "2026-01-01"}, "last_day"),
        ({"measure": "drift"}, "rows"),
        ({"rows": "agent", "purpose": IMPROVING}, "purpose"),
        ({"last": "0"}, "last"),
        ({"last": "400", "unit": "week"}, "last"),
        ({"name": "  "}, "name"),
        ({"measure": "shoe size"}, "measure"),
    ],
)
def test_what_does_not_go_together_is_said_at_its_field(
    there: Planted, wrong: dict[str, str], field: str
) -> None:
    answer = browser(there, "sue").post("/reports/new", {**GIVEN, **wrong})
    assert answer.status_code == 422
    assert f'href="#id_{field}"' in answer.content.decode()


def test_definitions_come_back_as_they_were() -> None:
    one = Definition(
        measure=Measure.RESULT, rows=Rows.TEAM, columns=Columns.PERIOD, made_by=MadeBy.BOTH, form=UUID(int=7), version=2,
        question="greeting", kinds=("call",), queues=("Returns",), sets=(QueueSet("A", ("b", "c")),), last=2, pseudonyms=False,
    )  # fmt: skip
    assert from_json(to_json(one)) == one and from_json(to_json(Definition())) == Definition()


def test_who_may_read_and_keep_reports(there: Planted, staff_of: Any) -> None:
    row = saved(there, Definition(), shared=False, name="Only Sue's")
    shared = saved(there, Definition(), name="For all")
    ann = browser(there, "ann")
    listed = text(ann.get("/reports/"))
    assert "For all" in listed and "Only Sue's" not in listed
    assert ann.get(reverse("analytics:report", args=[row.id])).status_code == 404
    assert ann.post(reverse("analytics:remove_report", args=[shared.id])).status_code == 403
    assert browser(there, "sue").get(reverse("analytics:report", args=[row.id])).status_code == 200
    for role in ("agent", "privacy_officer", "administrator"):
        other = staff_of(there.house, role)
        for address in ("/reports/", "/reports/new", reverse("analytics:report", args=[shared.id])):
            assert other.get(address).status_code == 403
        assert other.post(reverse("analytics:export", args=[shared.id, "csv"])).status_code == 403


@pytest.fixture
def staff_of() -> Any:
    from .makers import member

    def make(house: Any, role: str) -> Client:
        found = Client()
        found.force_login(member(house, role, f"Only{role.replace('_', '')}").account)
        return found

    return make


def test_somebody_elses_report_is_changed_for_oneself(there: Planted) -> None:
    row = saved(there, Definition(), name="Sue's own")
    answer = browser(there, "ann").post(
        reverse("analytics:edit_report", args=[row.id]), {**GIVEN, "name": "Ann's"}
    )
    assert answer.status_code == 302 and str(row.id) not in answer["Location"]
    assert "Sue&#x27;s own" in page(there, row)


def test_names_are_the_readers_choice(there: Planted) -> None:
    row = saved(there, Definition(rows=Rows.AGENT, last=16))
    assert "Ada Stone" not in page(there, row)
    assert "Ada Stone" in page(there, row, called="names")
    usual = saved(there, Definition(rows=Rows.AGENT, last=16, pseudonyms=False))
    assert "Ada Stone" in page(there, usual) and "Ada Stone" not in page(there, usual, called="pseudonyms")


def test_from_a_number_to_the_evaluations_behind_it(there: Planted) -> None:
    row = saved(there, Definition(rows=Rows.TEAM, last=16, made_by=MadeBy.PERSON))
    html, people = page(there, row), (*there.agents, "Ann")
    with purpose(EVALUATING, organisation=there.house.id, by=ME):
        found = results.run(Definition(rows=Rows.TEAM, last=16, made_by=MadeBy.PERSON))
    links = [
        link.replace("&amp;", "&") for link in re.findall(r'href="(/reports/[^"]*/evaluations\?[^"]*)"', html)
    ]
    assert len(links) == len([line for line in found.lines if line.cells[0].n])
    for link, line in zip(links, found.lines, strict=True):
        answer = browser(there, "sue").get(link)
        assert f"{line.cells[0].n} evaluation" in text(answer)
        assert not any(f"{name} Stone" in text(answer) for name in people), (
            "people are called as on the report"
        )
    named = links[0].replace("called=pseudonyms", "called=names")
    assert any(f"{name} Stone" in text(browser(there, "sue").get(named)) for name in people)
    assert browser(there, "sue").get(links[0].replace("row=", "row=x")).status_code == 404
    assert browser(there, "ann").get(links[0]).status_code == 200


def test_small_groups_are_not_there_however_one_asks(there: Planted) -> None:
    row = saved(there, Definition(rows=Rows.QUEUE, purpose=IMPROVING, last=16))
    html = page(there, row, called="names")
    assert (
        "under 12" in html
        and "too few people" in html
        and "/evaluations?" not in html
        and "polyline" not in html
    )
    behind = reverse("analytics:behind", args=[row.id])
    assert browser(there, "sue").get(behind, {"row": "Returns", "col": "", "by": "person"}).status_code == 404
    for line in csv.DictReader(io.StringIO(exported(there, row, "csv").decode())):
        assert line["suppressed"] == "yes" and line["value"] == line["observations"] == line["low"] == ""


def test_an_objection_takes_the_evaluations_out(there: Planted) -> None:
    """Row-level security, not our statement, decides which rows a purpose sees."""
    definition = Definition(measure=Measure.EVALUATIONS, rows=Rows.TEAM, made_by=MadeBy.BOTH, last=16)
    with purpose("rights.execute", organisation=there.house.id, by=ME):
        everything = Evaluation.objects.exclude(state="draft").count()
    with purpose(EVALUATING, organisation=there.house.id, by=ME):
        before = results.run(definition).counted
    from plainspoken.custody import clock
    from plainspoken.custody.models import Decision

    with purpose("rights.execute", organisation=there.house.id, by=ME):
        Decision.objects.create(
            organisation=there.house, subject=there.agents["Fay"].subject, kind="objection", purposes=[EVALUATING],
            ground="own-situation", made_at=clock.now(there.house.id),
        )  # fmt: skip
        theirs = Evaluation.objects.filter(agent=there.agents["Fay"].subject).exclude(state="draft").count()
    with purpose(EVALUATING, organisation=there.house.id, by=ME):
        after = results.run(definition)
    assert theirs and everything >= before
    assert "" not in {line.key for line in after.lines} and before - after.counted > 0
    with purpose("rights.execute", organisation=there.house.id, by=ME):
        Decision.objects.update(lifted_at=clock.now(there.house.id))


# ---- files ----


def exported(there: Planted, row: Report, format: str) -> bytes:
    answer = browser(there, "sue").post(reverse("analytics:export", args=[row.id, format]))
    assert answer.status_code == 200, answer
    assert (
        answer["Content-Disposition"].endswith(f'report.{format}"') and "no-store" in answer["Cache-Control"]
    )
    return answer.content


def test_csv_and_parquet_hold_what_the_page_holds_under_pseudonyms(there: Planted) -> None:
    definition = Definition(
        rows=Rows.AGENT, columns=Columns.QUEUE, made_by=MadeBy.BOTH, last=16, pseudonyms=False
    )
    row = saved(there, definition)
    with purpose(EVALUATING, organisation=there.house.id, by=ME):
        found = results.run(definition)
    expected = [
        (line.title, column.title, column.made_by, cell.n, cell.value)
        for line in found.lines for column, cell in zip(found.columns, line.cells, strict=True)
    ]  # fmt: skip
    written = list(csv.DictReader(io.StringIO(exported(there, row, "csv").decode("utf-8"))))
    assert [(r["row"], r["column"], r["made_by"], int(r["observations"])) for r in written] == [
        e[:4] for e in expected
    ]
    assert [float(r["value"]) for r in written if r["value"]] == pytest.approx([e[4] for e in expected if e[4] is not None])  # fmt: skip
    table = pq.read_table(io.BytesIO(exported(there, row, "parquet")))
    assert table.schema.names == exporting.SCHEMA.names
    assert [tuple(r[n] for n in ("row", "column", "made_by", "observations")) for r in table.to_pylist()] == [e[:4] for e in expected]  # fmt: skip
    about = {key.decode(): value.decode() for key, value in table.schema.metadata.items()}
    assert about["unit"] == "percent, 0 to 100" and from_json(about["definition"]) == definition
    assert json.loads(about["definition"])["rows"] == "agent"
    for name in there.agents:
        assert f"{name} Stone".encode() not in exported(there, row, "csv")


def test_what_leaves_stands_in_the_ledger_and_among_the_releases(there: Planted) -> None:
    row = saved(there, Definition(rows=Rows.TEAM, last=16))
    before = entries(there, "disclosure.released")
    data = exported(there, row, "csv")
    assert entries(there, "disclosure.released") == before + 1
    with purpose("security.audit", organisation=there.house.id, by=ME):
        last = Release.objects.order_by("-at")[0]
    assert (last.recipient, last.purpose, last.bytes, last.about) == ("own-analysts", EVALUATING, len(data), f"report:{row.id}")  # fmt: skip


def test_a_formula_in_a_set_is_a_text(there: Planted) -> None:
    row = saved(there, Definition(rows=Rows.QUEUE, sets=(QueueSet("=HYPERLINK(1)", ("Returns",)),), last=16))
    assert exported(there, row, "csv").decode().splitlines()[1].startswith("'=HYPERLINK(1)")


def test_what_is_typed_holds_no_number_of_anybody(there: Planted) -> None:
    row = saved(there, Definition(), name="Ask ada@home.example or 4111 1111 1111 1111")
    html = page(there, row)
    assert "ada@home.example" not in html and "4111" not in html


def test_a_program_reads_what_is_shared_only(there: Planted) -> None:
    from plainspoken.analytics import queries

    saved(there, Definition(), shared=False, name="Hidden from programs")
    with purpose(EVALUATING, organisation=there.house.id, by=ME):
        names = {one.name for one in queries.reports(program("command-line"), organisation=there.house.id)}
    assert names and "Hidden from programs" not in names


def test_removed_is_gone(there: Planted) -> None:
    row = saved(there, Definition(), name="Soon gone")
    assert browser(there, "sue").post(reverse("analytics:remove_report", args=[row.id])).status_code == 302
    assert "Soon gone" not in text(browser(there, "sue").get("/reports/"))
