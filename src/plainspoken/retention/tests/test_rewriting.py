"""Tables from which people were erased are written anew in time; what is late turns the doctor red."""

from datetime import timedelta
from uuid import UUID

import pytest
from procrastinate.contrib.django import app

from plainspoken.config import health
from plainspoken.custody import clock
from plainspoken.custody.models import Organisation
from plainspoken.retention import rewriting, tasks
from plainspoken.retention.models import Rewritten
from plainspoken.rights.services import erasing
from plainspoken.rights.tests.steps import ME, owner, policy_with, rows, somebody

TABLE = "people_identifier"


@pytest.fixture
def gone(house: Organisation) -> UUID:
    """Somebody who was just erased."""
    subject = somebody(house, email="ada@lovelace.example", name="Ada Lovelace")
    erasing.everywhere(organisation=house.id, subject=subject, by=ME)
    return subject


def later(monkeypatch: pytest.MonkeyPatch, **by: float) -> None:
    real = clock.wall
    monkeypatch.setattr(clock, "wall", lambda: real() + timedelta(**by))


def filenode(table: str = TABLE) -> int:
    return int(rows("SELECT pg_relation_filenode(%s::regclass)", table)[0][0])


def freed() -> tuple[str, str]:
    found = next(check for check in health.checks() if check.title == "Freed room")
    return found.status, found.text


def test_without_an_erasure_nothing_is_owed(house: Organisation) -> None:
    somebody(house, email="ada@lovelace.example")
    assert rewriting.owed() == [] and rewriting.rewrite(everything=True) == []
    assert freed()[0] == "held" and "No table was written anew yet" in freed()[1]


def test_half_of_the_promised_time_is_waited_then_every_table_is_written_anew(
    gone: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = filenode()
    assert rewriting.rewrite() == []
    assert filenode() == before
    with monkeypatch.context() as patch:
        later(patch, days=18)
        done = rewriting.rewrite()
    assert {one.table for one in done} == set(rewriting.tables()) >= {TABLE, "transcripts_turn"}
    assert not any(one.left for one in done) and filenode() != before
    assert Rewritten.objects.count() == len(done)
    assert "custody_ledgerentry" not in rewriting.tables(), "nothing is ever deleted there"


def test_the_night_job_does_it_and_is_known_to_the_worker(
    gone: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    periodic = {task.task.name: task.cron for task in app.periodic_registry.periodic_tasks.values()}
    assert periodic["retention.rewrite"] == "41 4 * * *"
    later(monkeypatch, days=18)
    before = filenode()
    tasks.rewrite(0)
    assert filenode() != before and rewriting.owed() == []


def test_the_doctor_is_green_until_the_promised_day_and_red_from_then_on(
    gone: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert freed()[0] == "held"
    with monkeypatch.context() as patch:
        later(patch, days=34.9)
        assert freed()[0] == "held"
    later(monkeypatch, days=35.1)
    status, text = freed()
    assert status == "broken" and "35 d" in text
    rewriting.rewrite()
    assert freed()[0] == "held" and "last written anew on" in freed()[1]


def test_another_promise_is_another_day(
    house: Organisation, gone: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    with policy_with(house, ("backups_end_within: P35D", "backups_end_within: P8D")):
        with monkeypatch.context() as patch:
            later(patch, days=8.1)
            assert freed()[0] == "broken"
        later(monkeypatch, days=4.1)
        assert {one.table for one in rewriting.rewrite()} == set(rewriting.tables())


def test_what_is_erased_afterwards_is_owed_again(house: Organisation, gone: UUID) -> None:
    rewriting.rewrite(everything=True)
    with owner() as line:
        line.execute("UPDATE retention_rewritten SET at = at + interval '2 hours'")
    assert rewriting.owed() == []
    with owner() as line:
        line.execute("UPDATE retention_rewritten SET at = at - interval '4 hours'")
    assert {one.table for one in rewriting.owed()} == set(rewriting.tables())


def test_a_table_that_somebody_reads_is_left_for_the_next_night(
    gone: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rewriting, "PATIENCE_S", 0.2)
    with owner() as line, line.transaction():
        line.execute(f"SELECT count(*) FROM {TABLE}")
        done = {one.table: one for one in rewriting.rewrite(everything=True)}
    assert "LockNotAvailable" in done[TABLE].left or "55P03" in done[TABLE].left
    assert not done["retention_hold"].left
    assert set(rewriting.tables()) - set(Rewritten.objects.values_list("table", flat=True)) == {TABLE}


def test_rows_that_an_older_transaction_still_sees_are_not_called_gone(house: Organisation) -> None:
    """A dump that began before the erasure keeps the dead rows alive: they are copied into the new file."""
    subject = somebody(house, email="ada@lovelace.example", name="Ada Lovelace")
    with owner() as line:
        line.autocommit = False
        line.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        line.execute("SELECT count(*) FROM custody_organisation")
        erasing.everywhere(organisation=house.id, subject=subject, by=ME)
        done = {one.table: one for one in rewriting.rewrite(everything=True)}
        assert done[TABLE].left == "still seen by an older transaction"
        assert done["retention_hold"].left == ""
    there = set(Rewritten.objects.values_list("table", flat=True))
    assert TABLE not in there and "retention_hold" in there


def test_the_write_ahead_log_goes_on_to_another_file(gone: UUID) -> None:
    file = "SELECT pg_walfile_name(pg_current_wal_lsn())"
    before = rows(file)
    rewriting.rewrite(everything=True)
    assert rows(file) != before
