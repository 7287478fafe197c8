"""Looking for values in every store, in every spelling: what an erasure must leave nothing of.

Tables are read as text through COPY as the owner, files byte by byte. Sealed bytes cannot be searched, which is
the point: what is found is in clear.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connections

from plainspoken.kernels.identifiers import spellings
from plainspoken.kernels.identifiers.spellings import Kind

OVERLAP = 4096
CHUNK = 1 << 20
LEAST = 5


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
    patterns = [pattern_of(value) for value in values]
    yield from _tables(patterns)
    for folder in folders if folders is not None else default_folders():
        yield from files(folder, patterns)


def default_folders() -> list[Path]:
    """Data folder (objects, outbox, logs, anchors) but the embedded database's own files and static files."""
    return [
        path
        for path in sorted(Path(settings.DATA).iterdir())
        if path.is_dir() and path.name not in ("postgres", "static", "models", "keyring")
    ] + [Path(settings.OBJECTS_FOLDER), Path(settings.KEYRING_FOLDER)]


def pattern_of(value: str) -> re.Pattern[bytes]:
    """One expression for all spellings of a value that are long enough to mean something."""
    spelled = {spelling for kind in kinds(value) for spelling in spellings(value, kind) if len(spelling) >= LEAST}
    spelled.add(value)
    found = sorted((s.encode() for s in spelled), key=len, reverse=True)
    return re.compile(b"|".join(re.escape(s) for s in found), re.IGNORECASE)


def kinds(value: str) -> list[Kind]:
    """Which kinds of identifier a value may be."""
    if "@" in value:
        return ["email"]
    digits = sum(c.isdigit() for c in value)
    if digits >= LEAST:
        return ["phone", "card", "account"]
    return ["name"]


def _tables(patterns: Sequence[re.Pattern[bytes]]) -> Iterator[Hit]:
    connection = connections["owner"]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE 'django_%' ORDER BY 1"
        )
        tables = [name for (name,) in cursor.fetchall()]
        for table in tables:
            with cursor.copy(f'COPY "{table}" TO STDOUT') as copy:
                yield from _scan(f"table {table}", (bytes(block) for block in copy), patterns)


def files(folder: Path, patterns: Sequence[re.Pattern[bytes]]) -> Iterator[Hit]:
    """Every file below a folder."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as stream:
                yield from _scan(f"file {path.name}", iter(lambda s=stream: s.read(CHUNK), b""), patterns)  # type: ignore[misc]


def _scan(place: str, blocks: Iterable[bytes], patterns: Sequence[re.Pattern[bytes]]) -> Iterator[Hit]:
    counts = [0] * len(patterns)
    tail = b""
    for block in blocks:
        window = tail + block
        for index, pattern in enumerate(patterns):
            # A hit that lies whole in the tail was counted with the block before.
            counts[index] += sum(1 for match in pattern.finditer(window) if match.end() > len(tail))
        tail = window[-OVERLAP:]
    for index, count in enumerate(counts):
        if count:
            yield Hit(place=place, count=count, value=index)
