"""What a right does at a place: find, copy, plan and erase the rows of one subject.

A place's own acts win; otherwise they follow from its scope: rows found by the subject path, copied with their
declared personal columns, deleted whole.
"""

from collections.abc import Collection, Iterator
from typing import Any
from uuid import UUID

from django.db import models

from . import keys
from .actors import Actor
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
    """Rows of a place about a subject, found by its declared path."""
    lookup = _path(declared)
    if lookup is None:
        return declared.model_class._default_manager.none()
    return declared.model_class._default_manager.filter(**{lookup: subject}).distinct()


def about(declared: Place, subjects: Collection[UUID]) -> "models.QuerySet[Any]":
    """Rows of a place about any of these subjects."""
    lookup = _path(declared)
    if lookup is None or not subjects:
        return declared.model_class._default_manager.none()
    return declared.model_class._default_manager.filter(**{f"{lookup}__in": subjects})


def _path(declared: Place) -> str | None:
    match declared.scope:
        case OwnSubject(column=column):
            return f"{column}_id"
        case Itself():
            return "id"
        case Collects(through=through, column=column):
            link = place(through).model_class._meta.get_field(column)
            return f"{link.related_query_name()}__subject_id"  # type: ignore[union-attr]
        case Parent(column=column):
            parent = declared.model_class._meta.get_field(column).related_model
            above = _path(place(parent._meta.label))  # type: ignore[union-attr]
            return f"{column}__{above}" if above else None
        case _:
            return None


def count(declared: Place, subject: UUID) -> int:
    if declared.acts.count:
        return declared.acts.count(subject)
    return rows(declared, subject).count()


def copy(declared: Place, subject: UUID) -> Iterator[Copied]:
    """Rows as their subject may see them."""
    if declared.acts.copy:
        yield from declared.acts.copy(subject)
        return
    for row in rows(declared, subject).iterator(chunk_size=500):
        yield Copied(row=str(row.pk), values=_values(declared, row, subject))


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
    if declared.acts.plan:
        return declared.acts.plan(subject)
    return Ending(count=count(declared, subject), verb="erase")


def erase(declared: Place, subject: UUID, *, by: Actor) -> Ending:
    if declared.acts.erase:
        return declared.acts.erase(subject, by)
    removed = rows(declared, subject)
    counted = removed.count()
    declared.model_class._default_manager.filter(pk__in=removed.values("pk")).delete()
    return Ending(count=counted, verb="erase")


def context(row: models.Model, column: str) -> str:
    """Where a sealed value belongs: its place, column and row."""
    return f"{row._meta.label_lower}.{column}:{row.pk}"
