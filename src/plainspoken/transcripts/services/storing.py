"""Raw words as sealed objects, and the lock that keeps an erasure from slipping between."""

import json
from collections.abc import Iterator, Sequence
from uuid import UUID

from plainspoken.conversations import services as conversations
from plainspoken.conversations.models import Conversation
from plainspoken.conversations.services import Held
from plainspoken.custody import keys, objects
from plainspoken.custody.keys import Sealer
from plainspoken.custody.sessions import required
from plainspoken.transcripts.models import Transcript, Words
from plainspoken.transcripts.segments import Said


def locked(conversation: UUID) -> Held:
    """The conversation, locked until the transaction ends, so that no erasure slips between. Raises
    NoConversation.
    """
    found = (
        Conversation.objects.select_for_update(of=("self",))
        .filter(id=conversation, erased_at=None, organisation_id=required().organisation)
        .exists()
    )
    if not found:
        raise conversations.NoConversation(f"There is no conversation {conversation} here.")
    return conversations.take(conversation)


def keep(transcript: Transcript, said: Sequence[Said], *, key: UUID, sealer: Sealer) -> Words:
    """Store raw words in place of those that were there."""
    name, _ = objects.write(lines(said), sealer=sealer)
    row = Words.objects.filter(transcript=transcript).first()
    if row is None:
        return Words.objects.create(
            organisation_id=transcript.organisation_id, transcript=transcript, content_key_id=key, words=name
        )
    objects.remove_after_commit(row.words)
    row.words, row.content_key_id = name, key
    row.save(update_fields=["words", "content_key"])
    return row


def lines(said: Sequence[Said]) -> Iterator[bytes]:
    for item in said:
        yield json.dumps(item.as_list(), ensure_ascii=False).encode() + b"\n"


def raw(row: Words, *, sealer: Sealer | None = None) -> list[Said]:
    """The raw words of a transcript, opened. Raises KeyGone once a holder of their key is gone."""
    sealer = sealer or keys.content_sealer(row.content_key)
    whole = b"".join(objects.read(row.words, sealer=sealer))
    return [Said.read(json.loads(line)) for line in whole.splitlines()]
