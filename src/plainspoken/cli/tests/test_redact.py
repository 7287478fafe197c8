import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from plainspoken.cli import redact
from plainspoken.cli.output import OK, USAGE
from plainspoken.conversations.arrival import Utterance
from plainspoken.conversations.tests.fixtures import house
from plainspoken.conversations.tests.makers import ME, arrived, written
from plainspoken.custody.models import Organisation
from plainspoken.custody.sessions import purpose
from plainspoken.kernels.redaction.cases import Case
from plainspoken.transcripts.models import Turn
from plainspoken.transcripts.services import show

__all__ = ["house"]

GOOD = '{"id": 1, "text": "Größe: 4111 1111 1111 1111"}\n{"id": "b", "text": "My name is Zoë Quark."}\n'


@pytest.fixture
def app() -> typer.Typer:
    app = typer.Typer()
    app.callback()(lambda: None)
    redact.register(app)
    return app


def _run(app: typer.Typer, *arguments: str, given: str | bytes | None = None) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["redact", *arguments], input=given)
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


def test_cases_are_what_people_overruled_without_their_words(
    app: typer.Typer, house: Organisation, tmp_path: Path
) -> None:
    said = [
        Utterance("Hello.", "agent"),
        Utterance("my account number is 55129 and the lamp is velvet", "customer"),
    ]
    row = arrived(house, words=said)
    written(house, row)
    with purpose("service.answer", organisation=house.id, by=ME):
        (line,) = (one for one in Turn.objects.all() if one.cuts)
    show(conversation=row.id, organisation=house.id, n=line.cuts[0]["n"], reason="It is an order.", by=ME)
    out = tmp_path / "cases.jsonl"
    code, about, _ = _run(app, "cases", "--out", str(out), "--organisation", house.slug, "--json")
    assert code == OK and json.loads(about) == {"cases": 1}
    (text,) = out.read_text(encoding="utf-8").splitlines()
    case = Case.read(json.loads(text))
    assert case.shown and case.text[case.start : case.end].isdigit()
    assert "55129" not in text and "velvet" not in text and "order" not in text


def test_cases_go_nowhere_but_into_a_file(app: typer.Typer, tmp_path: Path) -> None:
    code, _, about = _run(app, "cases", "--out", str(tmp_path))
    assert code == USAGE and "is not a place for a file" in " ".join(about.split())
