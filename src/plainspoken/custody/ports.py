"""What the kernel needs from outside: a keyring, an object store, and anchors. Adapters implement these."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Protocol, cast
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string


@dataclass(frozen=True)
class Destroyed:
    """A key that is gone for good: its name ("subject/<id>") and when."""

    organisation: UUID
    name: str
    at: datetime


class Keyring(Protocol):
    """Keys outside the database, each 32 bytes, wrapped by the organisation's key."""

    def get(self, *, organisation: UUID, name: str) -> bytes | None: ...

    def create(self, *, organisation: UUID, name: str) -> bytes:
        """The key of this name, made if it is not there. Raises KeyGone for a destroyed name."""
        ...

    def destroy(self, *, organisation: UUID, name: str, at: datetime) -> bool:
        """Destroy for good; True if it was there. Doing it twice is fine."""
        ...

    def destroyed(self, *, organisation: UUID) -> Iterator[Destroyed]: ...

    def forget(self, *, organisation: UUID) -> None:
        """Destroy every key of an organisation that is removed."""
        ...

    def backup_key(self) -> bytes:
        """The installation's own key, for sealing backups."""
        ...


class ObjectStore(Protocol):
    """Bytes by name. Writing is atomic: a name is there whole or not at all."""

    def put(self, *, name: str, chunks: Iterable[bytes]) -> int: ...

    def read(self, *, name: str, offset: int, length: int) -> bytes: ...

    def size(self, *, name: str) -> int: ...

    def delete(self, *, name: str) -> bool: ...

    def names(self, *, prefix: str) -> Iterator[str]: ...

    def clear(self, *, before: datetime) -> int:
        """Remove drafts that were last written before a moment: a crash left them. Returns how many."""
        ...


class Anchors(Protocol):
    """Heads of the ledger kept outside the database, so that a cut tail shows."""

    def append(self, *, organisation: UUID, sequence: int, head: str) -> None: ...

    def all(self, *, organisation: UUID) -> Iterator[tuple[int, str]]: ...


class KeyGone(LookupError):
    """The key was destroyed; what it sealed cannot be read again."""


@cache
def keyring() -> Keyring:
    return cast(Keyring, import_string(settings.PORTS["keyring"])())


@cache
def object_store() -> ObjectStore:
    return cast(ObjectStore, import_string(settings.PORTS["objects"])())


@cache
def anchors() -> Anchors:
    return cast(Anchors, import_string(settings.PORTS["anchors"])())


def forget_adapters() -> None:
    """Build the adapters anew at next use (after settings change)."""
    for port in (keyring, object_store, anchors):
        port.cache_clear()
