"""Backup and restore in their simplest honest form.

A backup is a folder: `database.sealed` (pg_dump through AES-256-GCM, never in clear on the disk), `objects.tar`
(objects are sealed already), `manifest.json`. Keys are not in it: they are copied apart (`--keys`), at most
7 days back. Who has a backup but not the keyring can read nothing; what a destroyed key sealed stays unreadable
in every backup. A restore loads into a database of its own, applies migrations, replays every erasure that
the keyring's tombstones name, checks the ledger, and only then takes the live one's place.
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from io import RawIOBase
from pathlib import Path
from typing import IO, Any, cast
from uuid import uuid4

from django.conf import settings
from django.db import connections

from plainspoken.adapters import postgres
from plainspoken.config.database import with_name
from plainspoken.custody import objects, sealing
from plainspoken.custody.keys import Unreadable
from plainspoken.custody.models import Organisation
from plainspoken.custody.ports import keyring
from plainspoken.kernels.policy import Duration
from plainspoken.policies import queries as policies

KEYS_AT_MOST = timedelta(days=7)
REMEMBERED = 20
CHUNK = 1 << 20
NAME = "database.sealed"
PARTS = (NAME, "objects.tar")


class BackupRefused(ValueError):
    """The backup or restore cannot be done so; the message says why and what to do."""


@dataclass(frozen=True)
class Backup:
    """What a backup holds. `expires_at` follows the strictest `backups_end_within` of all organisations."""

    folder: str
    created_at: str
    expires_at: str
    product: str
    organisations: int
    database_bytes: int
    objects: int
    digests: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Restored:
    """What a restore did: rows per table afterwards, erasures replayed, and the state of each ledger."""

    database: str
    tables: dict[str, int]
    erasures_replayed: int
    ledgers_sound: bool
    objects: int
    found: list[str]


def backup(*, into: Path, keys: Path | None = None) -> Backup:
    """Write a new backup folder into `into`, remove expired ones there, and copy the keyring to `keys`."""
    now = datetime.now(UTC)
    folder = into / f"plainspoken-{now:%Y%m%d-%H%M%S}-{uuid4().hex[:4]}"
    draft = folder.with_name(f".{folder.name}.draft")
    if keys is not None and (_inside(keys, into) or _inside(into, keys)):
        raise BackupRefused(
            "Keys and backup must lie apart: who finds both can read everything. Choose another --keys."
        )
    try:
        draft.mkdir(parents=True, mode=0o700)
        size = _seal_database(draft / NAME)
        count = _pack_objects(draft / "objects.tar")
        made = Backup(
            folder=str(folder),
            created_at=now.isoformat(),
            expires_at=_expiry(now).isoformat(),
            product=version("plainspoken"),
            organisations=Organisation.objects.count(),
            database_bytes=size,
            objects=count,
            digests={part: _digest(draft / part) for part in PARTS},
        )
        (draft / "manifest.json").write_text(json.dumps(asdict(made), indent=2))
        draft.rename(folder)
    except OSError as error:
        raise BackupRefused(
            f"The backup could not be written ({(error.strerror or str(error)).lower()}). Free space or choose another folder."
        ) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    if keys is not None:
        _copy_keys(keys, now)
    prune(into=into)
    _remember(now, folder)
    return made


def _inside(path: Path, folder: Path) -> bool:
    return folder.resolve() in (path.resolve(), *path.resolve().parents)


def _expiry(now: datetime) -> datetime:
    """The strictest of what the published policies promise (right.erase, backups_end_within); P35D without any."""
    ends = [Duration.parse("P35D").add_to(now)]
    for organisation in Organisation.objects.all():
        try:
            within = policies.rule(organisation=organisation.id, clause="right.erase").backups_end_within
        except policies.NoPolicy:
            continue
        if within is not None:
            ends.append(within.add_to(now))
    return min(ends)


def prune(*, into: Path) -> list[str]:
    """Remove the backups in a folder whose end has come; returns their names."""
    gone = []
    for manifest in sorted(into.glob("plainspoken-*/manifest.json")):
        if datetime.fromisoformat(json.loads(manifest.read_text())["expires_at"]) <= datetime.now(UTC):
            shutil.rmtree(manifest.parent)
            gone.append(manifest.parent.name)
    return gone


def _seal_database(path: Path) -> int:
    """pg_dump -> pipe -> sealed file; both ends run at once, so nothing is held in memory."""
    source, sink = os.pipe()
    failures: list[BaseException] = []

    def dump() -> None:
        try:
            with os.fdopen(sink, "wb") as out:
                postgres.dump(owner_url=os.environ["DATABASE_OWNER_URL"], out=out)
        except BaseException as error:  # noqa: BLE001 - handed to the thread that waits
            failures.append(error)

    thread = threading.Thread(target=dump)
    thread.start()
    with os.fdopen(source, "rb") as stream, path.open("wb") as out:
        for chunk in objects.encrypt(NAME, iter(lambda: stream.read(CHUNK), b""), key=keyring().backup_key()):
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    thread.join()
    if failures:
        raise failures[0]
    return path.stat().st_size


def _pack_objects(path: Path) -> int:
    folder, count = Path(settings.OBJECTS_FOLDER), 0
    with tarfile.open(path, "w") as archive:
        for item in sorted(p for p in folder.rglob("*") if p.is_file() and not p.name.startswith(".")):
            archive.add(item, arcname=str(item.relative_to(folder)), recursive=False)
            count += 1
    return count


def _copy_keys(into: Path, now: datetime) -> None:
    into.mkdir(parents=True, exist_ok=True, mode=0o700)
    for old in into.glob("keyring-*.tar"):
        if datetime.fromtimestamp(old.stat().st_mtime, UTC) < now - KEYS_AT_MOST:
            old.unlink()
    handle = os.open(into / f"keyring-{now:%Y%m%d-%H%M%S}.tar", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out, tarfile.open(fileobj=out, mode="w") as archive:
        archive.add(settings.KEYRING_FOLDER, arcname=".")


def _remember(now: datetime, folder: Path) -> None:
    made = {"at": now.isoformat(), "folder": str(folder.resolve())}
    path = settings.DATA / "last-backup.json"
    draft = path.with_suffix(f".{uuid4().hex[:8]}")
    # Two backups may end at the same moment, and a reader may look meanwhile.
    with (settings.DATA / "last-backup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        draft.write_text(json.dumps([made, *_remembered()][:REMEMBERED]))
        draft.rename(path)


def _remembered() -> list[dict[str, str]]:
    """The last backups, newest first. A proof makes one and throws it away, so the one before counts again."""
    path = settings.DATA / "last-backup.json"
    if not path.exists():
        return []
    known = json.loads(path.read_text())
    return [known] if isinstance(known, dict) else list(known)


def last_backup() -> datetime | None:
    """When this installation was last backed up, by a backup that is there and whole."""
    for made in _remembered():
        with suppress(BackupRefused):
            read_manifest(Path(made["folder"]))
            return datetime.fromisoformat(made["at"])
    return None


# ---- restore ---------------------------------------------------------------------------------------------------


def read_manifest(folder: Path) -> Backup:
    """The manifest of a backup. Raises BackupRefused for anything that is not a whole backup of ours."""
    try:
        made = Backup(**json.loads((folder / "manifest.json").read_text()))
    except (OSError, ValueError, TypeError) as error:
        raise BackupRefused(
            f"{folder} is no whole backup of ours. Name a folder that `plainspoken backup` made."
        ) from error
    for part in PARTS:
        if not (folder / part).is_file():
            raise BackupRefused(f"{folder} lacks {part}. Use another backup.")
        if made.digests.get(part) != _digest(folder / part):
            raise BackupRefused(f"{part} of {folder} was cut off or changed. Use another backup.")
    return made


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def restore(
    *, folder: Path, keys: Path | None = None, rehearse: bool = False, look_for: Sequence[str] = ()
) -> Restored:
    """Restore a backup. `rehearse` does everything in a database and a folder of its own, reports, and removes them.

    `look_for` searches the restored copy for values, in every spelling; the places of hits come back in `found`.
    """
    read_manifest(folder)
    if keys is not None:
        _take_keys(keys)
    owner = os.environ["DATABASE_OWNER_URL"]
    name = f"plainspoken_restore_{uuid4().hex[:8]}"
    scratch = Path(settings.DATA) / f"restore-{name[-8:]}"
    try:
        scratch_url = postgres.create_database(owner_url=owner, name=name)
        try:
            _load(folder / NAME, scratch_url)
            count = _unpack_objects(folder / "objects.tar", scratch / "objects")
        except (Unreadable, postgres.PostgresError, tarfile.TarError) as error:
            raise BackupRefused(
                "The backup cannot be read with this keyring. Name the copy of the keyring that belongs to it (--keys)."
            ) from error
        report = _finish(name, scratch, look_for)
        if not rehearse:
            if not report["ledgers_sound"]:
                raise BackupRefused(
                    "A ledger in the backup is not sound, so nothing was replaced. Use another backup."
                )
            _swap(name, scratch)
        return Restored(
            database=name if rehearse else "live",
            tables=report["tables"],
            erasures_replayed=report["erasures_replayed"],
            ledgers_sound=report["ledgers_sound"],
            objects=count,
            found=report["found"],
        )
    finally:
        postgres.drop_database(owner_url=owner, name=name)
        shutil.rmtree(scratch, ignore_errors=True)


class _Stream(RawIOBase):
    """Reads an iterator of bytes as a file."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self.chunks, self.rest = chunks, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self.rest:
            try:
                self.rest = next(self.chunks)
            except StopIteration:
                return 0
        size = min(len(buffer), len(self.rest))
        buffer[:size], self.rest = self.rest[:size], self.rest[size:]
        return size


def _load(sealed: Path, url: str) -> None:
    with sealed.open("rb") as stream:
        plain = _Stream(objects.decrypt(NAME, stream, key=keyring().backup_key()))
        postgres.load(owner_url=url, source=cast(IO[bytes], plain))


def _unpack_objects(archive: Path, into: Path) -> int:
    into.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tarfile.open(archive) as tar:
        tar.extractall(into, filter="data")
        return sum(1 for member in tar.getmembers() if member.isfile())


def _check_keys(archive: Path, folder: Path) -> None:
    """A copy of another installation's keyring would replace the root key, and make everything here unreadable."""
    try:
        with tarfile.open(archive) as tar:
            theirs = tar.extractfile("./root.key")
            root = theirs.read() if theirs else b""
    except (OSError, KeyError, tarfile.TarError) as error:
        raise BackupRefused(
            f"{archive} is no copy of a keyring. Name one that `backup --keys` made."
        ) from error
    own = folder / "root.key"
    if own.exists() and own.read_bytes() != root:
        raise BackupRefused(
            f"{archive} belongs to another installation. Restore it there, or move the keyring of this one away."
        )


def _take_keys(archive: Path) -> None:
    """Bring keys back, but none that was destroyed since: tombstones of both sides are kept."""
    folder = Path(settings.KEYRING_FOLDER)
    _check_keys(archive, folder)
    before = {path: path.read_text() for path in folder.glob("*/destroyed.jsonl")}
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    for path, text in before.items():
        path.parent.mkdir(exist_ok=True, mode=0o700)
        known = path.read_text() if path.exists() else ""
        path.write_text(known + "".join(line for line in text.splitlines(keepends=True) if line not in known))
    for organisation in (path.parent.name for path in folder.glob("*/destroyed.jsonl")):
        from uuid import UUID

        for gone in list(keyring().destroyed(organisation=UUID(organisation))):
            keyring().destroy(organisation=gone.organisation, name=gone.name, at=gone.at)


def _finish(name: str, scratch: Path, look_for: Sequence[str]) -> dict[str, Any]:
    """Migrate, govern, replay and check in a process of its own that sees only the restored copy."""
    environment = {
        **os.environ,
        "DATABASE_URL": with_name(os.environ["DATABASE_URL"], name),
        "DATABASE_OWNER_URL": with_name(os.environ["DATABASE_OWNER_URL"], name),
        "PLAINSPOKEN_OBJECTS": str(scratch / "objects"),
    }
    done = subprocess.run(
        [sys.executable, "-m", "plainspoken.config.replay"],
        env=environment,
        input=json.dumps(list(look_for)),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise BackupRefused(f"The restored copy could not be made fit to serve: {last}")
    report: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return report


def _swap(name: str, scratch: Path) -> None:
    """The restored copy takes the live one's place; the old database is kept under a name with the time."""
    import psycopg

    owner = os.environ["DATABASE_OWNER_URL"]
    live = settings.DATABASES["owner"]["NAME"]
    aside = f"{live}_before_{datetime.now(UTC):%Y%m%d%H%M%S}"
    with psycopg.connect(with_name(owner, name), autocommit=True) as own:
        own.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname IN (%s, %s) AND pid <> pg_backend_pid()",
            [live, name],
        )
    with psycopg.connect(with_name(owner, "postgres"), autocommit=True) as own:
        own.execute(f'ALTER DATABASE "{live}" RENAME TO "{aside}"')
        own.execute(f'ALTER DATABASE "{name}" RENAME TO "{live}"')
    folder = Path(settings.OBJECTS_FOLDER)
    if folder.exists():
        folder.rename(folder.with_name(f"objects-before-{datetime.now(UTC):%Y%m%d%H%M%S}"))
    (scratch / "objects").rename(folder)
    _restart_anchors()


def _restart_anchors() -> None:
    """The restored ledger ends earlier than its anchors: they are set aside by name, and its own head anchored."""
    stamp = f"before-{datetime.now(UTC):%Y%m%d%H%M%S}"
    for path in Path(settings.ANCHORS_FOLDER).glob("*.jsonl"):
        path.rename(path.with_name(f"{path.name}.{stamp}"))
    connections.close_all()
    for organisation in Organisation.objects.all():
        sealing.anchor_again(organisation=organisation.id)
