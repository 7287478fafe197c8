"""Hearing conversations again with another recogniser. The words that are there stay until the new ones are."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from procrastinate.contrib.django import app as jobs
from procrastinate.exceptions import AlreadyEnqueued

from plainspoken.conversations import services as conversations
from plainspoken.conversations.models import Recording
from plainspoken.custody.actors import Actor
from plainspoken.custody.keys import KeyGone
from plainspoken.custody.sessions import purpose
from plainspoken.transcripts import engines
from plainspoken.transcripts.models import Correction, Overruling, Transcript

from .hearing import hear
from .redacting import redact
from .writing import write

INGEST, TASK = "ingest.write", "transcripts.hear_again"
AT_ONCE = 1000


@dataclass(frozen=True)
class Older:
    """What `hear_older_again` put to work, what waits there already, and what it left since people decided on it."""

    queued: int
    waiting: int
    left: int


def hear_older_again(*, organisation: UUID, model: str, by: Actor) -> Older:
    """Queue every conversation with sound that was heard by another recogniser than `model` ("" means the one that is
    set up). Where people corrected words or overruled what was removed, it is left alone: that stands on its words.
    """
    model = model or engines.recogniser().name
    queued = waiting = left = 0
    after: UUID | None = None
    while True:
        with purpose(INGEST, organisation=organisation, by=by):
            rows = _older(organisation, model)
            if after is not None:
                rows = rows.filter(id__gt=after)
            batch = list(rows.order_by("id")[:AT_ONCE])
            if not batch:
                return Older(queued, waiting, left)
            after = batch[-1].id
            for row in batch:
                if row.decided:  # type: ignore[attr-defined]
                    left += 1
                    continue
                try:
                    jobs.configure_task(
                        name=TASK,
                        lock=f"conversation:{row.conversation_id}",
                        queueing_lock=f"again:{row.conversation_id}",
                        priority=conversations.BULK * 2,
                    ).defer(
                        conversation=str(row.conversation_id), organisation=str(organisation), model=model
                    )
                except AlreadyEnqueued:
                    waiting += 1
                else:
                    queued += 1


def _older(organisation: UUID, model: str) -> "QuerySet[Transcript]":
    return (
        Transcript.objects.filter(organisation_id=organisation, state=Transcript.State.READY)
        .exclude(made_by__in=(model, "the source", ""))
        .annotate(
            recorded=Exists(Recording.objects.filter(conversation=OuterRef("conversation"))),
            decided=Exists(Overruling.objects.filter(transcript=OuterRef("pk")))
            | Exists(Correction.objects.filter(transcript=OuterRef("pk"))),
        )
        .filter(recorded=True)
    )


def hear_again(*, conversation: UUID, organisation: UUID, model: str, by: Actor) -> bool:
    """Hear one conversation again and put the new words in place of the old; False where there is nothing to do.

    The recogniser runs outside any transaction. Raises HearingFailed; then the old words stay.
    """
    try:
        with purpose(INGEST, organisation=organisation, by=by):
            row = _older(organisation, model).filter(conversation_id=conversation).first()
            if row is None or row.decided:  # type: ignore[attr-defined]
                return False
            held = conversations.take(conversation)
        heard = hear(held)
        with purpose(INGEST, organisation=organisation, by=by):
            # Somebody may have decided on the old words while we heard the new ones.
            now = _older(organisation, model).filter(id=row.id).first()
            if now is None or now.decided:  # type: ignore[attr-defined]
                return False
            write(conversation=conversation, heard=heard, by=by)
            redact(conversation=conversation, by=by)
    except (conversations.NoConversation, KeyGone):
        return False
    return True
