"""One PostgreSQL cluster: made, configured, launched, stopped, and cleared of what a crash left behind."""

import contextlib
import ctypes
import os
import pwd
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypedDict

from plainspoken.adapters.postgres import binaries, configuration, diagnosis, places
from plainspoken.adapters.postgres.errors import PostgresError
from plainspoken.adapters.postgres.places import Place

Server = subprocess.Popen[bytes]
ROOM_FOR_A_NEW_CLUSTER = (
    300 * 2**20
)  # bytes; a fresh cluster takes about 60 MB and its first log segments more
CTYPES = ("C.UTF-8", "C.utf8", "en_US.UTF-8", "C")
PR_SET_PDEATHSIG = 1
OLDEST_LOG_SECONDS = 6 * 86400.0
FAST, IMMEDIATE = signal.SIGINT, signal.SIGQUIT  # PostgreSQL's own shutdown modes


def prepare(place: Place, *, programs: Path) -> None:
    """Make the cluster when there is none, and write the configuration. Raises PostgresError."""
    try:
        if not place.cluster.exists():
            _create(place, programs)
        _check_version(place, programs)
        _make_socket_folder(place)
        configuration.write(place)
        _drop_old_logs(place)
    except OSError as error:
        raise PostgresError(diagnosis.of_os_error(error, folder=place.home)) from error


def launch(place: Place, *, programs: Path) -> Server:
    """Start the postmaster as a child of this process; call only from the main thread.

    The kernel tells the postmaster to shut down when the *thread* that made it ends (prctl(2),
    PR_SET_PDEATHSIG), so a supervisor that is killed takes its server down with it, cleanly.
    """
    errors = (place.log / "startup.log").open("wb")
    with errors:
        place.give(errors.fileno(), to=place.server)
        os.fchmod(errors.fileno(), 0o600)
        return subprocess.Popen(
            [programs / "postgres", "-D", place.cluster],
            stdin=subprocess.DEVNULL,
            stdout=errors,
            stderr=errors,
            cwd="/",
            env=_environment(),
            start_new_session=True,
            preexec_fn=_child_setup(os.getpid()),
            **_as_user(place.server),
        )


def await_ready(
    place: Place, server: Server, *, stopping: Callable[[], bool], seconds: float = 600.0
) -> None:
    """Wait until the server takes connections; crash recovery may take minutes. Raises PostgresError with the
    reason.
    """
    deadline = time.monotonic() + seconds
    while not stopping():
        if server.poll() is not None:
            raise PostgresError(diagnosis.of_log(place))
        lines = _pid_file(place)
        if len(lines) >= 8 and lines[0].strip() == str(server.pid) and lines[7].strip() == "ready":
            return
        if time.monotonic() > deadline:
            shut_down(place, server)
            raise PostgresError(
                f"The database did not get ready within {seconds:.0f} s: read the log in {place.log}."
            )
        time.sleep(0.02)


def shut_down(place: Place, server: Server) -> None:
    """Stop the postmaster: cleanly, else at once (it recovers at the next start), else by force."""
    _end(place, server.pid, ended=lambda: server.poll() is not None, patience=60.0)


def clear_leftovers(place: Place) -> int:
    """End server processes that outlived their supervisor, and remove stale lock files; returns how many
    there were.

    Call only with the server lock held: then whatever runs in the cluster's folder belongs to no
    supervisor. A stale `postmaster.pid` may carry a number that another program has by now (usual in
    containers), and then PostgreSQL itself would refuse to start.
    """
    found = leftovers(place)
    lines = _pid_file(place)
    postmaster = int(lines[0]) if lines and lines[0].strip().isdigit() else 0
    if postmaster in found:
        _end(place, postmaster, ended=lambda: postmaster not in leftovers(place), patience=30.0)
    # Children of a killed postmaster see its death by themselves, unless they are busy or stopped.
    for means, seconds in ((None, 1.5), (signal.SIGTERM, 1.0), (IMMEDIATE, 1.0), (signal.SIGKILL, 5.0)):
        rest = leftovers(place)
        if not rest:
            break
        if means is not None:
            _signal(rest, means)
        _wait(lambda: not leftovers(place), seconds)
    if leftovers(place):
        raise PostgresError(f"Old server processes in {place.cluster} do not end: end them, then try again.")
    if sys.platform == "linux":
        (place.cluster / "postmaster.pid").unlink(missing_ok=True)
        for stale in (f".s.PGSQL.{places.PORT}", f".s.PGSQL.{places.PORT}.lock"):
            (place.socket / stale).unlink(missing_ok=True)
    return len(found)


def leftovers(place: Place) -> list[int]:
    """The ids of the processes that work in the cluster's folder; every PostgreSQL process does so."""
    found = []
    folder = place.cluster.resolve()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cwd").readlink() == folder and "postgres" in (entry / "comm").read_text():
                found.append(int(entry.name))
        except OSError:  # it ended meanwhile, or is another user's
            continue
    return found


def version_of(place: Place) -> str | None:
    """The major version that made the cluster, such as "18"."""
    try:
        return (place.cluster / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        return None


def _create(place: Place, programs: Path) -> None:
    if shutil.disk_usage(place.home).free < ROOM_FOR_A_NEW_CLUSTER:
        raise PostgresError(
            f"The disk of {place.home} is full: free {ROOM_FOR_A_NEW_CLUSTER // 2**20} MB, then try again."
        )
    maker = _maker(place)
    workshop = place.home
    if os.geteuid() == 0 and not places.reachable(place.home, user=maker):
        workshop = places.SYSTEM_FOLDER / f"new-{places.digest(place.home)}"
        workshop.mkdir(parents=True, exist_ok=True)
        places.SYSTEM_FOLDER.chmod(0o711)
        workshop.chmod(0o711)
    draft, secret = workshop / "cluster.new", workshop / "cluster.password"
    shutil.rmtree(draft, ignore_errors=True)  # left by an attempt that was interrupted
    secret.unlink(missing_ok=True)
    try:
        draft.mkdir(mode=0o700)
        secret.touch(mode=0o600)
        secret.write_text(place.passwords[places.ADMIN])
        place.give(draft, to=maker)
        place.give(secret, to=maker)
        _initdb(programs, draft, secret, maker)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    finally:
        secret.unlink(missing_ok=True)
    _give_all(place, draft)
    if workshop != place.home:
        shutil.rmtree(place.home / "cluster.new", ignore_errors=True)
        draft = Path(shutil.move(draft, place.home / "cluster.new"))  # perhaps from another disk
        workshop.rmdir()
        _give_all(place, draft)
    draft.rename(place.cluster)


def _give_all(place: Place, folder: Path) -> None:
    if os.geteuid() == 0:
        for path in [folder, *folder.rglob("*")]:
            os.chown(path, *place.server, follow_symlinks=False)


def _initdb(programs: Path, target: Path, secret: Path, maker: tuple[int, int]) -> None:
    answer = None
    for ctype in CTYPES:
        # The built-in provider sorts and folds case; pg_trgm still asks the C library which characters are
        # letters, and under LC_CTYPE=C takes "ü" for none.
        command: list[str | Path] = [
            programs / "initdb", "-D", target, "-U", places.ADMIN,
            f"--pwfile={secret}", "--auth=scram-sha-256",
            "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C",
            f"--lc-ctype={ctype}", "--text-search-config=simple", "--no-instructions",
        ]  # fmt: skip
        answer = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd="/", env=_environment(),
            start_new_session=True, check=False, **_as_user(maker),
        )  # fmt: skip
        if answer.returncode == 0 or "invalid locale name" not in answer.stderr:
            break
    assert answer is not None
    if answer.returncode != 0:
        raise PostgresError(diagnosis.of_text(answer.stderr, folder=target.parent, log=None))


def _maker(place: Place) -> tuple[int, int]:
    """Who runs initdb, which wants an account with a name: the server's user if it has one, else nobody."""
    try:
        pwd.getpwuid(place.server[0])
        return place.server
    except KeyError:
        if os.geteuid() != 0:
            raise PostgresError(
                f"User id {place.server[0]} has no name on this machine: add it to /etc/passwd, "
                "or set DATABASE_URL and DATABASE_OWNER_URL to a server of yours."
            ) from None
    for name in ("nobody", "daemon", "postgres"):
        with contextlib.suppress(KeyError):
            account = pwd.getpwnam(name)
            return account.pw_uid, account.pw_gid
    raise PostgresError(
        "This machine has no user such as nobody to set up the database: run this as a normal user."
    )


def _check_version(place: Place, programs: Path) -> None:
    made_by, ours = version_of(place), binaries.version(programs)
    if made_by is None:
        raise PostgresError(
            f"{place.cluster} holds no database: restore a backup, or remove the folder to begin anew."
        )
    if made_by != ours.split(".")[0]:
        raise PostgresError(
            f"The database in {place.cluster} was made by PostgreSQL {made_by} and this is {ours}: "
            f"back up with the Plainspoken that brought {made_by}, then restore with this one."
        )


def _make_socket_folder(place: Place) -> None:
    folder = place.socket
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
        place.give(folder, to=place.server)
    info = folder.lstat()
    if folder.is_symlink() or info.st_uid != place.server[0] or info.st_mode & 0o077:
        raise PostgresError(f"{folder} was made by somebody else: remove it, then try again.")


def _drop_old_logs(place: Place) -> None:
    """The server overwrites a weekday's log when the day begins, but appends to it when it starts on
    that day.
    """
    for log in place.log.glob("postgresql-*.log"):
        if time.time() - log.stat().st_mtime > OLDEST_LOG_SECONDS:
            log.unlink()


def _environment() -> dict[str, str]:
    # Nothing of ours: PG* variables, passwords and locales of the caller must not reach the server.
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


class _As(TypedDict):
    user: int | None
    group: int | None
    extra_groups: list[str | int] | None
    umask: int


def _as_user(user: tuple[int, int]) -> _As:
    if os.geteuid() != 0:
        return {"user": None, "group": None, "extra_groups": None, "umask": 0o077}
    return {"user": user[0], "group": user[1], "extra_groups": [], "umask": 0o077}


def _child_setup(parent: int) -> Callable[[], None]:
    prctl = ctypes.CDLL(None, use_errno=True).prctl if sys.platform == "linux" else None

    def setup() -> None:
        if prctl is not None:
            prctl(PR_SET_PDEATHSIG, int(FAST), 0, 0, 0)
            if os.getppid() != parent:  # it died before the call
                os._exit(1)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold rows

    return setup


def _pid_file(place: Place) -> list[str]:
    try:
        return (place.cluster / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []


def _signal(processes: Iterable[int], means: signal.Signals) -> None:
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, means)


def _end(place: Place, postmaster: int, *, ended: Callable[[], bool], patience: float) -> None:
    for means, seconds in ((FAST, patience), (IMMEDIATE, 10.0), (signal.SIGKILL, 10.0)):
        if ended():
            return
        _signal([postmaster], means)
        start = time.monotonic()
        while time.monotonic() - start < seconds:
            # Half a second at least: at the end of every shutdown these processes are alone for a moment.
            if _wait(ended, 0.5) or (
                means is FAST and _hangs(place) and not _wait(ended, 0.5) and _hangs(place)
            ):
                break


def _hangs(place: Place) -> bool:
    """Whether a fast shutdown got stuck: only processes that wait for each other are left.

    Seen with PostgreSQL 18.6 when the request comes while the server recovers from the crash of one of its
    processes: the checkpointer is never told to end. One that works says so in its title.
    """
    titles = set()
    for process in leftovers(place):
        with contextlib.suppress(OSError):
            titles.add(
                (Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")[0])
                .decode(errors="replace")
                .strip()
            )
    children = {title.removeprefix("postgres: ") for title in titles if title.startswith("postgres: ")}
    return "checkpointer" in children and all(
        child in ("checkpointer", "logger") or child.startswith("io worker") for child in children
    )


def _wait(true: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
