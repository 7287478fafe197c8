"""What later stations may take of a conversation, and what they hand back: its state and its play copy."""

import json
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from plainspoken.conversations import media
from plainspoken.conversations.arrival import Utterance
from plainspoken.conversations.models import Conversation, Participation, PlayCopy, ReceivedWords, Recording
from plainspoken.custody import clock, keys, ledger, objects
from plainspoken.custody.actors import Actor
from plainspoken.custody.acts import context
from plainspoken.custody.keys import Sealer
from plainspoken.custody.sessions import required
from plainspoken.kernels.redaction.sound import LEAST_WIDENING

from .lines import lines_read

Intervals = Mapping[int | Literal["both"], Sequence[tuple[float, float]]]


class NoConversation(LookupError):
    """There is no such conversation for the purpose in force, or it was erased."""


@dataclass(frozen=True)
class Party:
    """Somebody who took part; `subject` is None once they were erased. `alone`: nobody else is on
    their channel.
    """

    participation: UUID
    position: int
    role: str
    subject: UUID | None
    channel: int | None
    alone: bool


@dataclass(frozen=True)
class Held:
    """A conversation with the key to its content. Sound and words are opened by `sound_of` and `words_of`."""

    id: UUID
    organisation: UUID
    kind: str
    language: str
    content_key: UUID
    sealer: Sealer
    sound_sealer: Sealer
    words_sealer: Sealer
    parties: tuple[Party, ...]
    subject_line: str
    sound: str
    channels: int
    duration_s: float
    words: str

    def party(self, position: int | None) -> Party | None:
        """The party at this place, or None."""
        return next((party for party in self.parties if party.position == position), None)

    @property
    def swapped(self) -> bool:
        """Whether the agent speaks on the second of two channels."""
        return self.channels == 2 and agent_channel(self.parties) == 1

    def speaker_on(self, channel: int) -> Party | None:
        """Who speaks on a channel, where it is one person."""
        return next((party for party in self.parties if party.channel == channel and party.alone), None)


def take(conversation: UUID) -> Held:
    """Everything a station needs to work on a conversation. Raises NoConversation, KeyGone."""
    row = (
        Conversation.objects.select_related("content_key")
        .filter(id=conversation, erased_at=None, organisation_id=required().organisation)
        .first()
    )
    if row is None or row.content_key is None:
        raise NoConversation(f"There is no conversation {conversation} here. It may have been erased.")
    sealer = keys.content_sealer(row.content_key)
    recording = Recording.objects.select_related("content_key").filter(conversation=row).first()
    received = ReceivedWords.objects.select_related("content_key").filter(conversation=row).first()
    return Held(
        id=row.id,
        organisation=row.organisation_id,
        kind=row.kind,
        language=row.language,
        content_key=row.content_key.id,
        sealer=sealer,
        sound_sealer=_sealer(recording, row, sealer),
        words_sealer=_sealer(received, row, sealer),
        parties=parties(conversation),
        subject_line=_opened(sealer, row),
        sound=recording.original if recording else "",
        channels=recording.channels if recording else 0,
        duration_s=recording.duration_s if recording else 0.0,
        words=received.words if received else "",
    )


def _sealer(part: Recording | ReceivedWords | None, row: Conversation, sealer: Sealer) -> Sealer:
    """The key of one part: another than the conversation's while an erasure rewrites it part by part."""
    if part is None or part.content_key_id == row.content_key_id:
        return sealer
    return keys.content_sealer(part.content_key)


def _opened(sealer: Sealer, row: Conversation) -> str:
    if row.subject_line is None:
        return ""
    return sealer.open_text(bytes(row.subject_line), context=context(row, "subject_line"))


def parties(conversation: UUID) -> tuple[Party, ...]:
    """Who took part, in order."""
    rows = list(Participation.objects.filter(conversation_id=conversation).order_by("position"))
    channels = [row.channel for row in rows]
    return tuple(
        Party(
            participation=row.id,
            position=row.position,
            role=row.role,
            subject=row.subject_id,
            channel=row.channel,
            alone=row.channel is not None and channels.count(row.channel) == 1,
        )
        for row in rows
    )


def agent_channel(people: Sequence[Party]) -> int:
    """The channel of the agents in a sound of two: theirs where it is known, else the one that no
    customer has.
    """
    theirs = {party.channel for party in people if party.role == "agent" and party.channel is not None}
    if theirs:
        return min(theirs)
    return 1 if {party.channel for party in people} == {0} else 0


def widened(start: float, end: float) -> tuple[float, float]:
    """A stretch with what a recogniser's times may be off by on both sides."""
    return max(0.0, start - LEAST_WIDENING), end + LEAST_WIDENING


def sound_of(held: Held) -> media.SealedSound:
    """The original sound as a seekable file. Needs no database; use it in a `with`."""
    return media.SealedSound(held.sound, held.sound_sealer)


class SoundBroken(ValueError):
    """The stored sound cannot be read to its end."""


def channel_of(held: Held, index: int) -> Iterator[media.Samples]:
    """One channel of the original, 16 kHz, in blocks. Needs no database. Raises SoundBroken."""
    try:
        with sound_of(held) as source:
            yield from media.channel(source, index)
    except (media.UnreadableSound, keys.Unreadable) as error:
        raise SoundBroken("The sound cannot be read to its end. Send it again.") from error


def words_of(held: Held) -> tuple[Utterance, ...]:
    """The words that arrived with the conversation; empty when there were none."""
    return lines_read(objects.read(held.words, sealer=held.words_sealer)) if held.words else ()


def words_taken(*, conversation: UUID, by: Actor) -> None:
    """The transcript has the words now: the received copy goes."""
    for row in ReceivedWords.objects.filter(conversation_id=conversation):
        objects.remove_after_commit(row.words)
        row.delete()


def mark(
    *,
    conversation: UUID,
    state: Conversation.State,
    by: Actor,
    reason: str = "",
    language: str = "",
    duration_s: float | None = None,
) -> None:
    """Record where the conversation stands. `reason` is a code; erased conversations stay erased."""
    changes: dict[str, object] = {"state": state, "reason": reason}
    if language:
        changes["language"] = language
    if duration_s is not None:
        changes["duration_s"] = duration_s
    changed = Conversation.objects.filter(id=conversation, erased_at=None).update(**changes)
    if changed and state in (Conversation.State.READY, Conversation.State.FAILED):
        ledger.enter(
            act=f"conversation.{state}", about=f"conversation:{conversation}", by=by,
            detail={"reason": reason} if reason else {},
        )  # fmt: skip


def keep_play_copy(*, held: Held, intervals: Intervals, by: Actor) -> PlayCopy | None:
    """Make the copy that people hear, silent in `intervals` (seconds by channel), and put it in place of
    the last one.

    Of two channels the agent's comes first, whatever the original does. Encoding runs before the first write
    of the transaction, so that it keeps nobody waiting. None without sound.
    """
    if not held.sound:
        return None
    with sound_of(held) as source:
        name, size, made = write_copy(
            media.play_copy(source, intervals, swap=held.swapped), sealer=held.sealer
        )
    row = PlayCopy.objects.filter(conversation_id=held.id).first()
    if row is not None:
        objects.remove_after_commit(row.sound)
        row.delete()
    row = PlayCopy(
        organisation_id=held.organisation,
        conversation_id=held.id,
        content_key_id=held.content_key,
        sound=name,
        channels=made.channels,
        duration_s=made.duration_s,
        silenced_s=made.silenced_s,
        size=size,
        made_at=clock.now(held.organisation),
    )
    draw(row, made, held.sealer)
    row.save(force_insert=True)
    measured(held.id, made)
    Recording.objects.filter(conversation_id=held.id).update(
        truncated=made.truncated, duration_s=made.duration_s
    )
    return row


def draw(row: PlayCopy, made: media.Copied, sealer: Sealer) -> None:
    """Set the sealed drawing of a copy and its sealed moments."""
    drawing = json.dumps([list(channel) for channel in made.peaks]).encode()
    row.peaks = sealer.seal(drawing, context=context(row, "peaks"))
    moments = json.dumps([made.moments.silences, made.moments.talk_over]).encode()
    row.moments = sealer.seal(moments, context=context(row, "moments"))


def measured(conversation: UUID, made: media.Copied) -> None:
    """Set how long a conversation is silent, and how long both sides speak at once, by its newest copy."""
    two = made.channels > 1
    Conversation.objects.filter(id=conversation).update(
        silence_s=made.moments.longest_silence_s, talk_over_s=made.moments.talk_over_s if two else None
    )


def write_copy(
    pieces: Generator[bytes, None, media.Copied], *, sealer: Sealer
) -> tuple[str, int, media.Copied]:
    """Keep what a copying function makes, encrypted as it comes: its object's name, its size, what
    was made.
    """
    finished: list[media.Copied] = []

    def passed() -> Iterable[bytes]:
        finished.append((yield from pieces))

    name, size = objects.write(passed(), sealer=sealer)
    return name, size, finished[0]
