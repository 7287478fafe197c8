"""A whole database out to one file, and back into an empty one, by pg_dump, pg_restore and psql.

The owner does both, under row-level security like everybody: pg_dump therefore runs with
`--enable-row-security`, and we refuse a dump in which a policy would hide rows from the owner. The format
is pg_dump's custom one; it also passes through pipes, so that a backup can be encrypted without lying on
the disk in clear.
"""

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from plainspoken.adapters.postgres import binaries, roles
from plainspoken.adapters.postgres.errors import PostgresError

CHUNK = 1 << 20
TRANSACTION_TIMEOUT_SINCE = 170000
PREAMBLE_LINES = 40

# Tables of which the owner would see only a part: row-level security is active, and no policy shows it
# everything.
HIDDEN_TABLES = """
SELECT c.oid::regclass::text
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
   AND row_security_active(c.oid)
   AND (NOT EXISTS (
            SELECT FROM pg_policy p
             WHERE p.polrelid = c.oid AND p.polpermissive AND p.polcmd IN ('*', 'r')
               AND pg_get_expr(p.polqual, p.polrelid) = 'true'
               AND (0 = ANY (p.polroles)
                    OR EXISTS (SELECT FROM unnest(p.polroles) r WHERE r <> 0 AND pg_has_role(r, 'USAGE'))))
        OR EXISTS (
            SELECT FROM pg_policy p
             WHERE p.polrelid = c.oid AND NOT p.polpermissive AND p.polcmd IN ('*', 'r')
               AND pg_get_expr(p.polqual, p.polrelid) <> 'true'
               AND (0 = ANY (p.polroles)
                    OR EXISTS (SELECT FROM unnest(p.polroles) r WHERE r <> 0 AND pg_has_role(r, 'USAGE')))))
 ORDER BY 1
"""

OWN_RELATIONS = """
SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
   AND n.nspname !~ '^pg_' AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
"""


def dump(*, owner_url: str, out: Path | IO[bytes], rows: bool = True) -> None:
    """Write the database of `owner_url` to `out`: a file (mode 0600, whole or not at all) or an open binary
    stream.

    Holds schema, rows (unless told not to), ownership and grants; not roles and passwords. Raises PostgresError.
    """
    version = _check_visible(owner_url)
    program = binaries.client("pg_dump", server=version)
    command: list[str | Path] = [
        program,
        "--format=custom",
        "--enable-row-security",
        "--no-password",
        "--dbname",
        _bare(owner_url),
    ]
    if not rows:
        command.append("--schema-only")
    if not isinstance(out, Path):
        _run_dump(command, owner_url, out)
        return
    draft = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            _run_dump(command, owner_url, file)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(out)
    except OSError as error:
        raise PostgresError(
            f"We cannot write {out} ({(error.strerror or str(error)).lower()}): choose another."
        ) from error
    finally:
        draft.unlink(missing_ok=True)


def load(*, owner_url: str, source: Path | IO[bytes]) -> None:
    """Read a dump into the empty database of `owner_url`, in one transaction: all of it or nothing.

    The database must have been prepared (roles.create_database, roles.provision). Raises PostgresError.
    """
    version = _check_empty(owner_url)
    restore = binaries.client("pg_restore", server=version)
    psql = binaries.client("psql", server=version)
    try:
        stream = source.open("rb") if isinstance(source, Path) else source
    except OSError as error:
        raise PostgresError(
            f"We cannot read {source} ({(error.strerror or str(error)).lower()}): name a dump that is there."
        ) from error
    try:
        _load(stream, owner_url, restore=restore, psql=psql, older=version < TRANSACTION_TIMEOUT_SINCE)
    finally:
        if isinstance(source, Path):
            stream.close()
    roles.prepare(owner_url=owner_url)


def _load(stream: IO[bytes], owner_url: str, *, restore: Path, psql: Path, older: bool) -> None:
    read: list[str | Path] = [restore, "--enable-row-security", "--file=-"]
    write: list[str | Path] = [psql, "--no-psqlrc", "--quiet", "--single-transaction", "--no-password"]
    # VERBOSITY=sqlstate: the text of an error would quote rows.
    write += [
        "--output=/dev/null",
        "--set=ON_ERROR_STOP=1",
        "--set=VERBOSITY=sqlstate",
        "--dbname",
        _bare(owner_url),
    ]
    with (
        tempfile.TemporaryFile() as complaints,
        _process(read, complaints) as reader,
        _process(write, complaints, owner_url=owner_url) as writer,
    ):
        feeder = _Feeder(stream, reader)
        feeder.start()
        whole = _pump(reader, writer, feeder, older=older)
        if feeder.failure is not None:
            raise feeder.failure
        if not whole:
            raise PostgresError(
                "This is no whole dump of a database, and nothing was restored: take another."
            )
        if writer.returncode != 0:
            complaints.seek(0)
            code = _code(complaints.read().decode(errors="replace"))
            raise PostgresError(f"The restore failed{code} and nothing was kept: take another dump.")


class _Feeder(threading.Thread):
    """Hands the dump to pg_restore; reads it to its end in any case, since a stream may check itself only
    there.
    """

    def __init__(self, source: IO[bytes], reader: subprocess.Popen[bytes]) -> None:
        super().__init__(daemon=True)
        self.source, self.reader = source, reader
        self.failure: Exception | None = None

    def run(self) -> None:
        sink = self.reader.stdin
        assert sink is not None
        try:
            with contextlib.suppress(BrokenPipeError):
                shutil.copyfileobj(self.source, sink, CHUNK)
            while self.source.read(CHUNK):
                pass
        except Exception as failure:  # noqa: BLE001 - of whatever kind, the caller of load raises it
            self.failure = failure
        finally:
            with contextlib.suppress(BrokenPipeError):
                sink.close()


def _pump(
    reader: subprocess.Popen[bytes], writer: subprocess.Popen[bytes], feeder: _Feeder, *, older: bool
) -> bool:
    """Feed psql what pg_restore writes; returns whether the dump was whole.

    psql commits at the end of its input, so after half a dump it must be killed before it sees that end.
    """
    output, sink = reader.stdout, writer.stdin
    assert output is not None
    assert sink is not None
    with contextlib.suppress(BrokenPipeError):
        sink.write(roles.without_defaults().encode())
        for _ in range(PREAMBLE_LINES):
            line = output.readline()
            if not (
                older and line.startswith(b"SET transaction_timeout")
            ):  # a setting older servers do not know
                sink.write(line)
        shutil.copyfileobj(output, sink, CHUNK)
        sink.flush()
    while output.read(CHUNK):  # psql ended early: let pg_restore end by itself
        pass
    feeder.join()
    whole = reader.wait() == 0 and feeder.failure is None
    if not whole:
        writer.kill()
        writer.wait()
    with contextlib.suppress(BrokenPipeError):
        sink.close()
    writer.wait()
    return whole


def _run_dump(command: list[str | Path], owner_url: str, out: IO[bytes]) -> None:
    with (
        tempfile.TemporaryFile() as complaints,
        _process(command, complaints, owner_url=owner_url) as process,
    ):
        assert process.stdout is not None
        shutil.copyfileobj(process.stdout, out, CHUNK)
        if process.wait() != 0:
            complaints.seek(0)
            lines = complaints.read().decode(errors="replace").splitlines()
            reason = next(
                (line.split("error: ", 1)[1] for line in lines if "error: " in line), "no reason was given"
            )
            raise PostgresError(
                f"The backup of the database failed ({reason.rstrip('.')}): mend that, then try again."
            )


@contextlib.contextmanager
def _process(
    command: list[str | Path], complaints: IO[bytes], *, owner_url: str | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=complaints, env=_environment(owner_url)
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()


def _environment(owner_url: str | None) -> dict[str, str]:
    # The password goes by the environment: an argument would show in the list of processes.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    if owner_url is not None and (password := conninfo_to_dict(owner_url).get("password")):
        environment["PGPASSWORD"] = str(password)
    return environment | {"LC_ALL": "C"}


def _bare(url: str) -> str:
    return make_conninfo(
        "", **{name: value for name, value in conninfo_to_dict(url).items() if name != "password"}
    )


def _check_visible(owner_url: str) -> int:
    with _connect(owner_url) as owner:
        hidden = [str(row[0]) for row in owner.execute(HIDDEN_TABLES)]
        version = owner.info.server_version
    if hidden:
        raise PostgresError(
            f"A backup would miss rows of {', '.join(hidden[:5])}: give {roles.OWNER} a policy USING (true)."
        )
    return version


def _check_empty(owner_url: str) -> int:
    with _connect(owner_url) as owner:
        found = owner.execute(OWN_RELATIONS).fetchone()
        name, version = owner.info.dbname, owner.info.server_version
    if found is not None and found[0]:
        raise PostgresError(f"The database {name} is not empty: restore into a new one.")
    return version


def _connect(url: str) -> "psycopg.Connection[tuple[object, ...]]":
    try:
        return psycopg.connect(url, connect_timeout=10)
    except psycopg.OperationalError as error:
        reason = str(error).strip().splitlines()[0].rstrip(".")
        raise PostgresError(
            f"We cannot reach the database ({reason}): start it, or check its address."
        ) from error


def _code(said: str) -> str:
    found = re.search(r"(?:ERROR|FATAL):\s+([0-9A-Z]{5})\b", said)
    return f" (PostgreSQL error {found[1]})" if found else ""
