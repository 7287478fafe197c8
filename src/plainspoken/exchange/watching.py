"""Looking into a source: what has settled is taken in, once, and put away; a crash anywhere loses and doubles nothing.

The order is: the conversation is committed, then what names its file is noted, then the file is moved. A crash between
two of them leaves a file that is looked at again and found to be here already.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import F

from plainspoken.custody import clock, keys, ledger
from plainspoken.custody.actors import Actor
from plainspoken.custody.sessions import purpose

from . import parcels, pipeline, ports, services, sources
from .models import Source, SourceItem
from .parcels import Parcel
from .services import Result

DONE, REFUSED = "done", "refused"
AT_ONCE = 200
LARGEST_OBJECT = 2 << 30
REASON = ".reason.txt"
INGEST = "ingest.write"


@dataclass(frozen=True)
class Ran:
    """What one look did. `state`: fine, waiting (files have not settled), full, paused, busy, failed. `more`: there is
    more to take at once."""

    state: str
    taken: int = 0
    known: int = 0
    refused: int = 0
    unsettled: int = 0
    problem: str = ""
    more: bool = False


def run(*, organisation: UUID, source: UUID, by: Actor, most: int = AT_ONCE) -> Ran:
    """Look into a source and take in what has settled, at most so many parcels. Raises NoSuchSource only."""
    with purpose(INGEST, organisation=organisation, by=by):
        row = sources.one(source)
        secret = sources.secret_of(row)
    if row.state == Source.State.PAUSED:
        return Ran("paused")
    with _alone(source) as mine:
        if not mine:
            return Ran("busy")
        room = min(most, pipeline.room())
        if not room:
            return _noted(row, Ran("full", problem=str(pipeline.Full(pipeline.limit()))), None, by)
        look = _Look(row, by, room)
        try:
            done = look.folder() if row.kind == Source.Kind.FOLDER else look.bucket(secret)
        except OSError as error:
            done = Ran(
                "failed",
                problem=f"The folder cannot be used: {error.strerror}. Check that we may read and write it.",
            )
        except ports.BucketFailed as error:
            done = Ran("failed", problem=str(error))
        return _noted(
            row,
            replace(
                done, taken=look.counts["taken"], known=look.counts["known"], refused=look.counts["refused"]
            ),
            look.seen,
            by,
        )


@contextmanager
def _alone(source: UUID) -> Iterator[bool]:
    """Whether nobody else looks into it now: a lock of this connection, which ends with it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 12))", [f"source:{source}"])
        mine = bool(cursor.fetchone()[0])
    try:
        yield mine
    finally:
        if mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 12))", [f"source:{source}"])


def _noted(row: Source, ran: Ran, seen: dict[str, list[float]] | None, by: Actor) -> Ran:
    """Write down how the look went; a problem that is new, or is over, is entered."""
    with purpose(INGEST, organisation=row.organisation_id, by=by):
        Source.objects.filter(id=row.id).update(
            run_at=clock.now(row.organisation_id),
            run_state=ran.state,
            run_problem=ran.problem[:300],
            **({"seen": seen} if seen is not None else {}),
        )
        if (row.run_state == "failed") != (ran.state == "failed"):
            act = "source.failed" if ran.state == "failed" else "source.recovered"
            ledger.enter(act=act, about=f"source:{row.id}", by=by)
    return ran


class _Look:
    """One look into one source."""

    def __init__(self, row: Source, by: Actor, most: int) -> None:
        self.row, self.by, self.most = row, by, most
        self.now = clock.now(row.organisation_id)
        self.counts = {"taken": 0, "known": 0, "refused": 0}
        self.problem = ""
        self.seen: dict[str, list[float]] = {}

    # ---- a folder ----

    def folder(self) -> Ran:
        folder = Path(self.row.place)
        if not folder.is_dir():
            raise FileNotFoundError(2, "it is not there any more")
        self._sweep(folder)
        unsettled = 0
        for parcel in parcels.parcels(folder, without=(DONE, REFUSED)):
            blinds = self._blinds(folder, parcel)
            if not blinds:
                continue
            known = self._dealt_with(blinds)
            if not known and not self._settled(parcel, blinds):
                unsettled += 1
                continue
            if sum(self.counts.values()) >= self.most:
                # What waits to settle goes on waiting from when it was first seen.
                self.seen = {**self.row.seen, **self.seen}
                return Ran("fine", more=True, unsettled=unsettled, problem=self.problem)
            results = () if known else parcels.take(parcel, organisation=self.row.organisation_id, by=self.by)
            if not known:
                self._note(blinds, results)
            try:
                self._put_away(folder, parcel, results)
            except OSError:
                # It is noted by its digest, so it is not taken again.
                self.problem = (
                    "Files that were dealt with cannot be moved, so they stay. Let us write to the folder."
                )
            else:
                self._may_come_again(blinds)
        return Ran("waiting" if unsettled else "fine", unsettled=unsettled, problem=self.problem)

    def _may_come_again(self, blinds: Sequence[bytes]) -> None:
        """What was refused and lies in `refused` is looked at again when somebody puts it back."""
        with purpose(INGEST, organisation=self.row.organisation_id, by=self.by):
            for item in SourceItem.objects.filter(
                source=self.row, blind__in=blinds, state=SourceItem.State.REFUSED
            ):
                item.blind = os.urandom(32)
                item.save(update_fields=["blind"])

    def _blinds(self, folder: Path, parcel: Parcel) -> list[bytes]:
        """Keyed digests of what names each file as it is now; empty where one has just gone."""
        names = []
        try:
            for path in parcel.paths:
                found = path.stat()
                names.append(f"{path.relative_to(folder)}\0{found.st_size}\0{found.st_mtime_ns}")
        except FileNotFoundError:
            return []
        return self._blind(names)

    def _blind(self, names: Sequence[str]) -> list[bytes]:
        with purpose(INGEST, organisation=self.row.organisation_id, by=self.by):
            return [keys.blind_index("source-item", f"{self.row.id}\0{name}") for name in names]

    def _dealt_with(self, blinds: Sequence[bytes]) -> bool:
        """Whether all of it was dealt with before: moving it has failed, or the folder may not be written."""
        with purpose(INGEST, organisation=self.row.organisation_id, by=self.by):
            return SourceItem.objects.filter(source=self.row, blind__in=blinds).count() == len(set(blinds))

    def _settled(self, parcel: Parcel, blinds: Sequence[bytes]) -> bool:
        """Whether nothing of it has changed for long enough, by our own clock: times of files can be anything.

        The legs of one call also wait for one another, unless they say that they are all there.
        """
        name = b"".join(blinds).hex()[:2000]
        first = self.row.seen.get(name, [self.now.timestamp()])[0]
        wait = float(self.row.settings.get("settled_s", sources.SETTLED_S))
        if not parcel.complete:
            wait = max(wait, parcels.LEG_WAIT.total_seconds())
        if self.now.timestamp() - first >= wait:
            return True
        self.seen[name] = [first]
        return False

    def _note(self, blinds: Sequence[bytes], results: Sequence[Result]) -> None:
        """Note what became of it, and count it."""
        refused = next((one for one in results if one.status == "refused"), None)
        created = any(one.status == "created" for one in results)
        state = (
            SourceItem.State.REFUSED
            if refused
            else SourceItem.State.TAKEN
            if created
            else SourceItem.State.KNOWN
        )
        first = next((one.conversation for one in results if one.conversation), None)
        with purpose(INGEST, organisation=self.row.organisation_id, by=self.by):
            for blind in blinds:
                SourceItem.objects.update_or_create(
                    source=self.row,
                    blind=blind,
                    defaults={
                        "organisation_id": self.row.organisation_id,
                        "state": state,
                        "code": refused.code if refused else "",
                        "conversation": UUID(first) if first else None,
                        "at": clock.now(self.row.organisation_id),
                    },
                )
            counted = {
                "taken": sum(one.status == "created" for one in results),
                "known": sum(one.status == "known" for one in results),
                "refused": sum(one.status == "refused" for one in results),
            }
            Source.objects.filter(id=self.row.id).update(**{name: F(name) + n for name, n in counted.items()})
        for name, n in counted.items():
            self.counts[name] += n

    def _put_away(self, folder: Path, parcel: Parcel, results: Sequence[Result]) -> None:
        wrong = [one for one in results if one.status == "refused"]
        if not wrong and not int(self.row.settings.get("keep_days", sources.KEEP_DAYS)):
            for path in parcel.paths:
                path.unlink(missing_ok=True)
            return
        for path in parcel.paths:
            moved = _moved(folder, path, REFUSED if wrong else DONE)
            if wrong and path == parcel.paths[0]:
                said = "\n".join(dict.fromkeys(f"{one.reason} [{one.code}]" for one in wrong))
                moved.with_name(moved.name + REASON).write_text(
                    f"{self.now:%Y-%m-%d %H:%M} UTC\n{said}\n", "utf-8"
                )

    def _sweep(self, folder: Path) -> None:
        """End files that lie in `done` and `refused` for longer than they are to: no erasure reaches them there."""
        before = self.now - timedelta(days=int(self.row.settings.get("keep_days", sources.KEEP_DAYS)))
        for name in (DONE, REFUSED):
            for path in sorted((folder / name).rglob("*"), reverse=True):
                if path.is_file() and datetime.fromtimestamp(path.stat().st_ctime, self.now.tzinfo) < before:
                    path.unlink(missing_ok=True)

    # ---- a bucket ----

    def bucket(self, secret: Mapping[str, str]) -> Ran:
        options = {name: str(self.row.settings.get(name) or "") for name in ("endpoint", "region")}
        opened = ports.bucket(place=self.row.place, options=options, secret=secret)
        entries = {one.name: one for one in opened.entries()}
        unsettled = 0
        for entry in sorted(entries.values(), key=lambda one: (one.changed_at, one.name)):
            if not _is_ours(entry.name) or _is_beside(entry.name, entries):
                continue
            beside = entries.get(str(PurePosixPath(entry.name).with_suffix(".json")))
            own = [one for one in (entry, beside if beside is not entry else None) if one]
            blinds = self._blind([f"{one.name}\0{one.size}\0{one.tag}" for one in own])
            if self._dealt_with(blinds):
                continue
            # An object is there whole or not at all; its facts may come a moment after it.
            newest = max(one.changed_at for one in own)
            if (self.now - newest).total_seconds() < float(
                self.row.settings.get("settled_s", sources.SETTLED_S)
            ):
                unsettled += 1
                continue
            if sum(self.counts.values()) >= self.most:
                return Ran("fine", more=True, unsettled=unsettled)
            self._fetched(opened, own, blinds)
        return Ran("waiting" if unsettled else "fine", unsettled=unsettled)

    def _fetched(self, opened: ports.Bucket, own: Sequence[ports.Entry], blinds: Sequence[bytes]) -> None:
        with tempfile.TemporaryDirectory(
            prefix="bucket-", suffix=".upload", dir=settings.FILE_UPLOAD_TEMP_DIR
        ) as folder:
            try:
                for one in own:
                    opened.fetch(
                        one.name, into=Path(folder) / PurePosixPath(one.name).name, at_most=LARGEST_OBJECT
                    )
            except ports.BucketFailed as error:
                if error.code != "too-large":
                    raise
                results: tuple[Result, ...] = (Result("", "refused", code=error.code, reason=str(error)),)
            else:
                results = tuple(
                    one
                    for parcel in parcels.parcels(Path(folder))
                    for one in parcels.take(parcel, organisation=self.row.organisation_id, by=self.by)
                ) or (
                    Result(
                        "", "refused", code="unreadable", reason="There is no conversation in this object."
                    ),
                )
        self._note(blinds, results)
        if any(one.status == "refused" for one in results):
            self._told(opened, own[0], results)
        elif not int(self.row.settings.get("keep_days", sources.KEEP_DAYS)):
            for one in own:
                opened.delete(one.name)

    def _told(self, opened: ports.Bucket, entry: ports.Entry, results: Sequence[Result]) -> None:
        """The reason beside the object, where we may write; a bucket that may only be read keeps it on the page."""
        said = "\n".join(f"{one.reason} [{one.code}]" for one in results if one.status == "refused")
        try:
            opened.put(entry.name + REASON, f"{self.now:%Y-%m-%d %H:%M} UTC\n{said}\n".encode())
        except ports.BucketFailed:
            return


def _is_ours(name: str) -> bool:
    path = PurePosixPath(name)
    return not name.endswith(REASON) and path.suffix.lower() in (
        *services.SOUNDS,
        ".json",
        ".vcon",
        *parcels.MAILS,
    )


def _is_beside(name: str, entries: "dict[str, ports.Entry]") -> bool:
    """Whether it only holds the facts of a sound next to it."""
    path = PurePosixPath(name)
    return path.suffix.lower() == ".json" and any(
        str(path.with_suffix(ending)) in entries for ending in services.SOUNDS
    )


def _moved(folder: Path, path: Path, to: str) -> Path:
    """Move a file below `to`, beside one of the same name if need be; returns where it lies."""
    target = folder / to / path.relative_to(folder)
    target.parent.mkdir(parents=True, exist_ok=True)
    number = 1
    while target.exists():
        number += 1
        target = target.with_name(f"{path.stem}-{number}{path.suffix}")
    try:
        path.replace(target)
    except OSError:
        shutil.move(path, target)
    return target
