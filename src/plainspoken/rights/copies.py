"""What a copy holds (GDPR Art. 15): every place with its rows, and why we have them, as the data map and
policy say.
"""

import base64
import csv
import io
import json
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from plainspoken.custody import acts
from plainspoken.custody.models import Subject
from plainspoken.custody.places import Copied, CopiedFile, Place
from plainspoken.kernels.policy import Policy

from .zipping import Names

# Rows of a place that are kept in memory for the second and third look; more are read again.
REMEMBERED = 500
FORMULA = ("=", "@", "\t", "\r")


@dataclass
class PlaceCopy:
    """The rows of one place about one subject, read as often as needed."""

    place: Place
    subject: UUID
    names: Names
    rows: int = 0
    masked: int = 0
    columns: list[str] = field(default_factory=list)
    _kept: list[Copied] = field(default_factory=list)
    _whole: bool = False
    _file_names: dict[tuple[str, int], str] = field(default_factory=dict)

    def scan(self, *, held: int) -> "PlaceCopy":
        """Read once: count, learn the columns, remember the rows if they are few. Where nothing is held,
        nothing is read.
        """
        seen: dict[str, None] = {}
        for row in acts.copy(self.place, self.subject) if held else ():
            self.rows += 1
            self.masked += bool(row.masked)
            seen.update(dict.fromkeys([*row.values, *row.masked]))
            if len(self._kept) < REMEMBERED:
                self._kept.append(row)
        self.columns = list(seen)
        self._whole = self.rows <= REMEMBERED
        return self

    def copied(self) -> Iterator[Copied]:
        """The rows."""
        yield from self._kept if self._whole else acts.copy(self.place, self.subject)

    def files(self, *, wanted: tuple[str, ...]) -> Iterator[tuple[str, CopiedFile]]:
        """Files of the rows with the names they get; `wanted` holds the beginnings of their media types."""
        for row in self.copied():
            for number, one in enumerate(row.files):
                if one.media_type.startswith(wanted):
                    yield self.file_name(row, number, one), one

    def file_name(self, row: Copied, number: int, one: CopiedFile) -> str:
        """Where a file of a row stands in the archive."""
        key = (row.row, number)
        if key not in self._file_names:
            folder = self.place.model.partition(".")[0]
            self._file_names[key] = self.names.safe(folder, row.row, one.name)
        return self._file_names[key]

    @property
    def csv_name(self) -> str:
        return f"tables/{self.place.key}.csv"


@dataclass(frozen=True)
class About:
    """Why we have what stands at a place, in words (GDPR Art. 15(1))."""

    title: str
    source: str
    categories: tuple[str, ...]
    purposes: tuple[str, ...]
    grounds: tuple[str, ...]
    retention: str
    recipients: tuple[str, ...]


def about(place: Place, *, policy: Policy, kind: Subject.Kind) -> About:
    """What the data map and the policy say of a place, for a customer or a member of staff."""
    categories = tuple(sorted({c.category for c in place.columns.values() if c.category}))
    person = "staff" if kind == Subject.Kind.STAFF else "customer"
    used = [policy.purposes[name] for name in place.purposes if name in policy.purposes]
    grounds = policy.rule("basis.register").grounds  # type: ignore[attr-defined]
    bases = dict.fromkeys(item.basis[person] for item in used if person in item.basis)
    named = policy.rule("disclose.default-deny").recipients.values()  # type: ignore[attr-defined]
    return About(
        title=place.title,
        source=place.source,
        categories=categories,
        purposes=tuple(item.title for item in used if person in item.basis),
        grounds=tuple(f"{base} ({grounds[base]})" for base in bases),
        retention=retention_of(place, policy),
        recipients=tuple(one.title for one in named if set(one.categories) & set(categories)),
    )


def retention_of(place: Place, policy: Policy) -> str:
    periods = policy.rule("retain.as-needed").periods  # type: ignore[attr-defined]
    if place.retention in periods:
        return str(periods[place.retention].format(policy.language))
    return "as long as what it belongs to"


def plain(value: Any) -> Any:
    """A value as JSON has it."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case datetime() | date():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case uuid.UUID():
            return str(value)
        case bytes() | bytearray() | memoryview():
            return base64.b64encode(bytes(value)).decode()
        case dict():
            return {str(key): plain(item) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [plain(item) for item in value]
    return str(value)


def json_chunks(
    copies: Iterable[PlaceCopy], head: dict[str, Any], *, policy: Policy, kind: Subject.Kind
) -> Iterator[bytes]:
    """data.json: one object, one row a line, so that it can be read as a whole or line by line."""
    yield (json.dumps(head, ensure_ascii=False, indent=1)[:-2] + ',\n "places": [').encode()
    for number, copy in enumerate(copies):
        described = {"place": copy.place.model, **about(copy.place, policy=policy, kind=kind).__dict__}
        opening = json.dumps(plain(described), ensure_ascii=False)
        yield (("," if number else "") + f'\n{opening[:-1]}, "rows": [').encode()
        for index, row in enumerate(copy.copied()):
            line = json.dumps(_row(copy, row), ensure_ascii=False)
            yield (("," if index else "") + f"\n  {line}").encode()
        yield b"\n]}"
    yield b"\n]}\n"


def _row(copy: PlaceCopy, row: Copied) -> dict[str, Any]:
    found: dict[str, Any] = {"row": row.row, "values": plain(dict(row.values))}
    if row.masked:
        found["masked"] = dict(row.masked)
    if row.files:
        found["files"] = [copy.file_name(row, n, one) for n, one in enumerate(row.files)]
    return found


def csv_chunks(copy: PlaceCopy) -> Iterator[bytes]:
    """One table: a row each, with what is masked and why in the last column."""
    yield _line(["row", *copy.columns, "masked"])
    for row in copy.copied():
        values = [_cell(row.values.get(name)) for name in copy.columns]
        reasons = "; ".join(f"{name}: {reason}" for name, reason in row.masked.items())
        yield _line([row.row, *values, _cell(reasons)])


def _line(cells: list[str]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(cells)
    return out.getvalue().encode()


def _cell(value: Any) -> str:
    """A value for a spreadsheet: what would run there as a formula gets an apostrophe before it."""
    found = plain(value)
    if found is None:
        return ""
    text = found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)
    risky = text.startswith(FORMULA) or (
        text[:1] in "+-" and not text[1:].replace(" ", "").replace(".", "").isdigit()
    )
    return f"'{text}" if risky and text else text
