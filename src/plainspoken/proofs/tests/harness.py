"""The whole system in one process: server, commands, jobs and mail, so that a test can break any part of it.

What a prover sees is what it sees of a running installation: HTTP, SMTP and the command line. Only here does the
test hold the other end, and may patch a service or change the database below the prover.
"""

import functools
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import typer
from conftest import OWNER_URL, _house
from django.conf import settings
from django.core.cache import cache
from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import ThreadedWSGIServer
from django.db import connections
from django.test import override_settings
from django.test.testcases import QuietWSGIRequestHandler
from typer.testing import CliRunner

from plainspoken.cli.main import build, sentence
from plainspoken.config import proving
from plainspoken.config.database import with_name
from plainspoken.config.work import drain
from plainspoken.custody import sealing
from plainspoken.custody.models import Organisation
from plainspoken.proofs.mailbox import Mailbox
from plainspoken.proofs.registry import Result, Step, run
from plainspoken.proofs.world import Answered, Player, World

KEPT_S = 60
PATIENCE = 4.0


@contextmanager
def serving() -> Iterator[str]:
    """Our WSGI application on a free port, in threads of this process; none keeps a database connection."""
    for alias in ("default", "owner"):
        connections[alias].settings_dict["CONN_MAX_AGE"] = 0
    server = ThreadedWSGIServer(("127.0.0.1", 0), QuietWSGIRequestHandler)
    server.set_app(WSGIHandler())
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, name="web")
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        for alias in ("default", "owner"):
            connections[alias].settings_dict["CONN_MAX_AGE"] = KEPT_S


@functools.cache
def application() -> typer.Typer:
    """Every command, built once."""
    return build()


def command(arguments: Sequence[str]) -> Answered:
    """`plainspoken …` in this process, with the exit codes and sentences of `cli.main.main`."""
    result = CliRunner().invoke(application(), list(arguments))
    error = result.exception
    if error is not None and not isinstance(error, SystemExit):
        assert isinstance(error, Exception)
        return Answered(code=1, out=result.stdout, err=f"{sentence(error)}\n")
    return Answered(code=result.exit_code, out=result.stdout, err=result.stderr)


class Post(Mailbox):
    """A mailbox in a house without a worker of its own: who waits for mail does the work that sends it."""

    def wait(self, address: str, *, count: int = 1, seconds: float = 20.0) -> list[Any]:
        drain()
        return super().wait(address, count=count, seconds=min(seconds, 1.0))


class Deaf:
    """A recogniser that hears nothing: the sounds of these tests are tones."""

    name = "deaf"
    language = "en"
    languages: tuple[str, ...] = ()
    words: tuple[Any, ...] = ()
    segments: tuple[Any, ...] = ()
    unheard: tuple[tuple[float, float], ...] = ()

    def hear(self, blocks: Iterator[Any], *, language: str | None) -> "Deaf":
        for _ in blocks:
            pass
        return self


@dataclass(frozen=True)
class System:
    """A running system with an organisation whose policy can be proved."""

    url: str
    house: Organisation
    mailbox: Mailbox
    folder: Path


@contextmanager
def system(database: str, folder: Path, *, policy: str = "") -> Iterator[System]:
    """Everything on a cloned database; commands that start processes of their own find it by the environment.

    `policy` is a text to publish instead of our own.
    """
    data = folder / "data"
    (data / "uploads").mkdir(parents=True)
    with (
        pytest.MonkeyPatch.context() as patch,
        override_settings(DATA=data, PORTS={**settings.PORTS, "recogniser": f"{__name__}.Deaf"}),
        Post() as mailbox,
    ):
        patch.setenv("DATABASE_OWNER_URL", with_name(OWNER_URL, database))
        patch.setenv("DATABASE_URL", with_name(_app_url(), database))
        patch.setenv("PLAINSPOKEN_DATA", str(data))
        for name, path in (
            ("KEYRING", settings.KEYRING_FOLDER),
            ("OBJECTS", settings.OBJECTS_FOLDER),
            ("ANCHORS", settings.ANCHORS_FOLDER),
        ):
            patch.setenv(f"PLAINSPOKEN_{name}", str(path))
        with serving() as url:
            yield System(url=url, house=_house(policy), mailbox=mailbox, folder=folder)
            drain()


def _app_url() -> str:
    import os

    return os.environ["DATABASE_URL"]


@contextmanager
def world(of: System, folder: Path) -> Iterator[World]:
    """What `config.proof.prove` gives a prover: a proving organisation with the same policy."""
    cache.clear()  # Counters of attempts: each world is its own hour.
    made = proving.start(of=of.house, smtp_url=of.mailbox.url)
    key = UUID(made.id)

    def work() -> None:
        drain()
        sealing.seal(organisation=key)

    try:
        yield World(
            url=of.url,
            organisation=made.id,
            slug=made.slug,
            people={name: Player(**asdict(person)) for name, person in made.people.items()},
            mailbox=of.mailbox,
            command=command,
            folder=folder,
            work=work,
            patience=PATIENCE,
        )
    finally:
        proving.end(organisation=key)


# ---- what a proof showed ------------------------------------------------------------------------------------------


def held(clause: str, world: World) -> Result:
    """Prove a clause on a sound system; the test fails with what was seen instead."""
    result = run(clause, world)
    assert result.status == "held", told(result)
    assert all(step.status == "held" for step in result.evidence)
    return result


def broken(clause: str, world: World) -> Step:
    """Prove a clause whose enforcement was broken; gives the observation that showed it, which is the last one.

    A proof that could not be carried out is broken too, but shows nothing of the enforcement: the test fails.
    """
    result = run(clause, world)
    assert result.status == "broken", (
        f"{clause} stayed {result.status} although it was broken.\n{told(result)}"
    )
    assert [s.status for s in result.evidence].count("broken") == 1
    last = result.evidence[-1]
    assert last.status == "broken"
    assert "could not be carried out" not in last.text, told(result)
    return last


def told(result: Result) -> str:
    return "\n".join(f"{step.status:8} {step.seconds:6.2f} {step.text}" for step in result.evidence)


def owner(sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """Run a statement as the owner of the database, outside any transaction."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(sql, parameters or None)
        return cursor.fetchall() if cursor.description else []
