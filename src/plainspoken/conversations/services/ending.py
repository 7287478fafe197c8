"""What erasing does at each place of a conversation, and what the end of its time does."""

import json
from collections.abc import Collection, Iterator
from datetime import datetime
from uuid import UUID

from plainspoken.conversations import media, ports
from plainspoken.conversations.models import (
    Conversation,
    Participation,
    PlayCopy,
    ReceivedWords,
    Recording,
    Reveal,
)
from plainspoken.custody import keys, ledger, objects
from plainspoken.custody.actors import Actor
from plainspoken.custody.acts import context
from plainspoken.custody.keys import KeyGone
from plainspoken.custody.models import ContentKey
from plainspoken.custody.places import Ending, Kept
from plainspoken.custody.sessions import required
from plainspoken.policies.queries import rule

from .arriving import as_lines, lines_read
from .holding import Intervals, agent_channel, parties, write_copy
from .leaving import Leaving, Manner, Part, begin, leavings, whole_and_others
from .measures import ask_again, to_measure, to_measures

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
        row.peaks = sealer.seal(
            json.dumps([list(p) for p in made.peaks]).encode(), context=context(row, "peaks")
        )
        row.save()


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


SOUND, PLAY, RECEIVED, LOOKS = _Sound(), _Play(), _Received(), _Looks()


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


def plan_conversation(subject: UUID) -> Ending:
    """Conversations that become measures. Where others stay, the row stays too; its parts say what
    is rewritten.
    """
    return Ending(count=sum(one.manner == Manner.WHOLE for one in leavings(subject)), verb="erase")


def erase_conversation(subject: UUID, by: Actor) -> Ending:
    """A sole customer's conversation becomes a measure; another's has a key without them by now."""
    whole, others = whole_and_others(subject)
    for leaving in others:
        if leaving.manner != Manner.UNLINK:
            begin(leaving, by)
    ids = [leaving.conversation for leaving in whole]
    rows = Conversation.objects.select_for_update(of=("self",)).filter(id__in=ids).order_by("id")
    to_measures(list(rows), keep=[leaving.participation for leaving in whole])
    return Ending(count=len(whole), verb="erase")


def plan_participation(subject: UUID) -> Ending:
    """Rows that link the subject to conversations, and what of a member of staff stays without the link."""
    rows = Participation.objects.filter(organisation_id=required().organisation, subject_id=subject)
    unlinked = [one for one in leavings(subject) if one.manner == Manner.UNLINK]
    return _unlinking(rows.count(), unlinked)


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
    """The link goes: of a customer with the row, of staff whose part stays by losing their name."""
    planned = plan_participation(subject)
    unlinked = [one.participation for one in leavings(subject) if one.manner == Manner.UNLINK]
    rows = Participation.objects.filter(organisation_id=required().organisation, subject_id=subject)
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
        for part in (LOOKS, RECEIVED, PLAY, SOUND):
            for sealed in part.model._default_manager.filter(conversation=row):
                part.remove(sealed)  # type: ignore[arg-type]
        ports.words().end(row.id)
        to_measure(row)
        count += 1
    if count:
        ledger.enter(act="purge.rows", about="conversations.conversation", by=by, detail={"rows": count})
    return count
