"""Which conversations are evaluated: at random by a seed, the same for everybody who asks, and steady.

Each conversation has a place in a line that only the seed and its own id decide. So nobody can steer the choice,
and one more conversation changes nothing but, at most, the last place of its own agent.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256


@dataclass(frozen=True)
class Candidate:
    """A conversation that could be chosen."""

    id: str
    agent: str
    kind: str = ""
    queue: str = ""


def place(seed: str, identifier: str) -> bytes:
    """Where a conversation stands in the line: 32 bytes, evenly spread."""
    return sha256(f"{len(seed)}:{seed}:{identifier}".encode()).digest()


def choose(
    candidates: Iterable[Candidate],
    *,
    seed: str,
    per_agent: int,
    kinds: Collection[str] = (),
    queues: Collection[str] = (),
    had: Mapping[str, int] | None = None,
) -> tuple[Candidate, ...]:
    """The first `per_agent` of each agent in the line of this seed, by agent and place.

    kinds, queues: only these; empty means all. had: how many an agent has already; they count.
    """
    had = had or {}
    lines: dict[str, dict[str, Candidate]] = defaultdict(dict)
    for one in candidates:
        if (not kinds or one.kind in kinds) and (not queues or one.queue in queues):
            lines[one.agent][one.id] = one
    chosen: list[Candidate] = []
    for agent, own in sorted(lines.items()):
        line = sorted(own.values(), key=lambda one: place(seed, one.id))
        chosen += line[: max(0, per_agent - had.get(agent, 0))]
    return tuple(chosen)
