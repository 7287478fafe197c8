"""How a conversation ends for one person: whole, in part, by channel, or by losing its link to them.

An erasure walks the places one by one, each in a transaction of its own, and may be cut off anywhere. So each
step asks what is left to do, and doing it again changes nothing. Sealed parts move from the old content key
to a new one: what is not yet under the conversation's key is not yet done.
"""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Generic, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import ProtectedError

from plainspoken.conversations import media, ports
from plainspoken.conversations.models import (
    Conversation,
    Participation,
    PlayCopy,
    ReceivedWords,
    Recording,
    Reveal,
)
from plainspoken.custody import clock, keys, ledger, objects
from plainspoken.custody.actors import Actor
from plainspoken.custody.acts import context
from plainspoken.custody.keys import KeyGone
from plainspoken.custody.models import ContentKey, Organisation
from plainspoken.custody.places import Ending, Kept
from plainspoken.custody.sessions import required
from plainspoken.policies.queries import rule

from .arriving import as_lines, lines_read
from .holding import Intervals, agent_channel, parties, write_copy

# With these grounds a member of staff cannot have their part in customers' conversations removed (GDPR Art. 17(3)(b),
# Art. 6(1)(b), (c)); the link to them goes all the same.
STAFF_STAYS = ("contract", "legal-obligation")
FOREVER = float("inf")


class Manner(Enum):
    """How a conversation ends for somebody: all of it; their part, others stay; their channel; only
    the link to them.
    """

    WHOLE = "whole"
    PART = "part"
    CHANNEL = "channel"
    UNLINK = "unlink"


@dataclass(frozen=True)
class Leaving:
    """Somebody who leaves a conversation, and how."""

    conversation: UUID
    participation: UUID
    position: int
    channel: int | None
    alone: bool
    manner: Manner
    begun: bool


def leavings(subject: UUID) -> list[Leaving]:
    """Every conversation the subject is in, and how it ends for them by the published policy."""
    organisation = required().organisation
    own = list(
        Participation.objects.filter(
            organisation_id=organisation, subject_id=subject, conversation__erased_at=None
        ).order_by("conversation_id", "-role")
    )
    if not own:
        return []
    ids = {row.conversation_id for row in own}
    others: dict[UUID, list[Participation]] = {key: [] for key in ids}
    for row in Participation.objects.filter(conversation_id__in=ids).exclude(subject_id=subject):
        others[row.conversation_id].append(row)
    stays = _staff_stays(organisation)
    found: dict[UUID, Leaving] = {}
    for row in own:
        # Customers come first: who is both leaves as a customer.
        if row.conversation_id not in found:
            found[row.conversation_id] = _leaving(row, others[row.conversation_id], stays)
    return list(found.values())


def _leaving(row: Participation, others: list[Participation], stays: bool) -> Leaving:
    customers = [o for o in others if o.role == Participation.Role.CUSTOMER and _is_here(o)]
    if row.role == Participation.Role.CUSTOMER:
        manner = Manner.PART if customers else Manner.WHOLE
    else:
        manner = Manner.UNLINK if stays else Manner.CHANNEL
    return Leaving(
        conversation=row.conversation_id,
        participation=row.id,
        position=row.position,
        channel=row.channel,
        alone=row.channel is not None and all(o.channel != row.channel for o in others),
        manner=manner,
        begun=row.leaving,
    )


def _is_here(row: Participation) -> bool:
    """Whether somebody can still hold a key: after a restore, others may be erased already as well."""
    return row.subject_id is not None and not keys.is_destroyed(
        organisation=row.organisation_id, subject=row.subject_id
    )


def _staff_stays(organisation: UUID) -> bool:
    purposes = rule(organisation=organisation, clause="use.purposes").purposes
    answering = purposes.get("service.answer")
    return answering is not None and answering.basis.get("staff") in STAFF_STAYS


def begin(leaving: Leaving, by: Actor) -> Conversation:
    """Give the conversation a content key without the one who leaves, once. Its parts follow one by one.

    What is sealed in the row itself moves now: the source's id; the subject line goes with a customer, since
    it may name them. Works when a key is gone already: what cannot be opened goes.
    """
    row = Conversation.objects.select_for_update(of=("self",)).get(id=leaving.conversation)
    mine = Participation.objects.filter(id=leaving.participation)
    if mine.filter(leaving=True).exists() or row.content_key is None:
        return row
    holders = [
        subject
        for subject in Participation.objects.filter(conversation=row, role=Participation.Role.CUSTOMER)
        .exclude(id=leaving.participation if leaving.manner == Manner.PART else None)
        .values_list("subject_id", flat=True)
        if subject
    ]
    source_id, subject_line = _opened(row, "source_id"), _opened(row, "subject_line")
    key, sealer = keys.new_content_key(holders=holders)
    row.content_key = key
    row.source_id = sealer.seal(source_id, context=context(row, "source_id")) if source_id else None
    keeps_line = subject_line and leaving.manner == Manner.CHANNEL
    row.subject_line = sealer.seal(subject_line, context=context(row, "subject_line")) if keeps_line else None  # type: ignore[arg-type]
    row.save(update_fields=["content_key", "source_id", "subject_line"])
    mine.update(leaving=True)
    return row


def _opened(row: Conversation, column: str) -> bytes | None:
    sealed = getattr(row, column)
    if sealed is None or row.content_key is None:
        return None
    try:
        return keys.content_sealer(row.content_key).open(sealed, context=context(row, column))
    except KeyGone:
        return None


Row = TypeVar("Row", bound=models.Model)


class Part(Generic[Row]):
    """A place whose rows are sealed under the conversation's key: deleted with the whole, else rewritten
    under the new key.

    `path` leads from a row to its conversation.
    """

    model: type[Row]
    path = "conversation"

    def rows(self, leaving: Leaving) -> "models.QuerySet[Row]":
        """What is still to do for one who leaves."""
        rows = self.model._default_manager.filter(**{f"{self.path}_id": leaving.conversation})
        if leaving.manner == Manner.UNLINK:
            return rows.none()
        if leaving.manner == Manner.WHOLE or not leaving.begun:
            return rows
        return rows.exclude(content_key_id=models.F(f"{self.path}__content_key_id"))

    def plan(self, subject: UUID) -> Ending:
        """What `erase` would do now."""
        found = [(one, self.rows(one).count()) for one in leavings(subject)]
        return _ending([(one, count) for one, count in found if count])

    def erase(self, subject: UUID, by: Actor) -> Ending:
        """End what is left to end."""
        done = []
        for leaving in leavings(subject):
            rows = list(self.rows(leaving).select_related("content_key"))
            if not rows:
                continue
            conversation = None if leaving.manner == Manner.WHOLE else begin(leaving, by)
            for row in rows:
                if conversation is None or not self._rewritten(row, leaving, conversation):
                    self.remove(row)
            done.append((leaving, len(rows)))
        return _ending(done)

    def _rewritten(self, row: Row, leaving: Leaving, conversation: Conversation) -> bool:
        try:
            self.rewrite(row, leaving, conversation)
        except (KeyGone, media.UnreadableSound):
            # What cannot be opened cannot be rewritten without them: it goes whole.
            return False
        return True

    def remove(self, row: Row) -> None:
        """Delete a row and its objects."""
        row.delete()

    def rewrite(self, row: Row, leaving: Leaving, conversation: Conversation) -> None:
        """Move a row to the conversation's new key, without the part of the one who leaves. Raises
        KeyGone.
        """
        raise NotImplementedError

    def purge(self, before: datetime, except_subjects: Collection[UUID], by: Actor) -> int:
        """End rows of conversations that began before a moment, except where one of these subjects
        took part.
        """
        rows = self.model._default_manager.filter(
            **{
                f"{self.path}__organisation_id": required().organisation,
                f"{self.path}__started_at__lt": before,
            }
        )
        if except_subjects:
            spared = Participation.objects.filter(subject_id__in=except_subjects)
            rows = rows.exclude(**{f"{self.path}__in": spared.values("conversation_id")})
        count = 0
        for row in rows.iterator(chunk_size=200):
            self.remove(row)
            count += 1
        if count:
            ledger.enter(act="purge.rows", about=self.model._meta.label_lower, by=by, detail={"rows": count})
        return count


def _ending(done: list[tuple[Leaving, int]]) -> Ending:
    whole = any(leaving.manner == Manner.WHOLE for leaving, _ in done)
    return Ending(count=sum(count for _, count in done), verb="erase" if whole or not done else "rewrite")


class _Sound(Part[Recording]):
    model = Recording

    def remove(self, row: Recording) -> None:
        objects.remove_after_commit(row.original)
        row.delete()

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

    def remove(self, row: PlayCopy) -> None:
        objects.remove_after_commit(row.sound)
        row.delete()

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

    def remove(self, row: ReceivedWords) -> None:
        objects.remove_after_commit(row.words)
        row.delete()

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
        plain = keys.content_sealer(row.content_key).open(row.reason, context=place)
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
    """Conversations that end or get a new key."""
    return _ending([(one, 1) for one in leavings(subject) if _open(one)])


def _open(leaving: Leaving) -> bool:
    return leaving.manner != Manner.UNLINK and (leaving.manner == Manner.WHOLE or not leaving.begun)


def erase_conversation(subject: UUID, by: Actor) -> Ending:
    """A sole customer's conversation becomes a measure; another's gets a key without them. Old keys go."""
    done = []
    for leaving in leavings(subject):
        if not _open(leaving):
            continue
        if leaving.manner == Manner.WHOLE:
            row = Conversation.objects.select_for_update(of=("self",)).get(id=leaving.conversation)
            to_measure(row, keep=leaving.participation)
        else:
            begin(leaving, by)
        done.append((leaving, 1))
    _drop_keys(
        ContentKey.objects.filter(organisation_id=required().organisation, holders__contains=[subject])
    )
    return _ending(done)


def to_measure(row: Conversation, *, keep: UUID | None = None) -> None:
    """Leave queue, length and day, and nothing of anybody. A queue that nobody else was in would tell
    them, so it goes.

    `keep` is a participation that a later step removes and counts.
    """
    zone = ZoneInfo(Organisation.objects.values_list("time_zone", flat=True).get(id=row.organisation_id))
    day = row.started_at.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    key = row.content_key
    row.source_id = row.source_blind = row.content_blind = row.subject_line = row.content_key = None
    row.started_at = day
    row.direction = row.language = row.reason = ""
    if (
        row.queue
        and not Conversation.objects.filter(
            organisation_id=row.organisation_id, queue=row.queue, erased_at=None
        )
        .exclude(id=row.id)
        .exists()
    ):
        row.queue = ""
    row.state, row.erased_at = Conversation.State.ERASED, clock.now(row.organisation_id)
    row.save()
    Participation.objects.filter(conversation=row).exclude(id=keep).delete()
    if key is not None:
        _drop_keys(ContentKey.objects.filter(id=key.id))


def _drop_keys(rows: "models.QuerySet[ContentKey]") -> None:
    """Remove wrapped keys that nothing is sealed with any more; others stay until it is."""
    for row in rows:
        try:
            row.delete()
        except ProtectedError:
            continue


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
    _drop_keys(
        ContentKey.objects.filter(organisation_id=required().organisation, holders__contains=[subject])
    )
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
