"""The way of a conversation, station by station: what waits, runs and failed, how fast, and when it is full."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Count, Min, Q

from plainspoken.conversations.models import Conversation
from plainspoken.conversations.wording import reason as reason_text
from plainspoken.custody import clock
from plainspoken.custody.actors import Actor
from plainspoken.custody.sessions import purpose
from plainspoken.transcripts.models import Transcript

TASK = "transcripts.transcribe"
RETRY_AFTER_S = 60
_WAITING = "SELECT count(*) FROM (SELECT 1 FROM procrastinate_jobs WHERE status = 'todo' AND task_name = %s LIMIT %s) waiting"


class Full(RuntimeError):
    """So many conversations wait to be written that none more is taken just now."""

    def __init__(self, waiting: int) -> None:
        super().__init__(
            f"{waiting:,} conversations wait to be written, so we take no more just now. Send it again in a minute."
        )
        self.waiting = waiting


def limit() -> int:
    """How many conversations may wait to be written (PLAINSPOKEN_QUEUE_LIMIT)."""
    return int(settings.QUEUE_LIMIT)


def waiting() -> int:
    """How many wait to be written in the whole installation, counted up to the limit."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, [TASK, limit() + 1])
        return int(cursor.fetchone()[0])


def room() -> int:
    """How many more may come now; 0 where it is full."""
    return max(0, limit() - waiting())


def check_room() -> None:
    """Raises Full where as many wait as may."""
    if (count := waiting()) >= limit():
        raise Full(count)


@dataclass(frozen=True)
class Station:
    """One station. `per_hour` is counted over the last hour; `oldest` is since when the first one waits."""

    key: str
    title: str
    waiting: int
    running: int
    failed: int
    per_hour: int
    oldest: datetime | None


@dataclass(frozen=True)
class Failure:
    """Why conversations failed, how many, and what to do about it."""

    code: str
    text: str
    count: int


@dataclass(frozen=True)
class Progress:
    """All stations, and why some failed. `full`: nothing more is taken just now."""

    stations: tuple[Station, ...]
    failures: tuple[Failure, ...]
    waiting: int
    limit: int

    @property
    def full(self) -> bool:
        return self.waiting >= self.limit


def progress(*, organisation: UUID, by: Actor) -> Progress:
    """How far the organisation's conversations are. Counts only; nothing of anybody is read."""
    with purpose("ingest.write", organisation=organisation, by=by):
        now = clock.now(organisation)
        since = now - timedelta(hours=1)
        rows = Conversation.objects.filter(organisation_id=organisation, erased_at=None)
        state = Conversation.State
        found = rows.aggregate(
            waiting=Count("id", filter=Q(state=state.WAITING)),
            writing=Count("id", filter=Q(state=state.WRITING)),
            failed=Count("id", filter=Q(state=state.FAILED)),
            arrived=Count("id", filter=Q(arrived_at__gte=since)),
            oldest=Min("arrived_at", filter=Q(state=state.WAITING)),
        )
        ready = Transcript.objects.filter(
            organisation_id=organisation, state=Transcript.State.READY, made_at__gte=since
        ).count()
        heard = Transcript.objects.filter(organisation_id=organisation, made_at__gte=since).count()
        # What was heard and is not ready yet stands at the second station.
        redacting = Transcript.objects.filter(
            organisation_id=organisation, state=Transcript.State.WRITING, words__isnull=False
        ).count()
        reasons = (
            rows.filter(state=state.FAILED).values("reason").annotate(count=Count("id")).order_by("-count")
        )
        failures = tuple(Failure(one["reason"], reason_text(one["reason"]), one["count"]) for one in reasons)
    stations = (
        Station("arrival", "Taken in", 0, 0, 0, found["arrived"], None),
        Station(
            "hearing", "Written", found["waiting"], found["writing"] - min(redacting, found["writing"]),
            found["failed"], heard, found["oldest"],
        ),
        Station("redaction", "Redacted and indexed", 0, min(redacting, found["writing"]), 0, ready, None),
    )  # fmt: skip
    return Progress(stations, failures, waiting(), limit())


def put_back(*, seconds: float = 60.0) -> int:
    """Put back to wait what workers began and left: they have given no sign of life for so long (they give one
    each 10 s). Returns how many jobs. Every job of ours may run again: what is done already is not done again.
    """
    now = clock.wall()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(procrastinate_retry_job_v2(j.id, %s, NULL, NULL, NULL)::text) FROM ("
            " SELECT id FROM procrastinate_jobs j WHERE j.status = 'doing' AND NOT EXISTS ("
            "  SELECT 1 FROM procrastinate_workers w WHERE w.id = j.worker_id AND w.last_heartbeat > %s"
            " ) FOR UPDATE SKIP LOCKED) j",
            [now, now - timedelta(seconds=seconds)],
        )
        return int(cursor.fetchone()[0])
