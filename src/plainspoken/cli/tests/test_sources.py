"""`sources`, `calls`, `export vcon` and `transcribe` as people and programs call them."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings
from typer.testing import CliRunner

from plainspoken.conversations.queries import reference
from plainspoken.conversations.tests.makers import arrived, recogniser, wav, written
from plainspoken.custody.models import Organisation


@pytest.fixture
def run(house: Organisation) -> Any:
    """Run a command; gives exit code, standard output and standard error."""
    from plainspoken.cli.main import build

    def call(*arguments: object) -> tuple[int, str, str]:
        done = CliRunner().invoke(build(), [*map(str, arguments), "--organisation", house.slug])
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.exit_code, done.stdout, done.stderr

    return call


def test_a_source_is_added_run_paused_and_ended(run: Any, tmp_path: Path) -> None:
    folder = tmp_path / "incoming"
    folder.mkdir()
    with override_settings(SOURCE_FOLDERS=[str(folder)], FILE_UPLOAD_TEMP_DIR=str(tmp_path)):
        code, _, err = run("sources", "add", "/etc")
        assert code == 1 and "may be watched" in " ".join(err.split())
        made = json.loads(run("sources", "add", folder, "--settled", 0, "--json")[1])
        (folder / "a.wav").write_bytes(wav(200.0, seconds=1.0))
        (folder / "b.wav").write_bytes(b"no sound")
        code, out, _ = run("sources", "run", made["id"][:8], "--json")
        done = json.loads(out)
        assert code == 1 and (done["taken"], done["refused"]) == (1, 1)
        assert run("sources", "pause", made["id"])[0] == 0
        (row,) = json.loads(run("sources", "list", "--json")[1])["sources"]
        assert (row["state"], row["taken"], row["refused"]) == ("paused", 1, 1)
        assert json.loads(run("sources", "run", made["id"], "--json")[1])["state"] == "paused"
        assert run("sources", "resume", made["id"])[0] == run("sources", "end", made["id"])[0] == 0
    assert run("sources", "end", made["id"])[0] == 2


def test_call_records_are_compared(run: Any, tmp_path: Path) -> None:
    table = tmp_path / "cdr.csv"
    table.write_text("call_id,started_at,duration\nx1,2026-01-05T09:00:00+01:00,5\n")
    code, out, _ = run("calls", "load", table, "--json")
    assert code == 1 and json.loads(out)["open"] == {"missing": 1}
    (row,) = json.loads(run("calls", "list", "--json")[1])["calls"]
    assert row["verdict"] == "missing" and row["duration_s"] == 5
    table.write_bytes(b"\xff\xfe")
    assert run("calls", "load", table)[0] == 2 and run("calls", "list", "--state", "lost")[0] == 2


def test_a_conversation_leaves_by_its_reference(house: Organisation, run: Any, tmp_path: Path) -> None:
    with recogniser({}):
        row = arrived(house)
        written(house, row)
    out = tmp_path / "call.vcon.json"
    assert run("export", "vcon", reference(row.id), "--out", out)[0] == 0
    whole = json.loads(out.read_text())
    assert whole["redacted"]["uuid"] == str(row.id) and "Lovelace" not in out.read_text()
    assert json.loads(run("export", "vcon", row.id)[1])["uuid"] == whole["uuid"]
    code, _, err = run("export", "vcon", row.id, "--to", "a-stranger")
    assert code == 1 and "names no recipient" in " ".join(err.split())
    assert run("export", "vcon", "C-0000-0001")[0] == 2 and run("export", "vcon", "nonsense")[0] == 2


def test_transcribe_says_what_it_queued(house: Organisation, run: Any) -> None:
    assert run("transcribe")[0] == 2
    with recogniser({}, fails=RuntimeError("broken")):
        row = arrived(house, source="fails", sound=wav(240.0, seconds=1.0))
        with pytest.raises(Exception, match="recogniser failed"):
            written(house, row)
    with recogniser({}):
        assert json.loads(run("transcribe", "--again", "--json")[1]) == {"queued": 1}
        assert json.loads(run("transcribe", "--again", "--older-than", "", "--json")[1])["queued"] == 0
