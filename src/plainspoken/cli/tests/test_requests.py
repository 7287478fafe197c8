"""`requests`, `retention` and `ledger` as their users meet them: answers, exit codes, errors in one
sentence.
"""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections
from typer.testing import CliRunner

from plainspoken.cli.main import build
from plainspoken.custody import clock
from plainspoken.rights.tests.steps import last_code, owner, rows, sealed, somebody, work

EMAIL = "ada@post.example"


def call(*arguments: str) -> Any:
    return CliRunner().invoke(build(), list(arguments))


def answered(*arguments: str, code: int = 0) -> Any:
    result = call(*arguments, "--json")
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


def proved(house: Any, kind: str, *more: str) -> str:
    reference = str(answered("requests", "file", kind, "--email", EMAIL, *more)["reference"])
    assert answered("requests", "code", reference)["attempts_left"] == 5
    work(only="disclosures.send")
    assert answered("requests", "verify", reference, last_code(house))["outcome"] == "verified"
    return reference


def test_a_request_from_filing_to_its_answer(house, staff) -> None:
    somebody(house, email=EMAIL, name="Ada Quill")
    for login in ("one", "two"):
        staff("privacy_officer", login)
    reference = proved(house, "erase", "--received", "2026-01-31", "--channel", "letter")
    listed = answered("requests", "list")["requests"]
    assert [(r["reference"], r["kind"], r["state"]) for r in listed] == [(reference, "erase", "open")]
    plan = answered("requests", "plan", reference)
    assert plan["total"] == sum(row["count"] for row in plan["rows"])
    given = ("--plan", plan["fingerprint"])
    wrong = call("requests", "execute", reference, *given, "--typed", "nothing")
    assert isinstance(wrong.exception, ValueError) and "Type R-" in str(wrong.exception)
    decided = answered(
        "requests", "execute", reference, *given, "--typed", reference, "--as", "one@larkfield.example"
    )
    assert decided["state"] == "second"
    again = call("requests", "approve", reference, *given, "--as", "one@larkfield.example")
    assert "somebody else" in str(again.exception)
    assert (
        answered("requests", "approve", reference, *given, "--as", "two@larkfield.example")["state"]
        == "running"
    )
    work()
    done = answered("requests", "show", reference)
    assert done["state"] == "done" and done["outcome"]["plan"]["rows"]
    assert (
        "Ada Quill" not in call("requests", "list").output
        and EMAIL not in call("requests", "show", reference).output
    )


def test_wrong_codes_days_references_and_members_say_so(house) -> None:
    reference = answered("requests", "file", "access", "--email", EMAIL)["reference"]
    answered("requests", "code", reference)
    assert answered("requests", "verify", reference, "0", code=1)["outcome"] == "wrong"
    for arguments, code in (
        (("requests", "file", "access", "--received", "yesterday"), 2),
        (("requests", "execute", reference, "--plan", "x", "--as", "nobody@larkfield.example"), 2),
    ):
        assert call(*arguments).exit_code == code
    assert "There is no request" in str(call("requests", "show", "R-1999-0001").exception)


def test_refusing_extending_answering_and_lifting(house, tmp_path) -> None:
    somebody(house, email=EMAIL)
    text = tmp_path / "answer.txt"
    text.write_text("We corrected it.", "utf-8")
    correct = proved(house, "correct")
    assert call("requests", "extend", correct, "--reason", "It is a lot.").exit_code == 0
    assert call("requests", "answer", correct, str(text)).exit_code == 0
    other = proved(house, "correct")
    assert call("requests", "refuse", other, "--reason", "It was right.").exit_code == 0
    restrict = proved(house, "restrict")
    plan = answered("requests", "plan", restrict)["fingerprint"]
    answered("requests", "execute", restrict, "--plan", plan, "--ground", "accuracy-contested")
    work()
    assert answered("requests", "lift", restrict)["lifted"] is False
    work()
    assert answered("requests", "lift", restrict)["lifted"] is True
    assert [r["state"] for r in answered("requests", "list")["requests"]] == ["done", "refused", "done"]


def test_holds_and_the_purge(house) -> None:
    held, free = somebody(house, email=EMAIL), somebody(house, email="free@post.example")
    placed = answered(
        "retention", "hold", str(held), "--reason", "claims", "--law", "Claim 1", "--until", "2099-12-31"
    )
    assert [h["id"] for h in answered("retention", "holds")["holds"]] == [placed["hold"]]
    with owner() as line:
        line.execute(
            "UPDATE people_identifier SET first_seen_at = %s", [clock.now(house.id) - timedelta(days=800)]
        )
    due = {d["place"]: d["rows"] for d in answered("retention", "due")["due"]}
    assert due["people.Identifier"] == 1
    assert answered("retention", "purge")["counts"]["people.Identifier"] == 1
    assert rows("SELECT DISTINCT subject_id FROM people_identifier") == [(held,)]
    assert answered("retention", "lift", placed["hold"])["lifted"] == placed["hold"]
    assert answered("retention", "purge")["counts"]["people.Identifier"] == 1
    assert rows("SELECT count(*) FROM people_identifier") == [(0,)] and free
    assert (
        call("retention", "hold", str(held), "--reason", "claims", "--law", "x", "--until", "soon").exit_code
        != 0
    )
    assert call("retention", "lift", str(uuid4())).exit_code != 0


def test_the_ledger_is_checked_sealed_and_shown(house) -> None:
    somebody(house, email=EMAIL)
    answered("ledger", "seal")
    sealed(house)
    verdict = answered("ledger", "verify")
    assert verdict["sound"] and verdict["entries"] > 2 and verdict["findings"] == []
    shown = answered("ledger", "show", "--last", "3")["entries"]
    assert len(shown) == 3 and EMAIL not in json.dumps(shown)
    assert all(
        e["act"] == "subject.made" for e in answered("ledger", "show", "--act", "subject.made")["entries"]
    )
    assert answered("ledger", "verify", "--since", str(verdict["batches"]))["sound"]
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE custody_ledgerentry DISABLE TRIGGER USER")
        cursor.execute("UPDATE custody_ledgerentry SET act = 'forged' WHERE act = 'subject.made'")
    broken = answered("ledger", "verify", code=1)
    assert not broken["sound"] and any("changed" in f["message"] for f in broken["findings"])


@pytest.mark.parametrize("topic", ["requests", "retention", "ledger"])
def test_help_names_every_command(topic: str) -> None:
    result = call(topic, "--help")
    assert result.exit_code == 0 and "--help" in result.output
