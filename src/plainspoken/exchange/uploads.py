"""Uploads in parts that survive a cut line: tus 1.0 (core, creation, checksum, expiration, termination).

Each part is sealed and committed as it comes, so after any crash the server knows how far it got. The whole is opened
only to be taken in, and its key is destroyed then.
"""

import base64
import binascii
import hashlib
import json
import tempfile
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from django.conf import settings
from procrastinate.contrib.django import app as jobs

from plainspoken.conversations.arrival import ArrivalRefused
from plainspoken.conversations.services import Arrival
from plainspoken.custody import clock, keys, ledger, objects
from plainspoken.custody.actors import Actor
from plainspoken.custody.acts import context
from plainspoken.custody.sessions import purpose

from . import records, services
from .models import Upload, UploadPart

INGEST = "ingest.write"
LARGEST = 2 << 30  # bytes of one upload
STEP = 4 << 20  # bytes of one part as it is stored
MOST_OPEN = 200  # uploads of one organisation at once
ALIVE = timedelta(days=1)
ALGORITHMS = ("sha256", "sha1")
_BULK = 64 << 20  # larger ones are taken in by a job, so that nobody's request waits for them


class UploadRefused(ValueError):
    """What was sent does not fit. `status` is the answer's code by tus and HTTP."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class NoUpload(LookupError):
    """There is no such upload, or it has expired."""


class Body(Protocol):
    """Bytes of a request that can be read piece by piece."""

    def read(self, size: int, /) -> bytes: ...


def begin(*, organisation: UUID, length: int, metadata: str, by: Actor) -> Upload:
    """Begin an upload of `length` bytes. `metadata` is the header Upload-Metadata: `metadata` in it holds the facts as
    JSON; a file's name is not kept. Raises UploadRefused.
    """
    if not 0 < length <= LARGEST:
        raise UploadRefused(413, f"An upload may have up to {LARGEST >> 20} MB. Cut the sound into parts.")
    facts = _facts(metadata)
    with purpose(INGEST, organisation=organisation, by=by):
        now = clock.now(organisation)
        mine = Upload.objects.filter(
            organisation_id=organisation, state=Upload.State.OPEN, expires_at__gt=now
        )
        if mine.count() >= MOST_OPEN:
            raise UploadRefused(503, f"{MOST_OPEN} uploads are open already. Finish or end one first.")
        row = Upload(
            organisation_id=organisation, length=length, made_by=str(by), made_at=now, expires_at=now + ALIVE
        )
        row.metadata = _sealer(row).seal_text(json.dumps(facts), context=context(row, "metadata"))
        row.save(force_insert=True)
        ledger.enter(act="upload.begun", about=f"upload:{row.id}", by=by, detail={"bytes": length})
    return row


def _facts(header: str) -> Mapping[str, Any]:
    """The facts in an Upload-Metadata header: pairs of a name and base64, set apart by commas."""
    found: dict[str, str] = {}
    for pair in header.split(","):
        name, _, value = pair.strip().partition(" ")
        if name:
            try:
                found[name] = base64.b64decode(value, validate=True).decode()
            except (ValueError, binascii.Error):
                raise UploadRefused(
                    400, "The Upload-Metadata must be names with base64. Send it again."
                ) from None
    try:
        facts = json.loads(found.get("metadata", "{}"))
    except (ValueError, RecursionError):
        facts = None
    if not isinstance(facts, dict):
        raise UploadRefused(400, "The metadata must be a JSON object. Correct it and send again.")
    return facts


def status(*, organisation: UUID, upload: UUID, by: Actor) -> Upload:
    """How far an upload is. Raises NoUpload."""
    with purpose(INGEST, organisation=organisation, by=by):
        return _row(organisation, upload)


def append(
    *, organisation: UUID, upload: UUID, offset: int, body: Body, size: int, checksum: str, by: Actor
) -> Upload:
    """Take what comes from `offset` on, `size` bytes; with `checksum` ("sha256 base64") all of it or nothing.

    What was received before the line broke is kept. The last part takes the conversation in. Raises UploadRefused,
    NoUpload.
    """
    with purpose(INGEST, organisation=organisation, by=by):
        row = _row(organisation, upload)
    if row.state != Upload.State.OPEN:
        raise UploadRefused(409, "This upload has ended. Begin another one.")
    if offset != row.offset:
        raise UploadRefused(409, f"We have {row.offset} bytes of it. Go on from there.")
    if offset + size > row.length:
        raise UploadRefused(413, f"This upload was begun with {row.length} bytes; more came.")
    wanted = _checksum(checksum)
    if wanted:
        # A part with a checksum is judged before anything of it is kept, so it must fit into memory.
        if size > STEP:
            raise UploadRefused(
                413, f"A part with a checksum may have up to {STEP >> 20} MB. Send smaller parts."
            )
        name, digest = wanted
        data = _read(body, size)
        if len(data) == size and hashlib.new(name, data, usedforsecurity=False).digest() != digest:
            raise UploadRefused(460, "The part is not what its checksum says. Send it again.")
        if len(data) == size:
            row = _kept(row, offset, data, by)
    else:
        left = size
        while left and (data := _read(body, min(STEP, left))):
            row = _kept(row, row.offset, data, by)
            left -= len(data)
    return row if row.offset < row.length else finish(organisation=organisation, upload=upload, by=by)


def _read(body: Body, size: int) -> bytes:
    """Up to so many bytes; fewer where the line broke."""
    pieces: list[bytes] = []
    while size:
        try:
            piece = body.read(min(size, 1 << 20))
        except OSError:
            break
        if not piece:
            break
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


def _checksum(header: str) -> tuple[str, bytes] | None:
    if not header:
        return None
    name, _, value = header.partition(" ")
    if name not in ALGORITHMS:
        raise UploadRefused(400, f"We know the checksums {' and '.join(ALGORITHMS)}. Send one of them.")
    try:
        return name, base64.b64decode(value, validate=True)
    except (ValueError, binascii.Error):
        raise UploadRefused(400, "The checksum is not base64. Send it again.") from None


def _kept(row: Upload, start: int, data: bytes, by: Actor) -> Upload:
    """Keep a part; two that send the same one follow each other, and the second is told where we are."""
    with purpose(INGEST, organisation=row.organisation_id, by=by):
        now = Upload.objects.select_for_update().get(id=row.id)
        if now.offset != start or now.state != Upload.State.OPEN:
            raise UploadRefused(409, f"We have {now.offset} bytes of it. Go on from there.")
        name, _ = objects.write([data], sealer=_sealer(now))
        UploadPart.objects.create(
            organisation_id=now.organisation_id, upload=now, start=start, size=len(data), stored=name
        )
        now.offset = start + len(data)
        now.save(update_fields=["offset"])
        if now.offset == now.length:
            # Whoever takes it in may die; then the job does.
            jobs.configure_task(name="exchange.finish_upload", lock=f"upload:{now.id}").defer(
                upload=str(now.id), organisation=str(now.organisation_id)
            )
        return now


def finish(*, organisation: UUID, upload: UUID, by: Actor, wait: bool = False) -> Upload:
    """Take in an upload that is whole; again changes nothing. Large ones are left to the job, unless `wait`."""
    with purpose(INGEST, organisation=organisation, by=by):
        row = _row(organisation, upload)
        if row.state != Upload.State.OPEN or row.offset < row.length or (row.length > _BULK and not wait):
            return row
        facts = json.loads(
            _sealer(row).open_text(bytes(row.metadata or b""), context=context(row, "metadata"))
        )
    with tempfile.NamedTemporaryFile(suffix=".upload", dir=settings.FILE_UPLOAD_TEMP_DIR) as draft:
        with purpose(INGEST, organisation=organisation, by=by):
            for part in UploadPart.objects.filter(upload_id=upload).order_by("start"):
                for piece in objects.read(part.stored, sealer=_sealer(row)):
                    draft.write(piece)
            draft.flush()
        try:
            done = services.import_sound(
                organisation=organisation, sound=Path(draft.name), metadata=facts, by=by
            )
        except ArrivalRefused as error:
            return _ended(row, by, refused=error)
    return _ended(row, by, done=done)


def _ended(
    row: Upload, by: Actor, *, done: Arrival | None = None, refused: ArrivalRefused | None = None
) -> Upload:
    with purpose(INGEST, organisation=row.organisation_id, by=by):
        now = Upload.objects.select_for_update().get(id=row.id)
        if now.state != Upload.State.OPEN:
            return now
        now.metadata = None
        if done is not None:
            now.state, now.conversation, now.created = Upload.State.TAKEN, done.conversation.id, done.created
        if refused is not None:
            now.state, now.code, now.reason = Upload.State.REFUSED, refused.code[:40], refused.sentence[:300]
        now.save()
        records.drop_parts(now)
        ledger.enter(act=f"upload.{now.state}", about=f"upload:{now.id}", by=by)
        return now


def end(*, organisation: UUID, upload: UUID, by: Actor) -> None:
    """End an upload with all that came of it. Raises NoUpload."""
    with purpose(INGEST, organisation=organisation, by=by):
        row = _row(organisation, upload)
        records.drop_parts(row)
        row.delete()
        ledger.enter(act="upload.ended", about=f"upload:{upload}", by=by)


def clear(*, organisation: UUID, by: Actor, now: datetime | None = None) -> int:
    """End uploads that have expired; returns how many."""
    with purpose(INGEST, organisation=organisation, by=by):
        rows = Upload.objects.filter(
            organisation_id=organisation, expires_at__lte=now or clock.now(organisation)
        )
        count = 0
        for row in rows:
            records.drop_parts(row)
            row.delete()
            count += 1
        return count


def _row(organisation: UUID, upload: UUID) -> Upload:
    row = Upload.objects.filter(
        organisation_id=organisation, id=upload, expires_at__gt=clock.now(organisation)
    ).first()
    if row is None:
        raise NoUpload("There is no such upload, or it has expired. Begin another one.")
    return row


def _sealer(row: Upload) -> keys.Sealer:
    return keys.organisation_sealer(records.key_of(row.id))
