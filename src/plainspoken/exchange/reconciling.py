"""What was recorded against what the telephone system counted: missing, silent, one-sided, truncated, in error, twice.

Of a call record its id is kept as a keyed digest, with time, length, direction and queue. Numbers and names in a line
are not taken.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Max, Min

from plainspoken.conversations import services as conversations
from plainspoken.conversations.models import Conversation, Recording
from plainspoken.conversations.queries import reference
from plainspoken.custody import clock, ledger
from plainspoken.custody.actors import Actor
from plainspoken.custody.sessions import purpose
from plainspoken.disclosures.services import Delivered, release

from . import keeping
from .call_records import MOST_LINES as MOST_LINES
from .call_records import Loaded as Loaded
from .call_records import RecordsRefused as RecordsRefused
from .call_records import load as load
from .call_records import load_csv as load_csv
from .models import CallRecord

INGEST, MANAGE = "ingest.write", "organisation.manage"
LATEST = timedelta(minutes=15)  # as long a recording may be on its way
SHORTER_S, SHORTER_SHARE = 2.0, 0.03  # a recording this much shorter than its record is whole
HEARD_AT, HEARD_SHARE = 0.01, 0.01  # peaks of -40 dBFS in a hundredth of the time
BATCH = 500
VERDICTS = {
    "missing": "Not recorded",
    "silent": "Nothing to hear",
    "one-sided": "One side is silent",
    "truncated": "Breaks off early",
    "in-error": "Recorded against a rule",
    "duplicate": "There twice",
    "found": "Recorded",
    "left-out": "Left out by a rule",
    "waiting": "On its way",
}
PROBLEMS = ("missing", "silent", "one-sided", "truncated", "in-error", "duplicate")
WHAT_TO_DO = {
    "missing": "Look at the recorder and at the source for these times.",
    "silent": "Look at the recorder: it wrote files without sound.",
    "one-sided": "Look at the recorder: it hears one line only.",
    "truncated": "Look whether recordings end before their calls do.",
    "in-error": "End these conversations, and keep the recorder from these calls.",
    "duplicate": "Look which source sends a call again under another name.",
}


# ---- judging ----


def judge(*, organisation: UUID, by: Actor, tell: bool = True) -> dict[str, int]:
    """Judge every record that is not settled; returns how many of each problem are new. Tells administrators."""
    new: dict[str, int] = {}
    after: UUID | None = None
    while True:
        with purpose(INGEST, organisation=organisation, by=by):
            rules = keeping.rules(organisation)
            rows = CallRecord.objects.filter(organisation_id=organisation, verdict__in=("waiting", "missing"))
            if after is not None:
                rows = rows.filter(id__gt=after)
            batch = list(rows.select_for_update(skip_locked=True).order_by("id")[:BATCH])
            if not batch:
                break
            after = batch[-1].id
            now = clock.now(organisation)
            for row in batch:
                before = row.verdict
                _judge(row, rules, now)
                row.judged_at = now
                if row.verdict != before:
                    row.looked_at, row.looked_by = None, ""
                    if row.verdict in PROBLEMS:
                        new[row.verdict] = new.get(row.verdict, 0) + 1
            CallRecord.objects.bulk_update(
                batch, ["verdict", "detail", "conversation", "judged_at", "looked_at", "looked_by"]
            )
    if new and tell:
        from . import alerting

        alerting.tell(organisation=organisation, by=by)
    return new


def _judge(row: CallRecord, rules: "Sequence[keeping.Rule]", now: datetime) -> None:
    found = list(
        Conversation.objects.filter(
            organisation_id=row.organisation_id,
            source_blind__in=[bytes(one) for one in row.blinds],
            erased_at=None,
        ).order_by("arrived_at")[:3]
    )
    row.conversation = found[0].id if found else None
    row.verdict, row.detail = _verdict(row, found, rules, now)


def _verdict(
    row: CallRecord, found: Sequence[Conversation], rules: "Sequence[keeping.Rule]", now: datetime
) -> tuple[str, str]:
    facts = keeping.Facts(kind="call", queue=row.queue, direction=row.direction)
    left_out = next((rule for rule in rules if rule.leaves_out(facts)), None)
    if left_out is not None:
        return ("in-error", left_out.title[:60]) if found else ("left-out", left_out.title[:60])
    if not found:
        late = row.started_at + timedelta(seconds=row.duration_s) + LATEST <= now
        return ("missing", "") if late else ("waiting", "")
    if len(found) > 1 or row.times > 1:
        return "duplicate", "recordings" if len(found) > 1 else "records"
    one = found[0]
    if one.state in (Conversation.State.WAITING, Conversation.State.WRITING):
        return "waiting", "being-written"
    recording = Recording.objects.filter(conversation=one).first()
    if recording is None:
        return "found", "words"
    missing = row.duration_s - recording.duration_s
    if recording.truncated or missing > max(SHORTER_S, SHORTER_SHARE * row.duration_s):
        return "truncated", f"{recording.duration_s:.0f}-of-{row.duration_s:.0f}-s"
    return heard(one.id)


def heard(conversation: UUID) -> tuple[str, str]:
    """Whether both sides of a sound can be heard, by its drawing: found, silent, or one-sided with the silent side."""
    try:
        _, channels = conversations.drawing(conversation=conversation)
    except conversations.NothingToPlay:
        return "found", "no-sound"
    loud = [sum(peak >= HEARD_AT for peak in own) >= max(1.0, HEARD_SHARE * len(own)) for own in channels]
    if not any(loud):
        return "silent", ""
    if len(loud) == 2 and not all(loud):
        # Of two channels the agent's comes first.
        return "one-sided", "agent" if not loud[0] else "customer"
    return "found", ""


# ---- reading ----


@dataclass(frozen=True)
class Listed:
    """One record on a page. `reference` and `id` of the conversation that was found."""

    started_at: datetime
    duration_s: float
    queue: str
    direction: str
    verdict: str
    detail: str
    conversation: UUID | None
    reference: str
    looked_at: datetime | None


@dataclass(frozen=True)
class Summary:
    """How many of each verdict, from when to when; `open`: problems nobody has looked at; `extra`: conversations with
    sound in that time that no record names."""

    counts: Mapping[str, int]
    open: Mapping[str, int]
    first: datetime | None
    last: datetime | None
    extra: int

    @property
    def problems(self) -> int:
        return sum(self.open.values())


def summary(*, organisation: UUID, by: Actor) -> Summary:
    """The records of an organisation in numbers."""
    with purpose(INGEST, organisation=organisation, by=by):
        rows = CallRecord.objects.filter(organisation_id=organisation)
        counts = dict(rows.values_list("verdict").annotate(n=Count("id")))
        waiting = rows.filter(verdict__in=PROBLEMS, looked_at=None)
        bounds = rows.aggregate(first=Min("started_at"), last=Max("started_at"))
        extra = 0
        if bounds["first"]:
            named = rows.exclude(conversation=None).values("conversation")
            extra = (
                Conversation.objects.filter(
                    organisation_id=organisation,
                    erased_at=None,
                    recording__isnull=False,
                    started_at__gte=bounds["first"],
                    started_at__lte=bounds["last"],
                )
                .exclude(id__in=named)
                .count()
            )
        return Summary(
            counts,
            dict(waiting.values_list("verdict").annotate(n=Count("id"))),
            bounds["first"],
            bounds["last"],
            extra,
        )


def open_problems(*, organisation: UUID, by: Actor) -> int:
    """How many problems nobody has looked at."""
    with purpose(MANAGE, organisation=organisation, by=by):
        return CallRecord.objects.filter(
            organisation_id=organisation, verdict__in=PROBLEMS, looked_at=None
        ).count()


def listed(*, organisation: UUID, verdict: str, by: Actor, most: int = 100, offset: int = 0) -> list[Listed]:
    """Records of one verdict, newest first."""
    with purpose(INGEST, organisation=organisation, by=by):
        rows = CallRecord.objects.filter(organisation_id=organisation, verdict=verdict).order_by(
            "-started_at", "id"
        )
        found = [_listed(row) for row in rows[offset : offset + most]]
        ledger.enter_read(place="exchange.CallRecord", rows=len(found), by=by)
        return found


def _listed(row: CallRecord) -> Listed:
    return Listed(
        row.started_at,
        row.duration_s,
        row.queue,
        row.direction,
        row.verdict,
        row.detail,
        row.conversation,
        reference(row.conversation) if row.conversation else "",
        row.looked_at,
    )


def look_at(*, organisation: UUID, verdict: str, by: Actor) -> int:
    """Note that somebody looked at all problems of one kind: they warn no more. Returns how many."""
    with purpose(MANAGE, organisation=organisation, by=by):
        rows = CallRecord.objects.filter(organisation_id=organisation, verdict=verdict, looked_at=None)
        count = rows.update(looked_at=clock.now(organisation), looked_by=str(by))
        if count:
            ledger.enter(act="calls.looked", by=by, detail={"verdict": verdict, "rows": count})
        return count


def export(*, organisation: UUID, by: Actor) -> str:
    """CSV of all records with their verdicts, through the disclosure gate. Raises the gate's Refused."""
    made: list[str] = []

    def deliver() -> Delivered:
        out, count = io.StringIO(), 0
        sheet = csv.writer(out, lineterminator="\r\n")
        sheet.writerow(
            ("started_at", "duration_s", "direction", "queue", "verdict", "detail", "conversation")
        )
        with purpose(MANAGE, organisation=organisation, by=by):
            for row in (
                CallRecord.objects.filter(organisation_id=organisation)
                .order_by("started_at", "id")
                .iterator()
            ):
                sheet.writerow(
                    (row.started_at.isoformat(), row.duration_s, row.direction, _cell(row.queue), row.verdict,
                     _cell(row.detail), reference(row.conversation) if row.conversation else "")
                )  # fmt: skip
                count += 1
        made.append(out.getvalue())
        return Delivered(parts=count, bytes=len(made[0].encode()))

    release(
        organisation=organisation,
        recipient="own-systems",
        purpose=MANAGE,
        categories=("call",),
        subject=None,
        deliver=deliver,
        by=by,
        about="exchange.calls",
    )
    return made[0]


def _cell(text: str) -> str:
    """A text that a spreadsheet would take for a formula is shown as text."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
