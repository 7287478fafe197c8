"""What transcripts need from outside: somebody who writes down what is heard. An adapter implements it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]


@dataclass(frozen=True)
class Word:
    """Seconds from the start of the sound, and how sure the recogniser is (0 to 1). Times may be off by .4
    s."""

    start: float
    end: float
    text: str
    probability: float


@dataclass(frozen=True)
class Segment:
    """A stretch of speech. `avg_logprob` and `no_speech` as the recogniser gives them; `repeated`: it
    repeats itself as recognisers do when they lose the thread, so its words are not to be trusted."""

    start: float
    end: float
    text: str
    words: tuple[Word, ...]
    avg_logprob: float
    no_speech: float
    repeated: bool = False


@dataclass(frozen=True)
class Recognised:
    """What was heard on one channel, and in which language (a code such as en). `unheard`: seconds in
    which somebody speaks and no word was understood; nobody knows what is said there."""

    language: str
    segments: tuple[Segment, ...]
    seconds: float = 0.0
    unheard: tuple[tuple[float, float], ...] = ()
    words: tuple[tuple[str, float, float, float], ...] = field(init=False)

    def __post_init__(self) -> None:
        """`words`: all words in order as (text, start, end, probability)."""
        every = ((w.text, w.start, w.end, w.probability) for s in self.segments for w in s.words)
        object.__setattr__(self, "words", tuple(every))

    @property
    def loops(self) -> int:
        """How many segments repeat themselves."""
        return sum(segment.repeated for segment in self.segments)


class Recogniser(Protocol):
    """Speech to words. `languages` are codes it knows; empty means any."""

    name: str
    version: str
    languages: tuple[str, ...]

    def hear(self, samples: Samples | Iterable[Samples], *, language: str | None = None) -> Recognised:
        """The words of one channel: float32 mono at 16,000 samples a second, whole or in blocks of any
        length.

        Memory is bounded when blocks come. Without `language` it is detected. Raises for a language it
        does not know.
        """
        ...
