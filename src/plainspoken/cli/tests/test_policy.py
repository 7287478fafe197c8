"""`policy`, `datamap` and `people` as their users meet them: answers, exit codes, errors."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from plainspoken.cli.main import build
from plainspoken.custody.models import Organisation
from plainspoken.custody.organisations import create
from plainspoken.people.models import ApiToken, Membership
from plainspoken.policies import queries
from plainspoken.policies.tests.texts import REWORDED, changed, longer_retention, ours

POLICY = Path(__file__).parents[4] / "policies" / "plainspoken.md"


def call(*arguments: str) -> Any:
    return CliRunner().invoke(build(), list(arguments))


def answered(*arguments: str, code: int = 0) -> Any:
    result = call(*arguments, "--json")
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


def written(folder: Path, text: str, name: str = "p.md") -> str:
    path = folder / name
    path.write_text(text, "utf-8")
    return str(path)


# ---- policy check ----


def test_check_lists_every_clause_with_rule_enforcer_and_prover(database: str) -> None:
    data = answered("policy", "check", str(POLICY))
    assert set(data) == {"version", "clauses", "notes"} and data["notes"] == [] and len(data["clauses"]) == 76
    assert set(data["clauses"][0]) == {"id", "title", "rule", "enforcer", "prover"}
    erase = next(clause for clause in data["clauses"] if clause["id"] == "notice.version")
    assert erase["rule"] == "versions" and erase["enforcer"] == "plainspoken.policies.services.publish"
    assert answered("policy", "check")["version"] == data["version"]


def test_check_notes_a_value_that_the_text_never_quotes(database: str, tmp_path: Path) -> None:
    """It is no error; but said by hand, it could disagree with the rule one day."""
    unsaid = written(tmp_path, changed((" The file is {{ tagged }}.", " The file is tagged.")))
    data = answered("policy", "check", unsaid)
    message = "The text never quotes tagged of its rule."
    assert data["notes"] == [{"clause": "notice.pdf", "field": "tagged", "message": message}]
    shown = " ".join(call("policy", "check", unsaid).output.split())
    assert f"Note: notice.pdf: {message}" in shown
    assert "Note:" not in call("policy", "check").output


@pytest.mark.parametrize(
    ("old", "new", "clause", "says"),
    [
        ("```rule notice-layers", "```rule notice-lairs", "notice.layered", "notice-lairs"),
        ("laws: [gdpr", "laws: [gdrp", "right.", "gdrp"),
        ("basis: {customer: contract", "basis: {customer: whim", "use.purposes", "whim"),
    ],
)
def test_check_names_file_line_clause_and_what_is_allowed(
    database: str, tmp_path: Path, old: str, new: str, clause: str, says: str
) -> None:
    file = written(tmp_path, changed((old, new)))
    errors = answered("policy", "check", file, code=1)["errors"]
    assert any((error["clause"] or "").startswith(clause) and says in error["message"] for error in errors)
    assert all(error["file"] == file and error["line"] > 0 for error in errors)
    result = call("policy", "check", file)
    assert result.exit_code == 1 and f"{file}:" in result.output.replace("\n", "")


def test_check_says_what_could_not_be_published(database: str, tmp_path: Path) -> None:
    file = written(tmp_path, changed(("summary_words_at_most: 32", "summary_words_at_most: 5")))
    assert "notice.layered allows 5" in answered("policy", "check", file, code=1)["errors"][0]["message"]


def test_a_file_that_is_not_there(database: str) -> None:
    result = call("policy", "check", "nowhere.md")
    assert result.exit_code == 2 and "There is no file nowhere.md." in result.output


# ---- policy publish ----


def test_publish_refuses_and_announces(house: Organisation, tmp_path: Path) -> None:
    file = written(tmp_path, longer_retention())
    refused = answered("policy", "publish", file, code=1)
    assert refused["changes"][0]["topic"] == "retention"
    announced = answered("policy", "publish", file, "--announce")
    assert (announced["number"], announced["in_force_from"]) == (2, None)
    assert queries.version_in_force(organisation=house.id).number == 1
    rows = answered("policy", "versions")["versions"]
    assert [(row["number"], row["in_force"]) for row in rows] == [(2, False), (1, True)]


def test_publish_with_the_day_on_which_people_were_told(house: Organisation, tmp_path: Path) -> None:
    file = written(tmp_path, longer_retention())
    made = answered("policy", "publish", file, "--told-on", "2020-01-01", "--told", "12")
    assert made["told"] == 12 and queries.version_in_force(organisation=house.id).number == 2


def test_publish_of_a_broken_text_changes_nothing(house: Organisation, tmp_path: Path) -> None:
    file = written(tmp_path, changed(("sections_start: closed", "sections_start: ajar")))
    assert answered("policy", "publish", file, code=1)["errors"]
    assert queries.version_in_force(organisation=house.id).number == 1


def test_several_organisations_need_a_name(house: Organisation, tmp_path: Path) -> None:
    create(slug="other", name="Other", home_region="EU")
    file = written(tmp_path, changed(REWORDED))
    result = call("policy", "publish", file)
    assert result.exit_code == 2 and "Name one with --organisation." in result.output.replace("\n", " ")
    assert answered("policy", "publish", file, "--organisation", "larkfield")["number"] == 2


# ---- policy show, diff ----


def test_show_one_clause(house: Organisation) -> None:
    [clause] = answered("policy", "show", "right.erase")["clauses"]
    assert clause["fields"]["kind"] == "erase" and "{{" not in clause["text"]
    assert clause["status"] == "unproved"
    assert "rule right" in call("policy", "show", "right.erase").output
    assert call("policy", "show", "right.nothing").exit_code == 2


def test_diff_of_a_version_and_a_file(house: Organisation, tmp_path: Path) -> None:
    data = answered("policy", "diff", "1", written(tmp_path, longer_retention()))
    [change] = data["changes"]
    assert change["id"] == "retain.as-needed" and change["direction"] == "looser"
    assert [item["topic"] for item in data["material"]] == ["retention"]
    assert answered("policy", "diff", "1", written(tmp_path, ours(), "same.md"))["changes"] == []


# ---- datamap ----


def test_the_map_and_its_check(house: Organisation) -> None:
    assert any(row["model"] == "people.Identifier" for row in answered("datamap")["places"])
    assert call("datamap", "--markdown").output.startswith("# The data map")
    assert answered("datamap", "check") == {"gaps": []}


def test_an_undeclared_column_fails_the_check(house: Organisation) -> None:
    from django.db import connections

    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE people_identifier ADD COLUMN shoe_size integer")
    gaps = answered("datamap", "check", code=1)["gaps"]
    assert any("people_identifier.shoe_size" in gap["message"] for gap in gaps)


# ---- people ----


def test_a_member_from_first_to_last(house: Organisation) -> None:
    made = answered("people", "add", "nia@larkfield.example", "--name", "Nia", "--role", "agent")
    member = Membership.objects.get(account__email="nia@larkfield.example")
    assert member.account.check_password(made["password"])
    assert answered("people", "role", "nia@larkfield.example", "supervisor")["role"] == "supervisor"
    fresh = answered("people", "password", "nia@larkfield.example")["password"]
    member.account.refresh_from_db()
    assert member.account.check_password(fresh)
    token = answered("people", "token", "nia@larkfield.example", "--name", "sync")
    assert token["token"].startswith("ps_")
    answered("people", "revoke", token["id"])
    assert ApiToken.objects.get(id=token["id"]).revoked_at is not None
    answered("people", "end", "nia@larkfield.example")
    [row] = [row for row in answered("people", "list")["people"] if row["login"] == "nia@larkfield.example"]
    assert row["ended_at"] is not None


def test_what_cannot_be_done_is_said_in_a_sentence(house: Organisation) -> None:
    king = call("people", "add", "x@larkfield.example", "--name", "X", "--role", "king")
    assert king.exit_code == 2 and "There is no role king." in king.output
    assert call("people", "role", "nobody@larkfield.example", "agent").exit_code == 2
    assert call("people", "revoke", "no-id").exit_code == 2
    add = ("people", "add", "y@larkfield.example", "--name", "Y", "--role", "administrator")
    assert call(*add).exit_code == 0
    assert call(*add).exit_code == 1
    last = call("people", "end", "y@larkfield.example")
    assert last.exit_code == 1 and "last administrator" in last.output.replace("\n", " ")
