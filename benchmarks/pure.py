"""Figures of the kernels: no database."""

import time
from statistics import median

from plainspoken.kernels.policy import compile_policy

from . import redaction
from .measuring import Figure
from .store import POLICY

COMPILE = "compile_policy() of our own policy, {clauses} clauses"


def policy_figure(*, count: int) -> Figure:
    """How long the policy takes to compile."""
    source, seconds, clauses = POLICY.read_text("utf-8"), [], 0
    for _ in range(count):
        started = time.perf_counter()
        clauses = len(compile_policy(source, file=POLICY.name).clauses)
        seconds.append(time.perf_counter() - started)
    return Figure("Policy, compiled", round(median(seconds) * 1000, 1), "ms", COMPILE.format(clauses=clauses))


def redaction_figures() -> list[Figure]:
    """Exact spans, characters left readable, and speed. Raises FileNotFoundError without the sentences."""
    found = redaction.measure()
    held_out = found["held_out"]
    how = f"{held_out['sentences']:,} labelled sentences of templates that were only counted"
    speed = found["characters_a_second"]
    return [
        Figure("Redaction, F1 of exact spans", held_out["micro"]["f1"], "", how),
        Figure("Redaction, precision", held_out["micro"]["precision"], "", how),
        Figure("Redaction, recall", held_out["micro"]["recall"], "", how),
        Figure("Redaction, labelled characters left", held_out["labelled_characters_leaked"], "share", how),
        Figure("Redaction, other characters masked", held_out["other_characters_masked"], "share", how),
        *(Figure(f"Redaction, {name}", value, "characters/s", "alone") for name, value in speed.items()),
    ]
