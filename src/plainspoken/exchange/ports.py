"""What sources need from outside: buckets of objects. An adapter implements this."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string


@dataclass(frozen=True)
class Entry:
    """One object: its name in the bucket, its bytes, what changes when it changes, and when it last did."""

    name: str
    size: int
    tag: str
    changed_at: datetime


class BucketFailed(RuntimeError):
    """The bucket did not do what was asked; the message says why, without credentials. `code` in one word."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class Bucket(Protocol):
    """Objects of one bucket below a prefix. Every method raises BucketFailed."""

    def entries(self) -> Iterator[Entry]: ...

    def fetch(self, name: str, *, into: Path, at_most: int) -> int:
        """Copy an object to a file; returns its bytes. Refuses more than `at_most`."""
        ...

    def put(self, name: str, data: bytes) -> None: ...

    def delete(self, name: str) -> None: ...


def bucket(*, place: str, options: Mapping[str, str], secret: Mapping[str, str]) -> Bucket:
    """The bucket at "name/prefix"; options: endpoint, region; secret: key, secret."""
    made = import_string(settings.PORTS["bucket"])(place=place, options=options, secret=secret)
    return cast(Bucket, made)
