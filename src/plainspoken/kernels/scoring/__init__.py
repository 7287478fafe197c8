"""Automatic scoring by rules on words and times; every answer shows what made it. See docs of `score`."""

from plainspoken.kernels.scoring.answers import CANNOT, Answer, Evidence
from plainspoken.kernels.scoring.conversation import Activity, Conversation, Turn, Word, said
from plainspoken.kernels.scoring.rules import (
    KINDS,
    Question,
    RuleError,
    RuleErrors,
    RuleSet,
    kind_of,
    read_rules,
    rules_from,
)
from plainspoken.kernels.scoring.scorer import lists_of, score

__all__ = [
    "CANNOT",
    "KINDS",
    "Activity",
    "Answer",
    "Conversation",
    "Evidence",
    "Question",
    "RuleError",
    "RuleErrors",
    "RuleSet",
    "Turn",
    "Word",
    "kind_of",
    "lists_of",
    "read_rules",
    "rules_from",
    "said",
    "score",
]
