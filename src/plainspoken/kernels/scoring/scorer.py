"""One conversation, one rule set, one answer a question. Pure: the same input gives the same answers."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from . import spoken_rules, timed_rules
from .answers import Answer, Finding, cannot
from .conversation import Conversation
from .hearing import Heard
from .phrases import PhraseBook
from .rules import (
    Empathy,
    Hold,
    Order,
    Question,
    Resolution,
    RuleSet,
    Said,
    Sentiment,
    Silence,
    TalkOver,
    Verification,
    kind_of,
)

_RULES: Mapping[type[Question], Callable[[Any, Heard], Finding]] = {
    Said: spoken_rules.said,
    Order: spoken_rules.order,
    Verification: spoken_rules.verification,
    Resolution: spoken_rules.resolution,
    Empathy: spoken_rules.empathy,
    Hold: timed_rules.hold,
    TalkOver: timed_rules.talk_over,
    Silence: timed_rules.silence,
    Sentiment: timed_rules.sentiment,
}
_NO_PHRASES = PhraseBook({})


def score(conversation: Conversation, rules: RuleSet) -> tuple[Answer, ...]:
    """Answers in the order of the questions. Linear in the conversation's words, for one rule set.

    What a rule cannot know it says (`cannot_say`, with a code): its phrases are not written in the conversation's
    language, speakers are not told apart, too little was heard, there are no times, or a part was erased.
    """
    language = conversation.language[:2].lower()
    heard = Heard(conversation, rules.books.get(language, _NO_PHRASES))
    return tuple(_answer(question, heard, rules, language) for question in rules.questions)


def _answer(question: Question, heard: Heard, rules: RuleSet, language: str) -> Answer:
    found = _unknowable(question, heard, rules, language) or _RULES[type(question)](question, heard)
    return Answer(
        question=question.id,
        title=question.title,
        kind=kind_of(question),
        value=found.value,
        reason=found.reason,
        confidence=found.confidence,
        evidence=found.evidence,
        measure=found.measure,
        code=found.code,
        version=rules.version,
        digest=rules.digest,
    )


def _unknowable(question: Question, heard: Heard, rules: RuleSet, language: str) -> Finding | None:
    """Why no rule of this kind could say, before it is asked."""
    if not any(turn.words for turn in heard.conversation.turns):
        return cannot("empty")
    if any(language not in rules.phrases[name] for name in lists_of(question)):
        return cannot("language")
    if not heard.told_apart and not isinstance(question, Silence):
        return cannot("speakers")
    return None


def lists_of(question: Question) -> tuple[str, ...]:
    """The lists of phrases that a question asks for."""
    named = (getattr(question, f.name) for f in fields(question) if f.metadata.get("is") == "list")
    return tuple(name for name in named if name is not None)
