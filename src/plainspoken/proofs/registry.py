"""The provers by clause, and what one run of a prover gives."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from plainspoken.proofs.world import World

Status = Literal["held", "broken", "unproved"]


class Broken(AssertionError):
    """The promise did not hold: what was seen, in one sentence."""


@dataclass(frozen=True)
class Step:
    """One observation of a proof: what was done and seen."""

    status: Status
    text: str
    seconds: float


@dataclass(frozen=True)
class Result:
    """What proving one clause showed."""

    id: str
    status: Status
    evidence: tuple[Step, ...]
    seconds: float


@dataclass
class Proof:
    """The record that a prover writes while it acts."""

    clause: str
    steps: list[Step] = field(default_factory=list)
    since: float = field(default_factory=time.monotonic)

    def see(self, held: object, text: str, otherwise: str = "") -> None:
        """Note an observation; one that does not hold ends the proof. `otherwise` says what was seen instead."""
        now = time.monotonic()
        status: Status = "held" if held else "broken"
        sentence = text if held else (otherwise or f"Not so: {text}")
        self.steps.append(Step(status=status, text=sentence, seconds=round(now - self.since, 3)))
        self.since = now
        if not held:
            raise Broken(sentence)

    def note(self, text: str) -> None:
        """Note something done that is no observation by itself."""
        self.see(True, text)


Prover = Callable[[World, Proof], None]

_provers: dict[str, Prover] = {}


def proves(clause: str) -> Callable[[Prover], Prover]:
    """Register a function as the prover of a clause; one each."""

    def register(prover: Prover) -> Prover:
        if clause in _provers:
            raise ValueError(f"{clause} has a prover already.")
        _provers[clause] = prover
        return prover

    return register


def provers() -> dict[str, Prover]:
    """Every registered prover by clause."""
    from plainspoken.proofs import load

    load()
    return dict(_provers)


def name_of(prover: Prover) -> str:
    return f"{prover.__module__}.{prover.__name__}"


def run(clause: str, world: World) -> Result:
    """Prove one clause. Whatever goes wrong on the way is a broken proof with its reason, never a held one."""
    started = time.monotonic()
    prover = provers().get(clause)
    if prover is None:
        return Result(
            clause, "unproved", (Step("unproved", "No prover. This counts as unproved.", 0.0),), 0.0
        )
    proof = Proof(clause=clause)
    status: Status = "held"
    try:
        prover(world, proof)
        if not proof.steps:
            raise Broken("The prover looked at nothing.")
    except Broken as broken:
        status = "broken"
        if not proof.steps or proof.steps[-1].status != "broken":
            proof.steps.append(Step("broken", str(broken), 0.0))
    except Exception as error:  # noqa: BLE001 - a proof that cannot be carried out has not been held
        status = "broken"
        proof.steps.append(Step("broken", f"The proof could not be carried out: {_reason(error)}", 0.0))
    return Result(clause, status, tuple(proof.steps), round(time.monotonic() - started, 3))


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else 'no reason given'}"[:300]
