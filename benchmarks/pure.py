"""Figures of the kernels: no database."""

import time
from statistics import median

from plainspoken.kernels.policy import compile_policy

from . import presidio, redaction, spoken
from .measuring import Figure
from .store import POLICY

F1_GOAL = "Goal: 0.7"
SPEED_GOALS = {True: "Goal: 25,000", False: "Goal: 300,000"}
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
        Figure("Redaction, F1 of exact spans", held_out["micro"]["f1"], "", how, note=F1_GOAL),
        Figure("Redaction, precision", held_out["micro"]["precision"], "", how),
        Figure("Redaction, recall", held_out["micro"]["recall"], "", how),
        Figure("Redaction, labelled characters left", held_out["labelled_characters_leaked"], "share", how),
        Figure("Redaction, other characters masked", held_out["other_characters_masked"], "share", how),
        *(
            Figure(
                f"Redaction, {name}",
                value,
                "characters/s",
                "alone",
                note=SPEED_GOALS[name.endswith("with names")],
            )
            for name, value in speed.items()
        ),
    ]


def spoken_figures() -> list[Figure]:
    """Spoken values masked whole, and what is masked in vain. Raises FileNotFoundError without the sentences."""
    found = spoken.measure()["held_out"]
    how = (
        f"{found['values']:,} values in dialogues written after the detector, the half that was only counted;"
        " repairs and pauses are drawn from lists that both halves share"
    )
    kinds = ", ".join(f"{kind} {share}" for kind, share in found["by_kind"].items())
    return [
        Figure(
            "Spoken, values masked whole", found["masked_whole"], "share", how, note=f"Goal: 0.85. {kinds}"
        ),
        Figure("Spoken, value characters left", found["characters_left"], "share", how),
        Figure(
            "Spoken, other characters masked", found["over_masked"], "share", how, note="Goal: at most 0.05"
        ),
    ]


def presidio_figures() -> list[Figure]:
    """Presidio on the same dialogues and sentences. Raises RuntimeError where it is not installed."""
    made = spoken.dialogues()
    places = spoken.halves(made)["held_out"]
    chosen = [made[place] for place in places]
    texts = [turn.text for dialogue in chosen for turn in dialogue.turns]
    answer = presidio.analysed(texts)
    spans = iter(answer["spans"])
    found = [[[(start, end) for start, end, _ in next(spans)] for _ in one.turns] for one in chosen]
    judged = spoken.judged(chosen, found)
    how = f"presidio-analyzer {answer['version']} with {presidio.MODEL}, the same dialogues"
    written = presidio.analysed(redaction.written())
    speed = round(sum(map(len, redaction.written())) / written["seconds"])
    return [
        Figure("Presidio, spoken values masked whole", judged["masked_whole"], "share", how),
        Figure("Presidio, other characters masked", judged["over_masked"], "share", how),
        Figure("Presidio, short texts, with names", speed, "characters/s", "the labelled sentences, alone"),
    ]
