"""The worker is killed in the middle of its work: each conversation is written once all the same."""

import os
from pathlib import Path

import pytest

from plainspoken.config import worker
from plainspoken.custody.models import Organisation

CALLS = int(os.environ.get("PLAINSPOKEN_SURVIVING", "12"))


@pytest.mark.timeout(900)
def test_none_is_lost_and_none_is_double(house: Organisation, tmp_path: Path) -> None:
    from benchmarks import surviving

    surviving.fill(house.id, CALLS)
    found = surviving.survive(house.id, CALLS, kills=1)
    assert found.whole, found


def test_a_round_of_upkeep_plans_looks_and_puts_nothing_back_that_lives(
    house: Organisation, tmp_path: Path
) -> None:
    from django.test import override_settings

    from plainspoken.exchange import sources

    with override_settings(SOURCE_FOLDERS=[str(tmp_path)]):
        given = sources.Given(kind="folder", title="R", place=str(tmp_path))
        sources.add(organisation=house.id, given=given, by=worker_actor())
    assert worker.upkeep() == (0, 1)
    assert worker.upkeep() == (0, 0), "a look that is planned is not planned twice"


def worker_actor():  # type: ignore[no-untyped-def]
    from plainspoken.custody.actors import program

    return program("test")
