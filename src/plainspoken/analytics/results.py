"""A report, run: lines and columns with values, intervals, changes and series, and what was too small to show."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from uuid import UUID
from zoneinfo import ZoneInfo

from plainspoken.conversations.queries import agent_names
from plainspoken.custody import clock
from plainspoken.custody.models import Organisation
from plainspoken.custody.sessions import required
from plainspoken.kernels.reporting import (
    Change,
    Measured,
    Range,
    bucket,
    buckets,
    change,
    hidden,
    interval,
    previous,
)
from plainspoken.kernels.reporting.trends import Kind
from plainspoken.people.queries import label
from plainspoken.policies.queries import policy_in_force, version_in_force
from plainspoken.quality.queries import form_of, names_of

from . import observing, wording
from .definitions import ABOUT_PEOPLE, IMPROVING, Columns, Definition, Rows
from .observing import CELL, SERIES, TOTAL, Counted

MOST_LINES = 500
NOTHING = Measured(0, 0.0, 0.0)


@dataclass(frozen=True)
class Cell:
    """One number and what it rests on. `hidden`: the group is too small; then nothing of it is here.

    agents: how many members of staff it is about.
    """

    n: int
    value: float | None
    low: float | None = None
    high: float | None = None
    change: Change | None = None
    hidden: bool = False
    agents: int = 0


@dataclass(frozen=True)
class Column:
    """What stands above a cell: a queue or a period, and whose evaluations; empty where there is but one."""

    key: str
    made_by: str
    title: str


@dataclass(frozen=True)
class Line:
    """One row: a cell a column, and a series of values a bucket for each of whose evaluations are counted."""

    key: str
    title: str
    cells: tuple[Cell, ...]
    series: tuple[float | None, ...] = ()


@dataclass(frozen=True)
class Result:
    """A report as it was counted at `made_at`. least: the policy's least number of people in a group, 1 where none.

    total: over all lines, a cell for each of whose evaluations; left out where a line is hidden.
    """

    definition: Definition
    span: Range
    before: Range
    made_at: datetime
    policy: str
    least: int
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    total: tuple[Cell, ...]
    buckets: tuple[date, ...]
    suppressed: int
    named: bool

    @property
    def people(self) -> bool:
        """Whether lines are single people."""
        return self.definition.rows in ABOUT_PEOPLE

    @property
    def counted(self) -> int:
        """How many observations stand behind what is shown."""
        return sum(cell.n for line in self.lines for cell in line.cells if not cell.hidden)


def run(definition: Definition, *, names: bool = False, span: Range | None = None) -> Result:
    """Count a report inside the purpose session of its purpose.

    names: call people by their names, where the purpose lets the reader; else by pseudonyms. span: other days than
    the definition's own. Only groups of people as large as the policy asks of the purpose are shown: the smaller of
    how many agents and how many customers they are about.
    """
    session = required()
    house = Organisation.objects.get(id=session.organisation)
    made_at = clock.now(house.id)
    zone = ZoneInfo(house.time_zone)
    span = span or definition.range_on(made_at.astimezone(zone).date())
    policy = policy_in_force(organisation=house.id)
    least = policy.purposes[session.purpose].group_of_at_least or 1
    rows = observing.counted(definition, zone=zone, span=span, customers=least > 1)
    named = names and session.purpose != IMPROVING
    return _Made(definition, span, rows, least, named).result(made_at, session.organisation)


@dataclass(frozen=True)
class _Made:
    definition: Definition
    span: Range
    rows: list[Counted]
    least: int
    named: bool

    def result(self, made_at: datetime, organisation: UUID) -> Result:
        lines = self.lines(organisation)
        return Result(
            definition=self.definition,
            span=self.span,
            before=previous(self.span),
            made_at=made_at,
            policy=version_in_force(organisation=organisation).label,
            least=self.least,
            columns=self.columns,
            lines=lines,
            total=() if self.gone else self.totals,
            buckets=self.days,
            suppressed=len(self.gone),
            named=self.named,
        )

    @cached_property
    def kind(self) -> Kind:
        return wording.KINDS[self.definition.measure]

    @cached_property
    def days(self) -> tuple[date, ...]:
        return tuple(buckets(self.span, self.definition.every))

    @cached_property
    def cells(self) -> Mapping[tuple[str, str, str, bool], Counted]:
        """By row, column, whose, and whether now."""
        return {(r.row, r.col, r.made_by, r.now): r for r in self.rows if r.level == CELL}

    @cached_property
    def gone(self) -> frozenset[tuple[str, tuple[str, str]]]:
        """Which (row, (column, whose)) are too small to show."""
        people = {
            (r.row, (r.col, r.made_by)): min(r.agents, r.customers)
            for r in self.cells.values()
            if r.now and self.least > 1
        }
        # A group of people whom nobody knows any more counts as one of nobody, which is too small as well.
        return hidden({k: max(n, 1) for k, n in people.items()}, least=self.least)

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        whose = observing.made_by_of(self.definition)
        found = []
        for key in self._column_keys():
            for one in whose:
                words = [self._column_title(key), wording.ONE_MADE_BY[one] if len(whose) > 1 else ""]
                found.append(Column(key, one, ", ".join(word for word in words if word)))
        return tuple(found)

    def _column_keys(self) -> list[str]:
        if self.definition.columns == Columns.NONE:
            return [""]
        present = {r.col for r in self.cells.values() if r.now}
        return self._ordered(present, self.definition.columns.value)

    def _ordered(self, present: Iterable[str], name: str) -> list[str]:
        """Keys in the order in which people look for them; of periods and sets also those that are empty."""
        if name == "period":
            return [day.isoformat() for day in self.days]
        if name == "queue" and self.definition.sets:
            return [group.name for group in self.definition.sets] + ([""] if "" in present else [])
        return sorted(present, key=lambda key: (key == "", key.lower()))

    def _column_title(self, key: str) -> str:
        if self.definition.columns == Columns.NONE:
            return ""
        return self._titled(key, self.definition.columns.value)

    def _titled(self, key: str, name: str) -> str:
        if name == "period":
            return wording.period(date.fromisoformat(key), self.definition.every)
        if name == "queue":
            return key or (wording.OTHER_QUEUES if self.definition.sets else wording.NO_QUEUE)
        return key or wording.NO_TEAM

    # ---- lines ----

    def lines(self, organisation: UUID) -> tuple[Line, ...]:
        """Every line, with empty ones where a set or a period has nothing."""
        present = {r.row for r in self.cells.values() if r.now}
        titles = self._titles(present, organisation)
        if self.definition.rows in (Rows.PERIOD, Rows.QUEUE):
            keys = self._ordered(present, self.definition.rows.value)
        elif self.definition.rows == Rows.QUESTION:
            keys = [key for key in titles if key in present]
        else:
            keys = sorted(present, key=lambda key: (key == "", titles[key].lower(), key))
        series = self._series()
        return tuple(
            Line(
                key=key,
                title=titles.get(key) or self._titled(key, self.definition.rows.value),
                cells=tuple(self._cell(key, column) for column in self.columns),
                series=series.get(key, ()),
            )
            for key in keys[:MOST_LINES]
        )

    def _titles(self, present: set[str], organisation: UUID) -> dict[str, str]:
        rows = self.definition.rows
        if rows == Rows.QUESTION:
            return self._questions(organisation)
        if rows == Rows.AGENT:
            known = {UUID(key) for key in present if key}
            called = agent_names(known) if self.named else {key: label(key, kind="Agent") for key in known}
            return {"": wording.FORMER_AGENT} | {str(key): name for key, name in called.items()}
        if rows == Rows.EVALUATOR:
            return names_of(present) if self.named else {key: pseudonym(key) for key in present}
        return {key: self._titled(key, rows.value) for key in present}

    def _questions(self, organisation: UUID) -> dict[str, str]:
        """Questions in the order of the newest version, then those that only older ones asked."""
        found: dict[str, str] = {}
        for version in observing.versions(self.definition, organisation):
            for question in form_of(version).questions:
                found.setdefault(question.id, question.text)
        return found

    def _cell(self, row: str, column: Column) -> Cell:
        if (row, (column.key, column.made_by)) in self.gone:
            return Cell(0, None, hidden=True)
        now = self.cells.get((row, column.key, column.made_by, True))
        return self._made(now, self._earlier(row, column))

    def _earlier(self, row: str, column: Column) -> Counted | None:
        """The group that a cell is compared with; periods are compared with the period before, where both are whole."""
        if self.definition.rows != Rows.PERIOD:
            return self.cells.get((row, column.key, column.made_by, False))
        days = [day.isoformat() for day in self.days]
        place = days.index(row)
        if place == 0 or not (self._whole(place) and self._whole(place - 1)):
            return None
        before = days[place - 1]
        if (before, (column.key, column.made_by)) in self.gone:
            return None
        return self.cells.get((before, column.key, column.made_by, True))

    def _whole(self, place: int) -> bool:
        """Whether all days of a period lie in the range."""
        first = self.days[place]
        after = bucket(self.span.last, self.definition.every) if place == len(self.days) - 1 else None
        ends = after is None or self._ends_with(after)
        return first >= self.span.first and ends

    def _ends_with(self, first: date) -> bool:
        following = date.fromordinal(self.span.last.toordinal() + 1)
        return bucket(following, self.definition.every) != first

    def _made(self, now: Counted | None, before: Counted | None) -> Cell:
        measured = _measured(now)
        if measured.n == 0:
            # An empty group has a number where things are counted, and none where something is measured of them.
            return Cell(0, 0.0 if self.kind == Kind.COUNT else None)
        sure = interval(measured, self.kind)
        moved = None
        if self.definition.columns != Columns.PERIOD and self._large(before):
            moved = change(measured, _measured(before), self.kind)
        return Cell(
            n=measured.n,
            value=float(measured.n) if self.kind == Kind.COUNT else measured.mean,
            low=sure[0] if sure else None,
            high=sure[1] if sure else None,
            change=moved,
            agents=now.agents if now else 0,
        )

    def _large(self, before: Counted | None) -> bool:
        if self.definition.rows == Rows.PERIOD and before is None:
            return False
        return self.least == 1 or (before is not None and min(before.agents, before.customers) >= self.least)

    @cached_property
    def totals(self) -> tuple[Cell, ...]:
        """Over everything, for each of whose evaluations are counted."""
        whole = {(r.made_by, r.now): r for r in self.rows if r.level == TOTAL}
        found = []
        for one in observing.made_by_of(self.definition):
            now, before = whole.get((one, True)), whole.get((one, False))
            if self.least > 1 and now is not None and min(now.agents, now.customers) < self.least:
                return ()
            made = self._made(now, before if self.definition.rows != Rows.PERIOD else None)
            found.append(made)
        return tuple(found)

    def _series(self) -> dict[str, tuple[float | None, ...]]:
        """Values a bucket of each line, of people's evaluations where both are counted; small groups left out."""
        if self.definition.rows == Rows.PERIOD:
            return {}
        one = observing.made_by_of(self.definition)[0]
        known = {(r.row, r.bucket): r for r in self.rows if r.level == SERIES and r.now and r.made_by == one}
        gone: frozenset[tuple[str, str]] = frozenset()
        if self.least > 1:
            people = {key: max(min(r.agents, r.customers), 1) for key, r in known.items()}
            gone = hidden(people, least=self.least)
        hidden_rows = {row for row, _ in self.gone}
        return {
            row: tuple(
                self._at(known.get((row, day.isoformat())), (row, day.isoformat()) in gone)
                for day in self.days
            )
            for row in {key for key, _ in known} - hidden_rows
        }

    def _at(self, found: Counted | None, small: bool) -> float | None:
        if small or found is None:
            return None
        return float(found.n) if self.kind == Kind.COUNT else found.total / found.n


def _measured(row: Counted | None) -> Measured:
    return Measured(row.n, row.total, row.squares) if row else NOTHING


def pseudonym(actor: str) -> str:
    """Who evaluated without their name: the same each time."""
    kind, _, key = actor.partition(":")
    return label(UUID(key), kind="Evaluator") if kind == "person" else key
