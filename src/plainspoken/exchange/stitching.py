"""One call in several recordings: the legs of a transfer become one conversation, one after the other.

Between two legs stands the silence that their times leave. Legs that overlap, as in a consultation, follow each other:
nobody's words are laid over another's.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from plainspoken.conversations.arrival import ArrivalRefused, Person
from plainspoken.kernels.sound import UnreadableSound, blocks, probe, write_wav
from plainspoken.kernels.sound.conversion import Samples

LONGEST_GAP_S = 1800.0
MOST_LEGS = 20
_OF_AGENT = ("agent_name", "agent_email", "agent_phone", "agent_account")


@dataclass(frozen=True)
class Leg:
    """One recording of a call that has several, with its own facts."""

    path: Path
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class Stitched:
    """Facts and people of the whole call, and when each leg begins and ends in it (seconds)."""

    facts: Mapping[str, Any]
    people: tuple[Person, ...]
    legs: tuple[tuple[float, float], ...]


def stitch(legs: Sequence[Leg], *, call: str, into: Path) -> Stitched:
    """Write all legs as one WAV at `into`. Raises ArrivalRefused for legs that are not one call."""
    if not 1 <= len(legs) <= MOST_LEGS:
        raise ArrivalRefused("legs", f"A call of {len(legs)} legs is not possible; at most {MOST_LEGS} are.")
    ordered = sorted(legs, key=_order)
    try:
        probes = [probe(leg.path) for leg in ordered]
    except UnreadableSound as error:
        raise ArrivalRefused("sound-unreadable", error.reason, field="sound") from error
    rate, channels = max(p.sample_rate for p in probes), max(p.channels for p in probes)
    spans: list[tuple[float, float]] = []

    def joined() -> Iterator[Samples]:
        first, at = _moment(ordered[0]), 0.0
        for leg in ordered:
            begun = _moment(leg)
            offset = (begun - first).total_seconds() if begun and first else at
            gap = max(0.0, offset - at)
            if gap > LONGEST_GAP_S:
                raise ArrivalRefused(
                    "legs",
                    f"Between two legs of this call lie {gap / 60:.0f} minutes. They are not one call.",
                )
            if silent := round(gap * rate):
                yield np.zeros((channels, silent), np.float32)
            start, frames = at + silent / rate, 0
            for block in blocks(leg.path, rate=rate):
                frames += block.shape[1]
                yield block if block.shape[0] == channels else np.repeat(block, channels, axis=0)
            at = start + frames / rate
            spans.append((round(start, 3), round(at, 3)))

    try:
        write_wav(into, joined(), rate=rate, channels=channels)
    except UnreadableSound as error:
        raise ArrivalRefused("sound-unreadable", error.reason, field="sound") from error
    return Stitched(_facts(ordered, call), _agents(ordered), tuple(spans))


def _order(leg: Leg) -> tuple[int, str, str]:
    number = leg.facts.get("leg")
    return (
        int(str(number)) if str(number or "").isdecimal() else 0,
        str(leg.facts.get("started_at", "")),
        leg.path.name,
    )


def _moment(leg: Leg) -> datetime | None:
    value = leg.facts.get("started_at")
    if not isinstance(value, str):
        return None
    try:
        return datetime.fromisoformat(value.strip())
    except ValueError:
        return None


def _facts(legs: Sequence[Leg], call: str) -> dict[str, Any]:
    """Of each fact the first that a leg gives; who spoke for us stands among the people."""
    found: dict[str, Any] = {"source_id": call}
    for leg in legs:
        for name, value in leg.facts.items():
            if name not in (*_OF_AGENT, "call_id", "leg", "legs", "duration", "source_id") and value not in (
                None,
                "",
            ):
                found.setdefault(name, value)
    return found


def _agents(legs: Sequence[Leg]) -> tuple[Person, ...]:
    """Agents of all legs, each once, in the order in which they spoke."""
    found: dict[tuple[str, ...], Person] = {}
    for leg in legs:
        ways = {name.removeprefix("agent_"): str(leg.facts.get(name) or "") for name in _OF_AGENT}
        if any(ways.values()):
            agent = Person(role="agent", **ways)  # type: ignore[arg-type]
            found.setdefault(tuple(ways.values()), agent)
    return tuple(found.values())
