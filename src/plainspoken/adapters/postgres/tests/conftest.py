"""Real servers: the embedded one in folders of its own, and Debian's as an external one where it is
installed.
"""

import os
import pwd
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from plainspoken.adapters import postgres
from plainspoken.adapters.postgres import places

ROOT = os.geteuid() == 0
CLIENT = """
import pathlib, sys
from plainspoken.adapters import postgres
from plainspoken.adapters.postgres.supervisor import State
from plainspoken.adapters.postgres import places
data = pathlib.Path(sys.argv[1])
try:
    postgres.ensure(data=data, idle=float(sys.argv[2]))
except postgres.PostgresError as error:
    print("error:", error, flush=True)
    sys.exit(1)
state = State.read(places.find(data))
print(state.supervisor, state.postmaster, flush=True)
sys.stdin.read()
"""


@dataclass
class External:
    """An external server: the URL of its superuser, and its data folder."""

    admin_url: str
    version: int


@dataclass
class Target:
    """A provided database on some server."""

    urls: dict[str, str]
    admin_url: str

    def app(self) -> psycopg.Connection:
        return psycopg.connect(self.urls["DATABASE_URL"], autocommit=True)

    def owner(self) -> psycopg.Connection:
        return psycopg.connect(self.urls["DATABASE_OWNER_URL"], autocommit=True)

    def admin(self) -> psycopg.Connection:
        return psycopg.connect(self.admin_url, autocommit=True)


@pytest.fixture(scope="session", autouse=True)
def no_external_database() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("URL", "OWNER_URL", "ADMIN_URL"):
            patch.delenv(f"DATABASE_{name}", raising=False)
        for name in ("DATA", "DB_IDLE", "POSTGRES_BIN"):
            patch.delenv(f"PLAINSPOKEN_{name}", raising=False)
        yield


def new_folder() -> Path:
    # pytest's own folders lie below one with mode 0700, and have long names. In memory, where there is room:
    # these tests make dozens of clusters.
    roomy = Path("/dev/shm").is_dir() and shutil.disk_usage("/dev/shm").free > 4 * 2**30
    folder = Path(tempfile.mkdtemp(prefix="ps", dir="/dev/shm" if roomy else "/tmp"))
    folder.chmod(0o755)
    return folder


@pytest.fixture
def folder() -> Iterator[Path]:
    made = new_folder()
    yield made
    for record in made.rglob(places.RECORD):
        postgres.remove(data=record.parent)
    shutil.rmtree(made)


@pytest.fixture
def fresh(folder: Path) -> Path:
    """A data folder that does not exist yet."""
    return folder / "data"


@pytest.fixture(scope="session")
def pattern() -> Iterator[Path]:
    """A data folder with a cluster, roles and database, at rest."""
    made = new_folder()
    postgres.ready(data=made / "data")
    postgres.stop(data=made / "data")
    postgres.release(data=made / "data")
    yield made / "data"
    shutil.rmtree(made)


@pytest.fixture
def data(fresh: Path, pattern: Path) -> Path:
    """A data folder with a cluster, roles and database of its own, at rest: a copy, faster than initdb."""
    subprocess.run(["cp", "-a", pattern, fresh], check=True)
    return fresh


@pytest.fixture(scope="session")
def shared() -> Iterator[Path]:
    """A data folder with a running, provided server for tests that break nothing."""
    made = new_folder()
    postgres.ready(data=made / "data")
    yield made / "data"
    postgres.remove(data=made / "data")
    shutil.rmtree(made)


@pytest.fixture(scope="session")
def external() -> Iterator[External]:
    """A private cluster of an installed PostgreSQL 15 or later, as another user when we are root."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    found = [path for path in found if int(path.parts[-3]) >= 15]
    if not found:
        pytest.skip("no PostgreSQL 15 or later in /usr/lib/postgresql: apt-get install postgresql-15")
    programs = found[0].parent
    made = new_folder()
    password = secrets.token_hex(12)
    (made / "password").write_text(password)
    user: dict[str, Any] = {}
    if ROOT:
        account = pwd.getpwnam("nobody")
        user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        for path in (made, made / "password"):
            os.chown(path, account.pw_uid, account.pw_gid)
    subprocess.run(
        [programs / "initdb", "-D", made / "c", "-U", "boss", f"--pwfile={made / 'password'}",
         "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"],
        check=True, capture_output=True, cwd="/", **user,
    )  # fmt: skip
    server = subprocess.Popen(
        [programs / "postgres", "-D", made / "c", "-k", made, "-c", "listen_addresses=", "-c", "fsync=off"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", **user,
    )  # fmt: skip
    url = f"postgresql://boss:{password}@/postgres?host={made}"
    eventually(lambda: can_connect(url))
    with psycopg.connect(url) as connection:
        version = connection.info.server_version
    yield External(url, version)
    server.send_signal(2)
    server.wait(timeout=20)
    shutil.rmtree(made)


def can_connect(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def provide(admin_url: str) -> Target:
    name = f"t{secrets.token_hex(4)}"
    passwords = {postgres.OWNER: "owner's % pass", postgres.APP: "app:pass/word"}
    postgres.provision(admin_url=admin_url, database=name, passwords=passwords)
    logins = {"DATABASE_URL": postgres.APP, "DATABASE_OWNER_URL": postgres.OWNER}
    return Target(
        {
            key: postgres.url_for(admin_url, role=role, password=passwords[role], database=name)
            for key, role in logins.items()
        },
        admin_url,
    )


@pytest.fixture(scope="session")
def second() -> Iterator[Path]:
    """A second embedded server, whose roles may get other passwords."""
    made = new_folder()
    server = postgres.ensure(data=made / "data")
    with psycopg.connect(server.admin_url, autocommit=True) as admin:
        admin.execute("ALTER SYSTEM SET fsync = off")  # many small databases
        admin.execute("SELECT pg_reload_conf()")
    yield made / "data"
    postgres.remove(data=made / "data")
    shutil.rmtree(made)


@pytest.fixture(params=["embedded", "external"])
def target(request: pytest.FixtureRequest) -> Target:
    """A fresh, provided database, once on the embedded server and once on an external one."""
    if request.param == "external":
        return provide(request.getfixturevalue("external").admin_url)
    return provide(postgres.ensure(data=request.getfixturevalue("second")).admin_url)


class Client:
    """Another process that uses the server."""

    def __init__(self, data: Path, *, idle: float) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", CLIENT, str(data), str(idle)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def answer(self) -> tuple[int, int]:
        """The process ids of supervisor and postmaster."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        supervisor, postmaster = line.split()
        return int(supervisor), int(postmaster)

    def leave(self) -> None:
        self.process.communicate(timeout=20)

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=20)


@pytest.fixture
def client() -> Iterator[Callable[..., Client]]:
    made: list[Client] = []

    def start(data: Path, *, idle: float = 20.0) -> Client:
        made.append(Client(data, idle=idle))
        return made[-1]

    yield start
    for one in made:
        if one.process.poll() is None:
            one.kill()


def eventually(true: Callable[[], bool], seconds: float = 20.0) -> float:
    """Wait until `true`; returns how long that took."""
    start = time.monotonic()
    while not true():
        assert time.monotonic() - start < seconds, "it did not happen in time"
        time.sleep(0.03)
    return time.monotonic() - start


def alive(process: int) -> bool:
    """Whether a process runs; a dead one that nobody has waited for does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def server_processes(data: Path) -> list[int]:
    """Every process that works in the cluster's folder, by the kernel's own account."""
    place = places.find(data)
    assert place is not None
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cwd").readlink() == place.cluster.resolve():
                found.append(int(entry.name))
        except OSError:
            continue
    return found
