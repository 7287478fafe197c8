"""Looking into every store from outside, by no declaration: tables column by column, files byte by byte."""

import io
import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connections
from psycopg import sql

from plainspoken.adapters.postgres import binaries, places
from plainspoken.config.database import with_name
from plainspoken.config.residue import Search

CHUNK = 1 << 20


@dataclass(frozen=True)
class Found:
    """A value that stands in clear somewhere."""

    where: str
    value: str


def line() -> "psycopg.Connection[Any]":
    """A connection as the owner to the database in use: it sees every row."""
    url = with_name(os.environ["DATABASE_OWNER_URL"], str(connections["owner"].settings_dict["NAME"]))
    return psycopg.connect(url, autocommit=True)


class Seeker:
    """Every spelling of every value of some people."""

    def __init__(self, values: Sequence[str]) -> None:
        self.values = list(values)
        self._search = Search(self.values)

    def through(self, where: str, blocks: Iterator[bytes]) -> list[Found]:
        counts = self._search.counts(blocks)
        return [Found(where, self.values[n]) for n, count in enumerate(counts) if count]

    def tables(self) -> list[Found]:
        """Each column of each table; of bytes the bytes themselves, of a sign-in session what it holds."""
        found = []
        with line() as owner:
            columns = owner.execute(
                "SELECT table_name, column_name, data_type FROM information_schema.columns"
                " WHERE table_schema = 'public' ORDER BY 1, 2"
            ).fetchall()
            for table, column, kind in columns:
                found += self.through(f"{table}.{column}", _cells(owner, table, column, raw=kind == "bytea"))
        held = (json.dumps(row.get_decoded()).encode() for row in Session.objects.all())
        return found + self.through("django_session.session_data", held)

    def dump(self) -> list[Found]:
        """What pg_dump writes in plain SQL."""
        url = with_name(os.environ["DATABASE_OWNER_URL"], str(connections["owner"].settings_dict["NAME"]))
        with line() as owner:
            program = binaries.client("pg_dump", server=owner.info.server_version)
        with subprocess.Popen(
            [program, "--format=plain", "--enable-row-security", "--dbname", url], stdout=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            found = self.through("pg_dump", iter(lambda: process.stdout.read(CHUNK), b""))  # type: ignore[union-attr]
        assert process.returncode == 0
        return found

    def files(self, folder: Path, name: str) -> list[Found]:
        """Every file below a folder, and the names of the files."""
        found = []
        for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
            found += self.through(f"{name}: a file's name", iter([str(path.relative_to(folder)).encode()]))
            if path.is_file() and not path.is_symlink():
                found += self.through(f"{name}: {path.relative_to(folder)}", _blocks(path))
        return found

    def text(self, where: str, text: str) -> list[Found]:
        return self.through(where, iter([text.encode()]))


def _cells(owner: "psycopg.Connection[Any]", table: str, column: str, *, raw: bool) -> Iterator[bytes]:
    name = sql.Identifier(column)
    query = sql.SQL("SELECT {} FROM {}").format(
        name if raw else sql.SQL("{}::text").format(name), sql.Identifier(table)
    )
    for (cell,) in owner.execute(query):
        if cell is not None:
            yield (bytes(cell) if raw else str(cell).encode()) + b"\n"


def _blocks(path: Path) -> Iterator[bytes]:
    try:
        stream: io.BufferedIOBase = path.open("rb")
    except FileNotFoundError:
        # The server removes files of its own while we look.
        return
    with stream:
        yield from iter(lambda: stream.read(CHUNK), b"")


def cluster() -> places.Place | None:
    """The files of the embedded server; None where another server is used, whose files are not ours."""
    if os.environ.get("PLAINSPOKEN_EMBEDDED") != "1":
        return None
    return places.find(Path(settings.DATA))


def data_files() -> Path:
    """The folder of the database in use."""
    found = cluster()
    assert found is not None
    with line() as owner:
        oid = owner.execute("SELECT oid FROM pg_database WHERE datname = current_database()").fetchone()
    assert oid is not None
    return found.cluster / "base" / str(oid[0])


def server(statement: str) -> None:
    """Run a statement as the embedded server's own superuser, which no part of the product ever is."""
    found = cluster()
    assert found is not None
    given = connections["owner"].settings_dict
    with psycopg.connect(
        host=given["HOST"],
        port=given["PORT"],
        dbname=str(given["NAME"]),
        user="postgres",
        password=found.passwords["postgres"],
        autocommit=True,
    ) as own:
        own.execute(statement)


def settle() -> None:
    """Everything that is finished is in the files, and the write-ahead log before it is not needed any more."""
    server("SELECT pg_switch_wal()")
    server("CHECKPOINT")
    server("SELECT pg_switch_wal()")
    server("CHECKPOINT")


def sampled(values: Sequence[str]) -> list[str]:
    """Columns of whose values the planner keeps samples with one of these in them (pg_stats hides those of secured tables)."""
    found = []
    with line() as owner:
        tables = owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    given = connections["owner"].settings_dict
    own = cluster()
    assert own is not None
    with psycopg.connect(
        host=given["HOST"],
        port=given["PORT"],
        dbname=str(given["NAME"]),
        user="postgres",
        password=own.passwords["postgres"],
    ) as line_:
        rows = line_.execute(
            "SELECT c.relname || '.' || a.attname, concat_ws(' ', stavalues1::text, stavalues2::text,"
            " stavalues3::text, stavalues4::text, stavalues5::text)"
            " FROM pg_statistic s JOIN pg_class c ON c.oid = s.starelid"
            " JOIN pg_attribute a ON a.attrelid = s.starelid AND a.attnum = s.staattnum"
            " WHERE c.relnamespace = 'public'::regnamespace"
        ).fetchall()
    assert tables and rows
    for where, text in rows:
        found += [where for value in values if value.lower() in (text or "").lower()]
    return sorted(set(found))


def vacuum() -> None:
    """Dead rows give their room back."""
    with line() as owner:
        for (table,) in owner.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        ).fetchall():
            owner.execute(sql.SQL("VACUUM (ANALYZE) {}").format(sql.Identifier(table)))


def relation(where: str) -> str:
    """The table or index that a file of the server holds; its own name where it holds none any more."""
    number = where.rpartition("/")[2].rpartition(" ")[2].partition("_")[0].partition(".")[0]
    with line() as owner:
        found = owner.execute(
            "SELECT relname FROM pg_class WHERE pg_relation_filenode(oid) = %s", [int(number)]
        ).fetchone()
    return str(found[0]) if found else where
