"""The data map: every place that can hold personal data, as the declarations say it, for people and as a
document.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import models

from .places import (
    Collects,
    Column,
    Itself,
    OrganisationRows,
    OwnSubject,
    Parent,
    Place,
    Platform,
    place,
    places,
)

WITH_PARENT = "with-parent"


@dataclass(frozen=True)
class Said:
    """What a policy says of the names that declarations use: terms of categories, titles of purposes, keeping
    times.
    """

    terms: Mapping[str, str] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    periods: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Field:
    """A column: `category` and `term` where it is personal, `note` what it is otherwise."""

    name: str
    category: str
    term: str
    note: str
    sealed: bool

    @property
    def personal(self) -> bool:
        return bool(self.category)


@dataclass(frozen=True)
class Done:
    """What a right does at a place; `act` is the code that does it."""

    right: str
    text: str
    act: str


@dataclass(frozen=True)
class Held:
    """One place: whose data, found by which path, kept how long, and what each right does there."""

    key: str
    model: str
    title: str
    app: str
    whose: str
    path: str
    source: str
    retention: str
    retention_key: str
    age_from: str
    reason: str
    purposes: Sequence[str]
    uses: Sequence[str]
    categories: Sequence[str]
    fields: Sequence[Field]
    acts: Sequence[Done]
    personal: bool
    stores: int

    @property
    def personal_fields(self) -> int:
        return sum(item.personal for item in self.fields)

    @property
    def erasing(self) -> str:
        return next(done.text for done in self.acts if done.right == "Erasure")


def held(said: Said | None = None, *, personal_only: bool = True) -> tuple[Held, ...]:
    """Every declared place; with `personal_only`, those that can hold personal data."""
    words = said or Said()
    return tuple(_held(item, words) for item in places() if item.is_personal or not personal_only)


def _held(item: Place, said: Said) -> Held:
    fields = tuple(_field(item, name, column, said) for name, column in item.columns.items())
    return Held(
        key=item.key,
        model=item.model,
        title=item.title,
        app=str(apps.get_app_config(item.key.partition(".")[0]).verbose_name),
        whose=whose(item),
        path=path(item),
        source=item.source,
        retention=_retention(item, said),
        retention_key=item.retention,
        age_from=item.age_from,
        reason=item.scope.reason if isinstance(item.scope, Platform) else "",
        purposes=item.purposes,
        uses=tuple(said.titles.get(name, name) for name in item.purposes),
        categories=tuple(dict.fromkeys(f.category for f in fields if f.category)),
        fields=fields,
        acts=tuple(_acts(item, said)),
        personal=item.is_personal,
        stores=sum(column.holds == "object" for column in item.columns.values()),
    )


def _field(item: Place, name: str, column: Column, said: Said) -> Field:
    return Field(
        name=name,
        category=column.category or "",
        term=said.terms.get(column.category or "", ""),
        note=column.why,
        sealed=column.sealed,
    )


def whose(item: Place) -> str:
    """About whom the rows are, in two or three words."""
    match item.scope:
        case OwnSubject():
            return "one person"
        case Itself():
            return "each person"
        case Collects():
            return "everybody in it"
        case Parent():
            return whose(place(_parent(item)))
        case OrganisationRows():
            return "the organisation"
        case Platform():
            return "account holders" if item.is_personal else "nobody"


def path(item: Place) -> str:
    """The columns from a row to its subject; empty where the place's own acts find it."""
    match item.scope:
        case OwnSubject(column=column):
            return column
        case Itself():
            return "id"
        case Collects(through=through, column=column, roles=roles):
            return f"{through}.{column} ({', '.join(roles)})"
        case Parent(column=column):
            above = path(place(_parent(item)))
            return f"{column} → {above}" if above else column
        case _:
            return ""


def _parent(item: Place) -> str:
    assert isinstance(item.scope, Parent)
    related: Any = item.model_class._meta.get_field(item.scope.column).related_model
    found: type[models.Model] = related
    return found._meta.label


def _retention(item: Place, said: Said) -> str:
    if item.retention == WITH_PARENT:
        return "as long as what it belongs to"
    return said.periods.get(item.retention, item.retention)


def _acts(item: Place, said: Said) -> Sequence[Done]:
    own = item.acts
    return (
        Done("Access", _said(own.copy) or "rows with their personal fields", _name(own.copy)),
        Done("Erasure", _said(own.erase) or _default_erasure(item), _name(own.erase)),
        Done("Restriction", _restriction(item), "row-level security" if item.masked else ""),
        Done(
            "End",
            f"{_retention(item, said)} after {_since(item.age_from)}"
            if item.age_from
            else _retention(item, said),
            _name(own.purge),
        ),
    )


def _since(column: str) -> str:
    """The moment from which an age counts, in words: `first_seen_at` is "it is first seen"."""
    known = {"at": "it happened", "expire_date": "it expires"}
    return known.get(column) or f"it is {column.removesuffix('_at').replace('_', ' ')}"


def _said(act: Callable[..., Any] | None) -> str:
    """What an act of the place's own does: the first sentence of its documentation."""
    if act is None:
        return ""
    first = " ".join((act.__doc__ or "").split()).partition(". ")[0].rstrip(".")
    return first[:1].lower() + first[1:]


def _default_erasure(item: Place) -> str:
    return "rows deleted" if item.masked else "stays: it names nobody"


def _restriction(item: Place) -> str:
    if item.masked:
        return "rows closed to the purposes that a restriction closes"
    return (
        "not closed: outside any purpose"
        if isinstance(item.scope, Platform)
        else "not closed: about no single person"
    )


def _name(act: Callable[..., Any] | None) -> str:
    if act is None:
        return "default"
    module, name = act.__module__.removeprefix("plainspoken."), getattr(act, "__qualname__", "")
    return module if "<lambda>" in name else f"{module}.{name.lstrip('_')}"


# ---- as a document ----


def document(said: Said | None = None) -> str:
    """The data map in Markdown, from the declarations alone: `docs/reference/data-map.md`."""
    rows = held(said, personal_only=False)
    personal = [row for row in rows if row.personal]
    fields = sum(row.personal_fields for row in personal)
    lines = [
        "# The data map",
        "",
        "Made by `make docs` from the declarations; a column that is not here fails the build.",
        f"{len(personal)} places can hold personal data, in {fields} fields.",
        "",
        "| place | whose | found by | fields | kept | erasing does |",
        "|---|---|---|---:|---|---|",
    ]
    for row in personal:
        title = f"[{row.title}](#{_anchor(row)})"
        cells = (title, row.whose, _code(row.path), str(row.personal_fields), row.retention, row.erasing)
        lines.append(f"| {' | '.join(cells)} |")
    for row in personal:
        lines += ["", *_section(row)]
    lines += ["", "## Places without personal data", ""]
    lines += [
        f"- {r.title} (`{r.model}`){f': {r.reason}' if r.reason else ''}" for r in rows if not r.personal
    ]
    return "\n".join(lines) + "\n"


def _section(row: Held) -> list[str]:
    purposes = ", ".join(f"`{name}`" for name in row.purposes) or f"outside row-level security. {row.reason}"
    lines = [
        f"## {row.title}",
        "",
        f"`{row.model}`; {row.whose}; purposes: {purposes}",
        "",
        "| right | what it does | by |",
        "|---|---|---|",
        *(f"| {done.right} | {done.text} | {_code(done.act)} |" for done in row.acts),
        "",
        "| field | category | sealed |",
        "|---|---|---|",
    ]
    for item in row.fields:
        term = f" ({item.term})" if item.term else ""
        category = f"{item.category}{term}" if item.personal else f"not personal: {item.note}"
        lines.append(f"| `{item.name}` | {category} | {'yes' if item.sealed else ''} |")
    return lines


def _anchor(row: Held) -> str:
    return "".join(c if c.isalnum() else "-" for c in row.title.lower() if c.isalnum() or c in " -")


def _code(text: str) -> str:
    return f"`{text}`" if text else ""
