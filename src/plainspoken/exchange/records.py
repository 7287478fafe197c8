"""How rows of this app are found by a person, and how uploads end that nobody finished."""

from collections.abc import Collection, Iterator
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from plainspoken.conversations.models import Participation
from plainspoken.conversations.queries import reference
from plainspoken.custody import clock, ledger, objects
from plainspoken.custody.actors import Actor
from plainspoken.custody.asking import Asked, each
from plainspoken.custody.places import Copied
from plainspoken.custody.ports import keyring
from plainspoken.custody.sessions import required

from .models import CallRecord, Upload, UploadPart


def about(subject: UUID) -> "QuerySet[CallRecord]":
    """Call records of conversations that somebody took part in as a customer."""
    theirs = Participation.objects.filter(subject_id=subject, role=Participation.Role.CUSTOMER)
    return CallRecord.objects.filter(conversation__in=theirs.values("conversation_id"))


_ABOUT = Asked(about)


def copy_calls(subject: UUID) -> Iterator[Copied]:
    """What the telephone system told us of each call; the digest of its id would tell nobody anything."""
    for row in each(_ABOUT(subject)):
        yield Copied(
            row=str(row.id),
            values={
                "conversation": reference(row.conversation) if row.conversation else None,
                "started_at": row.started_at,
                "duration_s": row.duration_s,
                "direction": row.direction,
                "queue": row.queue,
                "verdict": row.verdict,
            },
        )


def key_of(upload: UUID) -> str:
    """The name of the key that seals one upload alone."""
    return f"upload/{upload}"


def drop_parts(upload: Upload) -> None:
    """Remove what came of an upload and destroy its key, in the session in force."""
    for name in UploadPart.objects.filter(upload=upload).values_list("stored", flat=True):
        objects.remove_after_commit(name)
    UploadPart.objects.filter(upload=upload).delete()
    keyring().destroy(
        organisation=upload.organisation_id, name=key_of(upload.id), at=clock.now(upload.organisation_id)
    )


def purge_uploads(before: datetime, except_subjects: Collection[UUID], by: Actor) -> int:
    """End uploads that began before a moment; whose they are nobody knows, so nobody is spared."""
    count = 0
    for row in Upload.objects.filter(organisation_id=required().organisation, made_at__lt=before):
        drop_parts(row)
        row.delete()
        count += 1
    if count:
        ledger.enter(act="purge.rows", about="exchange.upload", by=by, detail={"rows": count})
    return count
