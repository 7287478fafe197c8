"""Larkfield Home on a database of its own: built by `build.py`, served by gunicorn, with a worker and a mailbox."""

import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import psycopg
from psycopg.conninfo import make_conninfo

from plainspoken.adapters import postgres
from plainspoken.config.running import _free_port as free_port
from plainspoken.config.service import Child, answers, stop, web_command, worker_command
from plainspoken.demo.script import customer_who_will, customers
from plainspoken.proofs.mailbox import Mailbox
from plainspoken.proofs.requesting import Asking, ask
from plainspoken.proofs.world import Somebody, World

HERE = Path(__file__).parent
SLUG, PASSWORD = "larkfield", "larkfield-demo"
# A machine under test may be a slow one: nobody waits for nothing, since a wait ends with what it waits for.
PATIENCE = 120.0
Seen = TypeVar("Seen")


@dataclass(frozen=True)
class Centre:
    """Where it is served, and the mail server that it writes to."""

    url: str
    mailbox: Mailbox

    def ask(self, kind: str, name: str, **more: str) -> Asking:
        """File a request as this customer on the public page."""
        return ask(self.world, kind, somebody(name), **more)

    @property
    def world(self) -> World:
        """What the provers' helpers for visitors need."""
        return World(
            url=self.url, organisation="", slug=SLUG, people={}, mailbox=self.mailbox, command=_no_command, folder=Path()
        )  # fmt: skip


def _no_command(arguments: Any) -> Any:
    raise AssertionError("journeys use no command line")


def somebody(name: str) -> Somebody:
    """A customer by name, or by what they will ask for."""
    known = {one.name: one for one in customers()}
    person = known[name] if name in known else customer_who_will(name)
    return Somebody(name=person.name, email=person.email, phone=person.phone, account=person.account, word="")


def until(
    look: Callable[[], Seen], *, seconds: float = PATIENCE, what: str | Callable[[], str] = "it"
) -> Seen:
    """The first true thing that is seen. Fails when time is up, and says what is there then where `what` asks for it."""
    deadline = time.monotonic() + seconds
    while not (seen := look()):
        if time.monotonic() > deadline:
            told = what if isinstance(what, str) else what()
            raise AssertionError(f"{told} did not happen within {seconds:.0f} s")
        time.sleep(0.1)
    return seen


@contextmanager
def served(*, owner_url: str, app_url: str, template: str, folder: Path) -> Iterator[Centre]:
    """A built and running centre; its database is dropped at the end."""
    name = f"journeys_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        postgres.prepare(owner_url=make_conninfo(owner_url, dbname=name))
        with Mailbox() as mailbox:
            yield from _running(_environment(owner_url, app_url, name, folder), folder, mailbox)
    finally:
        postgres.drop_database(owner_url=owner_url, name=name)


def _environment(owner_url: str, app_url: str, name: str, folder: Path) -> dict[str, str]:
    url = f"http://127.0.0.1:{free_port()}"
    return {
        **os.environ,
        "PLAINSPOKEN_DATA": str(folder),
        "PLAINSPOKEN_URL": url,
        "PLAINSPOKEN_EMBEDDED": "0",
        "DATABASE_URL": _elsewhere(app_url, name),
        "DATABASE_OWNER_URL": _elsewhere(owner_url, name),
        "PYTHONPATH": str(HERE.parent),
    }


def _elsewhere(url: str, name: str) -> str:
    """The same server and role, another database."""
    address, mark, options = url.partition("?")
    return f"{address.rpartition('/')[0]}/{name}{mark}{options}"


def _running(environment: Mapping[str, str], folder: Path, mailbox: Mailbox) -> Iterator[Centre]:
    built = subprocess.run(
        [sys.executable, str(HERE / "build.py"), mailbox.url],
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert built.returncode == 0, f"the centre was not built:\n{built.stderr[-4000:]}"
    url = environment["PLAINSPOKEN_URL"]
    port = int(url.rpartition(":")[2])
    children = [
        _Silent(
            "web", [*web_command(host="127.0.0.1", port=port, workers=1), "--threads=8"], environment, folder
        ),
        _Silent("worker", worker_command(), environment, folder),
    ]
    for child in children:
        child.start()
    try:
        until(lambda: answers(url), what="the server's start")
        (folder / "service.json").write_text(json.dumps({"url": url}))
        yield Centre(url=url, mailbox=mailbox)
    finally:
        stop(children)


class _Silent(Child):
    """A child with an environment of its own, whose words go to a file."""

    def __init__(self, name: str, command: list[str], environment: Mapping[str, str], folder: Path) -> None:
        super().__init__(name, command)
        self.environment, self.log = dict(environment), folder / f"{name}.log"

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self.command, env=self.environment, stdout=log, stderr=log)
