"""Stored objects: encrypted in chunks, so that a player can ask for any range and nothing is opened in whole.

Layout: magic (4), version (1), log2 of the chunk size (1), nonce prefix (8), then chunks of AES-256-GCM. A chunk's
nonce is the prefix and its number; its associated data names the object, the number and whether it is the last,
so that chunks cannot be moved, repeated or cut off (the STREAM construction, Hoang et al. 2015).
"""

import io
import os
import struct
from collections.abc import Iterable, Iterator
from uuid import uuid4

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import transaction

from .keys import Sealer, Unreadable
from .ports import object_store
from .sessions import required

MAGIC, VERSION, LOG2_CHUNK = b"PSOB", 1, 16
HEADER = struct.Struct(">4sBB8s")
TAG = 16


def write(chunks: Iterable[bytes], *, sealer: Sealer) -> tuple[str, int]:
    """Encrypt and keep; returns the object's name and its plain size in bytes.

    If the transaction of the purpose in force fails, the object is removed again.
    """
    session = required()
    name = f"{session.organisation}/{uuid4()}"
    counter = _Counted(chunks)
    object_store().put(name=name, chunks=encrypt(name, counter, key=sealer.key))
    session.written_objects.append(name)
    return name, counter.size


def read(name: str, *, sealer: Sealer, start: int = 0, end: int | None = None) -> Iterator[bytes]:
    """Plain bytes of [start, end) in chunks. Raises Unreadable for changed or cut objects."""
    store = object_store()
    magic, version, log2_chunk, prefix = HEADER.unpack(store.read(name=name, offset=0, length=HEADER.size))
    if magic != MAGIC or version != VERSION:
        raise Unreadable(f"The object {name} is not one of ours.")
    size, total = 1 << log2_chunk, plain_size(name)
    end = total if end is None else min(end, total)
    last = max(0, (total - 1) // size) if total else 0
    cipher = AESGCM(sealer.key)
    for number in range(start // size, (max(end, 1) - 1) // size + 1):
        offset = HEADER.size + number * (size + TAG)
        sealed = store.read(name=name, offset=offset, length=size + TAG)
        try:
            plain = cipher.decrypt(_nonce(prefix, number), sealed, _bound(name, number, number == last))
        except InvalidTag as error:
            raise Unreadable(f"The object {name} was changed or is sealed by another key.") from error
        low, high = max(0, start - number * size), min(len(plain), end - number * size)
        if low < high:
            yield plain[low:high]


def plain_size(name: str) -> int:
    """Size in bytes of what was written."""
    sealed = object_store().size(name=name) - HEADER.size
    chunk = (1 << LOG2_CHUNK) + TAG
    full, rest = divmod(sealed, chunk)
    return full * (1 << LOG2_CHUNK) + max(0, rest - TAG)


def remove_after_commit(name: str) -> None:
    """Delete an object once the transaction in force has been committed."""
    transaction.on_commit(lambda: object_store().delete(name=name))


def encrypt(name: str, chunks: Iterable[bytes], *, key: bytes) -> Iterator[bytes]:
    """The sealed form of a stream of bytes that is called `name`."""
    prefix, cipher, size = os.urandom(8), AESGCM(key), 1 << LOG2_CHUNK
    yield HEADER.pack(MAGIC, VERSION, LOG2_CHUNK, prefix)
    number, pending = 0, bytearray()
    for chunk in chunks:
        pending += chunk
        while len(pending) > size:
            yield cipher.encrypt(_nonce(prefix, number), bytes(pending[:size]), _bound(name, number, False))
            del pending[:size]
            number += 1
    yield cipher.encrypt(_nonce(prefix, number), bytes(pending), _bound(name, number, True))


def decrypt(name: str, stream: io.BufferedIOBase, *, key: bytes) -> Iterator[bytes]:
    """What `encrypt` sealed under this name, read in order. Raises Unreadable for any change or cut."""
    header = stream.read(HEADER.size)
    if len(header) != HEADER.size or header[:5] != MAGIC + bytes([VERSION]):
        raise Unreadable(f"{name} is not a sealed file of ours.")
    prefix, cipher, size = header[-8:], AESGCM(key), (1 << LOG2_CHUNK) + TAG
    number, sealed = 0, stream.read(size)
    while True:
        following = stream.read(size)
        try:
            yield cipher.decrypt(_nonce(prefix, number), sealed, _bound(name, number, not following))
        except InvalidTag as error:
            raise Unreadable(f"{name} was changed, cut off, or is sealed by another key.") from error
        if not following:
            return
        number, sealed = number + 1, following


def _nonce(prefix: bytes, number: int) -> bytes:
    return prefix + number.to_bytes(4, "big")


def _bound(name: str, number: int, last: bool) -> bytes:
    return f"{name}:{number}:{int(last)}".encode()


class _Counted:
    """Counts the bytes that pass."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self.chunks, self.size = chunks, 0

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self.chunks:
            self.size += len(chunk)
            yield chunk
