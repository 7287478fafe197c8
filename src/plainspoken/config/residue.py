"""Looking for values in every store, in every spelling: what an erasure must leave nothing of.

Tables are read as text through COPY as the owner, files byte by byte. Sealed bytes cannot be searched, which is
the point: what is found is in clear.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import hyperscan
from django.conf import settings
from django.db import connections

from plainspoken.kernels.identifiers import spellings
from plainspoken.kernels.identifiers.spellings import Kind

OVERLAP = 4096
CHUNK = 1 << 20
LEAST = 5
HEX_BY_CHANCE, HEX = 10, re.compile(rb"[0-9a-fA-F]+")


@dataclass(frozen=True)
class Hit:
    """Where a value was found: a table or a file, and how often. The value itself is not repeated."""

    place: str
    count: int
    value: int

    def __str__(self) -> str:
        return f"{self.place}: value {self.value + 1}, {self.count} times"


def search(values: Sequence[str], *, folders: Iterable[Path] | None = None) -> Iterator[Hit]:
    """Every table, and every file below the data folder (or `folders`), for every spelling of every value."""
    searched = Search(values)
    yield from _tables(searched)
    for folder in folders if folders is not None else default_folders():
        yield from files(folder, searched)


class Search:
    """All spellings of all values as one automaton (hyperscan), caseless, fed block by block."""

    def __init__(self, values: Sequence[str]) -> None:
        pairs = [
            (spelling, index) for index, value in enumerate(values) for spelling in sorted(spelled(value))
        ]
        self.count = len(values)
        self._database = hyperscan.Database()
        self._database.compile(
            expressions=[_expression(spelling) for spelling, _ in pairs],
            ids=[index for _, index in pairs],
            flags=[hyperscan.HS_FLAG_CASELESS] * len(pairs),
        )

    def counts(self, blocks: Iterable[bytes]) -> list[int]:
        """How often each value ends in a stream of blocks; two spellings that end together count once."""
        found = [0] * self.count
        tail = b""
        for block in blocks:
            window = tail + block
            seen: set[tuple[int, int]] = set()

            def hit(value: int, start: int, end: int, flags: int, context: object) -> None:
                # A hit that lies whole in the tail was counted with the block before.
                if end > len(tail):  # noqa: B023 - called during this turn only
                    seen.add((value, end))  # noqa: B023

            self._database.scan(window, match_event_handler=hit)
            for value, _ in seen:
                found[value] += 1
            tail = window[-OVERLAP:]
        return found


def _expression(spelling: bytes) -> bytes:
    """A short one that could be a stretch of a random id stands between other signs than letters and digits."""
    plain = re.escape(spelling)
    return rb"\b" + plain + rb"\b" if len(spelling) < HEX_BY_CHANCE and HEX.fullmatch(spelling) else plain


def spelled(value: str) -> set[bytes]:
    """The spellings of a value that are long enough to mean something, in UTF-8."""
    every = {spelling for kind in kinds(value) for spelling in spellings(value, kind)} | {value}
    return {spelling.encode() for spelling in every if len(spelling) >= LEAST or spelling == value}


def default_folders() -> list[Path]:
    """Data folder (objects, outbox, logs, anchors) but the embedded database's own files and static files."""
    return [
        path
        for path in sorted(Path(settings.DATA).iterdir())
        if path.is_dir() and path.name not in ("postgres", "static", "models", "keyring")
    ] + [Path(settings.OBJECTS_FOLDER), Path(settings.KEYRING_FOLDER)]


def kinds(value: str) -> list[Kind]:
    """Which kinds of identifier a value may be."""
    if "@" in value:
        return ["email"]
    digits = sum(c.isdigit() for c in value)
    if digits >= LEAST:
        return ["phone", "card", "account"]
    return ["name"]


# Only columns that can hold text or bytes: ids, numbers and times match by chance. Bytes are shown as they are, not in hex.
COLUMNS = """
SELECT c.relname, string_agg(
         CASE a.atttypid::regtype::text
           WHEN 'bytea' THEN format('encode(%1$I, ''escape'')', a.attname)
           WHEN 'bytea[]' THEN format('(SELECT string_agg(encode(b, ''escape''), '' '') FROM unnest(%1$I) b)', a.attname)
           ELSE format('%1$I::text', a.attname) END, ', ' ORDER BY a.attnum)
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
 WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
   AND c.relname NOT LIKE 'django\\_%' AND a.atttypid::regtype::text NOT IN
       ('uuid', 'boolean', 'smallint', 'integer', 'bigint', 'real', 'double precision', 'timestamp with time zone',
        'interval', 'date', 'uuid[]')
 GROUP BY c.relname ORDER BY c.relname
"""


def _tables(searched: Search) -> Iterator[Hit]:
    with connections["owner"].cursor() as cursor:
        cursor.execute(COLUMNS)
        tables = cursor.fetchall()
        for table, columns in tables:
            with cursor.copy(f'COPY (SELECT {columns} FROM "{table}") TO STDOUT') as copy:  # noqa: S608 - from the catalogue
                yield from _hits(f"table {table}", _gathered(bytes(block) for block in copy), searched)


def files(folder: Path, searched: Search) -> Iterator[Hit]:
    """Every file below a folder."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as stream:
                yield from _hits(f"file {path.name}", iter(lambda s=stream: s.read(CHUNK), b""), searched)  # type: ignore[misc]


def _gathered(rows: Iterable[bytes]) -> Iterator[bytes]:
    """COPY gives a row at a time; an automaton likes larger blocks."""
    pending = bytearray()
    for row in rows:
        pending += row
        if len(pending) >= CHUNK:
            yield bytes(pending)
            pending.clear()
    yield bytes(pending)


def _hits(place: str, blocks: Iterable[bytes], searched: Search) -> Iterator[Hit]:
    for index, count in enumerate(searched.counts(blocks)):
        if count:
            yield Hit(place=place, count=count, value=index)
