"""A conversation that has ended stays as a measure: queue, length and day, and nothing of anybody."""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Exists, ForeignObjectRel, OuterRef

from plainspoken.conversations.models import Conversation, Participation
from plainspoken.custody import clock
from plainspoken.custody.models import ContentKey, Organisation
from plainspoken.custody.sessions import current, required

TAKING_PART = "conversations.taking-part/"
Answer = TypeVar("Answer")


def to_measure(row: Conversation) -> None:
    """`to_measures` of one conversation."""
    to_measures([row])


def to_measures(rows: Sequence[Conversation], *, keep: Collection[UUID] = ()) -> None:
    """Leave queue, length and day of these conversations of one organisation, and nothing of anybody. A queue
    that nobody else was in would tell them, so it goes.

    `keep` are participations that a later step removes and counts.
    """
    if not rows:
        return
    organisation, ids = rows[0].organisation_id, [row.id for row in rows]
    zone = ZoneInfo(Organisation.objects.values_list("time_zone", flat=True).get(id=organisation))
    others = Conversation.objects.filter(organisation_id=organisation, erased_at=None).exclude(id__in=ids)
    telling = {
        queue for queue in {row.queue for row in rows} if queue and not others.filter(queue=queue).exists()
    }
    keys = [row.content_key_id for row in rows]
    for row in rows:
        _empty(row, zone)
        if row.queue in telling:
            row.queue = ""
        row.save()
    Participation.objects.filter(conversation_id__in=ids).exclude(id__in=keep).delete()
    ask_again()
    drop_keys(keys)


def _empty(row: Conversation, zone: ZoneInfo) -> None:
    day = row.started_at.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    row.source_id = row.source_blind = row.content_blind = row.subject_line = row.content_key = None
    row.started_at = day
    row.direction = row.language = row.reason = ""
    row.state, row.erased_at = Conversation.State.ERASED, clock.now(row.organisation_id)


def drop_keys(ids: Iterable[UUID | None]) -> None:
    """Remove those of these wrapped keys that nothing is sealed with any more; others stay until it is."""
    named = {key for key in ids if key is not None}
    if not named:
        return
    rows = ContentKey.objects.filter(id__in=named)
    for link in _sealed_with():
        sealed = link.related_model._default_manager.filter(**{link.field.name: OuterRef("pk")})
        rows = rows.exclude(Exists(sealed))
    # What would protect a key was asked in one go; the foreign keys of the database still watch.
    rows._raw_delete(rows.db)


def _sealed_with() -> list[ForeignObjectRel]:
    """Every foreign key to a wrapped key, of whichever app."""
    fields = ContentKey._meta.get_fields(include_hidden=True)
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
