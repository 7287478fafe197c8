"""The states of a request, and which may follow which. The documentation draws this table."""

from enum import StrEnum


class State(StrEnum):
    """Where a request stands."""

    RECEIVED = "received"
    PROVING = "proving"
    OPEN = "open"
    SECOND = "second"
    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


TRANSITIONS: dict[State, tuple[State, ...]] = {
    State.RECEIVED: (State.PROVING, State.OPEN, State.REFUSED, State.WITHDRAWN),
    State.PROVING: (State.OPEN, State.REFUSED, State.WITHDRAWN),
    State.OPEN: (State.SECOND, State.RUNNING, State.DONE, State.REFUSED, State.WITHDRAWN),
    State.SECOND: (State.OPEN, State.RUNNING, State.DONE, State.REFUSED, State.WITHDRAWN),
    State.RUNNING: (State.OPEN, State.DONE),
    State.DONE: (),
    State.REFUSED: (),
    State.WITHDRAWN: (),
}

WORDS: dict[State, str] = {
    State.RECEIVED: "it has arrived, and its clock runs",
    State.PROVING: "a code was sent, and the clock stands still where the policy says so",
    State.OPEN: "we know who asks; a privacy officer decides",
    State.SECOND: "a second person has to agree",
    State.RUNNING: "it is being carried out, place by place",
    State.DONE: "it is answered",
    State.REFUSED: "it is refused, with reasons",
    State.WITHDRAWN: "the person took it back",
}
CLOSED = (State.DONE, State.REFUSED, State.WITHDRAWN)
UNPROVED = (State.RECEIVED, State.PROVING)
WAITING = (State.OPEN, State.SECOND)


class WrongState(ValueError):
    """The request cannot go there from where it stands."""


def check(now: State, then: State) -> None:
    """Raises WrongState unless `then` may follow `now`."""
    if then not in TRANSITIONS[now]:
        raise WrongState(f"The request is {now}, so it cannot become {then}. Load the page again.")


def diagram() -> str:
    """The documentation page: a Mermaid state diagram and a table."""
    lines = ["# States of a request", "", "Made by `make docs`. Do not edit.", ""]
    lines += ["```mermaid", "stateDiagram-v2", "    [*] --> received"]
    lines += [f"    {now} --> {then}" for now, thens in TRANSITIONS.items() for then in thens]
    lines += [f"    {state} --> [*]" for state in CLOSED]
    lines += ["```", "", "| state | meaning | may become |", "|---|---|---|"]
    lines += [f"| {s} | {WORDS[s]} | {', '.join(TRANSITIONS[s]) or 'nothing more'} |" for s in State]
    return "\n".join(lines) + "\n"
