"""A report as CSV or Parquet: it leaves through the disclosure gate, or not at all."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq

from plainspoken.analytics import access, presenting, queries, results, wording
from plainspoken.analytics.definitions import EVALUATING, Definition, to_json
from plainspoken.analytics.results import Cell, Column, Line, Result
from plainspoken.custody import ledger
from plainspoken.custody.actors import Actor
from plainspoken.custody.sessions import purpose
from plainspoken.disclosures.services import Delivered, release

RECIPIENT = "own-analysts"
# The schema of both: what stands in each column. Values are plain numbers in the unit that stands beside them.
SCHEMA = pa.schema(
    [
        pa.field("row", pa.string(), nullable=False),
        pa.field("column", pa.string(), nullable=False),
        pa.field("made_by", pa.string(), nullable=False),
        pa.field("observations", pa.int64()),
        pa.field("value", pa.float64()),
        pa.field("low", pa.float64()),
        pa.field("high", pa.float64()),
        pa.field("change", pa.float64()),
        pa.field("change_low", pa.float64()),
        pa.field("change_high", pa.float64()),
        pa.field("suppressed", pa.bool_(), nullable=False),
    ]
)
UNITS = {
    "evaluations": "count", "percent": "percent, 0 to 100", "acknowledged": "hours", "drift": "share of points, -1 to 1",
}  # fmt: skip


def categories(definition: Definition) -> tuple[str, ...]:
    """What of the policy's categories a report holds; people are there under pseudonyms only."""
    if definition.purpose != EVALUATING:
        return ("measure",)
    return ("evaluation", "measure", "pseudonym")


def as_csv(result: Result) -> bytes:
    """CSV (RFC 4180) in UTF-8. A text that a spreadsheet would take for a formula begins with an apostrophe."""
    out = io.StringIO()
    sheet = csv.writer(out, lineterminator="\r\n")
    sheet.writerow(SCHEMA.names)
    for row in rows(result):
        sheet.writerow(_cell(value) for value in row.values())
    return out.getvalue().encode()


def as_parquet(result: Result) -> bytes:
    """Parquet with what the report asked, for which days, under which policy, in the file's own metadata."""
    about = {
        "title": wording.title(result.definition),
        "definition": to_json(result.definition),
        "first_day": result.span.first.isoformat(),
        "last_day": result.span.last.isoformat(),
        "compared_with": presenting.days(result.before),
        "unit": UNITS.get(result.definition.measure.value, "share, 0 to 1"),
        "group_of_at_least": str(result.least),
        "policy": result.policy,
        "made_at": result.made_at.isoformat(),
    }
    table = pa.Table.from_pylist(list(rows(result)), schema=SCHEMA.with_metadata(about))
    out = io.BytesIO()
    pq.write_table(table, out)
    return out.getvalue()


def as_json(result: Result) -> dict[str, Any]:
    """The same as plain values, with what was asked."""
    return {
        "title": wording.title(result.definition),
        "definition": json.loads(to_json(result.definition)),
        "first_day": result.span.first,
        "last_day": result.span.last,
        "made_at": result.made_at,
        "policy": result.policy,
        "group_of_at_least": result.least,
        "suppressed": result.suppressed,
        "rows": list(rows(result)),
        "buckets": [day.isoformat() for day in result.buckets],
        "series": [{"row": line.title, "values": list(line.series)} for line in result.lines if line.series],
    }


FORMATS: dict[str, tuple[str, Callable[[Result], bytes]]] = {
    "csv": ("text/csv; charset=utf-8", as_csv),
    "parquet": ("application/vnd.apache.parquet", as_parquet),
}


def rows(result: Result) -> Iterator[dict[str, Any]]:
    """One row a cell, in the order of SCHEMA."""
    for line in result.lines:
        for column, cell in zip(result.columns, line.cells, strict=True):
            yield _row(line, column, cell)


def _row(line: Line, column: Column, cell: Cell) -> dict[str, Any]:
    change = cell.change
    return {
        "row": line.title,
        "column": column.title,
        "made_by": column.made_by,
        "observations": None if cell.hidden else cell.n,
        "value": cell.value,
        "low": cell.low,
        "high": cell.high,
        "change": change.difference if change else None,
        "change_low": change.low if change else None,
        "change_high": change.high if change else None,
        "suppressed": cell.hidden,
    }


def _cell(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else value


def export(*, organisation: UUID, report: UUID, format: str, by: Actor) -> bytes:
    """A report's numbers as a file, people under pseudonyms. Raises Refused, queries.NoSuchReport, and the gate's own
    refusal where the policy does not name this recipient.
    """
    usual = access.usual_purpose(by, organisation=organisation)
    with purpose(usual, organisation=organisation, by=by):
        kept = queries.report(by, organisation=organisation, id=report)
    return handed_out(organisation=organisation, definition=kept.definition, format=format, by=by, about=f"report:{report}")  # fmt: skip


def handed_out(*, organisation: UUID, definition: Definition, format: str, by: Actor, about: str) -> bytes:
    """The file, through the gate."""
    access.check_read(by, organisation=organisation, purpose=definition.purpose)
    made: list[bytes] = []

    def deliver() -> Delivered:
        with purpose(definition.purpose, organisation=organisation, by=by):
            result = results.run(definition)
            made.append(FORMATS[format][1](result))
            ledger.enter_read(place="quality.Evaluation", rows=result.counted, by=by)
        return Delivered(parts=1, bytes=len(made[0]))

    release(
        organisation=organisation,
        recipient=RECIPIENT,
        purpose=definition.purpose,
        categories=categories(definition),
        subject=None,
        deliver=deliver,
        by=by,
        about=about,
    )
    return made[0]
