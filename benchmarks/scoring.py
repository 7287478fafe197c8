"""Automatic scoring: planted truth found, and a thousand calls against plain alternations of `re`."""

import json
import re
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources

from plainspoken.kernels.scoring import Conversation, RuleSet, read_rules, score

from . import others_calls
from .measuring import Figure, Line, pairs
from .scripted import AGENTS, HABITS, HEAVY, USUAL, Call, Noise, calls, halves, lacks
from .scripted_lines import HELD_OUT, Lines

SEED = 20
SURE = 0.7  # answers with at least this confidence are told apart
# A call and what the rules answered to each question, with their confidence.
Judged = tuple[Call, Mapping[str, tuple[str, float]]]
FLAGGED = 0.5  # an agent is flagged for a habit when so many of their judged calls show it


def standard() -> RuleSet:
    """The rule set that the product ships."""
    return read_rules(source())


def source() -> str:
    """Its JSON."""
    return resources.files("plainspoken.kernels.scoring").joinpath("standard.json").read_text("utf-8")


@dataclass(frozen=True)
class Found:
    """How often a question's answer was right. A failing found is a `no` that is true."""

    question: str
    failings: int
    precision: float | None  # of `no`
    recall: float | None
    right: float  # of all answers but "cannot say"
    cannot_say: float


def judged(found: Sequence[Call], rules: RuleSet) -> list[Judged]:
    """Each call with what the rules answered, and how sure they were."""
    return [(c, {a.question: (a.value, a.confidence) for a in score(c.conversation, rules)}) for c in found]


def by_question(judged_: Sequence[Judged]) -> list[Found]:
    """Precision and recall of each question's failings."""
    seen: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for call, answers in judged_:
        for question, truth in call.truth.items():
            seen[question][truth, answers[question][0]] += 1
    return [_found(question, counts) for question, counts in sorted(seen.items())]


def _found(question: str, counts: Counter[tuple[str, str]]) -> Found:
    said = sum(n for (_, answer), n in counts.items() if answer == "no")
    true = sum(n for (truth, _), n in counts.items() if truth == "no")
    hit, silent = counts["no", "no"], sum(n for (_, a), n in counts.items() if a == "cannot_say")
    right = sum(n for (truth, answer), n in counts.items() if truth == answer)
    rest = counts.total() - silent
    return Found(
        question, true,
        round(hit / said, 3) if said else None, round(hit / true, 3) if true else None,
        round(right / rest, 3) if rest else 0.0, round(silent / counts.total(), 3),
    )  # fmt: skip


def habits(judged_: Sequence[Judged]) -> tuple[float, float]:
    """Precision and recall of agents flagged for a habit, over all agents and habits."""
    judged_of: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for call, answers in judged_:
        for habit, question in HABITS.items():
            if answers[question][0] in ("yes", "no"):
                judged_of[call.agent.name, habit].append(answers[question][0] == "no")
    flagged = {key for key, own in judged_of.items() if own and sum(own) / len(own) >= FLAGGED}
    true = {(agent.name, habit) for agent in AGENTS for habit in HABITS if lacks(agent, habit)}
    # Who leaves people in silence leaves them on an unexplained hold, and the other way round.
    allowed = true | {
        (name, other)
        for name, habit in true
        for other in {"leaves_silence": ("explains_holds",), "explains_holds": ("leaves_silence",)}.get(
            habit, ()
        )
    }
    hit = len(flagged & allowed)
    return (
        round(hit / len(flagged), 3) if flagged else 0.0,
        round(len(flagged & true) / len(true), 3),
    )


def firmness(judged_: Sequence[Judged]) -> tuple[float, float]:
    """Share of right answers among those at least SURE, and among the others that say something."""
    counts: Counter[tuple[bool, bool]] = Counter()
    for call, answers in judged_:
        for question, truth in call.truth.items():
            value, confidence = answers[question]
            if value in ("yes", "no"):
                counts[confidence >= SURE, value == truth] += 1
    return tuple(
        round(counts[firm, True] / max(1, counts[firm, True] + counts[firm, False]), 3)
        for firm in (True, False)
    )  # type: ignore[return-value]


def planted(lines: Lines, noise: Noise, *, each: int) -> list[Judged]:
    """Calls of all agents, judged."""
    return judged(list(calls(each=each, lines=lines, noise=noise, seed=SEED)), standard())


# ---- the lines of `make bench` ----


def scoring_line(*, count: int = 1000, turns: int = 3) -> Line:
    """A thousand calls, against one alternation of all phrases by `re` over the same texts."""
    each = -(-count // len(AGENTS))
    found = [c.conversation for c in calls(each=each, lines=HELD_OUT, noise=USUAL, seed=SEED)][:count]
    rules = standard()
    texts, pattern = [_text(c) for c in found], _alternation()
    words = sum(len(turn.words) for c in found for turn in c.turns)

    def ours() -> None:
        for conversation in found:
            score(conversation, rules)

    def plain() -> None:
        for text in texts:
            pattern.findall(text)

    return pairs(
        "Scoring",
        ours=ours,
        baseline=plain,
        describe=(
            f"{len(rules.questions)} questions on each of {count:,} calls, near matches, with evidence",
            "one alternation of all phrases by `re` over the same texts, exact words only, no answers",
        ),
        count=turns,
        warm=1,
        note=f"{words:,} words. The baseline finds exact phrases and answers nothing.",
    )


def _text(conversation: Conversation) -> str:
    return "\n".join(" ".join(word.text for word in turn.words) for turn in conversation.turns)


def _alternation() -> "re.Pattern[str]":
    phrases = [phrase for own in json.loads(source())["phrases"].values() for phrase in own["en"]]
    return re.compile("|".join(rf"\b{_exact(phrase)}\b" for phrase in phrases), re.IGNORECASE)


def _exact(phrase: str) -> str:
    parts = []
    for part in phrase.replace("!", "").split():
        if part == "*":
            parts.append(r"(?:\w+\W+){0,4}?")
        elif part.startswith("<"):
            parts.append(r"\[[a-z ]+\]\W*")
        else:
            parts.append(f"(?:{'|'.join(map(re.escape, part.split('/')))})\\W+")
    return "".join(parts).removesuffix(r"\W+").removesuffix(r"\W*")


def scoring_figures(*, each: int = 100) -> list[Figure]:
    """What the rules find of the truth that was planted in the lines held out."""
    found = planted(HELD_OUT, USUAL, each=each)
    how = f"{len(found):,} written calls of 10 agents, lines held out, 3 % of words lost, 5 % misheard"
    figures = []
    for line in by_question(found):
        note = f"{line.failings} failings; {line.cannot_say:.1%} cannot say"
        if line.precision is not None and line.failings:
            figures.append(
                Figure(f"Scoring, {line.question}: precision of no", line.precision, "", how, note)
            )
        if line.recall is not None:
            figures.append(Figure(f"Scoring, {line.question}: recall of no", line.recall, "", how, note))
    precision, recall = habits(found)
    firm, loose = firmness(found)
    return [
        *figures,
        Figure("Scoring, habits of agents: precision", precision, "", how, f"flagged from {FLAGGED:.0%} on"),
        Figure("Scoring, habits of agents: recall", recall, "", how, ""),
        Figure(f"Scoring, right with confidence from {SURE} on", firm, "share", how, ""),
        Figure("Scoring, right with less confidence", loose, "share", how, ""),
    ]


def others_figure() -> Figure:
    """False alarms in calls that nobody here wrote. Raises FileNotFoundError without them."""
    rules, found = standard(), others_calls.calls()
    answers = [a for call in found for a in score(call, rules) if a.question in others_calls.TRUE]
    right = sum(answer.value == "yes" for answer in answers)
    how = (
        f"greeting, verification and farewell in {len(found)} calls that nobody here wrote, all of them done"
    )
    return Figure("Scoring, right in others' calls", round(right / len(answers), 3), "share", how)


def main() -> None:
    """Print the table of both halves; only the half held out is reported."""
    for half, lines in halves().items():
        for name, noise in (("usual", USUAL), ("heavy", HEAVY)):
            found = planted(lines, noise, each=40)
            print(f"\n{half}, {name} noise")
            for line in by_question(found):
                print(
                    f"  {line.question:<14} no: precision {line.precision} recall {line.recall}"
                    f"  right {line.right}  cannot say {line.cannot_say}  ({line.failings})"
                )
            print(f"  habits {habits(found)}, firm and loose {firmness(found)}")


if __name__ == "__main__":
    started = time.perf_counter()
    main()
    print(others_figure())
    line = scoring_line(turns=2)
    print(
        f"\n{line.ours_ms / 1000:.2f} s against {line.baseline_ms / 1000:.2f} s: {line.ratio} times ({line.note})"
    )
