"""A decision of a person against the rules, as a test case that holds nobody's words.

What only closed lists of ours hold stays ("my pin is"); every other word, number and letter becomes another of
its kind. So a case can be given away and run again at each change of the rules.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

from plainspoken.kernels.redaction.cue_rules import RULES
from plainspoken.kernels.redaction.letters import ALPHABET
from plainspoken.kernels.redaction.persons import NameFinder
from plainspoken.kernels.redaction.spans import LABELS
from plainspoken.kernels.redaction.turns import Turn, detect_turns
from plainspoken.kernels.redaction.view import view
from plainspoken.kernels.redaction.words import (
    DIGITS,
    FILLERS,
    MENDING,
    MONTHS,
    ORDINALS,
    PARTICLES,
    SCALES,
    STOP_WORDS,
    STREETS,
    TEENS,
    TENS,
    TIMES,
    UNITS,
    UNITS_OF_MEASURE,
)

AROUND = 160  # characters kept on either side
_TOKEN = re.compile(r"\[[a-z ]+\]|[A-Za-z]+|[0-9]|[^A-Za-z0-9]")
_CAPITALS = ("Quillon", "Veska", "Tarrant", "Ombrell")
_SMALL = ("lindel", "morva", "castik", "pellan")
_LETTERS = "kqvzxj"
_FIGURES = "2739684"
_KINDS: tuple[tuple[frozenset[str], tuple[str, ...]], ...] = (
    (frozenset(DIGITS), ("two", "seven", "three", "nine", "six")),
    (frozenset(TEENS), ("fourteen", "eighteen")),
    (frozenset(TENS), ("sixty", "eighty")),
    (MONTHS, ("April", "October")),
    (ORDINALS, ("fourth", "ninth")),
    (ALPHABET, ("kilo", "zulu", "quebec")),
)


@dataclass(frozen=True)
class Case:
    """Characters `start` to `end` of `text` shall be hidden, or, where `shown`, left alone."""

    text: str
    start: int
    end: int
    shown: bool
    type: str
    rule: str

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def read(cls, found: Mapping[str, Any]) -> "Case":
        return cls(**{name: found[name] for name in cls.__dataclass_fields__})


def case_of(text: str, start: int, end: int, *, shown: bool, kind: str, rule: str) -> Case:
    """The case of a decision on text[start:end]; other personal data in `text` is masked already, by labels."""
    low, high = max(0, start - AROUND), min(len(text), end + AROUND)
    made = _Making()
    before = made.other(text[low:start])
    inside = made.other(text[start:end])
    after = made.other(text[end:high])
    return Case(before + inside + after, len(before), len(before) + len(inside), shown, kind, rule)


def holds(case: Case, *, names: NameFinder | None = None) -> bool:
    """Whether the rules of today do what the person decided."""
    (spans,) = detect_turns([Turn("one", case.text)], names=names)
    hidden = {at for span in spans for at in range(span.start, span.end)}
    wanted = {at for at in range(case.start, case.end) if not case.text[at].isspace()}
    return not wanted & hidden if case.shown else wanted <= hidden


@cache
def kept_words() -> frozenset[str]:
    """Words that are no one's: those of the cues and of the closed lists, less those that say a value."""
    cues = {word for rule in RULES for pattern in rule.patterns for word in re.findall(r"[a-z]{2,}", pattern)}
    lists = STOP_WORDS | FILLERS | MENDING | STREETS | UNITS | UNITS_OF_MEASURE | PARTICLES
    values = frozenset().union(*(kind for kind, _ in _KINDS))
    return (frozenset(cues) | lists | frozenset(TIMES) | frozenset(SCALES)) - values


class _Making:
    """Other words of the same kind, in turn."""

    def __init__(self) -> None:
        self._turn = 0

    def other(self, text: str) -> str:
        return "".join(self._word(match.group()) for match in _TOKEN.finditer(view(text).plain))

    def _word(self, word: str) -> str:
        low = word.lower()
        if word in LABELS.values() or not word.isalnum() or (low in kept_words() and len(low) > 1):
            return word
        if word.isdigit():
            return self._next(_FIGURES)
        for kind, others in _KINDS:
            if low in kind:
                other = self._next(others)
                return other if word[0].isupper() else other.lower()
        if len(word) == 1:
            letter = self._next(_LETTERS)
            return letter.upper() if word.isupper() else letter
        return self._next(_CAPITALS if word[0].isupper() else _SMALL)

    def _next(self, others: tuple[str, ...] | str) -> str:
        self._turn += 1
        return others[self._turn % len(others)]
