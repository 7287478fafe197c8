"""Copies for the people concerned (GDPR Art. 15): facts and sound of each conversation they took part in."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from plainspoken.conversations import media, ports, wording
from plainspoken.conversations.models import (
    Conversation,
    Participation,
    PlayCopy,
    ReceivedWords,
    Recording,
    Reveal,
)
from plainspoken.conversations.queries import reference
from plainspoken.custody import keys, objects
from plainspoken.custody.acts import context
from plainspoken.custody.keys import Sealer
from plainspoken.custody.places import Copied, CopiedFile
from plainspoken.custody.sessions import required
from plainspoken.policies.queries import rule

from .arriving import lines_read
from .playing import MEDIA_TYPE


def hides_others() -> bool:
    """Whether a copy masks what is about others, by the published policy."""
    return bool(rule(organisation=required().organisation, clause="right.access").mask_others)


@dataclass(frozen=True)
class _Sound:
    """A way to hear a stored sound with parts silent; needs no database."""

    name: str
    sealer: Sealer
    intervals: ports.Intervals

    def read(self) -> Iterator[bytes]:
        with media.SealedSound(self.name, self.sealer) as source:
            yield from media.hushed(source, self.intervals)  # type: ignore[arg-type]


def copy_conversations(subject: UUID) -> Iterator[Copied]:
    """The facts of each conversation; who else took part is masked."""
    for row in _mine(subject).select_related("content_key").order_by("started_at", "id").distinct():
        sealer = keys.content_sealer(row.content_key) if row.content_key else None
        values: dict[str, Any] = {
            "reference": reference(row.id),
            "kind": row.kind,
            "collected_at": row.point,
            "policy_version": row.policy_version,
            "started_at": row.started_at,
            "duration_s": row.duration_s,
            "direction": row.direction,
            "queue": row.queue,
            "language": row.language,
            "source_id": _open(sealer, row, "source_id"),
        }
        masked = {}
        if _is_customer(row, subject):
            values["subject_line"] = _open(sealer, row, "subject_line")
        elif row.subject_line is not None:
            masked["subject_line"] = wording.MASKED_OTHERS
        if Participation.objects.filter(conversation=row).exclude(subject_id=subject).exists():
            masked["who else took part"] = wording.MASKED_OTHERS
        yield Copied(row=str(row.id), values=values, masked=masked)


def _mine(subject: UUID) -> "QuerySet[Conversation]":
    return Conversation.objects.filter(
        organisation_id=required().organisation, participations__subject_id=subject
    )


def _is_customer(row: Conversation, subject: UUID) -> bool:
    return Participation.objects.filter(
        conversation=row, subject_id=subject, role=Participation.Role.CUSTOMER
    ).exists()


def _open(sealer: Sealer | None, row: Conversation | Reveal, column: str) -> str | None:
    sealed = getattr(row, column)
    return sealer.open_text(sealed, context=context(row, column)) if sealer and sealed is not None else None


def copy_recordings(subject: UUID) -> Iterator[Copied]:
    """The sound of each conversation, both sides, silent where it is about others."""
    rows = Recording.objects.filter(conversation__in=_mine(subject).values("id")).select_related(
        "content_key"
    )
    for row in rows.order_by("conversation__started_at", "id"):
        sealer = keys.content_sealer(row.content_key)
        hidden = ports.words().hidden_from(row.conversation_id, subject) if hides_others() else {}
        sound = _Sound(row.original, sealer, hidden)
        parts = sum(len(own) for own in hidden.values())
        yield Copied(
            row=str(row.id),
            values={
                "conversation": reference(row.conversation_id),
                "duration_s": row.duration_s,
                "channels": row.channels,
                "arrived_as": row.codec,
                "bytes": row.size,
                "truncated": row.truncated,
            },
            masked={f"{parts} parts of the sound": wording.MASKED_OTHERS} if parts else {},
            files=(CopiedFile(f"{reference(row.conversation_id)}.opus", MEDIA_TYPE, sound.read),),
        )


def copy_play_copies(subject: UUID) -> Iterator[Copied]:
    """That a silenced copy exists; it holds less of the same sound, which is in the copy already."""
    for row in PlayCopy.objects.filter(conversation__in=_mine(subject).values("id")).order_by("id"):
        yield Copied(
            row=str(row.id),
            values={
                "conversation": reference(row.conversation_id),
                "duration_s": row.duration_s,
                "silenced_s": row.silenced_s,
                "made_at": row.made_at,
                "what": "the same sound, silent where personal data was said",
            },
        )


def copy_received(subject: UUID) -> Iterator[Copied]:
    """Words that wait to be written: the person's own; those of others are masked until they were
    looked at.
    """
    rows = ReceivedWords.objects.filter(conversation__in=_mine(subject).values("id")).select_related(
        "content_key"
    )
    for row in rows.order_by("id"):
        positions = set(
            Participation.objects.filter(conversation_id=row.conversation_id, subject_id=subject).values_list(
                "position", flat=True
            )
        )
        sealer = keys.content_sealer(row.content_key)
        own = [u.text for u in lines_read(objects.read(row.words, sealer=sealer)) if u.speaker in positions]
        yield Copied(
            row=str(row.id),
            values={"conversation": reference(row.conversation_id), "your_words": own},
            masked={"words of others": wording.MASKED_OTHERS},
        )


def copy_reveals(subject: UUID) -> Iterator[Copied]:
    """Each look at removed words: when, for what, and the reason; who looked is masked."""
    rows = Reveal.objects.filter(conversation__in=_mine(subject).values("id")).select_related("content_key")
    for row in rows.order_by("at", "id"):
        is_customer = _is_customer(row.conversation, subject)
        values: dict[str, Any] = {
            "conversation": reference(row.conversation_id), "at": row.at, "purpose": row.purpose,
        }  # fmt: skip
        masked = {"by": wording.MASKED_OTHERS}
        if is_customer:
            values["reason"] = _open(keys.content_sealer(row.content_key), row, "reason")
        else:
            masked["reason"] = wording.MASKED_OTHERS
        yield Copied(row=str(row.id), values=values, masked=masked)
