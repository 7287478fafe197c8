"""A list of conversations leaves as CSV, through the disclosure gate: facts and pseudonyms, no words."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator

from plainspoken.conversations.queries import Listed, reference
from plainspoken.custody import ledger
from plainspoken.custody.actors import Actor
from plainspoken.custody.sessions import purpose as session_for
from plainspoken.disclosures.services import Delivered, release
from plainspoken.people.models import Membership

COLUMNS = ("reference", "started_at", "duration_s", "kind", "queue", "customer", "removed", "state")
CATEGORIES = ("call", "pseudonym")
RISKY = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet takes a cell that begins so for a formula


def export_list(
    *,
    member: Membership,
    rows: Callable[[], Iterable[Listed]],
    recipient: str,
    purpose: str,
    by: Actor,
) -> str:
    """CSV (RFC 4180) of the rows that `rows` finds within a session. Raises the gate's Refused."""
    made: list[str] = []

    def deliver() -> Delivered:
        with session_for(purpose, organisation=member.organisation_id, by=by):
            lines = list(_lines(rows()))
            ledger.enter_read(place="conversations.Conversation", rows=len(lines), by=by)
        out = io.StringIO()
        csv.writer(out, lineterminator="\r\n").writerows([COLUMNS, *lines])
        made.append(out.getvalue())
        return Delivered(parts=len(lines), bytes=len(made[0].encode()))

    release(
        organisation=member.organisation_id,
        recipient=recipient,
        purpose=purpose,
        categories=CATEGORIES,
        subject=None,
        deliver=deliver,
        by=by,
        about="conversations.list",
    )
    return made[0]


def _lines(rows: Iterable[Listed]) -> Iterator[tuple[object, ...]]:
    for row in rows:
        facts = (
            reference(row.id),
            row.started.isoformat(),
            row.duration_s,
            row.kind,
            row.queue,
            row.customer,
        )
        yield tuple(_cell(value) for value in (*facts, row.removed, row.state))


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(RISKY) else value
