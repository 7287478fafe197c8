"""What the rest of Plainspoken calls: ensure, stop, status, urls, remove."""

import contextlib
import datetime
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg

import plainspoken
from plainspoken.adapters.postgres import cluster, diagnosis, locks, places, roles
from plainspoken.adapters.postgres.errors import PostgresError
from plainspoken.adapters.postgres.places import Place
from plainspoken.adapters.postgres.supervisor import State

IDLE_SECONDS = 20.0  # how long the server outlives its last client
LOG_LIMIT = 2**20  # bytes of supervisor.log before it is begun anew
POLL_SECONDS = 0.05

_held: dict[Path, locks.Hold] = {}
_guard = threading.Lock()


@dataclass(frozen=True, kw_only=True)
class Server:
    """A server that takes connections: `socket` is the folder of its unix socket, `admin_url` that of its
    superuser.
    """

    data: Path
    socket: Path
    port: int
    version: str
    admin_url: str


@dataclass(frozen=True, kw_only=True)
class Status:
    """How the embedded database stands. `size` in bytes; `clients` is None where the kernel does not count
    them.
    """

    running: bool
    version: str | None
    since: datetime.datetime | None
    clients: int | None
    size: int
    socket: Path | None
    port: int
    kept: bool
    supervisor: int | None
    data: Path
    home: Path | None
    log: Path | None


def external(environ: Mapping[str, str] | None = None) -> dict[str, str] | None:
    """The URLs of an external database when the environment names one. Raises PostgresError when it names
    half of one.
    """
    env = os.environ if environ is None else environ
    names = ("DATABASE_URL", "DATABASE_OWNER_URL")
    found = {name: env[name] for name in names if env.get(name)}
    if not found:
        return None
    for name in names:
        if name not in found:
            raise PostgresError(
                f"{name} is missing: set both DATABASE_URL and DATABASE_OWNER_URL, or neither."
            )
    return found


def urls(
    *, data: Path, database: str = roles.DATABASE, environ: Mapping[str, str] | None = None
) -> dict[str, str]:
    """DATABASE_URL and DATABASE_OWNER_URL: those of the environment, else of the embedded database of `data`.

    Starts nothing; the embedded database must have been made once (`ensure`, `ready`).
    """
    if named := external(environ):
        return named
    place = places.find(data)
    if place is None:
        raise PostgresError(f"There is no database in {data} yet: run `plainspoken db start`.")
    return {
        "DATABASE_URL": _url(place, roles.APP, database),
        "DATABASE_OWNER_URL": _url(place, roles.OWNER, database),
    }


def ready(*, data: Path, database: str = roles.DATABASE) -> dict[str, str]:
    """`urls`, after the embedded server was started and its roles and database were provided, if they are
    ours.
    """
    if named := external():
        return named
    server = ensure(data=data)
    provision_embedded(server=server, database=database)
    return urls(data=data, database=database)


def provision_embedded(*, server: Server, database: str = roles.DATABASE) -> None:
    """`roles.provision` with the passwords kept in the data folder."""
    place = places.find(server.data)
    assert place is not None
    roles.provision(admin_url=server.admin_url, database=database, passwords=place.passwords)


def ensure(*, data: Path, idle: float | None = None, seconds: float = 60.0) -> Server:
    """The running server of `data`, started if need be; this process counts as a client from now on until it
    ends.

    Forked children share the lock; call it again after an error of the connection, and it brings the
    server back. `idle` (seconds without a client before the server stops) counts for a server that this
    call starts; the default is PLAINSPOKEN_DB_IDLE, else 20. Raises PostgresError, one sentence, also when
    it takes longer than `seconds`.
    """
    with _guard:
        place = places.settle(data)
        try:
            return _ensure(place, idle=_idle(idle), seconds=seconds)
        except OSError as error:
            raise PostgresError(diagnosis.of_os_error(error, folder=place.home)) from error


def _ensure(place: Place, *, idle: float, seconds: float) -> Server:
    deadline = time.monotonic() + seconds
    _hold_client_lock(place, deadline)
    while True:
        server = _running(place)
        if server is not None:
            return server
        if not locks.held_exclusively(place.server_lock):
            _start(place, idle=idle, deadline=deadline)
        if time.monotonic() > deadline:
            raise PostgresError(
                f"The database did not start within {seconds:.0f} s: read the log in {place.log}."
            )
        time.sleep(POLL_SECONDS)


def release(*, data: Path) -> None:
    """Stop counting as a client: the server may end once no other client is left."""
    with _guard:
        place = places.find(data)
        if place is not None and (hold := _held.pop(place.home, None)):
            hold.release()


def keep(*, data: Path, after_exec: bool = False) -> None:
    """Keep the server of `data`, which must run, up without clients until `stop`.

    With `after_exec` it only outlives this program's replacement by another (exec), as a client.
    """
    place = _place(data)
    if after_exec:
        _held[place.home].survive_exec()
        return
    place.keep.touch(mode=0o600)
    place.give(place.keep, to=place.keeper)


def stop(*, data: Path, seconds: float = 90.0) -> bool:
    """Shut the server down cleanly, clients or not; returns whether one ran. Raises PostgresError when it
    will not.
    """
    place = places.find(data)
    if place is None or not place.home.exists():
        return False
    ran = _stop_supervisor(place, deadline=time.monotonic() + seconds)
    if not place.cluster.exists():
        return ran
    hold = locks.acquire(place.server_lock, shared=False, seconds=3.0)
    if hold is None:  # another client started it anew
        return ran
    try:
        return cluster.clear_leftovers(place) > 0 or ran
    finally:
        hold.release()


def status(*, data: Path) -> Status:
    """How the embedded database of `data` stands; starts nothing and takes no lock."""
    place = places.find(data)
    running = place is not None and locks.held_exclusively(place.server_lock)
    state = State.read(place) if place and running else None
    return Status(
        running=state is not None,
        version=state.version if state else cluster.version_of(place) if place else None,
        since=datetime.datetime.fromisoformat(state.since) if state else None,
        clients=locks.sharers(place.clients_lock) if place else 0,
        size=_size(place.cluster) if place else 0,
        socket=place.socket if place else None,
        port=places.PORT,
        kept=place is not None and running and place.keep.exists(),
        supervisor=state.supervisor if state else None,
        data=data.absolute(),
        home=place.home if place else None,
        log=place.log if place else None,
    )


def remove(*, data: Path) -> None:
    """Stop the server and delete the embedded database of `data`, its log and its passwords. There is no way
    back.
    """
    place = places.find(data)
    if place is None:
        return
    stop(data=data)
    release(data=data)
    for folder in (place.home, place.socket):
        if folder.exists():
            shutil.rmtree(folder)
    (place.data / places.RECORD).unlink()


def _place(data: Path) -> Place:
    place = places.find(data)
    if place is None:
        raise PostgresError(f"There is no database in {data} yet: run `plainspoken db start`.")
    return place


def _url(place: Place, role: str, database: str) -> str:
    return roles.url(
        role=role, password=place.passwords[role], database=database, host=str(place.socket), port=places.PORT
    )


def _idle(asked: float | None) -> float:
    if asked is not None:
        return asked
    value = os.environ.get("PLAINSPOKEN_DB_IDLE", "")
    if not value:
        return IDLE_SECONDS
    try:
        return float(value)
    except ValueError:
        raise PostgresError(f"PLAINSPOKEN_DB_IDLE is {value!r}: set it to a number of seconds.") from None


def _hold_client_lock(place: Place, deadline: float) -> None:
    if place.home in _held:
        return
    # A supervisor that shuts down for want of clients has the lock for itself until it is done.
    hold = locks.acquire(
        place.clients_lock,
        shared=True,
        seconds=max(0.0, deadline - time.monotonic()),
        owner=lambda file: place.give(file, to=place.keeper),
    )
    if hold is None:
        raise PostgresError(f"The database of {place.data} is still shutting down: try again in a minute.")
    _held[place.home] = hold


def _running(place: Place) -> Server | None:
    if not locks.held_exclusively(place.server_lock):
        return None
    state = State.read(place)
    if state is None:
        return None
    admin_url = _url(place, places.ADMIN, "postgres")
    try:
        psycopg.connect(admin_url, connect_timeout=5).close()
    except psycopg.errors.InvalidPassword:
        raise PostgresError(
            f"The password in {place.data / places.RECORD} is wrong: put that file back from a backup."
        ) from None
    except psycopg.errors.TooManyConnections:
        pass  # it serves, and is busy
    except psycopg.OperationalError:
        return None  # it starts, recovers or has just died: the supervisor sees to it
    return Server(
        data=place.data,
        socket=Path(state.socket),
        port=state.port,
        version=state.version,
        admin_url=admin_url,
    )


def _start(place: Place, *, idle: float, deadline: float) -> None:
    """Start a supervisor, unless another client is about to: one start at a time, so that ten clients start
    one.
    """
    hold = locks.acquire(place.start_lock, shared=False, owner=lambda file: place.give(file, to=place.keeper))
    if hold is None:
        return
    try:
        if not locks.held_exclusively(place.server_lock):
            _spawn(place, idle=idle, deadline=deadline)
    finally:
        hold.release()


def _spawn(place: Place, *, idle: float, deadline: float) -> None:
    command = [sys.executable, "-m", __package__, "--data", str(place.data), "--idle", str(idle)]
    roots = [str(Path(plainspoken.__file__).parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])]
    log = place.home / "supervisor.log"
    fresh = not log.exists() or log.stat().st_size > LOG_LIMIT
    with log.open("wb" if fresh else "ab") as errors:
        place.give(errors.fileno(), to=place.keeper)
        os.fchmod(errors.fileno(), 0o600)
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd="/",
            env={**os.environ, "PYTHONPATH": os.pathsep.join(roots)},
            start_new_session=True,
        )
    assert child.stdout is not None
    with child.stdout as answers:
        child.wait()  # it forks at once
        readable, _, _ = select.select([answers], [], [], max(0.0, deadline - time.monotonic()))
        line = answers.readline() if readable else None
    if line is None:
        return  # it still starts; our caller's deadline decides
    if not line:
        raise PostgresError(f"The supervisor of the database ended without a word: read {log}.")
    answer = json.loads(line)
    if "error" in answer:
        raise PostgresError(answer["error"])


def _stop_supervisor(place: Place, *, deadline: float) -> bool:
    if not locks.held_exclusively(place.server_lock):
        return False
    asked: set[str] = set()
    while locks.held_exclusively(place.server_lock):
        process = place.server_lock.read_text()
        if process.isdigit() and process not in asked:
            asked.add(process)
            _ask_to_stop(int(process), place)
        if time.monotonic() > deadline:
            raise PostgresError(
                f"The database does not stop: end process {process}, its supervisor, then try again."
            )
        time.sleep(POLL_SECONDS)
    return True


def _ask_to_stop(process: int, place: Place) -> None:
    with contextlib.suppress(ProcessLookupError):
        try:
            os.kill(process, signal.SIGTERM)
        except PermissionError as error:
            raise PostgresError(
                f"The database of {place.data} runs as another user: stop it as that user, or as root."
            ) from error


def _size(folder: Path) -> int:
    total = 0
    for root, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):  # the server removes files while we look
                total += (Path(root) / name).lstat().st_size
    return total
