"""Looking at a sound before anything is kept."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from plainspoken.kernels.sound import Probe, probe

STEP = 1 << 20
MOST_BYTES = 4 << 30

Sound = Path | BinaryIO


class TooLarge(ValueError):
    """The file has more than MOST_BYTES bytes."""


@dataclass(frozen=True)
class Examined:
    """What the file holds, its size in bytes, and the SHA-256 of its bytes."""

    probe: Probe
    size: int
    digest: bytes


def examine(sound: Sound) -> Examined:
    """Probe and digest, reading in steps. Raises UnreadableSound (with its `reason`) or TooLarge."""
    size = _size(sound)
    if size > MOST_BYTES:
        raise TooLarge(f"The file has {size >> 20} MB; we take up to {MOST_BYTES >> 20}. Cut it into parts.")
    found = probe(sound)
    digest = hashlib.sha256()
    for piece in bytes_of(sound):
        digest.update(piece)
    return Examined(probe=found, size=size, digest=digest.digest())


def bytes_of(sound: Sound) -> Iterator[bytes]:
    """The bytes of a file from its start, in steps of at most a megabyte."""
    if isinstance(sound, Path):
        with sound.open("rb") as handle:
            while piece := handle.read(STEP):
                yield piece
        return
    sound.seek(0)
    while piece := sound.read(STEP):
        yield piece


def _size(sound: Sound) -> int:
    if isinstance(sound, Path):
        return sound.stat().st_size
    return sound.seek(0, os.SEEK_END)
