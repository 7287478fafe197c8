"""What measures, rows and choices are called, and how their numbers are written."""

from datetime import date

from plainspoken.kernels.reporting import Unit
from plainspoken.kernels.reporting.trends import Kind
from plainspoken.ui.wording import THIN_SPACE, count, duration

from .definitions import Columns, Dated, Definition, MadeBy, Measure, Rows

MEASURES = {
    Measure.EVALUATIONS: "Number of evaluations",
    Measure.PERCENT: "Mean score",
    Measure.PASSED: "Share passed",
    Measure.FATAL: "Share with a fatal error",
    Measure.RESULT: "Result of questions",
    Measure.FULL: "Share of answers with full points",
    Measure.DISPUTED: "Dispute rate",
    Measure.OVERTURNED: "Overturn rate",
    Measure.ACKNOWLEDGED: "Time to acknowledge",
    Measure.DRIFT: "Evaluator drift",
    Measure.AGREEMENT: "Agreement of rules with people",
}
# Each in one sentence, beneath the number: what it is of what.
EXPLAINED = {
    Measure.EVALUATIONS: "Evaluations that are no drafts.",
    Measure.PERCENT: "The mean percent of all evaluations that have one.",
    Measure.PASSED: "Evaluations that passed, of those whose form can be failed.",
    Measure.FATAL: "Evaluations with at least one fatal error, of all.",
    Measure.RESULT: "The points that answers earned, of what their question can give.",
    Measure.FULL: "Answers that earned all points of their question.",
    Measure.DISPUTED: "Evaluations that the agent disputed, of those they could see.",
    Measure.OVERTURNED: "Decided disputes in which something was changed.",
    Measure.ACKNOWLEDGED: "From release until the agent said that they read it.",
    Measure.DRIFT: "How far answers lie from the leader's in calibration. Above 0 is milder.",
    Measure.AGREEMENT: "Answers of rules that a person gave as well, in the same conversation.",
}
KINDS = {
    Measure.EVALUATIONS: Kind.COUNT,
    Measure.PERCENT: Kind.MEAN,
    Measure.PASSED: Kind.SHARE,
    Measure.FATAL: Kind.SHARE,
    Measure.RESULT: Kind.MEAN,
    Measure.FULL: Kind.SHARE,
    Measure.DISPUTED: Kind.SHARE,
    Measure.OVERTURNED: Kind.SHARE,
    Measure.ACKNOWLEDGED: Kind.MEAN,
    Measure.DRIFT: Kind.MEAN,
    Measure.AGREEMENT: Kind.SHARE,
}
# What one observation is: "12 answers".
OBSERVED = {
    Measure.RESULT: "answer,answers",
    Measure.FULL: "answer,answers",
    Measure.OVERTURNED: "dispute,disputes",
    Measure.DRIFT: "answer,answers",
    Measure.AGREEMENT: "pair of answers,pairs of answers",
}
ROWS = {
    Rows.TEAM: "Team",
    Rows.AGENT: "Agent",
    Rows.QUESTION: "Question",
    Rows.EVALUATOR: "Evaluator",
    Rows.QUEUE: "Queue or set",
    Rows.PERIOD: "Period",
}
COLUMNS = {
    Columns.NONE: "Nothing",
    Columns.QUEUE: "Queues or sets of queues",
    Columns.PERIOD: "Periods",
}
MADE_BY = {
    MadeBy.PERSON: "People",
    MadeBy.AUTOMATIC: "Programs",
    MadeBy.BOTH: "Both, in two columns",
}
IN_WORDS = {
    MadeBy.PERSON: "by people",
    MadeBy.AUTOMATIC: "by programs",
    MadeBy.BOTH: "by people and by programs, in two columns",
}
ONE_MADE_BY = {"person": "By people", "automatic": "By programs"}
DATED = {Dated.EVALUATED: "when it was evaluated", Dated.HAPPENED: "when the conversation took place"}
UNITS = {Unit.DAY: "day", Unit.WEEK: "week", Unit.MONTH: "month", Unit.QUARTER: "quarter"}
NO_TEAM, NO_QUEUE, OTHER_QUEUES = "Without a team", "Without a queue", "All other queues"
FORMER_AGENT = "Former members of staff"
MINUS = "\u2212"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def title(definition: Definition) -> str:
    """What a report counts, in words: "Mean score by queue"."""
    what = MEASURES[definition.measure]
    rows = "queue" if definition.rows == Rows.QUEUE else ROWS[definition.rows].lower()
    by = f"{what} by {rows}"
    return (
        f"{by} and {'queue' if definition.columns == Columns.QUEUE else 'period'}"
        if definition.columns
        else by
    )


def value(measure: Measure, number: float | None) -> str:
    """A number of a measure as people read it; an en dash where there is none."""
    if number is None:
        return "–"
    if measure == Measure.EVALUATIONS:
        return count(round(number))
    if measure == Measure.ACKNOWLEDGED:
        return duration(number * 3600)
    if measure == Measure.DRIFT:
        return signed(number * 100, " pt")
    share = number if measure == Measure.PERCENT else number * 100
    return f"{share:.1f}{THIN_SPACE}%"


def difference(measure: Measure, number: float) -> str:
    """A change as people read it: with its sign, in points where the number is a percent."""
    if measure == Measure.EVALUATIONS:
        return signed(number, "", digits=0)
    if measure == Measure.ACKNOWLEDGED:
        return f"{'+' if number >= 0 else MINUS}{duration(abs(number) * 3600)}"
    return signed(number if measure == Measure.PERCENT else number * 100, " pt")


def signed(number: float, unit: str, *, digits: int = 1) -> str:
    """ "+2.4 pt", with a true minus sign."""
    rounded = round(number, digits)
    return f"{MINUS if rounded < 0 else '+' if rounded > 0 else '±'}{abs(rounded):.{digits}f}{unit}"


def period(day: date, unit: Unit) -> str:
    """A day, week, month or quarter in words: "Week of 2 Mar 2026", "Q1 2026"."""
    if unit == Unit.QUARTER:
        return f"Q{(day.month - 1) // 3 + 1} {day.year}"
    month = MONTHS[day.month - 1]
    if unit == Unit.MONTH:
        return f"{month} {day.year}"
    return f"{'Week of ' if unit == Unit.WEEK else ''}{day.day} {month} {day.year}"
