"""Freed room: what a deleted row held stays in its table's file, and in the write-ahead log, until something else
stands there. VACUUM only says that the room is free. So tables from which people were erased are written anew, with
their indexes, as the owner, well before the day on which the policy lets the last copy end.

VACUUM FULL locks one table after another against everybody, one to three seconds for each 100 MB. Where we would wait
for that lock longer than PATIENCE_S we come back the next night, so that nobody waits behind us.
"""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError, connections
from django.db.models import Max

from plainspoken.custody import acts, clock
from plainspoken.custody.models import Organisation
from plainspoken.kernels.policy import Duration
from plainspoken.policies import queries as policies

from .models import Rewritten

OWNER = "owner"
CLAUSE = "right.erase"
PATIENCE_S = 5
# An erasure's entry bears the time at which it began; its transaction may have ended this much later.
OVERLAP = timedelta(hours=1)
# Entries of the ledger that say that rows ended; what was kept did not.
ENDED = """
SELECT min(e.at) FROM custody_ledgerentry e JOIN custody_organisation o ON o.id = e.organisation_id
WHERE o.kind <> 'proving' AND e.at > %s
  AND (e.act IN ('purge.batch', 'purge.rows', 'request.blanked') OR e.act LIKE 'erasure.%%' AND e.act <> 'erasure.keep')"""
LONG_AGO = datetime.min.replace(year=1970, tzinfo=clock.wall().tzinfo)


@dataclass(frozen=True)
class Owed:
    """A table in whose freed room something may lie of people who were erased since `since`."""

    table: str
    since: datetime


@dataclass(frozen=True)
class Done:
    """What became of one table: milliseconds for which it was locked, bytes before and after, or why it was left."""

    table: str
    took_ms: int = 0
    before: int = 0
    after: int = 0
    left: str = ""


def tables() -> tuple[str, ...]:
    """Every table whose rows about people end; where rows are never changed, none was freed."""
    return tuple(sorted({place.table for place in acts.personal_places() if not place.append_only}))


def promised() -> Duration:
    """The strictest `backups_end_within` of all organisations: our files are no better than a backup."""
    now, found = clock.wall(), []
    for organisation in Organisation.objects.exclude(kind=Organisation.Kind.PROVING):
        try:
            within = policies.rule(organisation=organisation.id, clause=CLAUSE).backups_end_within
        except policies.NoPolicy:
            continue
        if within is not None:
            found.append(within)
    return min(found, key=lambda within: within.add_to(now), default=Duration.parse("P35D"))


def owed() -> list[Owed]:
    """Tables that were not written anew since somebody was erased or reached their end."""
    last = dict(Rewritten.objects.values_list("table", "at"))
    began: dict[datetime, datetime | None] = {}
    found = []
    for table in tables():
        after = last[table] - OVERLAP if table in last else LONG_AGO
        if after not in began:
            with connections[OWNER].cursor() as cursor:
                cursor.execute(ENDED, [after])
                began[after] = cursor.fetchone()[0]
        since = began[after]
        if since is not None:
            # What ended within the overlap was there before: it counts from the moment it was written anew.
            found.append(Owed(table, max(since, last.get(table, since))))
    return found


def last() -> datetime | None:
    """When a table was last written anew."""
    found: datetime | None = Rewritten.objects.aggregate(last=Max("at"))["last"]
    return found


def late(*, now: datetime) -> list[Owed]:
    """Tables that hold freed room longer than promised."""
    within = promised()
    return [one for one in owed() if within.add_to(one.since) < now]


def rewrite(*, everything: bool = False) -> list[Done]:
    """Write anew every table whose time has come: half of what is promised, so that a night may fail. `everything`:
    all that is owed, now. Then the write-ahead log goes on to a new file, and the old one ends with the next
    checkpoint.
    """
    now, within = clock.wall(), promised()
    due = [
        one for one in owed() if everything or one.since + (within.add_to(one.since) - one.since) / 2 <= now
    ]
    done = list(_each(due))
    if any(not one.left for one in done):
        _turn_the_log()
    return done


def _each(due: list[Owed]) -> Iterator[Done]:
    for one in due:
        began = clock.wall()
        found = _anew(one.table)
        if not found.left:
            values = {"at": began, "took_ms": found.took_ms, "size": found.after}
            Rewritten.objects.using(OWNER).update_or_create(table=one.table, defaults=values)
        yield found


def _anew(table: str) -> Done:
    line = connections[OWNER]
    line.ensure_connection()
    told: list[str] = []

    def note(said: Any) -> None:
        # Only while it is told can it be read.
        told.append(str(said.message_detail or ""))

    assert line.connection is not None
    line.connection.add_notice_handler(note)
    quoted = line.ops.quote_name(table)
    try:
        with line.cursor() as cursor:
            before = _size(cursor, table)
            cursor.execute(f"SET lock_timeout = '{PATIENCE_S}s'")
            started = time.monotonic()
            cursor.execute(f"VACUUM (FULL, VERBOSE, ANALYZE) {quoted}")
            took = round((time.monotonic() - started) * 1000)
            left = "still seen by an older transaction" if _dead(told) else ""
            return Done(table, took, before, _size(cursor, table), left)
    except DatabaseError as error:
        return Done(table, left=f"{getattr(error.__cause__, 'sqlstate', '')} {type(error).__name__}".strip())
    finally:
        line.connection.remove_notice_handler(note)
        with line.cursor() as cursor:
            cursor.execute("RESET lock_timeout")


def _dead(told: list[str]) -> int:
    """Dead rows that were copied along, since a transaction older than their end may still look at them."""
    # The detail of "found … removable, … nonremovable row versions" begins with this number, in any language.
    found = re.search(r"\d+", next(filter(None, told), ""))
    return int(found[0]) if found else 0


def _size(cursor: Any, table: str) -> int:
    cursor.execute("SELECT pg_total_relation_size(%s::regclass)", [table])
    return int(cursor.fetchone()[0])


def _turn_the_log() -> None:
    """Fill the file of the write-ahead log in use with nothing, so that the next one begins. Everybody may do so;
    to switch files, or to ask for a checkpoint, takes rights that the owner of a database need not have.
    """
    with connections[OWNER].cursor() as cursor:
        cursor.execute("SELECT setting::bigint FROM pg_settings WHERE name = 'wal_segment_size'")
        size = int(cursor.fetchone()[0])
        for _ in range(size // 2**20 + 1):
            cursor.execute("SELECT pg_logical_emit_message(false, 'plainspoken', repeat('-', 1048576))")
        cursor.execute("SELECT pg_has_role(current_user, 'pg_checkpoint', 'USAGE')")
        if cursor.fetchone()[0]:
            cursor.execute("CHECKPOINT")
