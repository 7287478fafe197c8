"""A result as people read it: texts in place of numbers, for the page and for the mail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from plainspoken.kernels.reporting import Change, Range
from plainspoken.kernels.reporting.groups import hidden
from plainspoken.kernels.reporting.trends import Kind
from plainspoken.ui.figures import percent
from plainspoken.ui.wording import count

from . import wording
from .definitions import Columns, Measure
from .results import Cell, Line, Result

# A mail stays in a mailbox for years: a line about fewer members of staff stands on the page only.
AT_LEAST_IN_MAIL = 3
WIDE, HIGH, EDGE = 120, 28, 3


@dataclass(frozen=True)
class Shown:
    """A cell in words. `width` is the length of its bar as an SVG length; `share` the same of the largest."""

    value: str
    rests_on: str
    sure: str
    width: str
    change: str
    direction: str
    why: str
    hidden: bool
    empty: bool
    url: str = ""


@dataclass(frozen=True)
class ShownLine:
    """A line: its cells, and the points of its drawing. `words` say the series in order."""

    key: str
    title: str
    cells: tuple[Shown, ...]
    runs: tuple[str, ...]
    dots: tuple[tuple[str, str], ...]
    words: tuple[str, ...]


def lines(result: Result) -> tuple[ShownLine, ...]:
    """Every line of a result."""
    most = largest(result)
    low, high = _bounds(result.lines)
    return tuple(_line(one, result, most, low, high) for one in result.lines)


def _line(one: Line, result: Result, most: float, low: float, high: float) -> ShownLine:
    runs, dots = drawn(one.series, low, high)
    measure = result.definition.measure
    return ShownLine(
        key=one.key,
        title=one.title,
        cells=tuple(shown(cell, result, most) for cell in one.cells),
        runs=runs,
        dots=dots,
        words=tuple(wording.value(measure, value) for value in one.series),
    )


def largest(result: Result) -> float:
    """What the longest bar stands for: 100 % where numbers are percents, else the largest of them."""
    if result.definition.measure == Measure.PERCENT:
        return 100.0
    if wording.KINDS[result.definition.measure] == Kind.SHARE or result.definition.measure == Measure.RESULT:
        return 1.0
    return max((abs(cell.value or 0.0) for line in result.lines for cell in line.cells), default=0.0)


def shown(cell: Cell, result: Result, most: float) -> Shown:
    """One cell in words."""
    measure = result.definition.measure
    if cell.hidden:
        return Shown(f"under {result.least}", "", "", "0%", "", "", "", hidden=True, empty=False)
    change, direction, why = _changed(cell.change, measure, periods=result.definition.rows.value == "period")
    return Shown(
        value=wording.value(measure, cell.value),
        rests_on=_rests_on(cell, measure),
        sure=_sure(cell, measure),
        width=percent(abs(cell.value or 0.0), most),
        change=change,
        direction=direction,
        why=why,
        hidden=False,
        empty=cell.n == 0,
    )


def _rests_on(cell: Cell, measure: Measure) -> str:
    if measure == Measure.EVALUATIONS:
        return ""
    one, _, many = wording.OBSERVED.get(measure, "evaluation,evaluations").partition(",")
    return f"{count(cell.n)} {one if cell.n == 1 else many}"


def _sure(cell: Cell, measure: Measure) -> str:
    if cell.low is None or cell.high is None:
        return ""
    low = max(0.0, cell.low) if measure == Measure.ACKNOWLEDGED else cell.low
    return f"{wording.value(measure, low)} to {wording.value(measure, cell.high)}"


def _changed(change: Change | None, measure: Measure, *, periods: bool) -> tuple[str, str, str]:
    if change is None:
        return "", "", ""
    if change.few:
        return "", "few", "Too few for a trend"
    assert change.difference is not None and change.low is not None and change.high is not None
    low, high = (wording.difference(measure, end) for end in (change.low, change.high))
    than = "the period before" if periods else "before"
    what = {"up": f"more than {than}", "down": f"less than {than}", "same": "may be chance"}[change.direction]
    return wording.difference(measure, change.difference), change.direction, f"{what}, {low} to {high}"


# ---- the drawing of a series ----


def _bounds(found: Sequence[Line]) -> tuple[float, float]:
    values = [value for line in found for value in line.series if value is not None]
    return (min(values), max(values)) if values else (0.0, 0.0)


def drawn(
    series: Sequence[float | None], low: float, high: float
) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """Points of polylines, one a run without gaps, and dots for values alone; in a box of WIDE by HIGH."""
    if len(series) < 2:
        return (), ()
    runs: list[list[tuple[str, str]]] = [[]]
    for place, value in enumerate(series):
        if value is None:
            runs.append([])
            continue
        x = EDGE + place * (WIDE - 2 * EDGE) / (len(series) - 1)
        up = (value - low) / (high - low) if high > low else 0.5
        runs[-1].append((f"{x:.1f}", f"{HIGH - EDGE - up * (HIGH - 2 * EDGE):.1f}"))
    lines_of = tuple(" ".join(f"{x},{y}" for x, y in run) for run in runs if len(run) > 1)
    return lines_of, tuple(run[0] for run in runs if len(run) == 1)


# ---- dates ----


def days(span: Range) -> str:
    """A range in words: "2 Mar 2026 – 29 Mar 2026", one day alone without its end."""
    first, last = day(span.first), day(span.last)
    return first if span.days == 1 else f"{first} – {last}"


def day(at: date) -> str:
    """ "2 Mar 2026"."""
    return f"{at.day} {wording.MONTHS[at.month - 1]} {at.year}"


# ---- the mail ----


def in_mail(result: Result) -> tuple[list[str], int]:
    """The table as lines of plain text, and how many lines of the report are left out of it.

    Lines that are single people, and those about fewer than AT_LEAST_IN_MAIL members of staff, stay on the page; so does
    the line from which one of them could be worked out, and the total then.
    """
    kept = [] if result.people else [line for line in result.lines if line.key not in small(result)]
    gone = len(result.lines) - len(kept)
    rows = [("", [column.title for column in result.columns])] if len(result.columns) > 1 else []
    rows += [(line.title, [_told(cell, result) for cell in line.cells]) for line in kept]
    if (
        result.total
        and (result.people or not gone)
        and all(c.agents >= AT_LEAST_IN_MAIL for c in result.total)
    ):
        total = [_told(cell, result) for cell in result.total]
        if result.definition.columns == Columns.NONE:
            rows.append(("All", total))
    return _aligned(rows), gone


def small(result: Result) -> frozenset[object]:
    """Keys of lines about too few members of staff for a mail."""
    people = {
        (line.key, place): cell.agents
        for line in result.lines
        for place, cell in enumerate(line.cells)
        if not cell.hidden and cell.n
    }
    return frozenset(
        row for row, _ in hidden({k: max(n, 1) for k, n in people.items()}, least=AT_LEAST_IN_MAIL)
    )


def _told(cell: Cell, result: Result) -> str:
    one = shown(cell, result, 0.0)
    rests = f" ({one.rests_on})" if one.rests_on and not one.empty else ""
    return f"{one.value}{rests}{f', {one.change}' if one.change else ''}"


def _aligned(rows: Sequence[tuple[str, Sequence[str]]]) -> list[str]:
    if not rows:
        return []
    widths = [max(len(title) for title, _ in rows)]
    widths += [max(len(cells[place]) for _, cells in rows) for place in range(len(rows[0][1]))]
    return [
        "  ".join(text.ljust(width) for text, width in zip((title, *cells), widths, strict=True)).rstrip()
        for title, cells in rows
    ]
