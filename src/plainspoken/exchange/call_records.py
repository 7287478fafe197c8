"""Call records of the telephone system, as a table or one by one: what is ours of them is kept, once by the call's id.

Of a record its id is kept as a keyed digest, with time, length, direction and queue. Numbers and names are not taken.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from plainspoken.conversations import arrival
from plainspoken.custody import clock, keys, ledger
from plainspoken.custody.actors import Actor
from plainspoken.custody.models import Organisation
from plainspoken.custody.sessions import purpose

from .models import CallRecord
from .services import FOLDER, UPLOAD, VCON

INGEST = "ingest.write"
MOST_LINES = 200_000
BATCH = 500
_NAMES = {
    "call_id": ("call_id", "callid", "uniqueid", "id", "source_id"),
    "started_at": ("started_at", "start", "calldate", "start_time", "begin"),
    "duration": ("duration", "billsec", "duration_s", "talk_time", "seconds"),
    "direction": ("direction",),
    "queue": ("queue", "queue_name"),
}


@dataclass(frozen=True)
class Line:
    """One call as the telephone system has it."""

    call_id: str
    started_at: datetime
    duration_s: float
    direction: str = ""
    queue: str = ""


@dataclass
class Loaded:
    """What became of call records: new, here already, and lines that were not understood with the reason of each."""

    new: int = 0
    known: int = 0
    wrong: list[tuple[int, str]] = field(default_factory=list)


class RecordsRefused(ValueError):
    """The table cannot be read at all; the message says why."""


def load_csv(*, organisation: UUID, text: str, by: Actor) -> Loaded:
    """Call records of a CSV table with a header: call_id, started_at, duration, and direction and queue where known.

    Other columns are not taken. Raises RecordsRefused.
    """
    reader = csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
    try:
        if reader.fieldnames is None or not _column(reader.fieldnames, "call_id"):
            raise RecordsRefused(
                "The table has no column call_id. Add a header with call_id, started_at and duration."
            )
        rows = list(_limited(reader))
    except csv.Error as error:
        raise RecordsRefused("This is no CSV table. Export it again.") from error
    return load(organisation=organisation, rows=rows, by=by)


def _limited(reader: "csv.DictReader[str]") -> Iterator[Mapping[str, Any]]:
    for number, row in enumerate(reader):
        if number >= MOST_LINES:
            raise RecordsRefused(f"The table has more than {MOST_LINES:,} lines. Split it.")
        yield row


def load(*, organisation: UUID, rows: Iterable[Mapping[str, Any]], by: Actor) -> Loaded:
    """Keep call records, each once by its call id; lines that are not understood are named and left out."""
    house = Organisation.objects.get(id=organisation)
    zone = ZoneInfo(house.time_zone)
    loaded = Loaded()
    lines: dict[str, Line] = {}
    times: dict[str, int] = {}
    for number, row in enumerate(rows, start=2):
        try:
            line = _line(row, zone)
        except ValueError as error:
            loaded.wrong.append((number, str(error)))
            continue
        lines.setdefault(line.call_id, line)
        times[line.call_id] = times.get(line.call_id, 0) + 1
    whole = list(lines.values())
    for start in range(0, len(whole), BATCH):
        batch = whole[start : start + BATCH]
        with purpose(INGEST, organisation=organisation, by=by):
            now = clock.now(organisation)
            made = [_record(organisation, one, times[one.call_id], now) for one in batch]
            known = {
                bytes(blind)
                for blind in CallRecord.objects.filter(
                    organisation_id=organisation, blind__in=[one.blind for one in made]
                ).values_list("blind", flat=True)
            }
            new = [one for one in made if one.blind not in known]
            CallRecord.objects.bulk_create(new, ignore_conflicts=True)
            loaded.new += len(new)
            loaded.known += len(batch) - len(new)
            ledger.enter(act="calls.loaded", by=by, detail={"rows": len(new)})
    return loaded


def _record(organisation: UUID, line: Line, times: int, now: datetime) -> CallRecord:
    return CallRecord(
        organisation_id=organisation,
        blind=keys.blind_index("call", line.call_id),
        blinds=[keys.blind_index(f"source:{point}", line.call_id) for point in (UPLOAD, FOLDER, VCON)],
        started_at=line.started_at,
        duration_s=line.duration_s,
        direction=line.direction,
        queue=line.queue,
        times=times,
        came_at=now,
    )


def _column(names: Sequence[str], wanted: str) -> str:
    known = {name.strip().lower(): name for name in names if name}
    return next((known[name] for name in _NAMES[wanted] if name in known), "")


def _line(row: Mapping[str, Any], zone: ZoneInfo) -> Line:
    names = [name for name in row if name]

    def given(wanted: str) -> Any:
        return row.get(_column(names, wanted)) if _column(names, wanted) else None

    try:
        # As a conversation's source id is read, or the two would not meet.
        call = arrival.fact("source_id", str(given("call_id") or ""))
    except arrival.ArrivalRefused:
        call = ""
    if not call:
        raise ValueError("It has no call_id of up to 200 characters.")
    started = given("started_at")
    try:
        moment = started if isinstance(started, datetime) else datetime.fromisoformat(str(started).strip())
    except ValueError:
        raise ValueError("Its started_at is no time such as 2026-11-24T09:42:00+01:00.") from None
    try:
        lasts = float(given("duration") or 0)
    except (TypeError, ValueError):
        raise ValueError("Its duration is no number of seconds.") from None
    if not 0 <= lasts <= arrival.LONGEST_S:
        raise ValueError("Its duration is no number of seconds between 0 and 43200.")
    facts = {}
    for name in ("direction", "queue"):
        value = str(given(name) or "").strip()
        if value:
            try:
                facts[name] = arrival.fact(name, value)
            except arrival.ArrivalRefused:
                raise ValueError(f"Its {name} is none that we know.") from None
    return Line(call, moment if moment.tzinfo else moment.replace(tzinfo=zone), lasts, **facts)
