"""What erasing does at each place of a conversation, and what the end of its time does."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import QuerySet

from plainspoken.conversations import media, ports
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
    Share,
)
from plainspoken.custody import keys, ledger, objects
from plainspoken.custody.actors import Actor
from plainspoken.custody.acts import context
from plainspoken.custody.asking import delete
from plainspoken.custody.keys import KeyGone
from plainspoken.custody.models import ContentKey
from plainspoken.custody.places import Ending, Kept
from plainspoken.custody.sessions import required
from plainspoken.policies.queries import rule

from .holding import Intervals, agent_channel, draw, measured, parties, write_copy
from .leaving import Leaving, Manner, Part, begin, leavings, whole_and_others
from .lines import as_lines, lines_read
from .measures import ask_again, drop_keys, to_measure, to_measures

FOREVER = float("inf")


class _Sound(Part[Recording]):
    model = Recording
    stored = "original"

    def rewrite(self, row: Recording, leaving: Leaving, conversation: Conversation) -> None:
        old, new = keys.content_sealer(row.content_key), _key_of(conversation)
        with media.SealedSound(row.original, old) as source:
            name, size, made = write_copy(
                media.without(source, silent_for(leaving, channels=row.channels)),
                sealer=keys.content_sealer(new),
            )
        objects.remove_after_commit(row.original)
        row.original, row.size, row.content_key = name, size, new
        row.container, row.codec, row.duration_s = "ogg", "opus", made.duration_s
        row.save()


class _Play(Part[PlayCopy]):
    model = PlayCopy
    stored = "sound"

    def rewrite(self, row: PlayCopy, leaving: Leaving, conversation: Conversation) -> None:
        old, new = keys.content_sealer(row.content_key), _key_of(conversation)
        intervals = silent_for(leaving, channels=row.channels)
        if row.channels == 2 and agent_channel(parties(conversation.id)) == 1:
            # In the copy the agent's channel comes first.
            intervals = {1 - where if where in (0, 1) else where: own for where, own in intervals.items()}  # type: ignore[operator]
        sealer = keys.content_sealer(new)
        with media.SealedSound(row.sound, old) as source:
            name, size, made = write_copy(media.play_copy(source, intervals), sealer=sealer)
        objects.remove_after_commit(row.sound)
        row.sound, row.size, row.content_key = name, size, new
        row.silenced_s += made.silenced_s
        draw(row, made, sealer)
        row.save()
        measured(conversation.id, made)


class _Received(Part[ReceivedWords]):
    model = ReceivedWords
    stored = "words"

    def rewrite(self, row: ReceivedWords, leaving: Leaving, conversation: Conversation) -> None:
        old, new = keys.content_sealer(row.content_key), _key_of(conversation)
        kept = [
            item
            for item in lines_read(objects.read(row.words, sealer=old))
            if item.speaker not in (None, leaving.position)
        ]
        name, _ = objects.write(as_lines(kept), sealer=keys.content_sealer(new))
        objects.remove_after_commit(row.words)
        row.words, row.content_key = name, new
        row.save()


class _Looks(Part[Reveal]):
    model = Reveal

    def rewrite(self, row: Reveal, leaving: Leaving, conversation: Conversation) -> None:
        place = context(row, "reason")
        plain = keys.content_sealer(row.content_key).open(bytes(row.reason), context=place)
        row.content_key = _key_of(conversation)
        row.reason = keys.content_sealer(row.content_key).seal(plain, context=place)
        row.save()


Sealed = TypeVar("Sealed", Note, Clip, HandedOut)


class _Remarks(Part[Sealed]):
    """What colleagues wrote beside a conversation. A customer who leaves takes all of it along: nobody can tell
    which of several customers it is about.
    """

    column = ""

    def rewrite(self, row: Sealed, leaving: Leaving, conversation: Conversation) -> None:
        if leaving.manner == Manner.PART:
            raise KeyGone("What was written may be about the one who leaves.")
        place = context(row, self.column)
        plain = keys.content_sealer(row.content_key).open(bytes(getattr(row, self.column)), context=place)
        row.content_key = _key_of(conversation)
        setattr(row, self.column, keys.content_sealer(row.content_key).seal(plain, context=place))
        row.save()


class _Notes(_Remarks[Note]):
    model, column = Note, "text"


class _Clips(_Remarks[Clip]):
    model, column = Clip, "title"


class _Handed(_Remarks[HandedOut]):
    model, column = HandedOut, "reason"


Unsealed = TypeVar("Unsealed", Share, Mark)


class _Unsealed(Part[Unsealed]):
    """Rows without anything sealed: they go with the whole, and otherwise stay as they are."""

    def rows(self, leaving: Leaving) -> "QuerySet[Unsealed]":
        rows = self.model._default_manager.filter(conversation_id=leaving.conversation)
        return rows if leaving.manner == Manner.WHOLE else rows.none()

    def _remove_all(self, ends: Sequence[Leaving]) -> int:
        return len(delete(self._of(ends)))


class _Shares(_Unsealed[Share]):
    model = Share


class _Marks(_Unsealed[Mark]):
    model = Mark


SOUND, PLAY, RECEIVED, LOOKS = _Sound(), _Play(), _Received(), _Looks()
NOTES, CLIPS, HANDED, SHARES, MARKS = _Notes(), _Clips(), _Handed(), _Shares(), _Marks()
PARTS: tuple[Part[Any], ...] = (NOTES, CLIPS, HANDED, SHARES, MARKS, LOOKS, RECEIVED, PLAY, SOUND)


def _key_of(conversation: Conversation) -> ContentKey:
    if conversation.content_key is None:
        raise KeyGone("The conversation has no key any more.")
    return conversation.content_key


def silent_for(leaving: Leaving, *, channels: int) -> Intervals:
    """What must be silent when somebody leaves: their channel, or, on a shared one, all that is surely not
    another's.

    What an agent said about them goes too, as far as the transcript tells.
    """
    found: dict[int | str, list[tuple[float, float]]] = {}
    for where, own in (
        ports.words().gone_from(leaving.conversation, leaving.channel, alone=leaving.alone).items()
    ):
        found.setdefault(where if channels == 2 or where == "both" else 0, []).extend(own)
    if leaving.alone and leaving.channel is not None:
        found[leaving.channel if channels == 2 else 0] = [(0.0, FOREVER)]
    return found  # type: ignore[return-value]


# ---- the conversation itself, and who took part ----


def plan_conversation(subject: UUID, found: int) -> Ending:
    """Conversations that become measures. Where others stay, the row stays too; its parts say what
    is rewritten.
    """
    return Ending(count=sum(one.manner == Manner.WHOLE for one in leavings(subject)), verb="erase")


def erase_conversation(subject: UUID, by: Actor) -> Ending:
    """Of a sole customer's conversation only measures stay; one with other customers goes on without them."""
    whole, others = whole_and_others(subject)
    for leaving in others:
        if leaving.manner != Manner.UNLINK:
            begin(leaving, by)
    ids, keep = [one.conversation for one in whole], [one.participation for one in whole]
    if late := to_measures(ids, keep=keep):
        # Somebody wrote after sound and words were ended. The conversations are locked: nobody can any more.
        for conversation in late:
            _end_parts(conversation)
        drop_keys(one.key for one in whole)
    return Ending(count=len(whole), verb="erase")


def _end_parts(conversation: UUID) -> None:
    """Remove the sound and the words of one conversation."""
    for part in PARTS:
        for sealed in part.model._default_manager.filter(conversation=conversation):
            part.remove(sealed)
    ports.words().end(conversation)


def plan_participation(subject: UUID, found: int) -> Ending:
    """Rows that link the subject to conversations, and what of a member of staff stays without the link."""
    return _unlinking(found, [one for one in leavings(subject) if one.manner == Manner.UNLINK])


def _unlinking(count: int, unlinked: list[Leaving]) -> Ending:
    if not count:
        return Ending(count=0, verb="erase")
    if not unlinked:
        return Ending(count=count, verb="erase")
    staying = list(_staying([one.conversation for one in unlinked]))
    return Ending(count=count, verb="unlink", kept=tuple(staying))


def _staying(conversations: list[UUID]) -> Iterator[Kept]:
    """An agent's voice in customers' conversations stays without their name, until its sound reaches
    its end.
    """
    rows = Recording.objects.filter(conversation_id__in=conversations)
    last = (
        rows.order_by("-conversation__started_at").values_list("conversation__started_at", flat=True).first()
    )
    if last is not None:
        period = rule(organisation=required().organisation, clause="retain.as-needed").periods[
            "conversation.sound"
        ]
        yield Kept(
            count=rows.count(),
            reason="claims: your voice in customers' conversations, without your name",
            until=period.add_to(last).date().isoformat(),
        )


def erase_participation(subject: UUID, by: Actor) -> Ending:
    """A customer's row is deleted; where the part of staff stays, it loses their name."""
    rows = Participation.objects.filter(organisation_id=required().organisation, subject_id=subject)
    ends = leavings(subject)
    if not ends:
        # Every conversation of theirs is a measure by now, so nothing else names them there.
        return Ending(count=len(delete(rows)), verb="erase")
    planned = plan_participation(subject, rows.count())
    unlinked = [one.participation for one in ends if one.manner == Manner.UNLINK]
    rows.filter(id__in=unlinked).update(subject=None)
    rows.exclude(id__in=unlinked).delete()
    ask_again()
    return planned


# ---- retention ----


def purge_sound(before: datetime, except_subjects: Collection[UUID], by: Actor) -> int:
    """End recordings of conversations that began before a moment; returns how many."""
    return SOUND.purge(before, except_subjects, by)


def purge_conversations(before: datetime, except_subjects: Collection[UUID], by: Actor) -> int:
    """Conversations that began before a moment become measures, except where one of these subjects
    took part.
    """
    organisation = required().organisation
    rows = Conversation.objects.filter(organisation_id=organisation, started_at__lt=before, erased_at=None)
    if except_subjects:
        spared = Participation.objects.filter(subject_id__in=except_subjects)
        rows = rows.exclude(id__in=spared.values("conversation_id"))
    count = 0
    for row in rows.select_for_update(of=("self",)).iterator(chunk_size=200):
        _end_parts(row.id)
        to_measure(row)
        count += 1
    if count:
        ledger.enter(act="purge.rows", about="conversations.conversation", by=by, detail={"rows": count})
    return count


def end_conversations(conversations: Collection[UUID], *, by: Actor) -> int:
    """These conversations become measures now, as at the end of their time; returns how many."""
    rows = Conversation.objects.select_for_update(of=("self",)).filter(
        organisation_id=required().organisation, id__in=conversations, erased_at=None
    )
    ended = [row.id for row in rows]
    for conversation in ended:
        _end_parts(conversation)
    to_measures(ended)
    if ended:
        ledger.enter(act="purge.rows", about="conversations.conversation", by=by, detail={"rows": len(ended)})
    return len(ended)
