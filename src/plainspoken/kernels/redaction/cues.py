"""Words that announce an identifier ("my card number is ..."), and how far they reach."""

from dataclasses import dataclass
from typing import NamedTuple

from plainspoken.kernels.redaction.spans import Type

NEAR = 60  # characters within which a value follows its cue in one breath
AFTER_QUESTION = 110  # characters of the answer that a question still covers
NO_NUMBER = 99  # `least` of a cue that announces no number


@dataclass(frozen=True)
class CueRule:
    """Patterns that announce a `type` whose number has `least` to `most` digits. `rank` orders equal matches.

    `type` None says "a part of a number" ("ending in"): another cue nearby tells of what, else it is an
    account. In a pattern a space stands for one or two spaces, line ends or hyphens.
    """

    type: Type | None
    name: str
    patterns: tuple[str, ...]
    least: int = 4
    most: int = 19
    rank: int = 0


class Cue(NamedTuple):
    """Characters `start` to `end` are the words of a rule."""

    start: int
    end: int
    rule: CueRule


def reason_of(cue: Cue, plain: str) -> str:
    """The words of the cue as the reason of a span ("pin or password: context 'my pin'")."""
    said = " ".join(plain[cue.start : cue.end].lower().split())
    return f"{cue.rule.name}: context '{said}'" if said else cue.rule.name


# Stands where an answer begins: a number that answers a question nobody recognised is still somebody's.
ANSWER = CueRule(None, "answer to a question", ())
BEFORE = "name before"  # name of the rule whose value stands in front of the cue
