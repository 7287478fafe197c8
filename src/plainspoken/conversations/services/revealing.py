"""Showing what was removed, once, for a purpose and a reason. The ledger has the purpose; the reason
is sealed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from plainspoken.conversations import ports
from plainspoken.conversations.models import Conversation, Reveal
from plainspoken.conversations.queries import collected_for, customers_of
from plainspoken.custody import clock, keys, ledger
from plainspoken.custody.actors import Actor
from plainspoken.custody.acts import context
from plainspoken.custody.sessions import required

from .holding import NoConversation

REVEALING = "conversation.reveal"


class ReasonMissing(ValueError):
    """Nothing is shown without a reason."""


@dataclass(frozen=True)
class Revealed:
    """The raw text of each removed part by its number, and the ledger's entry of the look."""

    entry: UUID
    parts: Mapping[int, str]


def reveal(*, conversation: UUID, purpose: str, reason: str, by: Actor) -> Revealed:
    """Inside a session of `conversation.reveal`. Raises ReasonMissing, NoConversation, KeyGone."""
    session = required()
    if not reason.strip():
        raise ReasonMissing("Say in one sentence why you need it.")
    row = (
        collected_for(Conversation.objects.select_related("content_key"))
        .filter(id=conversation, organisation_id=session.organisation, erased_at=None)
        .first()
    )
    if row is None or row.content_key is None:
        raise NoConversation(f"There is no conversation {conversation} here. It may have been erased.")
    parts = ports.words().revealed(conversation)
    subjects = customers_of(conversation)
    entries = [
        ledger.enter(
            act=REVEALING, subject=subject, about=f"conversation:{conversation}", by=by,
            detail={"for": purpose, "parts": len(parts)},
        )
        for subject in (*subjects, *([] if subjects else [None]))
    ]  # fmt: skip
    look = Reveal(
        organisation_id=session.organisation,
        conversation=row,
        content_key=row.content_key,
        purpose=purpose,
        by=str(by),
        at=clock.now(session.organisation),
        entry=entries[0],
    )
    look.reason = keys.content_sealer(row.content_key).seal_text(
        reason.strip(), context=context(look, "reason")
    )
    look.save(force_insert=True)
    return Revealed(entry=entries[0], parts=parts)
