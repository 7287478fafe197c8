"""From a conversation's sound, or the words that came with it, to raw words, sealed. Each step may
run again.
"""

from dataclasses import dataclass
from uuid import UUID

from plainspoken.conversations import services as conversations
from plainspoken.conversations.models import Conversation
from plainspoken.conversations.services import Held
from plainspoken.custody import clock, ledger
from plainspoken.custody.actors import Actor
from plainspoken.custody.keys import KeyGone
from plainspoken.custody.sessions import purpose
from plainspoken.transcripts import segments
from plainspoken.transcripts.models import Transcript, Words

from .hearing import Heard, HearingFailed, hear
from .redacting import redact
from .storing import keep, locked


def transcribe(*, conversation: UUID, organisation: UUID, by: Actor) -> str:
    """Write, redact and index one conversation; returns its state. What is done already is not done again.

    The recogniser runs outside any transaction. A recogniser that fails leaves the conversation listed as
    failed, with a reason, and is raised as HearingFailed so that the job runs again later. An erased
    conversation is left alone.
    """
    try:
        with purpose("ingest.write", organisation=organisation, by=by):
            held = conversations.take(conversation)
            transcript = _begin(held, by)
            written = Words.objects.filter(transcript=transcript).exists()
        if not written:
            heard = _words_of(held)
            with purpose("ingest.write", organisation=organisation, by=by):
                write(conversation=conversation, heard=heard, by=by)
        with purpose("ingest.write", organisation=organisation, by=by):
            redact(conversation=conversation, by=by)
    except (conversations.NoConversation, KeyGone):
        return "gone"
    except HearingFailed as error:
        _fail(conversation, organisation, error.code, by)
        raise
    except Exception:
        _fail(conversation, organisation, "writing-failed", by)
        raise
    return "ready"


def _begin(held: Held, by: Actor) -> Transcript:
    row, _ = Transcript.objects.get_or_create(
        conversation_id=held.id,
        defaults={"organisation_id": held.organisation, "language": held.language},
    )
    if row.state != Transcript.State.READY:
        Transcript.objects.filter(id=row.id).update(state=Transcript.State.WRITING, reason="")
        conversations.mark(conversation=held.id, state=Conversation.State.WRITING, by=by)
    return row


def _words_of(held: Held) -> Heard:
    """The words that came with the conversation where they will do; else those that the recogniser hears.

    Beside a sound, words without times will not do: nobody could tell which seconds to silence.
    """
    came = conversations.words_of(held)
    if came and (not held.sound or all(item.start_s is not None and item.end_s is not None for item in came)):
        channels = {party.position: party.channel for party in held.parties}
        said = segments.received(came, channels=channels)
        return Heard(said=tuple(said), language=held.language, made_by="the source", sure=None)
    if not held.sound:
        raise HearingFailed("no-words", "There is neither sound nor words.")
    return hear(held)


def write(*, conversation: UUID, heard: Heard, by: Actor) -> Transcript:
    """Keep raw words under the conversation's key; the received copy goes. Raises NoConversation."""
    held = locked(conversation)
    row = Transcript.objects.get(conversation_id=conversation)
    row.language = heard.language or held.language or "en"
    row.made_by, row.sure = heard.made_by[:60], heard.sure
    row.made_at = clock.now(held.organisation)
    row.save(update_fields=["language", "made_by", "sure", "made_at"])
    keep(row, heard.said, key=held.content_key, sealer=held.sealer)
    conversations.words_taken(conversation=conversation, by=by)
    ledger.enter(
        act="transcript.written", about=f"conversation:{conversation}", by=by,
        detail={"utterances": len(heard.said), "words": sum(len(s.words) for s in heard.said)},
    )  # fmt: skip
    return row


def _fail(conversation: UUID, organisation: UUID, reason: str, by: Actor) -> None:
    with purpose("ingest.write", organisation=organisation, by=by):
        Transcript.objects.filter(conversation_id=conversation).update(
            state=Transcript.State.FAILED, reason=reason
        )
        conversations.mark(conversation=conversation, state=Conversation.State.FAILED, reason=reason, by=by)


@dataclass(frozen=True)
class Queued:
    """What `again` put back to work."""

    conversations: int


def again(*, organisation: UUID, by: Actor, most: int = 1000) -> Queued:
    """Queue conversations that failed once more (after a recogniser was installed, say)."""
    with purpose("ingest.write", organisation=organisation, by=by):
        rows = Conversation.objects.filter(organisation_id=organisation, state=Conversation.State.FAILED)[
            :most
        ]
        for row in rows:
            conversations.mark(conversation=row.id, state=Conversation.State.WAITING, by=by)
            conversations.queue_writing(row)
        return Queued(len(rows))
