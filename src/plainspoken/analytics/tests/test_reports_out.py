"""Reports over the API and the command line: the same numbers, the same refusals."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from conftest import _house
from typer.testing import CliRunner

from plainspoken.analytics import results
from plainspoken.analytics.definitions import EVALUATING, Definition, MadeBy, Rows
from plainspoken.analytics.models import Report
from plainspoken.analytics.services import saving
from plainspoken.cli.main import build
from plainspoken.custody.models import LedgerEntry
from plainspoken.custody.sessions import purpose
from plainspoken.disclosures.models import Release
from plainspoken.exchange.tests.test_api import Api

from .makers import ME, Planted, planted

ASKED = Definition(rows=Rows.AGENT, made_by=MadeBy.BOTH, last=16, pseudonyms=False)


@pytest.fixture(scope="module")
def there(module_database: str) -> Planted:
    return planted(_house(), count=120)


@pytest.fixture(scope="module")
def row(there: Planted) -> Report:
    return saving.save(
        organisation=there.house.id, name="Scores", definition=ASKED, shared=True, by=there.actor("sue")
    )


def counted(there: Planted) -> list[tuple[str, str, int, float | None]]:
    with purpose(EVALUATING, organisation=there.house.id, by=ME):
        found = results.run(ASKED)
    return [
        (line.title, column.made_by, cell.n, cell.value)
        for line in found.lines
        for column, cell in zip(found.columns, line.cells, strict=True)
    ]


def shown(rows: list[dict[str, Any]]) -> list[tuple[str, str, int, float | None]]:
    return [(r["row"], r["made_by"], r["observations"], r["value"]) for r in rows]


def test_the_api_answers_what_the_page_shows(there: Planted, row: Report) -> None:
    api = Api(there.staff["ann"])
    (listed,) = api.get("/reports").json()
    assert listed["name"] == "Scores" and listed["own"] is False and listed["report"] == str(row.id)
    found = api.get(f"/reports/{row.id}").json()
    assert shown(found["rows"]) == counted(there)
    assert len(found["series"][0]["values"]) == len(found["buckets"])
    answer = api.get(f"/reports/{row.id}/csv")
    assert len(list(csv.DictReader(io.StringIO(answer.content.decode())))) == len(counted(there))
    table = pq.read_table(io.BytesIO(api.get(f"/reports/{row.id}/parquet").content))
    assert shown(table.to_pylist()) == counted(there)
    for name in there.agents:
        assert f"{name} Stone" not in json.dumps(found)


def test_the_api_refuses_who_may_not_read_reports(there: Planted, row: Report) -> None:
    agent = Api(there.agents["Ada"])
    for path in ("/reports", f"/reports/{row.id}", f"/reports/{row.id}/csv", f"/reports/{row.id}/parquet"):
        assert agent.get(path).status_code == 403
    assert Api(there.staff["ann"]).get(f"/reports/{there.house.id}").status_code == 404


def call(*arguments: str) -> Any:
    return CliRunner().invoke(build(), list(arguments))


def test_the_command_line_lists_runs_and_writes_files(there: Planted, row: Report, tmp_path: Path) -> None:
    listed = json.loads(call("report", "list", "--json").stdout)
    assert [one["name"] for one in listed["reports"]] == ["Scores"]
    found = json.loads(call("report", "run", "Scores", "--json").stdout)
    assert shown(found["rows"]) == counted(there)
    assert "Scores" in call("report", "run", str(row.id)).stdout
    for format in ("csv", "parquet"):
        path = tmp_path / f"out.{format}"
        done = call("report", "run", "Scores", f"--{format}", str(path))
        assert done.exit_code == 0 and path.stat().st_size > 0, done.output
    assert shown(pq.read_table(tmp_path / "out.parquet").to_pylist()) == counted(there)
    with purpose("security.audit", organisation=there.house.id, by=ME):
        assert Release.objects.filter(by="program:command-line", recipient="own-analysts").count() == 2
        assert LedgerEntry.objects.filter(act="read", about=f"report:{row.id}").count() >= 2
    assert call("report", "run", "No such").exit_code == 1
    both = call("report", "run", "Scores", "--csv", str(tmp_path / "a"), "--parquet", str(tmp_path / "b"))
    assert both.exit_code == 2
