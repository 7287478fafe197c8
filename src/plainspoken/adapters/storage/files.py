"""Objects and anchors as files below the data folder. Writing is atomic: a draft is synced, then renamed."""

import json
import os
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings


class FileObjects:
    """Implements `custody.ports.ObjectStore`. A name is "<organisation>/<object id>"."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or Path(settings.OBJECTS_FOLDER)
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def put(self, *, name: str, chunks: Iterable[bytes]) -> int:
        path = self._path(name)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_name(f".{path.name}.draft")
        size = 0
        try:
            with draft.open("wb") as handle:
                for chunk in chunks:
                    size += handle.write(chunk)
                handle.flush()
                os.fsync(handle.fileno())
            draft.rename(path)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        return size

    def read(self, *, name: str, offset: int, length: int) -> bytes:
        with self._path(name).open("rb") as handle:
            handle.seek(offset)
            return handle.read(length)

    def size(self, *, name: str) -> int:
        return self._path(name).stat().st_size

    def delete(self, *, name: str) -> bool:
        try:
            self._path(name).unlink()
        except FileNotFoundError:
            return False
        return True

    def names(self, *, prefix: str) -> Iterator[str]:
        for path in sorted((self.folder / prefix).rglob("*")):
            if path.is_file() and not path.name.startswith("."):
                yield f"{prefix.rstrip('/')}/{path.name}"

    def clear(self, *, before: datetime) -> int:
        removed = 0
        for draft in self.folder.glob("*/*/.*.draft"):
            try:
                if draft.stat().st_mtime < before.timestamp():
                    draft.unlink()
                    removed += 1
            except FileNotFoundError:
                # Whoever wrote it has just finished.
                continue
        return removed

    def _path(self, name: str) -> Path:
        organisation, _, item = name.partition("/")
        UUID(organisation)
        UUID(item)
        return self.folder / organisation / item[:2] / item


class FileAnchors:
    """Implements `custody.ports.Anchors`: one append-only file an organisation. Mirror it elsewhere to be sure."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or Path(settings.ANCHORS_FOLDER)

    def append(self, *, organisation: UUID, sequence: int, head: str) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(self._path(organisation), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(handle, (json.dumps({"sequence": sequence, "head": head}) + "\n").encode())
            os.fsync(handle)
        finally:
            os.close(handle)

    def all(self, *, organisation: UUID) -> Iterator[tuple[int, str]]:
        path = self._path(organisation)
        if not path.exists():
            return
        with path.open() as lines:
            for line in lines:
                entry = json.loads(line)
                yield int(entry["sequence"]), str(entry["head"])

    def _path(self, organisation: UUID) -> Path:
        return self.folder / f"{organisation}.jsonl"
