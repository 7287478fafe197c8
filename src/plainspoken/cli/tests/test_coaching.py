"""`coaching` as people and programs call it."""

import json
from typing import Any
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from plainspoken.coaching.tests.makers import centre
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


def test_the_team_an_agent_and_a_goal(run: Any, house: Organisation) -> None:
    there = centre(house)
    for day in (1, 2, 3):
        there.evaluated(when=there.ago(day), solved="2")
    goal = there.running()
    listed = json.loads(run("coaching", "list", "--json")[1])["agents"]
    assert [(one["name"], one["goals"]) for one in listed] == [("Jo Kim", 1), ("Mia Noor", 0)]
    shown = json.loads(run("coaching", "agent", there.jo.id, "--json")[1])
    assert shown["work"][0]["question"] == "solved" and shown["work"][0]["now"]["rate"] == 0.25
    assert [one["id"] for one in shown["goals"]] == [str(goal.id)]
    code, out, _ = run("coaching", "agent", there.mia.id)
    assert code == 0 and "needs 3 evaluations, has 0" in " ".join(out.split())
    one = json.loads(run("coaching", "goal", goal.id, "--json")[1])
    assert one["goal"]["before"]["evaluations"] == 3 and one["says"].startswith("Too little to tell")
    assert "running" in run("coaching", "goal", goal.id)[1]
    assert json.loads(run("coaching", "keep-up", "--json")[1]) == {"changed": 0}
    for command in ("agent", "goal"):
        code, _, err = run("coaching", command, uuid4())
        assert code == 1 and "There is no such" in err
