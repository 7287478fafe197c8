"""The server's life: shared, raced for, left alone, and killed in every way."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from plainspoken.adapters import postgres
from plainspoken.adapters.postgres import PostgresError, places, supervisor
from plainspoken.adapters.postgres.places import Place
from plainspoken.adapters.postgres.supervisor import State
from plainspoken.adapters.postgres.tests.conftest import Client, alive, eventually, server_processes

Start = Callable[..., Client]


def at(data: Path) -> Place:
    place = places.find(data)
    assert place is not None
    return place


def state(data: Path) -> State:
    found = State.read(at(data))
    assert found is not None
    return found


def write(urls: dict[str, str]) -> None:
    with psycopg.connect(urls["DATABASE_OWNER_URL"]) as owner:
        owner.execute("CREATE TABLE kept AS SELECT n FROM generate_series(1, 1000) n")


def rows(urls: dict[str, str]) -> int:
    with psycopg.connect(urls["DATABASE_URL"]) as app:
        found = app.execute("SELECT count(*) FROM kept").fetchone()
        assert found is not None
        return int(found[0])


def test_ten_racers_get_one_server(data: Path, client: Start) -> None:
    racers = [client(data, idle=1) for _ in range(10)]
    answers = {racer.answer() for racer in racers}
    assert len(answers) == 1
    ((_, postmaster),) = answers
    parents = {
        int(Path(f"/proc/{p}/stat").read_text().rsplit(")", 1)[1].split()[1]) for p in server_processes(data)
    }
    assert parents == {postmaster, state(data).supervisor}
    assert postgres.status(data=data).clients == 10
    for racer in racers[1:]:
        racer.leave()
    time.sleep(1.5)
    assert alive(postmaster)  # one is still there
    racers[0].leave()
    eventually(lambda: not alive(postmaster))
    assert server_processes(data) == []


def test_the_server_outlives_the_client_that_started_it(data: Path, client: Start) -> None:
    first = client(data, idle=1)
    answer = first.answer()
    second = client(data, idle=1)
    assert second.answer() == answer
    first.kill()
    time.sleep(1.5)
    assert alive(answer[1])
    second.kill()
    waited = eventually(lambda: not alive(answer[1]))
    assert waited > 0.5  # not at once: somebody may come back
    log = "".join(path.read_text() for path in at(data).log.glob("postgresql-*.log"))
    assert "database system is shut down" in log
    # The next one starts it anew.
    assert client(data, idle=1).answer()[1] != answer[1]


def test_a_forked_child_counts_as_a_client(data: Path) -> None:
    script = (
        "import os, pathlib, sys, time\n"
        "from plainspoken.adapters import postgres\n"
        "postgres.ensure(data=pathlib.Path(sys.argv[1]), idle=0.5)\n"
        "if os.fork():\n    os._exit(0)\n"
        "time.sleep(2)\n"
    )
    subprocess.run([sys.executable, "-c", script, data], check=True)
    postmaster = state(data).postmaster
    time.sleep(1.3)
    assert alive(postmaster)
    assert postgres.status(data=data).clients == 1
    eventually(lambda: not alive(postmaster))


def test_a_server_started_in_a_thread_outlives_the_thread(data: Path) -> None:
    # PR_SET_PDEATHSIG counts threads, and this one is gone at once.
    thread = threading.Thread(target=lambda: postgres.ensure(data=data))
    thread.start()
    thread.join()
    time.sleep(0.5)
    assert alive(state(data).postmaster)
    with pytest.raises(RuntimeError, match="main thread"):
        failure: list[BaseException] = []

        def run() -> None:
            try:
                supervisor.run(data=data, idle=None, report=lambda _: None)
            except RuntimeError as error:
                failure.append(error)

        other = threading.Thread(target=run)
        other.start()
        other.join()
        raise failure[0]


def test_killed_supervisor(data: Path) -> None:
    urls = postgres.ready(data=data)
    write(urls)
    before = state(data)
    with psycopg.connect(urls["DATABASE_URL"]) as app:
        os.kill(before.supervisor, signal.SIGKILL)
        # The kernel tells the server, which shuts down cleanly: nothing is left behind that nobody watches.
        eventually(lambda: not alive(before.postmaster))
        with pytest.raises(psycopg.OperationalError):
            app.execute("SELECT 1")
    assert server_processes(data) == []
    assert not postgres.status(data=data).running
    assert postgres.ready(data=data) == urls
    assert state(data).postmaster != before.postmaster
    assert rows(urls) == 1000


def test_killed_postmaster(data: Path) -> None:
    urls = postgres.ready(data=data)
    write(urls)
    before = state(data)
    with psycopg.connect(urls["DATABASE_URL"]) as app:
        os.kill(before.postmaster, signal.SIGKILL)
        with pytest.raises(psycopg.OperationalError):
            for _ in range(100):
                app.execute("SELECT pg_sleep(.05)")
    postgres.ensure(data=data)
    after = state(data)
    assert after.supervisor == before.supervisor
    assert after.postmaster != before.postmaster
    assert rows(urls) == 1000


def test_a_supervisor_gives_up_on_a_server_that_keeps_falling(data: Path) -> None:
    postgres.ensure(data=data)
    before = state(data)
    killed = set()
    while alive(before.supervisor):
        current = State.read(at(data))
        if current and current.postmaster not in killed and alive(current.postmaster):
            killed.add(current.postmaster)
            os.kill(current.postmaster, signal.SIGKILL)
        time.sleep(0.02)
    assert len(killed) == supervisor.RESTARTS_AT_MOST + 1
    assert "keeps ending: read the log" in (at(data).home / "supervisor.log").read_text()
    postgres.ensure(data=data)


def test_everything_killed_and_a_child_that_does_not_die(data: Path) -> None:
    urls = postgres.ready(data=data)
    write(urls)
    before = state(data)
    app = psycopg.connect(urls["DATABASE_URL"])
    child = app.info.backend_pid
    os.kill(child, signal.SIGSTOP)  # it keeps the old server's shared memory
    os.kill(before.postmaster, signal.SIGSTOP)  # so that its end cannot be a clean one
    os.kill(before.supervisor, signal.SIGKILL)
    os.kill(before.postmaster, signal.SIGKILL)
    eventually(lambda: not alive(before.postmaster))
    assert alive(child)
    assert (at(data).cluster / "postmaster.pid").exists()
    postgres.ensure(data=data)
    assert not alive(child)
    assert rows(urls) == 1000
    app.close()


def test_a_postmaster_without_supervisor_is_replaced(data: Path) -> None:
    urls = postgres.ready(data=data)
    write(urls)
    before = state(data)
    os.kill(before.postmaster, signal.SIGSTOP)  # it cannot act on its supervisor's end yet
    os.kill(before.supervisor, signal.SIGKILL)
    eventually(lambda: not alive(before.supervisor))
    assert not postgres.status(data=data).running
    os.kill(before.postmaster, signal.SIGCONT)
    assert postgres.ready(data=data) == urls
    assert not alive(before.postmaster)
    assert rows(urls) == 1000


def test_a_stale_lock_file_that_names_a_living_process(data: Path) -> None:
    # In a container the next program gets the same number as the last one.
    postgres.ensure(data=data)
    postgres.stop(data=data)
    place = at(data)
    text = f"{os.getppid()}\n{place.cluster}\n1\n5432\n{place.socket}\n\n  1 1\nready\n"
    (place.cluster / "postmaster.pid").write_text(text)
    (place.socket / ".s.PGSQL.5432.lock").write_text(text)
    for path in (place.cluster / "postmaster.pid", place.socket / ".s.PGSQL.5432.lock"):
        place.give(path, to=place.server)
    postgres.ensure(data=data)
    assert alive(os.getppid())


def test_a_socket_that_was_cleaned_away_comes_back(data: Path) -> None:
    server = postgres.ensure(data=data)
    for entry in at(data).socket.iterdir():
        entry.unlink()
    at(data).socket.rmdir()
    time.sleep(0.3)
    assert postgres.ensure(data=data) == server


def test_a_crash_during_the_shutdown_does_not_hang(data: Path) -> None:
    # PostgreSQL 18.6 never ends a fast shutdown that comes while it recovers from a killed backend.
    urls = postgres.ready(data=data)
    app = psycopg.connect(urls["DATABASE_URL"])
    postmaster = state(data).postmaster
    os.kill(app.info.backend_pid, signal.SIGKILL)
    eventually(
        lambda: "reinitializing" in "".join(p.read_text() for p in at(data).log.glob("postgresql-*.log"))
    )
    start = time.monotonic()
    assert postgres.stop(data=data)
    assert time.monotonic() - start < 10
    assert not alive(postmaster)
    app.close()


def test_kept_up_until_it_is_stopped(data: Path, client: Start) -> None:
    one = client(data, idle=0.5)
    _, postmaster = one.answer()
    postgres.keep(data=data)
    one.leave()
    time.sleep(1.5)
    status = postgres.status(data=data)
    assert status.kept
    assert status.clients == 0
    assert alive(postmaster)
    assert postgres.stop(data=data)
    assert not at(data).keep.exists()


def test_stops_in_spite_of_clients_and_comes_back_for_them(data: Path) -> None:
    urls = postgres.ready(data=data)
    write(urls)
    with psycopg.connect(urls["DATABASE_URL"]) as app:
        assert postgres.stop(data=data)
        with pytest.raises(psycopg.OperationalError):
            app.execute("SELECT 1")
    postgres.ensure(data=data)
    assert rows(urls) == 1000


def test_a_second_supervisor_is_refused(data: Path) -> None:
    postgres.ensure(data=data)
    script = (
        "import pathlib, sys\n"
        "from plainspoken.adapters.postgres import supervisor\n"
        "try:\n    supervisor.run(data=pathlib.Path(sys.argv[1]), idle=None, report=print)\n"
        "except supervisor.AlreadyRunning as error:\n    print(error)\n"
    )
    answer = subprocess.run([sys.executable, "-c", script, data], capture_output=True, text=True, check=True)
    assert "is already running" in answer.stdout


def test_the_error_of_the_start_reaches_every_client(
    data: Path, client: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLAINSPOKEN_POSTGRES_BIN", "/nowhere")
    racers = [client(data) for _ in range(3)]
    for racer in racers:
        output, _ = racer.process.communicate(timeout=20)
        assert "error: PostgreSQL's programs are missing in /nowhere" in output
        assert racer.process.returncode == 1


def test_wrong_idle_time(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAINSPOKEN_DB_IDLE", "long")
    with pytest.raises(PostgresError, match="set it to a number of seconds"):
        postgres.ensure(data=data)
