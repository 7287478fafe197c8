"""The sentiment of a customer's text, by a small list of words of ours: every number can be read and added up.

score = sum of contributions / (sum of their absolute values + 3), so -1 to 1, near 0 where little was said.
A word of degree before multiplies ("very" 1.4, "a bit" .6); "not" within three words before turns it round and
takes a third off. English only. It reads a customer's words and nothing else: an employee's are refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from .conversation import Turn
from .wording import forms

LANGUAGES = ("en",)
SMOOTHING = 3.0
TURNED = -0.67
REACH = 3

_BY_WEIGHT = {
    3: "amazing brilliant delighted excellent fantastic outstanding perfect superb wonderful awesome",
    2: "appreciate great happy helpful impressed kind lovely pleased relieved glad grateful thrilled pleasant"
    " friendly quick love loved sorted solved",
    1: "thank thanks good fine better nice easy okay fair works worked working fixed resolved clear cheers welcome",
    -1: "issue problem problems wrong late delay delayed difficult confused confusing missing wait waiting slow again"
    " trouble unsure expensive bother complaint complain still",
    -2: "annoyed annoying broken disappointed disappointing frustrated frustrating poor bad unhappy upset useless"
    " damaged fail failed failing faulty unfair worried mess rude ignored wasted stuck sick tired shame worse hate"
    " fed unhelpful",
    -3: "angry awful appalling disgraceful disgusting dreadful furious horrible outrageous ridiculous scam shocking"
    " terrible unacceptable worst pathetic joke livid nightmare",
}
LEXICON = {word: float(weight) for weight, words in _BY_WEIGHT.items() for word in words.split()}
_DEGREES = {
    "very": 1.4, "really": 1.4, "so": 1.3, "extremely": 1.6, "absolutely": 1.6, "completely": 1.5, "totally": 1.5,
    "quite": 1.1, "pretty": 1.1, "bit": 0.6, "slightly": 0.6, "little": 0.7, "somewhat": 0.7,
}  # fmt: skip
_NEGATIONS = frozenset(("not", "no", "never", "without", "nothing", "hardly", "neither", "nor"))
# "no problem", "no thanks": the pair means something else than its parts.
_PAIRS = {
    ("no", "problem"): 1.0,
    ("no", "thanks"): 0.5,
    ("no", "thank"): 0.5,
    ("not", "bad"): 1.0,
    ("no", "worries"): 1.0,
}


@dataclass(frozen=True, slots=True)
class Contribution:
    """A word and what it adds; `why` names what changed its weight ("very", "not")."""

    turn: int  # place in the conversation's turns
    word: int
    text: str
    adds: float
    why: str = ""


def contributions(turns: Sequence[tuple[int, Turn]]) -> list[Contribution]:
    """Each word that counts, of the customer's turns given with their places. Raises ValueError for others' turns."""
    found = []
    for place, turn in turns:
        if turn.speaker != "customer":
            raise ValueError("Only a customer's words have a sentiment here. Leave the other turns out.")
        said = [
            (form, at) for at, word in enumerate(turn.words) if not word.removed for form in forms(word.text)
        ]
        found += [c for at in range(len(said)) if (c := _counted(said, at, place, turn))]
    return found


def score(found: Sequence[Contribution]) -> float:
    """-1 to 1."""
    return sum(c.adds for c in found) / (sum(abs(c.adds) for c in found) + SMOOTHING)


def _counted(said: Sequence[tuple[str, int]], at: int, place: int, turn: Turn) -> Contribution | None:
    form, word = said[at]
    text = turn.words[word].text
    before = [said[i][0] for i in range(max(0, at - REACH), at)]
    if before and (pair := _PAIRS.get((before[-1], form))) is not None:
        return Contribution(place, word, f"{before[-1]} {text}", pair, "said together")
    weight = LEXICON.get(form)
    if weight is None:
        return None
    why = []
    if before and before[-1] in _DEGREES:
        weight *= _DEGREES[before[-1]]
        why.append(before[-1])
    # "No, that is great": a "no" turns round only what stands right behind it.
    if any(b in _NEGATIONS and (b != "no" or b is before[-1]) for b in before):
        weight *= TURNED
        why.append("not")
    return Contribution(place, word, text, round(weight, 2), ", ".join(why))
