"""What was said, made ready for rules: runs of one speaker's words, the phrases found in them, how well it was heard."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from statistics import fmean

from .conversation import Activity, Conversation, Speaker, Turn
from .phrases import START, PhraseBook
from .timing import spoken
from .wording import forms

# "uh huh", "okay, yes": so few words of another do not end what somebody is saying.
ASIDE_WORDS = 3


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase that was said: by whom, in which turns, at which seconds, and the words as they were heard."""

    list: str
    phrase: str
    speaker: Speaker
    turn: int  # place in the conversation's turns, not their number
    last_turn: int
    start: float | None
    end: float | None
    words: str
    similarity: float
    sure: float


@dataclass(frozen=True, slots=True)
class _Place:
    form: str
    turn: int
    word: int


@dataclass
class Heard:
    """A conversation with everything that the rules ask of it, each found once."""

    conversation: Conversation
    book: PhraseBook
    hits: Mapping[str, tuple[Hit, ...]] = field(init=False)

    def __post_init__(self) -> None:
        found: dict[str, list[Hit]] = {name: [] for name in self.book.lists}
        for run in _runs(self.conversation.turns):
            for hit in self.book.find([place.form for place in run]):
                found[hit.list].append(
                    self._hit(hit.list, hit.phrase, run[hit.first : hit.last + 1], hit.similarity)
                )
        self.hits = {
            name: tuple(sorted(own, key=lambda h: (h.turn, h.start or 0.0))) for name, own in found.items()
        }

    def of(self, name: str, *, by: Speaker | None = None) -> list[Hit]:
        """The hits of a list, by this speaker."""
        return [hit for hit in self.hits.get(name, ()) if by is None or hit.speaker == by]

    # ---- which of the hits: each by halving, so that hostile texts cost no more than their length ----

    def nth_after(self, at: int, speaker: Speaker, count: int) -> int:
        """The place of the nth next turn of a speaker; of the last one, or `at` itself, where there are fewer."""
        places = self._places.get(speaker, ())
        first = bisect_right(places, at)
        return max(at, places[min(first + count, len(places)) - 1]) if first < len(places) else at

    def between(self, name: str, *, by: Speaker, after: int, until: int) -> Hit | None:
        """The first hit in the turns after one place and up to another."""
        own = self._ordered(name, by, "turn")
        at = bisect_right(own, after, key=lambda hit: hit.turn)
        return own[at] if at < len(own) and own[at].turn <= until else None

    def ending(self, name: str, *, by: Speaker, low: float, high: float) -> Hit | None:
        """The last hit that ends within these seconds."""
        own = self._ordered(name, by, "end")
        at = bisect_right(own, high, key=lambda hit: hit.end or 0.0) - 1
        return own[at] if at >= 0 and (own[at].end or 0.0) >= low else None

    def starting(self, name: str, *, by: Speaker, low: float, high: float) -> Hit | None:
        """The first hit that starts within these seconds."""
        own = self._ordered(name, by, "start")
        at = bisect_left(own, low, key=lambda hit: hit.start or 0.0)
        return own[at] if at < len(own) and (own[at].start or 0.0) <= high else None

    def around(self, speaker: Speaker, start: float, end: float) -> tuple[list[Turn], list[Turn]]:
        """A speaker's turn before a stretch of time and the one after it, each as a list of at most one."""
        places, turns = self._places.get(speaker, []), self.conversation.turns
        at = bisect_left(places, end - 1.0, key=lambda place: turns[place].start or 0.0)
        return [turns[places[at - 1]]] if at else [], [turns[places[at]]] if at < len(places) else []

    def _ordered(self, name: str, by: Speaker, field_: str) -> list[Hit]:
        found = self._sorted.get((name, by, field_))
        if found is None:
            found = sorted(self.of(name, by=by), key=lambda hit: getattr(hit, field_) or 0.0)
            self._sorted[name, by, field_] = found
        return found

    @cached_property
    def _sorted(self) -> dict[tuple[str, str, str], list[Hit]]:
        return {}

    @cached_property
    def _places(self) -> dict[str, list[int]]:
        places: dict[str, list[int]] = {}
        for at, turn in enumerate(self.conversation.turns):
            places.setdefault(turn.speaker, []).append(at)
        return places

    def _hit(self, name: str, phrase: str, places: Sequence[_Place], similarity: float) -> Hit:
        turns = self.conversation.turns
        words = [(place.turn, place.word) for place in places]
        unique = list(dict.fromkeys(words))
        said = [turns[turn].words[word] for turn, word in unique]
        first, last = turns[places[0].turn], turns[places[-1].turn]
        return Hit(
            list=name,
            phrase=phrase,
            speaker=first.speaker,
            turn=places[0].turn,
            last_turn=places[-1].turn,
            start=said[0].start if said[0].start is not None else first.start,
            end=said[-1].end if said[-1].end is not None else last.end,
            words=" ".join(word.text for word in said),
            similarity=similarity,
            sure=fmean(self.sure_of(word.sure) for word in said),
        )

    def sure_of(self, word: float | None) -> float:
        """How sure the recogniser was of a word; where it did not say, of the conversation; typed words: 1."""
        if word is not None:
            return word
        return 1.0 if self.conversation.sure is None else self.conversation.sure

    # ---- how well it was heard ----

    @cached_property
    def activity(self) -> tuple[Activity, ...]:
        """When who speaks."""
        return spoken(self.conversation)

    @cached_property
    def timed(self) -> bool:
        """Whether every turn with words has its seconds."""
        return all(turn.start is not None and turn.end is not None for turn in self.conversation.turns)

    @cached_property
    def ends(self) -> float:
        """The second of the last word: a line may stay open long after it."""
        return max((turn.end or 0.0 for turn in self.conversation.turns), default=0.0)

    @cached_property
    def told_apart(self) -> bool:
        """Whether nearly all words are known to be the agent's or the customer's, and both speak."""
        words = {"agent": 0, "customer": 0, "unknown": 0}
        for turn in self.conversation.turns:
            words[turn.speaker] += len(turn.words)
        return words["unknown"] <= 0.1 * sum(words.values()) and bool(words["agent"] and words["customer"])

    def clearness(self, turns: Iterable[Turn]) -> float:
        """How well some turns were heard: mean confidence of their words, less the share that nobody understood."""
        sure, words, lost = 0.0, 0, 0
        for turn in turns:
            if turn.unclear or turn.gone:
                lost += max(3, len(turn.words))
            else:
                sure += sum(self.sure_of(word.sure) for word in turn.words)
                words += len(turn.words)
        return sure / (words + lost) if words + lost else 0.0

    @cached_property
    def erased(self) -> bool:
        """Whether a part was erased."""
        return any(turn.gone for turn in self.conversation.turns)


def _runs(turns: Sequence[Turn]) -> list[list[_Place]]:
    """Words that one speaker says on end: short asides of others do not end them."""
    runs: list[list[_Place]] = []
    open_: dict[Speaker, list[_Place]] = {}
    for number, turn in enumerate(turns):
        if turn.gone or turn.unclear:
            open_.clear()
            continue
        said = [
            _Place(form, number, at)
            for at, word in enumerate(turn.words)
            for form in ((f"<{word.removed.lower()}>",) if word.removed else forms(word.text))
        ]
        if len(said) > ASIDE_WORDS:
            open_ = {speaker: run for speaker, run in open_.items() if speaker == turn.speaker}
        if not said:
            continue
        said.insert(0, _Place(START, number, 0))
        if turn.speaker in open_:
            open_[turn.speaker].extend(said)
        else:
            runs.append(said)
            open_[turn.speaker] = said
    return runs
