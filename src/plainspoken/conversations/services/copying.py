"""Copies for the people concerned (GDPR Art. 15): facts and sound of each conversation they took part in."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import QuerySet

from plainspoken.conversations import media, ports, wording
from plainspoken.conversations.models import (
    Clip,
    Conversation,
    HandedOut,
    Mark,
    Note,
    Participation,
    PlayCopy,
    ReceivedWords,
    Recording,
    Reveal,
    SavedSearch,
    Share,
)
from plainspoken.conversations.queries import reference
from plainspoken.custody import keys, objects
from plainspoken.custody.acts import context
from plainspoken.custody.asking import Asked, batches, each
from plainspoken.custody.keys import Sealer
from plainspoken.custody.places import Copied, CopiedFile
from plainspoken.custody.sessions import required
from plainspoken.policies.queries import rule

from .lines import lines_read
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
    for batch in batches(_CONVERSATIONS(subject)):
        own, others = _own_and_others([row.id for row in batch], subject)
        for row in batch:
            yield _facts(row, is_customer=row.id in own, has_others=row.id in others)


def _facts(row: Conversation, *, is_customer: bool, has_others: bool) -> Copied:
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
    }
    masked = {}
    # Both are about the customer: other systems like to put the caller's number into their id of a call.
    for name in ("source_id", "subject_line"):
        if is_customer:
            values[name] = _open(sealer, row, name)
        elif getattr(row, name) is not None:
            masked[name] = wording.MASKED_OTHERS
    if has_others:
        masked["who else took part"] = wording.MASKED_OTHERS
    return Copied(row=str(row.id), values=values, masked=masked)


def _mine(subject: UUID) -> "QuerySet[Participation, Any]":
    """The ids of the conversations that the subject took part in, as a subquery."""
    return Participation.objects.filter(subject_id=subject).values("conversation_id")


def _parts(model: type[models.Model], *order: str) -> Asked:
    """Rows of a model that belong to the conversations of a subject, with the key that they are sealed with."""
    return Asked(
        lambda subject: (
            model._default_manager.filter(conversation_id__in=_mine(subject))
            .select_related("content_key")
            .order_by(*order)
        )
    )


_CONVERSATIONS = Asked(
    lambda subject: (
        Conversation.objects.filter(id__in=_mine(subject))
        .select_related("content_key")
        .order_by("started_at", "id")
    )
)
_RECORDINGS = _parts(Recording, "conversation__started_at", "id")
_PLAY_COPIES = Asked(
    lambda subject: PlayCopy.objects.filter(conversation_id__in=_mine(subject)).order_by("id")
)
_RECEIVED = _parts(ReceivedWords, "id")
_REVEALS = _parts(Reveal, "at", "id")


def _own_and_others(conversations: Collection[UUID], subject: UUID) -> tuple[set[UUID], set[UUID]]:
    """Those of these conversations in which the subject is a customer, and those in which somebody else
    took part.
    """
    own, others = set(), set()
    rows = Participation.objects.filter(conversation_id__in=conversations)
    for conversation, who, role in rows.values_list("conversation_id", "subject_id", "role"):
        if who != subject:
            others.add(conversation)
        elif role == Participation.Role.CUSTOMER:
            own.add(conversation)
    return own, others


def _open(sealer: Sealer | None, row: models.Model, column: str) -> str | None:
    sealed = getattr(row, column)
    return sealer.open_text(sealed, context=context(row, column)) if sealer and sealed is not None else None


def copy_recordings(subject: UUID) -> Iterator[Copied]:
    """The sound of each conversation, both sides, silent where it is about others."""
    for batch in batches(_RECORDINGS(subject)):
        ids = [row.conversation_id for row in batch]
        hidden = ports.words().hidden_from(ids, subject) if hides_others() else {}
        for row in batch:
            yield _sound(row, hidden.get(row.conversation_id, {}))


def _sound(row: Recording, hidden: ports.Intervals) -> Copied:
    sound = _Sound(row.original, keys.content_sealer(row.content_key), hidden)
    parts = sum(len(own) for own in hidden.values())
    return Copied(
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
    for row in each(_PLAY_COPIES(subject)):
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
    for row in each(_RECEIVED(subject)):
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
    for batch in batches(_REVEALS(subject)):
        own, _ = _own_and_others([row.conversation_id for row in batch], subject)
        for row in batch:
            values: dict[str, Any] = {
                "conversation": reference(row.conversation_id), "at": row.at, "purpose": row.purpose,
            }  # fmt: skip
            masked = {"by": wording.MASKED_OTHERS}
            if row.conversation_id in own:
                values["reason"] = _open(keys.content_sealer(row.content_key), row, "reason")
            else:
                masked["reason"] = wording.MASKED_OTHERS
            yield Copied(row=str(row.id), values=values, masked=masked)


# ---- what colleagues do with a conversation ----

_NOTES, _CLIPS, _HANDED = _parts(Note, "at", "id"), _parts(Clip, "at", "id"), _parts(HandedOut, "at", "id")
_SHARES = Asked(lambda subject: Share.objects.filter(conversation_id__in=_mine(subject)).order_by("at", "id"))
_MARKS = Asked(lambda subject: Mark.objects.filter(conversation_id__in=_mine(subject)).order_by("at", "id"))
_SEARCHES = Asked(lambda subject: SavedSearch.objects.filter(subject_id=subject).order_by("used_at", "id"))


def _written(found: Asked, subject: UUID, column: str, *others: str) -> Iterator[Copied]:
    """Rows with something that a colleague wrote: a customer reads it, another does not; who wrote is masked."""
    for batch in batches(found(subject)):
        own, _ = _own_and_others([row.conversation_id for row in batch], subject)
        for row in batch:
            values: dict[str, Any] = {
                "conversation": reference(row.conversation_id), **{name: getattr(row, name) for name in others}
            }  # fmt: skip
            masked = {"by": wording.MASKED_OTHERS}
            if row.conversation_id in own:
                values[column] = _open(keys.content_sealer(row.content_key), row, column)
            else:
                masked[column] = wording.MASKED_OTHERS
            yield Copied(row=str(row.id), values=values, masked=masked)


def copy_notes(subject: UUID) -> Iterator[Copied]:
    """Notes beside each conversation."""
    yield from _written(_NOTES, subject, "text", "at", "at_s", "audience")


def copy_clips(subject: UUID) -> Iterator[Copied]:
    """Stretches that somebody named; their sound is in the copy of the whole."""
    yield from _written(_CLIPS, subject, "title", "at", "start_s", "end_s")


def copy_handed(subject: UUID) -> Iterator[Copied]:
    """What left as a file: what, to whom, for what, why."""
    yield from _written(_HANDED, subject, "reason", "at", "what", "recipient", "purpose")


def copy_shares(subject: UUID) -> Iterator[Copied]:
    """Links for colleagues: for what, until when, how often opened."""
    for row in each(_SHARES(subject)):
        names = ("at", "purpose", "start_s", "end_s", "ends_at", "revoked_at", "opened")
        values = {name: getattr(row, name) for name in names}
        yield Copied(
            row=str(row.id),
            values={"conversation": reference(row.conversation_id), **values},
            masked={"by": wording.MASKED_OTHERS},
        )


def copy_marks(subject: UUID) -> Iterator[Copied]:
    """When the recording paused and somebody was on hold."""
    for row in each(_MARKS(subject)):
        names = ("kind", "start_s", "end_s", "ended_by_itself")
        values = {name: getattr(row, name) for name in names}
        yield Copied(
            row=str(row.id),
            values={"conversation": reference(row.conversation_id), **values},
            masked={"by": wording.MASKED_OTHERS},
        )


def copy_searches(subject: UUID) -> Iterator[Copied]:
    """The searches that a member of staff saved."""
    for row in each(_SEARCHES(subject)):
        sealer = keys.subject_sealer(subject)
        yield Copied(
            row=str(row.id),
            values={
                "name": _open(sealer, row, "name"),
                "query": _open(sealer, row, "query"),
                "shared": row.shared,
                "used_at": row.used_at,
            },
        )
