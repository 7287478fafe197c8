"""The sealed words of an evaluation: written, opened, and what is not there any more."""

from uuid import UUID

from plainspoken.conversations.models import Conversation
from plainspoken.custody import clock, keys
from plainspoken.custody.actors import Actor
from plainspoken.custody.acts import context
from plainspoken.custody.keys import KeyGone, Sealer
from plainspoken.quality.models import Comment, Dispute, Evaluation

LONGEST = 4000
GONE = "These words were erased."


class WordsRefused(ValueError):
    """The words cannot be kept; the message says why."""


def write(
    *,
    evaluation: Evaluation,
    kind: Comment.Kind,
    text: str,
    by: Actor,
    question: str = "",
    at_s: float | None = None,
    dispute: Dispute | None = None,
) -> Comment:
    """Seal words beside an evaluation, inside the purpose session of the act they belong to."""
    row = Comment(
        organisation_id=evaluation.organisation_id,
        evaluation=evaluation,
        conversation_id=evaluation.conversation_id,
        dispute=dispute,
        kind=kind,
        question=question,
        at_s=at_s,
        by=str(by),
        at=clock.now(evaluation.organisation_id),
    )
    _seal(row, checked(text))
    row.save(force_insert=True)
    return row


def rewrite(row: Comment, *, text: str) -> None:
    """Seal other words in place of the first ones."""
    _seal(row, checked(text))
    row.save()


def checked(text: str) -> str:
    """The words as they are kept. Raises WordsRefused."""
    text = text.replace("\0", "").strip()
    if not text:
        raise WordsRefused("Write at least a word.")
    if len(text) > LONGEST:
        raise WordsRefused(f"This is too long. Use {LONGEST} characters at most.")
    return text


def opened(row: Comment) -> str:
    """The words; a sentence in their place where their key is gone."""
    try:
        return _sealer(row).open_text(bytes(row.text), context=context(row, "text"))
    except KeyGone:
        return GONE


def _seal(row: Comment, text: str) -> None:
    # A share of the lock that an erasure takes: it waits for us, or we see that the key has gone.
    conversation = (
        Conversation.objects.select_for_update(of=("self",), no_key=True)
        .select_related("content_key")
        .get(id=row.conversation_id)
    )
    row.content_key = conversation.content_key
    row.text = _sealer(row).seal_text(text, context=context(row, "text"))


def _sealer(row: Comment) -> Sealer:
    if row.content_key is not None:
        return keys.content_sealer(row.content_key)
    agent: UUID | None = row.evaluation.agent_id
    if agent is None:
        raise KeyGone("Nobody is left whose words these could be.")
    return keys.subject_sealer(agent)
