"""Finding phrases near enough, in time linear in the text.

A phrase is written as people write it, with three signs: `hold/wait` either word, `*` some words may stand here,
`hold!` this word must be there, `<person>` a removed part of that type, `<any>` of any type, `<start>` where somebody begins to speak.

A phrase is aligned with the text, word by word. A word found counts its weight (function words half), a word
that differs by one letter four fifths of it, a word between costs a quarter of a word, a tenth at a `*`.
The similarity is what was counted of the phrase's whole weight; it is a hit from the phrase's tolerance on.
That is a local alignment as of Smith and Waterman (1981), over words.

Only text around an anchor is aligned. The anchors of a phrase are words of which no hit can lack all: their
weight together is more than a hit may lose. So the result is that of aligning everything (tests compare).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from .wording import FUZZY_FROM, deletions, forms, near

CONTENT, FUNCTION = 20, 10
BETWEEN, AT_STAR = 5, 2  # what a word between two words of a phrase costs
FUZZY = (4, 5)
START = "<start>"  # where a turn begins
MOST_WORDS = 16
TOLERANCE = 0.75
_LABEL = re.compile(r"<([a-z_]+)>")
# What a recogniser drops most, and what tells least.
_FUNCTION = (
    "a an the i you he she it we they me him her us them my your his its our their this that these those is am are was"
    " were be been being do does did have has had will would shall should can could may might must to of in on at by"
    " for from with as and or but so if not no there here just then than up out about into very really please okay"
    " what which who how when where why all any some more"
    " der die das den dem des ein eine einen einem einer ich du er sie es wir ihr mich dich ihn uns euch ihnen"
    " mein dein sein unser ist sind war waren bin hat haben habe wird werden kann können zu in im am an auf"
    " für von mit und oder aber nicht noch"
    " en ett jag du han hon vi ni de mig dig honom henne oss er dem min din är var har hade kan ska att i på av"
    " för från med och eller men inte det den"
)
_FUNCTION_WORDS = frozenset(_FUNCTION.split())


class PhraseError(ValueError):
    """A phrase cannot be read; the sentence says why and what to do."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One word of a phrase: any of these forms."""

    any: frozenset[str]
    weight: int
    required: bool
    star: bool  # a `*` stands before it


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase, read. `least`: the weight from which it is a hit; `reach`: words that a hit spans at most."""

    text: str
    slots: tuple[Slot, ...]
    whole: int
    least: int
    reach: int
    anchors: tuple[int, ...]


def read_phrase(text: str, *, tolerance: float = TOLERANCE) -> Phrase:
    """Raises PhraseError."""
    slots: list[Slot] = []
    star = False
    for part in text.split():
        if part == "*":
            star = bool(slots)
            continue
        slots += _slots(part, star)
        star = False
    if not slots:
        raise PhraseError(f"The phrase '{text}' has no words. Write at least one.")
    if len(slots) > MOST_WORDS:
        raise PhraseError(f"A phrase has {len(slots)} words. Write at most {MOST_WORDS}.")
    whole = sum(slot.weight for slot in slots)
    least = max(1, -int(-whole * tolerance // 1))
    cheapest = AT_STAR if any(slot.star for slot in slots) else BETWEEN
    reach = len(slots) + (whole - least) // cheapest
    return Phrase(text, tuple(slots), whole, least, reach, _anchors(slots, whole - least))


def _slots(token: str, star: bool) -> list[Slot]:
    required = token.endswith("!")
    ways = [_forms_of(part) for part in token.rstrip("!").split("/") if part]
    if not ways or any(not way for way in ways):
        return []
    if len(ways) == 1:
        return [
            Slot(frozenset({word}), _weight(word), required, star and place == 0)
            for place, word in enumerate(ways[0])
        ]
    if any(len(way) != 1 for way in ways):
        raise PhraseError(f"In '{token}' one side is more than one word. Write two phrases instead.")
    words = frozenset(way[0] for way in ways)
    return [Slot(words, max(map(_weight, words)), required, star)]


def _forms_of(part: str) -> tuple[str, ...]:
    label = _LABEL.fullmatch(part)
    return (part,) if label else forms(part)


def _weight(word: str) -> int:
    return FUNCTION if word in _FUNCTION_WORDS else CONTENT


def _anchors(slots: Sequence[Slot], may_lose: int) -> tuple[int, ...]:
    """Slots of which a hit holds at least one: the heaviest and longest first, since they are rare."""
    order = sorted(
        range(len(slots)),
        key=lambda at: (not slots[at].required, -slots[at].weight, -max(map(len, slots[at].any)), at),
    )
    if slots[order[0]].required:
        return (order[0],)
    chosen, weight = [], 0
    for at in order:
        chosen.append(at)
        weight += slots[at].weight
        if weight > may_lose:
            break
    return tuple(chosen)


@dataclass(frozen=True, slots=True)
class Found:
    """A phrase of a list, from word `first` to word `last` of a run (last included)."""

    list: str
    phrase: str
    first: int
    last: int
    similarity: float


@dataclass(frozen=True, slots=True)
class _Entry:
    """A phrase as it is searched: for each word, the slots that it fills."""

    list: str
    phrase: Phrase
    fills: Mapping[str, tuple[int, ...]]


class PhraseBook:
    """Lists of phrases in one language, searched together."""

    def __init__(self, lists: Mapping[str, Sequence[Phrase]]) -> None:
        self.lists = frozenset(lists)
        self._entries: list[_Entry] = []
        self._anchored: dict[str, tuple[int, ...]] = {}
        self._vocabulary: set[str] = set()
        self._neighbours: dict[str, set[str]] = {}
        for name, phrases in lists.items():
            for phrase in phrases:
                self._add(name, phrase)
        for word in self._vocabulary:
            for key in (word, *deletions(word)) if len(word) >= FUZZY_FROM else ():
                self._neighbours.setdefault(key, set()).add(word)
        self._longest = max(map(len, self._vocabulary), default=0)
        self.known = lru_cache(maxsize=20_000)(self._known)

    def _add(self, name: str, phrase: Phrase) -> None:
        fills: dict[str, list[int]] = {}
        for at, slot in enumerate(phrase.slots):
            for word in slot.any:
                fills.setdefault(word, []).append(at)
        number = len(self._entries)
        self._entries.append(_Entry(name, phrase, {word: tuple(at) for word, at in fills.items()}))
        self._vocabulary.update(fills)
        for word in {word for at in phrase.anchors for word in phrase.slots[at].any}:
            self._anchored[word] = (*self._anchored.get(word, ()), number)

    def _known(self, form: str) -> tuple[tuple[str, bool], ...]:
        """The words of the phrases that a word of the text may be, and whether exactly so."""
        if form == START:
            return ((START, True),) if START in self._vocabulary else ()
        if form.startswith("<"):
            return tuple((label, True) for label in (form, "<any>") if label in self._vocabulary)
        exact = ((form, True),) if form in self._vocabulary else ()
        if len(form) < FUZZY_FROM or len(form) > self._longest + 1:
            return exact
        keys = (form, *deletions(form))
        close = {word for key in keys for word in self._neighbours.get(key, ()) if near(form, word)}
        return exact + tuple((word, False) for word in sorted(close - {form}))

    def find(self, run: Sequence[str]) -> list[Found]:
        """Every phrase in a run of words, in order; of overlapping hits of one phrase the best."""
        known = [self.known(form) for form in run]
        near_anchor: dict[int, list[int]] = {}
        for at, words in enumerate(known):
            for word, _ in words:
                for number in self._anchored.get(word, ()):
                    places = near_anchor.setdefault(number, [])
                    if not places or places[-1] != at:
                        places.append(at)
        found = [
            hit
            for number, places in near_anchor.items()
            for start, end in _windows(places, self._entries[number].phrase.reach, len(run))
            for hit in _aligned(self._entries[number], known, start, end)
        ]
        return sorted(found, key=lambda hit: (hit.first, hit.last, hit.list, hit.phrase))


def _windows(places: Iterable[int], reach: int, length: int) -> list[tuple[int, int]]:
    out: list[tuple[int, int]] = []
    for at in places:
        start, end = max(0, at - reach + 1), min(length, at + reach)
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], end)
        else:
            out.append((start, end))
    return out


def _aligned(
    entry: _Entry, known: Sequence[tuple[tuple[str, bool], ...]], start: int, end: int
) -> Iterable[Found]:
    """Hits of one phrase among the words `start` to `end`: one pass, a column of slots at each word.

    `score[i]` is the best weight with the first i slots passed, `began[i]` its first word, `ended[i]` its last.
    """
    phrase, fills = entry.phrase, entry.fills
    slots, size, never = phrase.slots, len(phrase.slots), -1
    costs = [0, *(AT_STAR if slot.star else BETWEEN for slot in slots[1:]), 0]
    fresh = [0] * (size + 1)
    for i, slot in enumerate(slots):
        fresh[i + 1] = never if slot.required or fresh[i] == never else 0
    score, began, ended = list(fresh), [start] * (size + 1), [start - 1] * (size + 1)
    best: tuple[int, int, int] | None = None
    for at in range(start, end):
        filled = _filled(known[at], fills, slots)
        before, before_began, before_ended = score, began, ended
        score, began, ended = list(fresh), [at + 1] * (size + 1), [at] * (size + 1)
        for i in range(1, size + 1):
            # A word between: the slots passed stay passed.
            kept = before[i] - costs[i] if before[i] > 0 else never
            if kept > score[i]:
                score[i], began[i], ended[i] = kept, before_began[i], before_ended[i]
            # This word fills slot i.
            gain = filled.get(i - 1, 0)
            if gain and before[i - 1] != never and before[i - 1] + gain > score[i]:
                score[i], ended[i] = before[i - 1] + gain, at
                began[i] = before_began[i - 1] if before[i - 1] > 0 else at
            # Slot i is lacking.
            if not slots[i - 1].required and score[i - 1] > score[i]:
                score[i], began[i], ended[i] = score[i - 1], began[i - 1], ended[i - 1]
        if score[size] >= phrase.least and ended[size] == at:
            hit = (score[size], began[size], at)
            if best and began[size] > best[2]:
                yield _hit(entry, best)
                best = hit
            elif best is None or hit[0] > best[0]:
                best = hit
    if best:
        yield _hit(entry, best)


def _filled(
    words: tuple[tuple[str, bool], ...], fills: Mapping[str, tuple[int, ...]], slots: Sequence[Slot]
) -> dict[int, int]:
    gains: dict[int, int] = {}
    for word, exact in words:
        for at in fills.get(word, ()):
            weight = slots[at].weight
            gain = weight if exact else weight * FUZZY[0] // FUZZY[1]
            gains[at] = max(gains.get(at, 0), gain)
    return gains


def _hit(entry: _Entry, best: tuple[int, int, int]) -> Found:
    score, first, last = best
    return Found(entry.list, entry.phrase.text, first, last, round(score / entry.phrase.whole, 3))
