"""Where the embedded database lives, and whose files they are.

The data folder of Plainspoken is `PLAINSPOKEN_DATA`, else `$XDG_DATA_HOME/plainspoken`, else
`~/.local/share/plainspoken`. It holds `postgres.json` (mode 0600: the passwords of the roles and the place
of the database) and, as a rule, the folder `postgres` with the database itself:

    postgres/cluster   PostgreSQL's own data folder
    postgres/run       the unix socket (mode 0700); `/tmp/plainspoken-<user>-<hash>` if its path gets too long
    postgres/log       the server's log, one file a weekday, overwritten after a week; no values of statements
    postgres/*.lock    who runs, starts and uses the server

PostgreSQL refuses to run as root. As root the server therefore runs as the owner of the data folder or,
when root owns it too, as user id 59432, which needs no account. When that user cannot reach the data
folder (a home folder with mode 0700, say) the database goes to `/var/lib/plainspoken/<hash of the data
folder>` and `postgres.json` says so; everything else (objects, keyring) stays in the data folder.
"""

import hashlib
import json
import os
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from plainspoken.adapters.postgres.errors import PostgresError

SERVER_USER_ID = 59432  # below 60000: above it Debian and systemd hand out ids themselves
SYSTEM_FOLDER = Path("/var/lib/plainspoken")
SHORT_FOLDER = Path("/tmp")  # noqa: S108 - fixed on purpose: every process must come to the same socket
PORT = 5432  # no TCP port: it only names the socket file
SOCKET_PATH_LIMIT = 107  # sizeof(sockaddr_un.sun_path) - 1 on Linux
ADMIN = "postgres"
LOGINS = ("plainspoken_owner", "plainspoken_app")
RECORD = "postgres.json"


@dataclass(frozen=True, kw_only=True)
class Place:
    """The files of one embedded database. `keeper` owns the data folder, `server` is the user the server runs
    as.
    """

    data: Path
    home: Path
    keeper: tuple[int, int]
    server: tuple[int, int]
    passwords: Mapping[str, str]

    @property
    def cluster(self) -> Path:
        return self.home / "cluster"

    @property
    def log(self) -> Path:
        return self.home / "log"

    @property
    def socket(self) -> Path:
        """The folder of the unix socket: worked out from the path alone, so that all processes agree."""
        inside = self.home / "run"
        if len(os.fsencode(inside / f".s.PGSQL.{PORT}")) <= SOCKET_PATH_LIMIT:
            return inside
        return SHORT_FOLDER / f"plainspoken-{self.server[0]}-{digest(self.home)}"

    @property
    def clients_lock(self) -> Path:
        return self.home / "clients.lock"

    @property
    def start_lock(self) -> Path:
        return self.home / "start.lock"

    @property
    def server_lock(self) -> Path:
        return self.home / "server.lock"

    @property
    def state(self) -> Path:
        return self.home / "state.json"

    @property
    def keep(self) -> Path:
        """While this file exists the server stays up without clients (`plainspoken db start`)."""
        return self.home / "keep"

    def give(self, target: int | Path, *, to: tuple[int, int]) -> None:
        """Hand a file to its user; only root can, and only root has to."""
        if os.geteuid() == 0:
            os.chown(target, *to)


def default_data(environ: Mapping[str, str] | None = None) -> Path:
    """The data folder that the environment asks for."""
    env = os.environ if environ is None else environ
    if named := env.get("PLAINSPOKEN_DATA"):
        return Path(named).expanduser().absolute()
    base = env.get("XDG_DATA_HOME")
    # The XDG base directory specification has relative paths ignored.
    folder = Path(base) if base and Path(base).is_absolute() else Path("~/.local/share").expanduser()
    return folder / "plainspoken"


def find(data: Path) -> Place | None:
    """The place of the database of `data`, or None when none was made yet. Raises PostgresError when
    unreadable.
    """
    data = data.resolve()  # by one name, so that all agree on the socket
    path = data / RECORD
    try:
        record = json.loads(path.read_text())
        keeper = path.stat()
    except FileNotFoundError:
        return None
    except PermissionError as error:
        raise PostgresError(
            f"You may not read {path}: run this as its owner, or name another folder with PLAINSPOKEN_DATA."
        ) from error
    except ValueError as error:
        raise PostgresError(f"{path} is damaged: put it back from a backup of the data folder.") from error
    return Place(
        data=data,
        home=data / record["home"],  # an absolute home replaces `data`
        keeper=(keeper.st_uid, keeper.st_gid),
        server=(record["server"][0], record["server"][1]),
        passwords=record["passwords"],
    )


def settle(data: Path) -> Place:
    """The place of the database of `data`, chosen and written down when there is none yet."""
    data = data.resolve()  # by one name, so that all agree on the socket
    place = find(data)
    if place is None:
        try:
            _make_data(data)
            _write_record(data)
        except OSError as error:
            raise PostgresError(_unwritable(data, error)) from error
        place = find(data)
        assert place is not None
    _check_keeper(place)
    try:
        _make_home(place)
    except OSError as error:
        raise PostgresError(_unwritable(place.home, error)) from error
    return place


def reachable(path: Path, *, user: tuple[int, int]) -> bool:
    """Whether `user` (uid, gid, no further groups) may pass through every folder down to and including
    `path`.
    """
    return all(_may_pass(folder, user) for folder in [path, *path.parents])


def digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


def _may_pass(folder: Path, user: tuple[int, int]) -> bool:
    info = folder.stat()
    if info.st_uid == user[0]:
        return bool(info.st_mode & stat.S_IXUSR)
    if info.st_gid == user[1]:
        return bool(info.st_mode & stat.S_IXGRP)
    return bool(info.st_mode & stat.S_IXOTH)


def _unwritable(folder: Path, error: OSError) -> str:
    reason = (error.strerror or str(error)).lower()
    return f"We cannot write in {folder} ({reason}): make it writable, or name another with PLAINSPOKEN_DATA."


def _make_data(data: Path) -> None:
    if not data.exists():
        # As root: passable but not readable, so that the server's user reaches its own folder inside.
        data.mkdir(parents=True, exist_ok=True)
        data.chmod(0o711 if os.geteuid() == 0 else 0o700)


def _write_record(data: Path) -> None:
    owner = data.stat()
    keeper = (owner.st_uid, owner.st_gid)
    server = keeper
    if os.geteuid() == 0 and owner.st_uid == 0:
        server = (SERVER_USER_ID, SERVER_USER_ID)
    in_place = os.geteuid() != 0 or reachable(data, user=server)
    record = {
        "home": "postgres" if in_place else str(_elsewhere(data)),
        "server": list(server),
        "passwords": {role: secrets.token_urlsafe(24) for role in (ADMIN, *LOGINS)},
    }
    path = data / RECORD
    draft = data / f".{RECORD}.{os.getpid()}.{secrets.token_hex(4)}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            json.dump(record, file)
            file.flush()
            os.fsync(descriptor)
        if os.geteuid() == 0:
            os.chown(draft, *keeper)
        try:
            os.link(draft, path)  # fails when another process was first: then its passwords count
        except FileExistsError:
            return
    finally:
        draft.unlink()


def _elsewhere(data: Path) -> Path:
    """Where the database goes when its server cannot reach the data folder.

    A data folder that was removed and made anew has new passwords, which the database left behind by the old
    one does not know: it stays as it is, and the new one goes beside it.
    """
    usual = SYSTEM_FOLDER / digest(data)
    return (
        usual
        if not (usual / "cluster").exists()
        else SYSTEM_FOLDER / f"{digest(data)}-{secrets.token_hex(4)}"
    )


def _check_keeper(place: Place) -> None:
    me = os.geteuid()
    if me not in (0, place.keeper[0]):
        raise PostgresError(
            f"{place.data} is another user's: run this as that user, or name another with PLAINSPOKEN_DATA."
        )
    if me != 0 and me != place.server[0]:
        raise PostgresError(f"The database of {place.data} was made by root: run this as root.")


def _make_home(place: Place) -> None:
    # The folder above the cluster holds locks, which the server's user must not touch.
    for folder in (SYSTEM_FOLDER, place.home) if place.home.parent == SYSTEM_FOLDER else (place.home,):
        if not folder.exists():
            folder.mkdir(parents=True, mode=0o711, exist_ok=True)
            folder.chmod(0o711 if place.server != place.keeper else 0o700)
            place.give(folder, to=place.keeper if folder == place.home else (0, 0))
    if not place.log.exists():
        place.log.mkdir(mode=0o700, exist_ok=True)
        place.give(place.log, to=place.server)
