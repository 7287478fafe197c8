"""Short calls that wait to be written while the worker is killed (SIGKILL), again and again: none lost, none double.

`python -m benchmarks.surviving 10000 --kills 5` measures on a database of its own; a test runs it small.
"""

import argparse
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, urlencode
from uuid import UUID

from plainspoken.custody.actors import program

ME = program("benchmark")
PATIENCE_S = 3600.0


@dataclass(frozen=True)
class Survived:
    """What was counted at the end, and how long writing took (seconds, kills included)."""

    queued: int
    ready: int
    turns: int
    kills: int
    left: int
    seconds: float

    @property
    def whole(self) -> bool:
        """Whether each is there once: none lost, none double, nothing left in the queue."""
        return (self.ready, self.turns, self.left) == (self.queued, 2 * self.queued, 0)


def fill(organisation: UUID, count: int) -> None:
    """Let so many short calls arrive, each with two turns of its own."""
    from plainspoken.conversations.arrival import Utterance
    from plainspoken.conversations.services import arrive

    for number in range(count):
        arrive(
            organisation=organisation,
            point="conversation.upload",
            facts={"source_id": f"short-{number}", "queue": "Returns", "duration": 6.0},
            words=[
                Utterance(f"Returns, how can I help with order {number}?", start_s=0.0, end_s=2.0),
                Utterance("It is too small.", start_s=2.5, end_s=4.0),
            ],
            kind="call",
            bulk=True,
            by=ME,
        )


def survive(
    organisation: UUID, count: int, *, kills: int, say: Callable[[str], None] = lambda text: None
) -> Survived:
    """Write what waits, killing the worker so many times while it works; then count."""
    from plainspoken.exchange import pipeline

    started = time.monotonic()
    done = _ready(organisation)
    for number in range(kills):
        worker = begun()
        goal = min(count, done + max(1, count // (kills + 2)))
        _wait(lambda goal=goal: _ready(organisation) >= goal, worker)  # type: ignore[misc]
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
        done = _ready(organisation)
        say(f"killed {number + 1} times, {done} of {count} written, {pipeline.put_back(seconds=0)} put back")
    worker = begun()
    try:
        _wait(lambda: _ready(organisation) >= count and not _left(organisation), worker)
    finally:
        worker.send_signal(signal.SIGTERM)
        worker.wait(30)
    return Survived(
        count,
        _ready(organisation),
        _turns(organisation),
        kills,
        _left(organisation),
        time.monotonic() - started,
    )


def begun() -> "subprocess.Popen[bytes]":
    """A worker of its own process, on the database and the folders of this one."""
    from django.db import connections

    given = {
        name: _url(connections[alias].settings_dict)
        for name, alias in (("DATABASE_URL", "default"), ("DATABASE_OWNER_URL", "owner"))
    }
    from django.conf import settings

    folders = {
        "PLAINSPOKEN_KEYRING": settings.KEYRING_FOLDER,
        "PLAINSPOKEN_OBJECTS": settings.OBJECTS_FOLDER,
        "PLAINSPOKEN_ANCHORS": settings.ANCHORS_FOLDER,
    }
    environment = {**os.environ, **given, **{name: str(value) for name, value in folders.items()}}
    return subprocess.Popen([sys.executable, "-m", "plainspoken.config.worker"], env=environment)


def _url(given: "dict[str, object]") -> str:
    """The address of a connection of this process, as the settings read one."""
    name, word = quote(str(given["USER"] or "")), quote(str(given["PASSWORD"] or ""))
    options = urlencode({key: given[key.upper()] for key in ("host", "port") if given[key.upper()]})
    return f"postgresql://{name}:{word}@/{given['NAME']}?{options}"


def _wait(until: Callable[[], bool], worker: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not until():
        if worker.poll() is not None:
            raise RuntimeError(f"The worker ended by itself with {worker.returncode}.")
        if time.monotonic() > deadline:
            raise TimeoutError("The worker does not get on.")
        time.sleep(0.1)


def _ready(organisation: UUID) -> int:
    from plainspoken.conversations.models import Conversation
    from plainspoken.custody.sessions import purpose

    with purpose("ingest.write", organisation=organisation, by=ME):
        return Conversation.objects.filter(organisation_id=organisation, state="ready").count()


def _turns(organisation: UUID) -> int:
    from plainspoken.custody.sessions import purpose
    from plainspoken.transcripts.models import Turn

    with purpose("ingest.write", organisation=organisation, by=ME):
        return Turn.objects.filter(organisation_id=organisation).count()


def _left(organisation: UUID) -> int:
    from procrastinate.contrib.django.models import ProcrastinateJob

    return ProcrastinateJob.objects.filter(
        task_name="transcripts.transcribe",
        args__organisation=str(organisation),
        status__in=("todo", "doing", "failed"),
    ).count()


def main() -> int:
    """Print one line; exit code 1 when one is lost or double."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.surviving", description=__doc__)
    parser.add_argument("count", type=int, nargs="?", default=10_000)
    parser.add_argument("--kills", type=int, default=5)
    options = parser.parse_args()
    from plainspoken.config.boot import boot

    boot()
    from . import store

    with store.opened() as organisation:
        started = time.monotonic()
        fill(organisation, options.count)
        print(f"{options.count} arrived in {time.monotonic() - started:.0f} s", flush=True)
        found = survive(
            organisation, options.count, kills=options.kills, say=lambda text: print(text, flush=True)
        )
    verdict = "each is there once" if found.whole else "SOME ARE LOST OR DOUBLE"
    rate = 3600 * found.queued / found.seconds
    print(f"{found}\n{verdict}; {rate:,.0f} an hour")
    return 0 if found.whole else 1


if __name__ == "__main__":
    sys.exit(main())
