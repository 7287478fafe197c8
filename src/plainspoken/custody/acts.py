"""What a right does at a place: find, copy, plan and erase the rows of one subject.

A place's own acts win; otherwise they follow from its scope: rows found by the subject path, copied with
their declared personal columns, deleted whole.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Any
from uuid import UUID

from django.db import connection, models
from django.db.models import Value

from . import keys
from .actors import Actor
from .asking import ANYBODY, Asked, bind, each
from .places import Collects, Copied, Ending, Itself, OwnSubject, Parent, Place, place, places


def personal_places() -> tuple[Place, ...]:
    """Every place that a right must reach, children before their parents, so that deletion never trips."""
    return tuple(sorted((p for p in places() if p.is_personal), key=lambda p: (-_depth(p), p.key)))


def _depth(declared: Place) -> int:
    match declared.scope:
        case Parent(column=column):
            parent = declared.model_class._meta.get_field(column).related_model
            return 1 + _depth(place(parent._meta.label))  # type: ignore[union-attr]
        case OwnSubject():
            return 1
        case Itself():
            return 0
        case _:
            return 1


def rows(declared: Place, subject: UUID) -> "models.QuerySet[Any]":
    """Rows of a place about a subject, found by its own query or its declared path."""
    return declared.acts.rows(subject) if declared.acts.rows else about(declared, [subject])


def leads_to_subjects(declared: Place) -> bool:
    """Whether rows of a place can be found by their subject."""
    return bool(declared.acts.rows or _path(declared))


def about(declared: Place, subjects: Collection[UUID]) -> "models.QuerySet[Any]":
    """Rows of a place about any of these subjects, each once."""
    path = _path(declared)
    everything = declared.model_class._default_manager
    return everything.filter(**path.leads_to(subjects)) if path and subjects else everything.none()


@dataclass(frozen=True)
class _Path:
    """How a row leads to its subject; `through` is a link table, with its column for the row, in between.

    Links are looked up in a subquery, not joined: a join needs DISTINCT over every column, and a table more.
    """

    lookup: str
    through: tuple[type[models.Model], str] | None = None

    def leads_to(self, subjects: Collection[UUID]) -> dict[str, Any]:
        if self.through is None:
            return {f"{self.lookup}__in": subjects}
        link, column = self.through
        return {f"{self.lookup}__in": link._default_manager.filter(subject_id__in=subjects).values(column)}


def _path(declared: Place) -> _Path | None:
    match declared.scope:
        case OwnSubject(column=column):
            return _Path(f"{column}_id")
        case Itself():
            return _Path("id")
        case Collects(through=through, column=column):
            return _Path("id", (place(through).model_class, f"{column}_id"))
        case Parent(column=column):
            parent = declared.model_class._meta.get_field(column).related_model
            above = _path(place(parent._meta.label))  # type: ignore[union-attr]
            if above is None:
                return None
            own = f"{column}_id" if above.lookup == "id" else f"{column}__{above.lookup}"
            return replace(above, lookup=own)
        case _:
            return None


def count(declared: Place, subject: UUID) -> int:
    if declared.acts.count:
        return declared.acts.count(subject)
    return rows(declared, subject).count()


def counts(subject: UUID) -> dict[str, int]:
    """`count` at every personal place, by model: in one statement, but where a place counts for itself."""
    everywhere = personal_places()
    found = {declared.model: 0 for declared in everywhere}
    sql, parameters = _counting(everywhere)
    with connection.cursor() as cursor:
        cursor.execute(sql, bind(parameters, subject))
        found.update(cursor.fetchall())
    found.update((own.model, own.acts.count(subject)) for own in everywhere if own.acts.count)
    return found


@dataclass(frozen=True)
class _Counting:
    """A statement with ANYBODY among its parameters, and the places that it counts at."""

    everywhere: tuple[Place, ...]
    sql: str
    parameters: tuple[Any, ...]


_made: list[_Counting] = []


def _counting(everywhere: tuple[Place, ...]) -> tuple[str, tuple[Any, ...]]:
    """The statement of `counts`, made once for these declarations: making it takes longer than to run it."""
    if not _made or any(a is not b for a, b in zip_longest(_made[0].everywhere, everywhere)):
        counted = [
            rows(declared, ANYBODY).order_by().annotate(place=Value(declared.model)).values_list("place")
            for declared in everywhere
            if not declared.acts.count
        ]
        first, *others = (found.annotate(models.Count("pk")) for found in counted)
        compiler = first.union(*others, all=True).query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        _made[:] = [_Counting(everywhere, sql, tuple(parameters))]
    return _made[0].sql, _made[0].parameters


def copy(declared: Place, subject: UUID) -> Iterator[Copied]:
    """Rows as their subject may see them."""
    if declared.acts.copy:
        yield from declared.acts.copy(subject)
        return
    if not leads_to_subjects(declared):
        return
    for row in each(_asked(declared)(subject)):
        yield Copied(row=str(row.pk), values=_values(declared, row, subject))


_everywhere: dict[str, tuple[Place, Asked]] = {}


def _asked(declared: Place) -> Asked:
    """The query of `rows` at a place, written once for its declaration."""
    known = _everywhere.get(declared.key)
    if known is None or known[0] is not declared:
        known = _everywhere[declared.key] = (declared, Asked(lambda subject: rows(declared, subject)))
    return known[1]


def _values(declared: Place, row: models.Model, subject: UUID) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, column in declared.columns.items():
        if column.category is None and column.why not in ("time", "state", "measure"):
            continue
        if name in ("closed_to", "open_to"):
            continue
        value = getattr(row, declared.model_class._meta.get_field(name).attname)  # type: ignore[union-attr]
        if column.sealed and value is not None:
            value = keys.subject_sealer(subject).open_text(value, context=context(row, name))
        values[name] = value
    return values


def plan(declared: Place, subject: UUID) -> Ending:
    """What `erase` would do now."""
    return _planned(declared, subject, count(declared, subject))


def _planned(declared: Place, subject: UUID, found: int) -> Ending:
    if declared.acts.plan and found:
        return declared.acts.plan(subject, found)
    return Ending(count=found, verb="erase")


def plans(subject: UUID) -> dict[str, Ending]:
    """`plan` at every personal place, by model; where nothing is, nobody needs to ask more."""
    counted = counts(subject)
    return {
        declared.model: _planned(declared, subject, counted[declared.model]) for declared in personal_places()
    }


def needed(planned: Mapping[str, Ending]) -> tuple[Place, ...]:
    """Places where an erasure has something to do, by what `plans` found, in the order in which they are erased.

    A place that counts for itself always has. What arrives after the plan is found by who looks again.
    """
    return tuple(
        declared for declared in personal_places() if declared.acts.count or not planned[declared.model].empty
    )


def erase(declared: Place, subject: UUID, *, by: Actor) -> Ending:
    if declared.acts.erase:
        return declared.acts.erase(subject, by)
    _, removed = rows(declared, subject).delete()
    return Ending(count=removed.get(declared.model_class._meta.label, 0), verb="erase")


def context(row: models.Model, column: str) -> str:
    """Where a sealed value belongs: its place, column and row."""
    return f"{row._meta.label_lower}.{column}:{row.pk}"
