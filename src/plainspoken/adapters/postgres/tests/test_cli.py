"""`plainspoken db`, as a person or a script calls it."""

import json
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import typer
from typer.testing import CliRunner

from plainspoken.adapters import postgres
from plainspoken.adapters.postgres.tests.conftest import External, alive, eventually
from plainspoken.cli import db

runner = CliRunner()
MAIN = "import typer\nfrom plainspoken.cli import db\napp = typer.Typer()\ndb.register(app)\napp()"


def call(*arguments: object, code: int = 0) -> str:
    parent = typer.Typer()
    db.register(parent)
    result = runner.invoke(parent, ["db", *map(str, arguments)])
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    return result.output


def test_start_status_stop(data: Path) -> None:
    assert json.loads(call("status", "--data", data, "--json", code=1))["running"] is False
    assert "stays up until `plainspoken db stop`" in call("start", "--data", data)
    answer = json.loads(call("status", "--data", data, "--json"))
    assert answer["running"] is True
    assert answer["kept"] is True
    assert answer["clients"] == 1
    assert answer["version"].startswith("18.")
    assert "runs" in call("status", "--data", data)
    assert json.loads(call("start", "--data", data, "--json"))["running"] is True
    assert call("stop", "--data", data) == "The database is stopped.\n"
    assert json.loads(call("stop", "--data", data, "--json")) == {"stopped": False}
    assert "does not run" in call("status", "--data", data, code=1)


def test_status_before_anything_was_made(fresh: Path) -> None:
    assert "was never made" in call("status", "--data", fresh, code=1)
    assert not fresh.exists()


def test_the_data_folder_of_the_environment(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAINSPOKEN_DATA", str(data))
    urls = json.loads(call("provision", "--json"))
    with psycopg.connect(urls["DATABASE_URL"]) as app:
        assert app.execute("SELECT 1").fetchone() == (1,)
    assert f"DATABASE_OWNER_URL={urls['DATABASE_OWNER_URL']}" in call("provision").splitlines()


def test_errors_are_one_sentence(fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAINSPOKEN_POSTGRES_BIN", "/nowhere")
    said = call("start", "--data", fresh, code=1)
    assert said.startswith("PostgreSQL's programs are missing in /nowhere")
    assert len(said.splitlines()) == 1
    call("start", "--nonsense", code=2)


def test_psql(shared: Path) -> None:
    command = [sys.executable, "-c", MAIN, "db", "psql", "--data", str(shared), "--", "-At", "-c"]
    answer = subprocess.run([*command, "SELECT current_user"], capture_output=True, text=True, check=True)
    assert answer.stdout == "plainspoken_owner\n"
    command.insert(-3, "--as-app")
    answer = subprocess.run([*command, "SELECT current_user"], capture_output=True, text=True, check=True)
    assert answer.stdout == "plainspoken_app\n"


def test_psql_keeps_the_server_up(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAINSPOKEN_DB_IDLE", "0.5")
    command = [sys.executable, "-c", MAIN, "db", "psql", "--data", str(data), "--", "-At"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("SELECT pg_sleep(1.5);\nSELECT 'still here';\n")
        process.stdin.close()
        assert "still here" in process.stdout.read()
    eventually(lambda: not postgres.status(data=data).running)


def test_run_in_the_foreground(data: Path) -> None:
    command = [sys.executable, "-c", MAIN, "db", "run", "--data", str(data)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "The database takes connections.\n"
        assert postgres.status(data=data).supervisor == process.pid
        second = subprocess.run(command, capture_output=True, text=True, check=False)
        assert second.returncode == 1
        assert "is already running" in second.stderr
        process.terminate()
        assert process.wait(timeout=20) == 0
    assert not postgres.status(data=data).running
    assert not alive(process.pid)


def test_an_external_database(external: External, fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    urls = json.loads(
        call(
            "provision", "--admin-url", external.admin_url, "--database", "by_cli", "--data", fresh, "--json"
        )
    )
    for name, url in urls.items():
        monkeypatch.setenv(name, url)
    assert json.loads(call("status", "--json")) == {"external": True, "running": True, "problems": []}
    assert "is reachable and fit" in call("status")
    assert "nothing to start" in call("start")
    assert "add --admin-url" in call("provision", code=1)
    # Once more with the passwords of the environment, which stay.
    assert (
        json.loads(call("provision", "--admin-url", external.admin_url, "--database", "by_cli", "--json"))
        == urls
    )
    monkeypatch.setenv("DATABASE_URL", "postgresql://plainspoken_app:wrong@/by_cli?host=/nowhere")
    assert "leads to no database" in call("status", code=1)
    assert not fresh.exists()
