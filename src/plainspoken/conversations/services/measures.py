"""A conversation that has ended stays as a measure: queue, length and day, and nothing of anybody."""

from collections.abc import Callable, Collection, Iterable
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import Exists, ForeignObjectRel, Model, OuterRef

from plainspoken.conversations.models import Conversation, Participation
from plainspoken.custody import clock
from plainspoken.custody.asking import delete
from plainspoken.custody.models import ContentKey
from plainspoken.custody.sessions import current, required

TAKING_PART = "conversations.taking-part/"
Answer = TypeVar("Answer")


# The day is the organisation's own. A queue that nobody else is in any more would tell who was.
_EMPTY = """
UPDATE conversations_conversation c SET source_id = NULL, source_blind = NULL, content_blind = NULL,
  subject_line = NULL, content_key_id = NULL, direction = '', language = '', reason = '',
  started_at = date_trunc('day', c.started_at,
    (SELECT time_zone FROM custody_organisation WHERE id = c.organisation_id)),
  queue = CASE WHEN EXISTS (SELECT 1 FROM conversations_conversation o
      WHERE o.organisation_id = c.organisation_id AND o.queue = c.queue AND o.erased_at IS NULL
        AND o.id <> ALL (%(ids)s)) THEN c.queue ELSE '' END,
  state = %(state)s, erased_at = %(now)s
WHERE c.id = ANY (%(ids)s) RETURNING c.id, {held}"""


def to_measure(row: Conversation) -> None:
    """`to_measures` of one conversation, from which everything else was taken."""
    to_measures([row.id])


def to_measures(conversations: Collection[UUID], *, keep: Collection[UUID] = ()) -> list[UUID]:
    """Leave queue, length and day of these conversations, and nothing of anybody. A queue that nobody else was in
    would tell them, so it goes. Returns those of which something is still there, sound or words, of whichever app.

    `keep` are participations that a later step removes and counts.
    """
    if not conversations:
        return []
    # Locked first and asked in another statement: who was writing to one is waited for, and what they wrote is seen.
    rows = Conversation.objects.select_for_update().filter(id__in=conversations).order_by("id")
    keys = dict(rows.values_list("id", "content_key_id"))
    if not keys:
        return []
    names: dict[str, Any] = {
        "ids": list(keys),
        "state": Conversation.State.ERASED.value,
        "now": clock.now(required().organisation),
    }
    with connection.cursor() as cursor:
        cursor.execute(_EMPTY.format(held=_held()), names)
        found = cursor.fetchall()
    delete(Participation.objects.filter(conversation_id__in=keys).exclude(id__in=keep))
    ask_again()
    drop_keys(keys.values())
    return [conversation for conversation, held in found if held]


@cache
def _held() -> str:
    """SQL: whether any row, of whichever app, still belongs to the conversation `c`. Who took part goes apart."""
    links = [link for link in links_to(Conversation) if link.related_model is not Participation]
    return " OR ".join(
        f'EXISTS (SELECT 1 FROM "{link.related_model._meta.db_table}" x'  # noqa: S608 - names of our own
        f' WHERE x."{link.field.column}" = c.id)'
        for link in links
    )


def drop_keys(ids: Iterable[UUID | None]) -> None:
    """Remove those of these wrapped keys that nothing is sealed with any more; others stay until it is."""
    named = {key for key in ids if key is not None}
    if not named:
        return
    rows = ContentKey.objects.filter(id__in=named)
    for link in links_to(ContentKey):
        sealed = link.related_model._default_manager.filter(**{link.field.name: OuterRef("pk")})
        rows = rows.exclude(Exists(sealed))
    # What would protect a key was asked in one go; the foreign keys of the database still watch.
    rows._raw_delete(rows.db)


def links_to(model: type[Model]) -> list[ForeignObjectRel]:
    """Every foreign key to a model, of whichever app."""
    fields = model._meta.get_fields(include_hidden=True)
    return [field for field in fields if isinstance(field, ForeignObjectRel)]


def once(question: str, ask: Callable[[], Answer]) -> Answer:
    """The answer of one session to a question about who takes part in what; `ask_again` ends it."""
    answers = required().answers
    if TAKING_PART + question not in answers:
        answers[TAKING_PART + question] = ask()
    answer: Answer = answers[TAKING_PART + question]
    return answer


def ask_again() -> None:
    """Who takes part in what has changed."""
    session = current()
    if session is not None:
        for question in [name for name in session.answers if name.startswith(TAKING_PART)]:
            del session.answers[question]
