"""A list of scores that leaves the system: through the disclosure gate, or not at all."""

import csv
import io
from collections.abc import Collection
from uuid import UUID

from plainspoken.custody.actors import Actor
from plainspoken.custody.sessions import purpose
from plainspoken.disclosures.services import Delivered, release
from plainspoken.people.queries import label
from plainspoken.quality import queries
from plainspoken.quality.access import PURPOSE, check_analyst
from plainspoken.quality.models import Evaluation
from plainspoken.quality.states import State

RECIPIENT = "own-analysts"
CATEGORIES = ("evaluation", "pseudonym", "call")
COLUMNS = ("evaluation", "conversation", "agent", "form", "version", "made_by", "state", "percent", "passed", "band",
           "fatal", "errors", "made_at")  # fmt: skip


def export(*, organisation: UUID, by: Actor, states: Collection[str] = ()) -> str:
    """CSV of the evaluations (drafts left out), agents by pseudonym, each line's score with who made it, a person
    or a program. Raises Refused, and the gate's refusal where the policy does not name this recipient.
    """
    check_analyst(by, organisation=organisation)
    made: list[str] = []

    def deliver() -> Delivered:
        with purpose(PURPOSE, organisation=organisation, by=by):
            rows = queries.visible_to(by, organisation=organisation).exclude(state=State.DRAFT)
            rows = rows.filter(state__in=states) if states else rows
            text, count = written(rows.order_by("made_at", "id").iterator(chunk_size=500))
        made.append(text)
        return Delivered(parts=count, bytes=len(text.encode()))

    release(
        organisation=organisation,
        recipient=RECIPIENT,
        purpose=PURPOSE,
        categories=CATEGORIES,
        subject=None,
        deliver=deliver,
        by=by,
        about="quality.evaluations",
    )
    return made[0]


def written(rows: object) -> tuple[str, int]:
    """CSV text with its header (RFC 4180), and how many lines of data."""
    out, count = io.StringIO(), 0
    sheet = csv.writer(out, lineterminator="\r\n")
    sheet.writerow(COLUMNS)
    for row in rows:  # type: ignore[attr-defined]
        sheet.writerow(_line(row))
        count += 1
    return out.getvalue(), count


def _line(row: Evaluation) -> list[object]:
    return [
        row.id,
        row.conversation_id,
        label(row.agent_id, kind="Agent") if row.agent_id else "",
        _cell(row.version.form.title),
        row.version.number,
        row.made_by,
        row.state,
        row.percent,
        {True: "yes", False: "no", None: ""}[row.passed],
        _cell(row.band),
        " ".join(row.fatal),
        " ".join(row.errors),
        row.made_at.isoformat(),
    ]


def _cell(text: str) -> str:
    """A text that a spreadsheet would take for a formula is shown as text."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
