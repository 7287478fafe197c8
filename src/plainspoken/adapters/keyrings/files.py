"""A keyring of files: one wrapped key a file, below a root key. Back it up apart from the database, 7 days at most.

<data>/keyring/root.key                      32 random bytes, wraps organisation keys
<data>/keyring/backup.key                    32 random bytes, seals backups
<data>/keyring/<organisation>/org.key        wrapped by root, wraps the rest
<data>/keyring/<organisation>/keys/ab/<sha>  one file a name, wrapped by the organisation's key
<data>/keyring/<organisation>/destroyed.jsonl   names destroyed and when; a restore replays them

Destroying overwrites and unlinks the file. A copy-on-write or journalling file system may keep old blocks for a
while; on such disks encrypt the volume, or use a KMS behind the same port.
"""

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from plainspoken.custody.ports import Destroyed, KeyGone

NONCE = 12
TAIL = 4096  # bytes; longer than any line of destroyed.jsonl


class FileKeyring:
    """Implements `custody.ports.Keyring`."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or Path(settings.KEYRING_FOLDER)
        # First and by itself: mkdir gives its mode to the last folder only, not to the parents it makes.
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder.chmod(0o700)
        self._organisations: dict[UUID, bytes] = {}

    def get(self, *, organisation: UUID, name: str) -> bytes | None:
        path = self._path(organisation, name)
        try:
            wrapped = path.read_bytes()
        except FileNotFoundError:
            return None
        if not wrapped:
            raise KeyGone(f"The key {name} was destroyed.")
        return self._open(self._organisation_key(organisation), wrapped, name)

    def create(self, *, organisation: UUID, name: str) -> bytes:
        key = self.get(organisation=organisation, name=name)
        if key is not None:
            return key
        path = self._path(organisation, name)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = os.urandom(32)
        wrapped = self._seal(self._organisation_key(organisation), fresh, name)
        if _write_new(path, wrapped):
            return fresh
        return self.create(organisation=organisation, name=name)

    def destroy(self, *, organisation: UUID, name: str, at: datetime) -> bool:
        path = self._path(organisation, name)
        try:
            size = path.stat().st_size
        except FileNotFoundError:
            size = None
        if size == 0:
            # Empty files are made by destroying alone, after the tombstone: nothing to read, and nothing to do.
            return False
        # The tombstone comes first: a crash in between leaves a replay to do, never a key that nobody misses. Done
        # again after such a crash, the name stands there twice.
        self._bury(organisation, name, at)
        _overwrite(path, size or 0)
        return bool(size)

    def destroyed(self, *, organisation: UUID) -> Iterator[Destroyed]:
        """Each name once, in order. A line that a crash cut off counts for nothing: its key is still there."""
        path, seen = self.folder / str(organisation) / "destroyed.jsonl", set()
        if not path.exists():
            return
        with path.open() as lines:
            for line in lines:
                if not line.endswith("\n"):
                    return
                entry = json.loads(line)
                if entry["name"] not in seen:
                    seen.add(entry["name"])
                    at = datetime.fromisoformat(entry["at"])
                    yield Destroyed(organisation=organisation, name=entry["name"], at=at)

    def forget(self, *, organisation: UUID) -> None:
        self._organisations.pop(organisation, None)
        shutil.rmtree(self.folder / str(organisation), ignore_errors=True)

    def backup_key(self) -> bytes:
        """The installation's key for sealing backups."""
        return self._kept("backup.key")

    def _bury(self, organisation: UUID, name: str, at: datetime) -> None:
        path = self.folder / str(organisation) / "destroyed.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        line = json.dumps({"name": name, "at": at.isoformat()}) + "\n"
        new = not path.exists()
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            # One after another, so that what is cut off here was cut off by a crash.
            fcntl.flock(handle, fcntl.LOCK_EX)
            _end_whole(handle)
            os.write(handle, line.encode())
            os.fsync(handle)
        finally:
            os.close(handle)
        if new:
            _sync_folder(path.parent)

    def _path(self, organisation: UUID, name: str) -> Path:
        digest = hashlib.sha256(name.encode()).hexdigest()
        return self.folder / str(organisation) / "keys" / digest[:2] / digest[2:]

    def _organisation_key(self, organisation: UUID) -> bytes:
        if organisation not in self._organisations:
            path = self.folder / str(organisation) / "org.key"
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            root = self._root()
            if not path.exists():
                _write_new(path, self._seal(root, os.urandom(32), f"org:{organisation}"))
            self._organisations[organisation] = self._open(root, path.read_bytes(), f"org:{organisation}")
        return self._organisations[organisation]

    def _root(self) -> bytes:
        return self._kept("root.key")

    def _kept(self, name: str) -> bytes:
        path = self.folder / name
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            _write_new(path, os.urandom(32))
        return path.read_bytes()

    @staticmethod
    def _seal(key: bytes, plain: bytes, name: str) -> bytes:
        nonce = os.urandom(NONCE)
        return nonce + AESGCM(key).encrypt(nonce, plain, name.encode())

    @staticmethod
    def _open(key: bytes, wrapped: bytes, name: str) -> bytes:
        return AESGCM(key).decrypt(wrapped[:NONCE], wrapped[NONCE:], name.encode())


def _write_new(path: Path, content: bytes) -> bool:
    """Write a file whole, unless somebody was first: link() fails where the name exists."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, content)
        os.fsync(handle)
    finally:
        os.close(handle)
    try:
        os.link(draft, path)
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True


def _end_whole(handle: int) -> None:
    """Cut off what stands behind the last line end of a file."""
    size = os.fstat(handle).st_size
    tail = os.pread(handle, TAIL, max(0, size - TAIL))
    if tail and not tail.endswith(b"\n"):
        os.ftruncate(handle, size - len(tail) + tail.rfind(b"\n") + 1)


def _sync_folder(folder: Path) -> None:
    """The name of a new file survives a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _overwrite(path: Path, size: int) -> None:
    """Zero the bytes, then leave an empty file: the name stays taken, so that no new key is made for it."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        os.pwrite(handle, b"\0" * size, 0)
        os.fsync(handle)
        os.ftruncate(handle, 0)
        os.fsync(handle)
    finally:
        os.close(handle)
