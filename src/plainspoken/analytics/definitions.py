"""What a report asks for: plain values, checked, and their JSON. No model, no query."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from plainspoken.kernels.reporting import Range, Unit, relative

EVALUATING, IMPROVING = "quality.evaluate", "service.improve"
MOST_DAYS, MOST_SETS, MOST_BUCKETS = 1100, 20, 120
UNITS_AT_MOST = {Unit.DAY: 400, Unit.WEEK: 104, Unit.MONTH: 36, Unit.QUARTER: 12}


class Measure(StrEnum):
    """What is counted."""

    EVALUATIONS = "evaluations"
    PERCENT = "percent"
    PASSED = "passed"
    FATAL = "fatal"
    RESULT = "result"
    FULL = "full"
    DISPUTED = "disputed"
    OVERTURNED = "overturned"
    ACKNOWLEDGED = "acknowledged"
    DRIFT = "drift"
    AGREEMENT = "agreement"


class Rows(StrEnum):
    """What each line is."""

    TEAM = "team"
    AGENT = "agent"
    QUESTION = "question"
    EVALUATOR = "evaluator"
    QUEUE = "queue"
    PERIOD = "period"


class Columns(StrEnum):
    """What stands side by side."""

    NONE = ""
    QUEUE = "queue"
    PERIOD = "period"


class MadeBy(StrEnum):
    """Whose evaluations; both are two columns, never one number."""

    PERSON = "person"
    AUTOMATIC = "automatic"
    BOTH = "both"


class Dated(StrEnum):
    """By which day an evaluation falls into a period."""

    EVALUATED = "evaluated"
    HAPPENED = "happened"


class DefinitionRefused(ValueError):
    """What a report asks for does not go together; `field` is the part that is wrong."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True)
class QueueSet:
    """Several queues under one name, counted as one."""

    name: str
    queues: tuple[str, ...]


@dataclass(frozen=True)
class Definition:
    """A report. Empty kinds and queues mean all; form and version None mean any.

    last and unit say a range up to yesterday; first and last_day, where they are there, a fixed one instead.
    pseudonyms: how people are called unless the reader asks for names, where the purpose lets them.
    """

    measure: Measure = Measure.PERCENT
    rows: Rows = Rows.QUEUE
    columns: Columns = Columns.NONE
    every: Unit = Unit.WEEK
    made_by: MadeBy = MadeBy.PERSON
    dated: Dated = Dated.EVALUATED
    purpose: str = EVALUATING
    form: UUID | None = None
    version: int | None = None
    question: str = ""
    kinds: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    sets: tuple[QueueSet, ...] = ()
    last: int = 4
    unit: Unit = Unit.WEEK
    first: date | None = None
    last_day: date | None = None
    pseudonyms: bool = True

    def range_on(self, today: date) -> Range:
        """The days that it is about, seen from a day of the organisation's calendar."""
        if self.first and self.last_day:
            return Range(self.first, self.last_day)
        return relative(self.last, self.unit, today=today)


ABOUT_QUESTIONS = (Measure.RESULT, Measure.FULL, Measure.AGREEMENT, Measure.DRIFT)
ABOUT_PEOPLE = (Rows.AGENT, Rows.EVALUATOR)


def check(definition: Definition) -> Definition:
    """The same definition, if its parts go together. Raises DefinitionRefused."""
    for ask in (_purpose, _rows, _queues, _range):
        ask(definition)
    return definition


def _purpose(one: Definition) -> None:
    if one.purpose not in (EVALUATING, IMPROVING):
        raise DefinitionRefused("purpose", "Reports are read to check quality or to improve the service.")
    if one.purpose == IMPROVING and (one.rows in ABOUT_PEOPLE or one.measure == Measure.DRIFT):
        raise DefinitionRefused(
            "purpose", "To improve the service we look at groups, never at one person. Choose other rows."
        )


def _rows(one: Definition) -> None:
    if one.rows == Rows.QUESTION and one.measure not in ABOUT_QUESTIONS:
        raise DefinitionRefused("rows", "This number is one of whole evaluations. Choose other rows.")
    if one.measure in (Measure.RESULT, Measure.FULL) and one.form is None:
        raise DefinitionRefused("form", "Questions belong to a form. Choose one.")
    if one.question and one.measure not in ABOUT_QUESTIONS:
        raise DefinitionRefused("question", "This number is one of whole evaluations. Choose no question.")
    if one.measure == Measure.DRIFT and one.rows not in (Rows.EVALUATOR, Rows.QUESTION, Rows.PERIOD):
        raise DefinitionRefused(
            "rows", "Drift is one of evaluators. Choose evaluators, questions or periods."
        )
    if one.version is not None and one.form is None:
        raise DefinitionRefused("form", "A version belongs to a form. Choose one.")
    if one.columns and one.columns.value == one.rows.value:
        raise DefinitionRefused("columns", "Rows and columns are the same. Choose another one of them.")


def _queues(one: Definition) -> None:
    if len(one.sets) > MOST_SETS:
        raise DefinitionRefused("sets", f"A report has at most {MOST_SETS} sets of queues.")
    seen: set[str] = set()
    for group in one.sets:
        if not group.name or not group.queues:
            raise DefinitionRefused("sets", "Write each set as a name, a colon and its queues.")
        if twice := seen.intersection(group.queues):
            raise DefinitionRefused("sets", f"{sorted(twice)[0]} stands in two sets. It would count twice.")
        seen.update(group.queues)
    if len({group.name for group in one.sets}) < len(one.sets):
        raise DefinitionRefused("sets", "Two sets have the same name. Give each its own.")


def _range(one: Definition) -> None:
    if (one.first is None) != (one.last_day is None):
        raise DefinitionRefused("last_day", "Give both days, or none of them.")
    if one.first and one.last_day and not 0 <= (one.last_day - one.first).days < MOST_DAYS:
        raise DefinitionRefused("last_day", f"The last day comes after the first, within {MOST_DAYS} days.")
    if not 1 <= one.last <= UNITS_AT_MOST[one.unit]:
        raise DefinitionRefused("last", f"Choose between 1 and {UNITS_AT_MOST[one.unit]}.")
    span = one.range_on(date(2026, 12, 31))
    if one.every == Unit.DAY and span.days > MOST_BUCKETS:
        raise DefinitionRefused(
            "every", f"More than {MOST_BUCKETS} days do not fit. Count by week or longer."
        )


# ---- JSON ----


def to_json(definition: Definition) -> str:
    """As it is kept; only what differs from the usual."""
    usual = Definition()
    values = {
        one.name: _plain(getattr(definition, one.name))
        for one in fields(Definition)
        if getattr(definition, one.name) != getattr(usual, one.name)
    }
    return json.dumps(values, ensure_ascii=False, sort_keys=True)


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, QueueSet):
        return {"name": value.name, "queues": list(value.queues)}
    return value if isinstance(value, int | bool) or value is None else str(value)


READ: Mapping[str, Callable[[Any], Any]] = {
    "measure": Measure,
    "rows": Rows,
    "columns": Columns,
    "every": Unit,
    "made_by": MadeBy,
    "dated": Dated,
    "purpose": str,
    "form": UUID,
    "version": int,
    "question": str,
    "kinds": tuple,
    "queues": tuple,
    "sets": lambda value: tuple(QueueSet(one["name"], tuple(one["queues"])) for one in value),
    "last": int,
    "unit": Unit,
    "first": date.fromisoformat,
    "last_day": date.fromisoformat,
    "pseudonyms": bool,
}


def from_json(text: str) -> Definition:
    """A definition as `to_json` wrote it. Raises DefinitionRefused for anything else."""
    try:
        values = {name: READ[name](value) for name, value in json.loads(text).items() if value is not None}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DefinitionRefused("", "This report cannot be read any more. Make it anew.") from error
    return replace(Definition(), **values)
