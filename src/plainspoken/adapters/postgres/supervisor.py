"""The process that holds the server: starts it, starts it again when it falls, stops it when nobody uses it.

Clients hold a shared lock (`clients.lock`). While one does, or while the file `keep` exists, the server
stays up. When no client held the lock for `idle` seconds the supervisor takes the lock for itself, so that
none can come in between, shuts the server down and ends.
"""

import contextlib
import datetime
import json
import os
import signal
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from plainspoken.adapters.postgres import binaries, cluster, diagnosis, locks, places
from plainspoken.adapters.postgres.errors import PostgresError
from plainspoken.adapters.postgres.places import Place

TICK_SECONDS = 0.25
RESTARTS_AT_MOST = 5  # within RESTART_WINDOW_SECONDS; then something is wrong that a restart does not mend
RESTART_WINDOW_SECONDS = 60.0

Report = Callable[[Mapping[str, object]], None]


class AlreadyRunning(PostgresError):
    """Another supervisor holds this database."""


@dataclass(frozen=True, kw_only=True)
class State:
    """What the supervisor tells its clients, in `state.json`."""

    supervisor: int
    postmaster: int
    version: str
    since: str  # ISO 8601, UTC
    socket: str
    port: int

    @staticmethod
    def read(place: Place) -> "State | None":
        try:
            return State(**json.loads(place.state.read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return None


def run(*, data: Path, idle: float | None, keep: bool = False, report: Report) -> None:
    """Hold the server of `data` until told to stop (SIGTERM, SIGINT) or, unless `idle` is None, until it is
    idle.

    `report` is called once the server takes connections. Must be called from the main thread (see
    cluster.launch). Raises AlreadyRunning or PostgresError.
    """
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("the supervisor must run in the main thread")
    place = places.settle(data)
    hold = locks.acquire(
        place.server_lock, shared=False, seconds=1.5, owner=lambda file: place.give(file, to=place.keeper)
    )
    if hold is None:
        raise AlreadyRunning(f"The database of {data} is already running: `plainspoken db status` shows it.")
    try:
        hold.write(str(os.getpid()))
        _Supervisor(place, idle=idle, keep=keep, report=report).run()
    except OSError as error:
        raise PostgresError(diagnosis.of_os_error(error, folder=place.home)) from error
    finally:
        hold.release()


class _Supervisor:
    def __init__(self, place: Place, *, idle: float | None, keep: bool, report: Report) -> None:
        self.place = place
        self.idle = idle
        self.report = report
        self.wake = threading.Event()
        self.stopping = False
        self.restarts: list[float] = []
        self.clients: locks.Hold | None = None  # held only while we shut down for want of clients
        place.keep.unlink(missing_ok=True)  # of a supervisor that was killed
        if keep:
            place.keep.touch(mode=0o600)
            place.give(place.keep, to=place.keeper)

    def run(self) -> None:
        for means in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
            signal.signal(means, self._on_signal)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        programs = binaries.for_user(binaries.folder(), user=self.place.server)
        cluster.prepare(self.place, programs=programs)
        cluster.clear_leftovers(self.place)
        server = self._start(programs)
        try:
            self.report({"ready": server.pid})
            server = self._watch(server, programs)
        finally:
            self.place.state.unlink(missing_ok=True)
            cluster.shut_down(self.place, server)
            self.place.keep.unlink(missing_ok=True)
            if self.clients is not None:
                self.clients.release()

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        if number != signal.SIGCHLD:
            self.stopping = True
        self.wake.set()

    def _start(self, programs: Path) -> cluster.Server:
        server = cluster.launch(self.place, programs=programs)
        try:
            cluster.await_ready(self.place, server, stopping=lambda: self.stopping)
        except BaseException:
            cluster.shut_down(self.place, server)
            raise
        _write_state(self.place, server, version=binaries.version(programs))
        return server

    def _watch(self, server: cluster.Server, programs: Path) -> cluster.Server:
        quiet_since: float | None = None
        while not self.stopping:
            self.wake.wait(TICK_SECONDS)
            self.wake.clear()
            if self.stopping:
                break
            if server.poll() is not None or not self._socket_there():
                server = self._restart(server, programs)
            if not self._unused():
                quiet_since = None
            elif quiet_since is None:
                quiet_since = time.monotonic()
            elif self.idle is not None and time.monotonic() - quiet_since >= self.idle:
                self.clients = self._take_clients()
                self.stopping = self.clients is not None
        return server

    def _restart(self, server: cluster.Server, programs: Path) -> cluster.Server:
        now = time.monotonic()
        self.restarts = [moment for moment in self.restarts if now - moment < RESTART_WINDOW_SECONDS] + [now]
        self.place.state.unlink(missing_ok=True)
        cluster.shut_down(self.place, server)
        if len(self.restarts) > RESTARTS_AT_MOST:
            raise PostgresError(f"The database server keeps ending: read the log in {self.place.log}.")
        cluster.clear_leftovers(self.place)
        cluster.prepare(self.place, programs=programs)  # the socket's folder may be gone
        return self._start(programs)

    def _socket_there(self) -> bool:
        return (self.place.socket / f".s.PGSQL.{places.PORT}").exists()

    def _unused(self) -> bool:
        if self.idle is None or self.place.keep.exists():
            return False
        probe = self._take_clients()
        if probe is None:
            return False
        probe.release()
        return True

    def _take_clients(self) -> locks.Hold | None:
        return locks.acquire(
            self.place.clients_lock,
            shared=False,
            owner=lambda file: self.place.give(file, to=self.place.keeper),
        )


def _write_state(place: Place, server: cluster.Server, *, version: str) -> None:
    state = State(
        supervisor=os.getpid(),
        postmaster=server.pid,
        version=version,
        since=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        socket=str(place.socket),
        port=places.PORT,
    )
    draft = place.state.with_name("state.json.new")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(vars(state)))
    with contextlib.suppress(OSError):
        place.give(draft, to=place.keeper)
    draft.rename(place.state)
