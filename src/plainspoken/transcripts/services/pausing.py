"""A pause that was told after the call had arrived: silence its sound, drop its words, make everything anew."""

from uuid import UUID

from plainspoken.conversations import services as conversations
from plainspoken.custody.actors import Actor
from plainspoken.custody.keys import KeyGone
from plainspoken.custody.sessions import purpose
from plainspoken.transcripts.mending import without_pauses
from plainspoken.transcripts.models import Correction, Transcript, Words

from .redacting import redact
from .storing import keep, locked, raw


def pause(*, conversation: UUID, organisation: UUID, by: Actor) -> str:
    """Apply the pauses of a conversation that are not applied yet; returns what was done. Running it again is safe."""
    try:
        with purpose("ingest.write", organisation=organisation, by=by):
            held = locked(conversation)
            pauses = conversations.unapplied(conversation)
            if not pauses.rows:
                return "nothing"
            conversations.silence(conversation=conversation, pauses=pauses, by=by)
            transcript = Transcript.objects.filter(conversation_id=conversation).first()
            words = Words.objects.select_related("content_key").filter(transcript=transcript).first()
            if transcript is None or words is None:
                return "silenced"
            away = [own for stretches in pauses.silent.values() for own in stretches]
            said = without_pauses(raw(words), away)
            # What stood before a correction may hold what was said in the pause.
            Correction.objects.filter(transcript=transcript).delete()
            keep(transcript, said, key=held.content_key, sealer=held.sealer)
            redact(conversation=conversation, by=by)
            return "redacted"
    except (conversations.NoConversation, KeyGone):
        return "gone"
