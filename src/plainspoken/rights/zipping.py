"""A ZIP that is written as a stream and read at any place: memory stays bounded however much a person's copy
holds.
"""

import hashlib
import io
import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

CHUNK = 1 << 16
LONGEST_NAME = 100
UNSAFE = re.compile(r"[^\w.()+ -]+", re.UNICODE)
# Sound is compressed already.
STORED = ("audio/", "video/", "image/")


@dataclass(frozen=True)
class Member:
    """A file of the archive. `chunks` may be large; nothing of it is kept in memory."""

    name: str
    chunks: Iterable[bytes]
    media_type: str = "text/plain"


@dataclass(frozen=True)
class Written:
    """What stands in the archive under a name."""

    name: str
    size: int
    sha256: str


class Unsound(ValueError):
    """The archive does not hold what it should."""


class _Sink(io.RawIOBase):
    """Takes what zipfile writes and gives it on; it cannot seek, so zipfile writes sizes after each
    member.
    """

    def __init__(self) -> None:
        self.waiting: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.waiting.append(bytes(data))
        return len(data)

    def tell(self) -> int:
        raise OSError("a stream has no place")

    def drain(self) -> Iterator[bytes]:
        ready, self.waiting = self.waiting, []
        yield from ready


def stream(members: Iterable[Member], *, at: datetime, written: list[Written]) -> Iterator[bytes]:
    """The bytes of a ZIP with these members; `written` grows with the digest and size of each."""
    sink = _Sink()
    archive = zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED)
    for member in members:
        info = zipfile.ZipInfo(member.name, date_time=at.timetuple()[:6])
        info.external_attr = 0o600 << 16
        stored = member.media_type.startswith(STORED)
        info.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
        digest, size = hashlib.sha256(), 0
        with archive.open(info, "w", force_zip64=True) as out:
            for chunk in member.chunks:
                digest.update(chunk)
                size += out.write(chunk)
                yield from sink.drain()
        yield from sink.drain()
        written.append(Written(name=member.name, size=size, sha256=digest.hexdigest()))
    archive.close()
    yield from sink.drain()


class Readable(io.RawIOBase):
    """A stored object as a seekable file. `read(start, end)` gives plain bytes of a range."""

    def __init__(self, *, size: int, read: Callable[[int, int], bytes]) -> None:
        self.size, self._read, self._at = size, read, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        end = min(self.size, self._at + len(buffer))
        data = self._read(self._at, end) if end > self._at else b""
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


def opened(*, size: int, read: Callable[[int, int], bytes]) -> zipfile.ZipFile:
    """A ZIP over a stored object. Raises Unsound for what is no ZIP."""
    try:
        return zipfile.ZipFile(io.BufferedReader(Readable(size=size, read=read), buffer_size=CHUNK))
    except zipfile.BadZipFile as error:
        raise Unsound("The archive cannot be opened again.") from error


def digest_of(archive: zipfile.ZipFile, name: str) -> str:
    """SHA-256 of a member, read in chunks. Raises Unsound where it cannot be read."""
    digest = hashlib.sha256()
    try:
        with archive.open(name) as member:
            while chunk := member.read(CHUNK):
                digest.update(chunk)
    except (zipfile.BadZipFile, KeyError, EOFError) as error:
        raise Unsound(f"The archive does not hold {name} as it was written.") from error
    return digest.hexdigest()


class Names:
    """Gives each file a name that is safe on every system, and each only once."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def safe(self, *parts: str) -> str:
        """A path of safe parts; a number is added where it is taken."""
        path = "/".join(safe_part(part) for part in parts)
        stem, dot, ending = path.rpartition(".")
        if not dot or "/" in ending:
            stem, dot, ending = path, "", ""
        name, number = path, 1
        while name.casefold() in self._taken:
            number += 1
            name = f"{stem}-{number}{dot}{ending}"
        self._taken.add(name.casefold())
        return name


def safe_part(text: str) -> str:
    """One part of a path: no separators, no control characters, no leading dots, not too long."""
    plain = unicodedata.normalize("NFC", text)
    kept = UNSAFE.sub("-", plain).strip(" .-") or "file"
    stem, dot, ending = kept.rpartition(".")
    if dot and len(ending) <= 8:
        return f"{stem[: LONGEST_NAME - len(ending) - 1]}.{ending}"
    return kept[:LONGEST_NAME]
