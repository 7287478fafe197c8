"""Mail and rights do not wait behind calls that take long to write."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from benchmarks import surviving
from conftest import OWNER_URL
from django.db import connections

from plainspoken.config import worker
from plainspoken.config.database import with_name
from plainspoken.custody.actors import program
from plainspoken.custody.models import Organisation
from plainspoken.custody.sessions import purpose
from plainspoken.disclosures import messages
from plainspoken.disclosures.models import Message

ME = program("test")


@contextmanager
def writing_takes_for_ever() -> Iterator[None]:
    """Whoever writes a transcript waits, since its table is locked meanwhile."""
    url = with_name(OWNER_URL, connections["default"].settings_dict["NAME"])
    with psycopg.connect(url) as held:
        held.execute("LOCK TABLE transcripts_transcript IN ACCESS EXCLUSIVE MODE")
        yield


def counted(sql: str) -> int:
    with connections["owner"].cursor() as cursor:
        cursor.execute(sql)
        return int(cursor.fetchone()[0])


def until(sql: str, *, least: int, seconds: float = 60.0) -> bool:
    deadline = time.monotonic() + seconds
    while counted(sql) < least:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def test_a_mail_goes_while_every_other_place_is_taken_by_long_calls(house: Organisation) -> None:
    surviving.fill(house.id, worker.CONCURRENCY + 2)
    running = "SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing' AND task_name = 'transcripts.transcribe'"
    with writing_takes_for_ever():
        process = surviving.begun()
        try:
            assert until(running, least=worker.CONCURRENCY), "the calls are being written"
            with purpose("service.notify", organisation=house.id, by=ME):
                row = messages.write(
                    to="ada@example.org", title="A code", text="123456", categories=("email",), by=ME
                )
            ended = f"SELECT count(*) FROM disclosures_message WHERE id = '{row.id}' AND state <> '{Message.State.QUEUED}'"
            assert until(ended, least=1, seconds=20), "the mail waits behind the calls"
            assert counted(running) == worker.CONCURRENCY, "they are still being written"
        finally:
            process.kill()
            process.wait()
