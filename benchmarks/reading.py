"""What row-level security costs readers: search, a page of ten queries, and aggregates."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, connections, transaction
from django.db.models import Avg, Count
from django.db.models.functions import TruncDate

from plainspoken.conversations.models import Conversation, Participation, PlayCopy
from plainspoken.conversations.queries import COUNTED
from plainspoken.custody.models import Subject
from plainspoken.custody.sessions import purpose
from plainspoken.people.models import Identifier
from plainspoken.transcripts.models import Transcript, Turn

from .measuring import Line, pairs
from .population import RESTRICTED
from .rights import NotTheSame
from .store import ME, OWNER
from .words import looked_for

PAGE = 25
# The reviewed function's own statement, written for one organisation without a guard in it.
UNGUARDED = """
WITH matching AS (
  SELECT c.id, c.started_at FROM (
    SELECT conversation_id FROM transcripts_transcript
     WHERE search @@ websearch_to_tsquery('english', %(words)s) AND language LIKE 'en%%'
    UNION ALL
    SELECT conversation_id FROM transcripts_transcript
     WHERE search @@ websearch_to_tsquery('simple', %(words)s) AND language NOT LIKE 'en%%'
  ) t JOIN conversations_conversation c ON c.id = t.conversation_id
  WHERE c.erased_at IS NULL
)
SELECT id, count(*) OVER () FROM matching ORDER BY started_at DESC, id LIMIT %(limit)s
"""
GUARDED = (
    "SELECT conversation, found FROM"
    " transcripts_search(%s, NULL, NULL, NULL, NULL, NULL, NULL, 'newest', %s, 0)"
)


# ---- search ----


def search_line(organisation: UUID, *, count: int, among: int) -> Line:
    """One search after another, for words from frequent to rare."""
    words = [*looked_for(), " ".join(looked_for()[1:3]), f'"{looked_for()[0]}" or {looked_for()[5]}']
    found = [_check_search(organisation, query) for query in words]
    mine, theirs = _in_turn(words), _in_turn(words)
    return pairs(
        "Search",
        ours=lambda: search(organisation, next(mine)),
        baseline=lambda: search_unguarded(next(theirs)),
        describe=("transcripts_search() for service.answer", "its statement unguarded, as the owner"),
        count=count * len(words),
        warm=len(words),
        goal=1.5,
        note=f"{len(words)} queries among {among:,} transcripts, {min(found):,} to {max(found):,} hits each.",
    )


def search(organisation: UUID, words: str) -> list[tuple[UUID, int]]:
    """The newest hits and how many there are, for a purpose."""
    with purpose("service.answer", organisation=organisation, by=ME), connection.cursor() as cursor:
        cursor.execute(GUARDED, [words, PAGE])
        return list(cursor.fetchall())


def search_unguarded(words: str) -> list[tuple[UUID, int]]:
    """The same as the owner."""
    with transaction.atomic(using=OWNER), connections[OWNER].cursor() as cursor:
        cursor.execute(UNGUARDED, {"words": words, "limit": PAGE})
        return list(cursor.fetchall())


def _check_search(organisation: UUID, words: str) -> int:
    """Ours finds what the owner finds, but for what is restricted. Raises NotTheSame."""
    ours, theirs = search(organisation, words), search_unguarded(words)
    mine, all_of_it = (found[0][1] if found else 0 for found in (ours, theirs))
    if mine == COUNTED <= all_of_it:
        return all_of_it
    if not _nearly(mine, all_of_it):
        raise NotTheSame(f"The guarded search finds {mine} of {all_of_it} transcripts.")
    return all_of_it


def _nearly(mine: int, all_of_it: int) -> bool:
    """Whether no more is missing than what is restricted."""
    return all_of_it * (1 - 3 / RESTRICTED) - 20 <= mine <= all_of_it


# ---- a page of ten queries ----


def page_line(organisation: UUID, conversations: Sequence[UUID], *, count: int) -> Line:
    """What a page with a list and one conversation asks for."""
    mine, theirs = _in_turn(conversations), _in_turn(conversations)

    def ours() -> int:
        with purpose("service.answer", organisation=organisation, by=ME):
            return ten_queries("default", organisation, next(mine))

    def baseline() -> int:
        with transaction.atomic(using=OWNER):
            return ten_queries(OWNER, organisation, next(theirs))

    return pairs(
        "Ten queries",
        ours=ours,
        baseline=baseline,
        describe=("inside purpose(), under row-level security", "the same in one transaction, as the owner"),
        count=count,
        goal=1.3,
        note="Django queries of a page: 25 conversations with people and titles, one with its words.",
    )


def ten_queries(using: str, organisation: UUID, conversation: UUID) -> int:
    """Ten queries on this connection; returns how many rows they gave."""
    until = datetime(2025, 7, 1, tzinfo=UTC)
    listed = Conversation.objects.using(using).filter(
        organisation_id=organisation, erased_at=None, started_at__range=(until - timedelta(days=7), until)
    )
    page = list(listed.order_by("-started_at", "id")[:PAGE])
    total = listed.count()
    ids = [row.id for row in page]
    taking_part = Participation.objects.using(using)
    people = list(taking_part.filter(conversation_id__in=ids).order_by("position"))
    titles = list(
        Transcript.objects.using(using).filter(conversation_id__in=ids).values_list("title", "removed")
    )
    one = Conversation.objects.using(using).get(id=conversation)
    transcript = Transcript.objects.using(using).filter(conversation=one).first()
    turns = list(Turn.objects.using(using).filter(transcript=transcript).order_by("ordinal"))
    parties = list(taking_part.filter(conversation=one).order_by("position"))
    customer = next(row.subject for row in parties if row.role == Participation.Role.CUSTOMER)
    known = list(Identifier.objects.using(using).filter(subject=customer))
    copy = PlayCopy.objects.using(using).filter(conversation=one).exists()
    return len(page) + total + len(people) + len(titles) + len(turns) + len(parties) + len(known) + copy


def open_conversations(organisation: UUID, count: int) -> list[UUID]:
    """Conversations of people who are not restricted."""
    with purpose("service.answer", organisation=organisation, by=ME):
        free = Subject.objects.filter(kind=Subject.Kind.CUSTOMER, closed_to=0)
        rows = Participation.objects.filter(subject__in=free, conversation__transcript__isnull=False)
        return list(rows.order_by("id").values_list("conversation_id", flat=True)[:count])


# ---- aggregates ----


def aggregate_line(organisation: UUID, *, count: int, among: int) -> Line:
    """Conversations and their mean length by queue and day, over all of them."""

    def ours() -> int:
        with purpose("service.improve", organisation=organisation, by=ME):
            return sum(group["calls"] for group in aggregate("default", organisation))

    def baseline() -> int:
        return sum(group["calls"] for group in aggregate(OWNER, organisation))

    if not _nearly(ours(), baseline()):
        raise NotTheSame("The aggregates count other conversations.")
    return pairs(
        "Aggregates",
        ours=ours,
        baseline=baseline,
        describe=("for service.improve, under row-level security", "the same, as the owner"),
        count=count,
        goal=1.2,
        note=f"Count and mean length by queue and day over {among:,} conversations.",
    )


def aggregate(using: str, organisation: UUID) -> list[Any]:
    """Rows of queue, day, how many, how long."""
    rows = Conversation.objects.using(using).filter(organisation_id=organisation).order_by()
    grouped = rows.values("queue", day=TruncDate("started_at"))
    return list(grouped.annotate(calls=Count("id"), seconds=Avg("duration_s")))


def _in_turn(items: Sequence[Any]) -> Iterator[Any]:
    while True:
        yield from items
