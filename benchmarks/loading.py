"""Loading many rows by COPY: triggers, foreign keys and indexes rest meanwhile and are back afterwards."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

from django.db import connections

from .store import OWNER

AT_ONCE = 2000


@contextmanager
def bulk(*tables: str) -> Iterator[None]:
    """While this lasts, rows of these tables fire and check nothing; then all is as it was, and analysed.

    Foreign keys are checked when they come back. Masks are the loader's business.
    """
    constraints, indexes = _constraints(tables), _indexes(tables)
    for table in tables:
        # COPY goes into no table whose row-level security binds its owner too.
        run(f"ALTER TABLE {table} DISABLE TRIGGER USER, NO FORCE ROW LEVEL SECURITY")
    for table, name, _ in constraints:
        run(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    for name, _ in indexes:
        run(f"DROP INDEX {name}")
    yield
    for _, definition in indexes:
        run(definition)
    for table, name, definition in constraints:
        run(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
    for table in tables:
        run(f"ALTER TABLE {table} ENABLE TRIGGER USER, FORCE ROW LEVEL SECURITY")
        run(f"VACUUM (ANALYZE) {table}")


def _constraints(tables: tuple[str, ...]) -> list[tuple[Any, ...]]:
    """Unique and foreign keys with their definitions, unique ones first."""
    return rows(
        "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE contype IN ('f', 'u') AND conrelid = ANY (%s::regclass[]) ORDER BY contype DESC, conname",
        list(tables),
    )


def _indexes(tables: tuple[str, ...]) -> list[tuple[Any, ...]]:
    """Indexes that belong to no constraint."""
    return rows(
        "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i"
        " WHERE i.indrelid = ANY (%s::regclass[])"
        " AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid) ORDER BY 1",
        list(tables),
    )


def copy(table: str, columns: str, lines: Iterable[str]) -> None:
    """COPY lines (tab-separated, each with its line end) into a table, as the owner."""
    source = iter(lines)
    with connections[OWNER].cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as out:
        while chunk := "".join(islice(source, AT_ONCE)):
            out.write(chunk)


def run(sql: str) -> None:
    """One statement as the owner."""
    with connections[OWNER].cursor() as cursor:
        cursor.execute(sql)


def rows(sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """Rows as the owner sees them."""
    with connections[OWNER].cursor() as cursor:
        cursor.execute(sql, parameters or None)
        return list(cursor.fetchall())


def counted(tables: Iterable[str]) -> int:
    """How many rows these tables hold."""
    return sum(int(rows(f"SELECT count(*) FROM {table}")[0][0]) for table in tables)  # noqa: S608 - our names
