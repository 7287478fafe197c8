"""Declarations: every place that can hold personal data says whose, what, why, how long and how it ends.

An app lists its places in `declarations.py` with `register(Place(...))`. Row-level security, triggers, grants,
the data map, access, erasure, restriction and retention are all derived from these; nothing names an app twice.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.apps import apps
from django.db import models

from .actors import Actor


@dataclass(frozen=True)
class Column:
    """One column. `category` is a name of the policy's `collect.categories`; None means not personal, with `why`."""

    category: str | None
    why: str = ""
    sealed: bool = False
    holds: Literal["value", "object"] = "value"


def personal(category: str, *, sealed: bool = False) -> Column:
    """A column that can hold personal data of this category; `sealed` when it is encrypted at rest."""
    return Column(category=category, sealed=sealed)


def stored(category: str) -> Column:
    """A column that names an encrypted object in the object store."""
    return Column(category=category, sealed=True, holds="object")


def plain(why: Literal["key", "measure", "state", "technical", "organisation", "time"]) -> Column:
    """A column that holds no personal data by itself, and what it is instead."""
    return Column(category=None, why=why)


KEY, MEASURE, STATE, TECHNICAL, TIME = (plain(w) for w in ("key", "measure", "state", "technical", "time"))


@dataclass(frozen=True)
class OwnSubject:
    """Rows name their subject in this foreign key; masks come from it."""

    column: str = "subject"


@dataclass(frozen=True)
class Parent:
    """Rows belong to a governed parent row by this foreign key; masks come from it."""

    column: str


@dataclass(frozen=True)
class Collects:
    """Rows are about all subjects that `through` links to them, where `through.role` is one of `roles`."""

    through: str
    column: str
    roles: tuple[str, ...] = ("customer",)


@dataclass(frozen=True)
class Itself:
    """The subject table: masks are made from decisions."""


@dataclass(frozen=True)
class OrganisationRows:
    """Rows of an organisation that are about no single subject."""


@dataclass(frozen=True)
class Platform:
    """Rows outside row-level security (accounts, sessions, jobs), declared all the same. `reason` says why."""

    reason: str


Scope = OwnSubject | Parent | Collects | Itself | OrganisationRows | Platform


@dataclass(frozen=True)
class Kept:
    """Rows that an erasure leaves: how many, under which law or reason, and until when (ISO date or a rule)."""

    count: int
    reason: str
    until: str


@dataclass(frozen=True)
class Ending:
    """What erasing one subject does, or did, at a place."""

    count: int
    verb: Literal["erase", "unlink", "destroy-key", "rewrite", "keep"]
    kept: tuple[Kept, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing ends and nothing is kept."""
        return not self.count and not self.kept


@dataclass(frozen=True)
class Copied:
    """One row as the subject may see it; `masked` names columns withheld and the recorded reason of each."""

    row: str
    values: Mapping[str, Any]
    masked: Mapping[str, str] = field(default_factory=dict)
    files: tuple["CopiedFile", ...] = ()


@dataclass(frozen=True)
class CopiedFile:
    """A file for an access archive: its name inside the place's folder and a way to read its bytes in chunks."""

    name: str
    media_type: str
    read: Callable[[], Iterator[bytes]]


Copier = Callable[[UUID], Iterator[Copied]]
Counter = Callable[[UUID], int]
Eraser = Callable[[UUID, Actor], Ending]
Planner = Callable[[UUID, int], Ending]
Purger = Callable[[datetime, Collection[UUID], Actor], int]
Finder = Callable[[UUID], "models.QuerySet[Any]"]


@dataclass(frozen=True)
class Acts:
    """How the rights act here. Left out, the act follows from the scope: rows are copied and deleted whole.

    rows(subject): the query that finds them, made of the subject alone, where the scope leads to none.
    plan(subject, found): asked only where `rows` found some; `found` is how many, so that nobody counts twice.
    purge(before, except_subjects, by): end what is older than `before`, except for these subjects; returns how many.
    """

    rows: Finder | None = None
    copy: Copier | None = None
    count: Counter | None = None
    plan: Planner | None = None
    erase: Eraser | None = None
    purge: Purger | None = None


@dataclass(frozen=True)
class Place:
    """A table (with its stored objects) and everything that governs it.

    model: "app.Model". purposes: those that may read or write rows here. retention: a key of the policy's
    `retain.as-needed` periods, and `age_from`, the column its age counts from; "with-parent" follows the parent.
    append_only: nobody may change or remove rows. write_any: every purpose may add rows (the ledger).
    kept_by_owner: the running application may only read it; migrations and publishing write it.
    portal: what the public pages' database role may do ("", "r", "w" for read and write).
    """

    model: str
    title: str
    columns: Mapping[str, Column]
    scope: Scope
    purposes: tuple[str, ...] = ()
    retention: str = "with-parent"
    age_from: str = ""
    source: str = ""
    acts: Acts = Acts()
    append_only: bool = False
    write_any: bool = False
    kept_by_owner: bool = False
    portal: Literal["", "r", "w"] = ""

    @property
    def key(self) -> str:
        return self.model.lower()

    @property
    def model_class(self) -> type[models.Model]:
        return apps.get_model(self.model)

    @property
    def table(self) -> str:
        return self.model_class._meta.db_table

    @property
    def is_personal(self) -> bool:
        return any(c.category for c in self.columns.values())

    @property
    def governed(self) -> bool:
        return not isinstance(self.scope, Platform)

    @property
    def masked(self) -> bool:
        """Whether rows carry `closed_to` and `open_to`."""
        return isinstance(self.scope, OwnSubject | Parent | Collects | Itself)


class DeclarationError(ValueError):
    """A declaration contradicts another or the model it describes."""


_places: dict[str, Place] = {}
_functions: list[str] = []


def register(*places: Place) -> None:
    """Declare places. Declaring one twice is an error."""
    for place in places:
        if place.key in _places and _places[place.key] != place:
            raise DeclarationError(f"{place.model} is declared twice. Keep one declaration.")
        _places[place.key] = place


def register_functions(sql: str) -> None:
    """Add reviewed SQL (search functions) that is applied with the derived rules after each migration."""
    if sql not in _functions:
        _functions.append(sql)


def places() -> tuple[Place, ...]:
    return tuple(_places[key] for key in sorted(_places))


def place(model: str) -> Place:
    return _places[model.lower()]


def functions() -> tuple[str, ...]:
    return tuple(_functions)
