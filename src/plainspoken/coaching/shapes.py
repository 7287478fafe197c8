"""What pages show of goals, rates and sessions: plain values and sentences, no query."""

from typing import Any

from django.urls import reverse

from plainspoken.kernels import coaching as kernel
from plainspoken.kernels.coaching import LEAST, Verdict
from plainspoken.quality.models import Evaluation

from .models import CoachingSession
from .queries import Measured
from .services import goals as services
from .states import GOAL_WORDS, SESSION_WORDS, GoalState, SessionState

MAKERS = {
    Evaluation.MadeBy.PERSON.value: "By people",
    Evaluation.MadeBy.AUTOMATIC.value: "By rules",
}
BY = {
    Evaluation.MadeBy.PERSON.value: "as people answer it",
    Evaluation.MadeBy.AUTOMATIC.value: "as rules answer it",
}
REASONS = {
    services.DECLINED: "Declined.",
    services.TAKEN_BACK: "Taken back.",
    services.BY_HAND: "Ended before its day.",
    services.TOO_FEW: "Its day came with too little to tell.",
}
MARKS = {GoalState.REACHED: "held", GoalState.NOT_REACHED: "unproved"}


def percent(rate: float) -> str:
    """ "62 %"."""
    return f"{round(100 * rate)} %"


def count(n: int) -> str:
    """ "3 evaluations"."""
    return f"{n} evaluation{'' if n == 1 else 's'}"


def rate(tally: kernel.Tally) -> str:
    """A rate with its interval in a sentence."""
    if not tally.n:
        return "No evaluation yet."
    around = kernel.interval(tally)
    return (
        f"{percent(tally.rate)} of the points in {count(tally.n)}. "
        f"The true share lies between {percent(around.low)} and {percent(around.high)}."
    )


def difference(change: kernel.Change, *, before: str = "before", after: str = "now") -> str:
    """What changed, or plainly that there is too little to tell."""
    old, new = change.before, change.after
    if change.verdict == Verdict.TOO_FEW:
        return f"Too little to tell: {count(old.n)} {before}, {new.n} {after}. Each side needs {LEAST}."
    moved = f"from {percent(old.rate)} to {percent(new.rate)}"
    if change.verdict == Verdict.UNSURE:
        return f"{moved.capitalize()}. That can be chance: the change lies between {_points(change)}."
    word = "Better" if change.verdict == Verdict.BETTER else "Worse"
    return f"{word}, {moved}. The change lies between {_points(change)}."


def _points(change: kernel.Change) -> str:
    return f"{round(100 * change.low):+d} and {round(100 * change.high):+d} points".replace("-", "−")


def goal(one: Measured, *, names: dict[str, str]) -> dict[str, Any]:
    """A goal as lists and its page show it."""
    row = one.row
    state = GoalState(row.state)
    return {
        "id": row.id,
        "url": reverse("coaching:goal", args=[row.id]),
        "question": one.question,
        "form": row.form.title,
        "by": BY[row.made_by],
        "target": f"{row.target} %",
        "starts_on": row.starts_on,
        "due_on": row.due_on,
        "state": state.value,
        "state_text": GOAL_WORDS[state],
        "mark": MARKS.get(state, ""),
        "reason": REASONS.get(row.reason, ""),
        "late": one.late,
        "text": one.text,
        "proposed_by": names.get(row.proposed_by, ""),
        "proposed_at": row.proposed_at,
        "agreed_by": names.get(row.agreed_by, ""),
        "agreed_at": row.agreed_at,
        "baseline": rate(one.change.before) if one.change else "",
        "since": rate(one.change.after) if one.change else "",
        "change": difference(one.change, after="since") if one.change else "",
        "progress": _progress(one),
        "met": one.met is True,
    }


def _progress(one: Measured) -> str:
    state, change = GoalState(one.row.state), one.change
    if state == GoalState.PROPOSED:
        return "Waits for a yes."
    if state == GoalState.AGREED:
        return "Agreed. It has not started."
    if change is None:
        return ""
    if one.met is None:
        return f"Too little to tell: {change.after.n} of {LEAST} evaluations since the start."
    return f"{percent(change.after.rate)} since the start, {percent(change.before.rate) if change.before.n else 'nothing'} before."


def session(row: CoachingSession, *, coach: str, agent: str = "") -> dict[str, Any]:
    """A session as lists show it."""
    state = SessionState(row.state)
    return {
        "url": reverse("coaching:session", args=[row.id]),
        "at": row.at,
        "coach": coach,
        "agent": agent,
        "state": state.value,
        "state_text": SESSION_WORDS[state],
        "acknowledged": row.acknowledged_at,
        "waits": state == SessionState.HELD and row.acknowledged_at is None,
    }
