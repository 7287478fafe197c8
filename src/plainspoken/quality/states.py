"""The states of an evaluation, and which may follow which. Pure: no model, no clock."""

from enum import StrEnum


class State(StrEnum):
    """Where an evaluation stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    RELEASED = "released"
    ACKNOWLEDGED = "acknowledged"
    DISPUTED = "disputed"
    DECIDED = "decided"
    APPEALED = "appealed"
    FINAL = "final"


TRANSITIONS: dict[State, tuple[State, ...]] = {
    State.DRAFT: (State.SUBMITTED,),
    State.SUBMITTED: (State.DRAFT, State.APPROVED),
    State.APPROVED: (State.RELEASED,),
    State.RELEASED: (State.ACKNOWLEDGED, State.DISPUTED, State.FINAL),
    State.ACKNOWLEDGED: (State.DISPUTED, State.FINAL),
    State.DISPUTED: (State.DECIDED,),
    State.DECIDED: (State.APPEALED, State.FINAL),
    State.APPEALED: (State.FINAL,),
    State.FINAL: (),
}

WORDS: dict[State, str] = {
    State.DRAFT: "somebody is answering the questions",
    State.SUBMITTED: "it waits for somebody else to approve it",
    State.APPROVED: "it waits to be released to the agent",
    State.RELEASED: "the agent can read it, acknowledge it or dispute it",
    State.ACKNOWLEDGED: "the agent has read it",
    State.DISPUTED: "the agent disagrees, and somebody else decides",
    State.DECIDED: "the dispute is decided, and the agent may appeal",
    State.APPEALED: "the agent appeals, and a third person decides",
    State.FINAL: "nothing more can change it",
}
# What an agent may see of an evaluation about them.
SHOWN_TO_AGENT = (
    State.RELEASED,
    State.ACKNOWLEDGED,
    State.DISPUTED,
    State.DECIDED,
    State.APPEALED,
    State.FINAL,
)
# What the agent has to answer to, and by when it becomes final without them.
WAITING_FOR_AGENT = (State.RELEASED, State.ACKNOWLEDGED, State.DECIDED)


class WrongState(ValueError):
    """The evaluation cannot go there from where it stands."""


def check(now: State, then: State) -> None:
    """Raises WrongState unless `then` may follow `now`."""
    if then not in TRANSITIONS[now]:
        raise WrongState(f"The evaluation is {now}, so it cannot become {then}. Load the page again.")


def diagram() -> str:
    """The documentation page: a Mermaid state diagram and a table."""
    lines = ["# States of an evaluation", "", "Made by `make docs`. Do not edit.", ""]
    lines += ["```mermaid", "stateDiagram-v2", "    [*] --> draft"]
    lines += [f"    {now} --> {then}" for now, thens in TRANSITIONS.items() for then in thens]
    lines += ["    final --> [*]", "```", "", "| state | meaning | may become |", "|---|---|---|"]
    lines += [f"| {s} | {WORDS[s]} | {', '.join(TRANSITIONS[s]) or 'nothing more'} |" for s in State]
    return "\n".join(lines) + "\n"
