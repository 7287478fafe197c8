"""A conversation that has ended stays as a measure: queue, length and day, and nothing of anybody."""

from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import ProtectedError, QuerySet

from plainspoken.conversations.models import Conversation, Participation
from plainspoken.custody import clock
from plainspoken.custody.models import ContentKey, Organisation


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
    people = Participation.objects.filter(conversation=row)
    (people.exclude(id=keep) if keep else people).delete()
    if key is not None:
        drop_keys(ContentKey.objects.filter(id=key.id))


def drop_keys(rows: "QuerySet[ContentKey]") -> None:
    """Remove wrapped keys that nothing is sealed with any more; others stay until it is."""
    for row in rows:
        try:
            row.delete()
        except ProtectedError:
            continue
