"""Queries about one subject that are written once and asked for everybody, and walks over what they find.

A request about one person asks some twenty small things, and Django takes longer to write such a statement than
PostgreSQL to answer it. The statement of a query that depends on nothing but its subject is always the same.
"""

from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass, field
from itertools import islice
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import QuerySet
from django.db.models.sql import DeleteQuery

from .sessions import outside

# Rows that are fetched in one go.
AT_ONCE = 500
# Stands for the subject in a statement that is written for everybody.
ANYBODY = UUID(int=0)


def bind(parameters: tuple[Any, ...], subject: UUID) -> list[Any]:
    """The parameters with this subject in place of ANYBODY."""
    return [subject if value == ANYBODY else value for value in parameters]


@dataclass
class Asked:
    """A query of `build(subject)`, which may use nothing but the subject: it is called outside any session."""

    build: Callable[[UUID], "QuerySet[Any, Any]"]
    _written: "_Written | None" = field(default=None, repr=False)

    def __call__(self, subject: UUID) -> "Question":
        return Question(self, subject)

    def written(self) -> "_Written":
        """The statement for the first rows, one more than are fetched in one go."""
        if self._written is None:
            self._written = outside(lambda: _write(self.build(ANYBODY)[: AT_ONCE + 1]))
        return self._written


@dataclass(frozen=True)
class Question:
    """A query about this subject."""

    asked: Asked
    subject: UUID

    def first(self) -> list[Any]:
        """The first rows, one more than are fetched in one go."""
        return self.asked.written().rows(self.subject)

    def build(self) -> "QuerySet[Any, Any]":
        """The query itself."""
        return self.asked.build(self.subject)


@dataclass(frozen=True)
class _Written:
    """Django's compiler after it has written a statement: it still knows how to read the rows."""

    found: "QuerySet[Any, Any]"
    compiler: Any
    sql: str
    parameters: tuple[Any, ...]

    def rows(self, subject: UUID) -> list[Any]:
        statement = self.sql, tuple(bind(self.parameters, subject))
        compiler, query, found = copy(self.compiler), copy(self.found.query), self.found.all()
        compiler.connection = connections[compiler.using]
        compiler.as_sql = lambda *_, **__: statement
        query.get_compiler = lambda *_, **__: compiler  # type: ignore[method-assign]
        # Not by the property, which would turn named columns into dictionaries.
        found._query = query  # type: ignore[attr-defined]
        return list(found)


def _write(found: "QuerySet[Any, Any]") -> _Written:
    compiler = found.query.get_compiler(using=found.db)
    sql, parameters = compiler.as_sql()
    if ANYBODY not in parameters:
        raise ValueError("A query about one subject has to ask for the subject that it is given.")
    return _Written(found, compiler, sql, tuple(parameters))


def delete(rows: "QuerySet[Any, Any]", *columns: str) -> list[tuple[Any, ...]]:
    """Delete rows in one statement; returns these columns of each.

    Nothing that names them is looked for, as `QuerySet.delete` does: what still names one when the transaction is
    committed breaks a foreign key.
    """
    query = rows.query.chain(DeleteQuery)
    query.clear_ordering(force=True)
    table, line = rows.model._meta, connections[rows.db]
    named = (
        f"{line.ops.quote_name(table.db_table)}.{line.ops.quote_name(table.get_field(c).column)}"
        for c in columns
    )  # type: ignore[union-attr]
    try:
        sql, parameters = query.get_compiler(rows.db).as_sql()
    except EmptyResultSet:
        return []
    with line.cursor() as cursor:
        cursor.execute(f"{sql} RETURNING {', '.join(named) or '1'}", parameters)
        return list(cursor.fetchall())


def each(found: "QuerySet[Any, Any] | Question") -> Iterator[Any]:
    """The rows of a query one by one: few in one round trip, many by a cursor, so that memory stays small."""
    first = found.first() if isinstance(found, Question) else list(found[: AT_ONCE + 1])
    if len(first) <= AT_ONCE:
        yield from first
    else:
        every = found.build() if isinstance(found, Question) else found
        yield from every.iterator(chunk_size=AT_ONCE)


def batches(found: "QuerySet[Any, Any] | Question", *, at_once: int = 50) -> Iterator[list[Any]]:
    """The rows of a query in lists, so that what else is asked about them is asked once a list."""
    rest = each(found)
    while batch := list(islice(rest, at_once)):
        yield batch
