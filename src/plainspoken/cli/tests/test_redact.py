import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from plainspoken.cli import redact
from plainspoken.cli.output import OK, USAGE

GOOD = '{"id": 1, "text": "Größe: 4111 1111 1111 1111"}\n{"id": "b", "text": "My name is Zoë Quark."}\n'


@pytest.fixture
def app() -> typer.Typer:
    app = typer.Typer()
    redact.register(app)
    return app


def _run(app: typer.Typer, *arguments: str, given: str | bytes | None = None) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, list(arguments), input=given)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


def test_masks_a_file_and_says_what_it_did(app: typer.Typer, tmp_path: Path) -> None:
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text(GOOD, encoding="utf-8")
    code, said, _ = _run(app, "--jsonl", str(source), "--out", str(out), "--json")
    assert code == OK
    assert json.loads(said)["spans"] == {"CARD": 1, "PERSON": 1} and json.loads(said)["lines"] == 2
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [row["text"] for row in rows] == ["Größe: [card number]", "My name is [name]."]
    assert rows[0]["spans"] == [{"start": 7, "end": 26, "type": "CARD"}]
    assert out.stat().st_mode & 0o077 == 0  # redacted text is still personal data
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl", "out.jsonl"]


def test_standard_input_and_output(app: typer.Typer) -> None:
    code, said, about = _run(app, "--jsonl", "-", "--out", "-", given=GOOD)
    assert code == OK
    assert [json.loads(line)["id"] for line in said.splitlines()] == [1, "b"]
    assert "1 CARD" in about


def test_a_bad_line_leaves_the_old_file_as_it_was(app: typer.Typer, tmp_path: Path) -> None:
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text(GOOD + "{}\n", encoding="utf-8")
    out.write_text("old", encoding="utf-8")
    code, said, about = _run(app, "--jsonl", str(source), "--out", str(out))
    assert code == USAGE and said == ""
    assert "Line 3" in about and "Nothing was written" in about
    assert out.read_text(encoding="utf-8") == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl", "out.jsonl"]


def test_a_bad_line_prints_nothing_on_standard_output(app: typer.Typer) -> None:
    code, said, _ = _run(app, "--jsonl", "-", "--out", "-", given=GOOD.encode() + b"\xff\n")
    assert (code, said) == (USAGE, "")


def test_the_file_is_never_written_over_itself(app: typer.Typer, tmp_path: Path) -> None:
    source, link = tmp_path / "in.jsonl", tmp_path / "link.jsonl"
    source.write_text(GOOD, encoding="utf-8")
    link.symlink_to(source)
    for out in (source, link):
        code, _, about = _run(app, "--jsonl", str(source), "--out", str(out))
        assert code == USAGE and "same file" in about
    assert source.read_text(encoding="utf-8") == GOOD


@pytest.mark.parametrize(
    ("jsonl", "out"), [("none.jsonl", "o"), (".", "o"), ("in.jsonl", "."), ("in.jsonl", "no/o")]
)
def test_places_that_are_no_files(app: typer.Typer, tmp_path: Path, jsonl: str, out: str) -> None:
    (tmp_path / "in.jsonl").write_text(GOOD, encoding="utf-8")
    code, _, about = _run(app, "--jsonl", str(tmp_path / jsonl), "--out", str(tmp_path / out))
    assert code == USAGE and about.strip()


def test_an_empty_file_gives_an_empty_file(app: typer.Typer, tmp_path: Path) -> None:
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text("", encoding="utf-8")
    assert _run(app, "--jsonl", str(source), "--out", str(out))[0] == OK
    assert out.read_text(encoding="utf-8") == ""
