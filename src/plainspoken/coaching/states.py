"""The states of a goal, of a session and of a clip in the library. Pure: no model, no clock."""

from enum import StrEnum
from typing import TypeVar


class GoalState(StrEnum):
    """Where a goal stands."""

    PROPOSED = "proposed"
    AGREED = "agreed"
    RUNNING = "running"
    REACHED = "reached"
    NOT_REACHED = "not-reached"
    ENDED = "ended"


class SessionState(StrEnum):
    """Where a session stands."""

    PLANNED = "planned"
    HELD = "held"
    CANCELLED = "cancelled"


class ClipState(StrEnum):
    """Whether the agent in a clip lets colleagues hear it."""

    ASKED = "asked"
    SHARED = "shared"
    DECLINED = "declined"


GOALS: dict[GoalState, tuple[GoalState, ...]] = {
    GoalState.PROPOSED: (GoalState.AGREED, GoalState.ENDED),
    GoalState.AGREED: (GoalState.RUNNING, GoalState.ENDED),
    GoalState.RUNNING: (GoalState.REACHED, GoalState.NOT_REACHED, GoalState.ENDED),
    GoalState.REACHED: (),
    GoalState.NOT_REACHED: (),
    GoalState.ENDED: (),
}
SESSIONS: dict[SessionState, tuple[SessionState, ...]] = {
    SessionState.PLANNED: (SessionState.HELD, SessionState.CANCELLED),
    SessionState.HELD: (SessionState.PLANNED,),
    SessionState.CANCELLED: (SessionState.PLANNED,),
}
OPEN = (GoalState.PROPOSED, GoalState.AGREED, GoalState.RUNNING)

GOAL_WORDS: dict[GoalState, str] = {
    GoalState.PROPOSED: "Proposed",
    GoalState.AGREED: "Agreed",
    GoalState.RUNNING: "Running",
    GoalState.REACHED: "Reached",
    GoalState.NOT_REACHED: "Not reached",
    GoalState.ENDED: "Ended",
}
SESSION_WORDS: dict[SessionState, str] = {
    SessionState.PLANNED: "Planned",
    SessionState.HELD: "Held",
    SessionState.CANCELLED: "Cancelled",
}
CLIP_WORDS: dict[ClipState, str] = {
    ClipState.ASKED: "Waits for the agent’s yes",
    ClipState.SHARED: "In the library",
    ClipState.DECLINED: "The agent said no",
}

Stage = TypeVar("Stage", GoalState, SessionState)


class WrongState(ValueError):
    """It cannot go there from where it stands."""


def check_goal(now: GoalState, then: GoalState) -> None:
    """Raises WrongState unless `then` may follow `now`."""
    if then not in GOALS[now]:
        raise WrongState(f"The goal is {now}, so it cannot become {then}. Load the page again.")


def check_session(now: SessionState, then: SessionState) -> None:
    """Raises WrongState unless `then` may follow `now`."""
    if then not in SESSIONS[now]:
        raise WrongState(f"The session is {now}, so it cannot become {then}. Load the page again.")
