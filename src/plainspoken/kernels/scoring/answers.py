"""What a rule answers: yes, no, does not apply, or that it cannot say; with what made it so."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Any, Literal

from .conversation import Turn
from .hearing import Heard, Hit

Value = Literal["yes", "no", "not_applicable", "cannot_say"]

# Why a rule cannot say. The sentences are shown to people.
CANNOT = {
    "language": "English only: this rule has no phrases in this language.",
    "sentiment-language": "English only: our list of words is English.",
    "speakers": "The recording does not tell the speakers apart.",
    "unclear": "Too little was heard clearly.",
    "times": "The words have no times.",
    "erased": "A part was erased at a person's request.",
    "words": "The customer says no word that our list knows.",
    "empty": "There are no words.",
}
LEAST_CLEAR = 0.55  # below it, that something was not found says nothing
UNLISTED = 0.8  # what "we found nothing" is worth: nobody lists every way to say a thing
WITHOUT_TIMES = 0.7  # what a place counted in turns instead of seconds is worth


@dataclass(frozen=True, slots=True)
class Evidence:
    """What made an answer: a turn by its number, seconds, words as they were heard, and what they are.

    `phrase` is the phrase of the rule that they match, `adds` what they add where an answer is a sum;
    `word` is then the word's place in its turn.
    """

    what: str
    turn: int | None = None
    start: float | None = None
    end: float | None = None
    words: str = ""
    phrase: str = ""
    adds: float | None = None
    word: int | None = None

    def as_dict(self) -> dict[str, Any]:
        """For JSON; what is empty is left out."""
        values = {name: getattr(self, name) for name in self.__slots__}
        return {name: value for name, value in values.items() if value not in (None, "")}


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found, before it is signed with the rule's id and version.

    `confidence`, 0 to 1, says how firmly the answer stands on what was heard; it is not a chance of being right.
    A yes by words: how sure the recogniser was of those words, times how near they are to the rule's phrase.
    A no by words: how clearly the searched part was heard, since a word that was lost cannot be found,
    and four fifths of that, since nobody lists every way to say a thing. By times:
    how clearly the call was heard, and how far the measure is from its limit. `cannot_say` has 0.
    """

    value: Value
    reason: str
    confidence: float
    evidence: tuple[Evidence, ...] = ()
    measure: float | None = None
    code: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """One question answered for one conversation, by rule `question` of the set `digest`, version `version`."""

    question: str
    title: str
    kind: str
    value: Value
    reason: str
    confidence: float
    evidence: tuple[Evidence, ...]
    measure: float | None
    code: str
    version: int
    digest: str


def cannot(code: str, *evidence: Evidence) -> Finding:
    """The rule cannot say, and why."""
    return Finding("cannot_say", CANNOT[code], 0.0, evidence, code=code)


def not_applicable(reason: str, searched: Iterable[Turn], heard: Heard) -> Finding:
    """The rule has nothing to judge here. By words that is only known where they were heard; by times, as it is."""
    turns = list(searched)
    if not turns:
        return Finding("not_applicable", reason, 1.0)
    found = no(reason, turns, heard)
    return found if found.value == "cannot_say" else replace(found, value="not_applicable")


def yes(
    reason: str,
    hits: Sequence[tuple[str, Hit]],
    heard: Heard,
    *,
    measure: float | None = None,
    worth: float = 1.0,
) -> Finding:
    """Found: the confidence is that of the weakest thing found."""
    least = min((hit.sure * hit.similarity for _, hit in hits), default=1.0)
    return Finding("yes", reason, _unit(worth * least), shown(hits, heard), measure)


def no(
    reason: str,
    searched: Iterable[Turn],
    heard: Heard,
    *,
    evidence: tuple[Evidence, ...] = (),
    measure: float | None = None,
    worth: float = 1.0,
) -> Finding:
    """Not found among the turns searched; where too little of them was heard, the rule cannot say."""
    turns = list(searched)
    if any(turn.gone for turn in turns):
        return cannot("erased", *evidence)
    clear = heard.clearness(turns) if turns else 1.0
    if clear < LEAST_CLEAR:
        return cannot("unclear", *evidence)
    return Finding("no", reason, _unit(worth * clear * UNLISTED), evidence, measure)


def wrong(reason: str, hits: Sequence[tuple[str, Hit]], heard: Heard) -> Finding:
    """What was said is what should not have been."""
    return Finding("no", reason, _unit(fmean(h.sure * h.similarity for _, h in hits)), shown(hits, heard))


def shown(hits: Iterable[tuple[str, Hit]], heard: Heard) -> tuple[Evidence, ...]:
    """Hits as evidence, each with what it is."""
    turns = heard.conversation.turns
    return tuple(
        Evidence(what, turns[hit.turn].number, hit.start, hit.end, hit.words, hit.phrase)
        for what, hit in hits
    )


def margin(measure: float, limit: float) -> float:
    """How far a measure is from its limit: .5 at the limit, 1 at nothing or at twice the limit and beyond."""
    if limit <= 0:
        return 1.0
    return _unit(0.5 + 0.5 * abs(measure - limit) / limit)


def _unit(value: float) -> float:
    return round(min(1.0, max(0.0, value)), 3)
