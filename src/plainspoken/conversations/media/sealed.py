"""A stored sound as a file that can be read anywhere, opened chunk by chunk."""

import io
import os

from plainspoken.custody import objects
from plainspoken.custody.keys import Sealer

BUFFER = 1 << 18


class _Ranges(io.RawIOBase):
    """Reads ranges of an encrypted object. Needs no database: only the object's name and its key."""

    def __init__(self, name: str, sealer: Sealer) -> None:
        self._name, self._sealer = name, sealer
        self._size, self._at = objects.plain_size(name), 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        end = min(self._size, self._at + len(buffer))
        if end <= self._at:
            return 0
        plain = b"".join(objects.read(self._name, sealer=self._sealer, start=self._at, end=end))
        buffer[: len(plain)] = plain
        self._at += len(plain)
        return len(plain)


class SealedSound(io.BufferedReader):
    """A seekable file over an encrypted object; `with` closes it."""

    def __init__(self, name: str, sealer: Sealer) -> None:
        super().__init__(_Ranges(name, sealer), BUFFER)
