"""Made-up words that come as often as words do (Zipf), and documents made of them. The same at each run."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

CONSONANTS, VOWELS = "bdfgklmnprtvz", "aeiou"
VOCABULARY = 4000
DOCUMENTS = 4000
TURNS = 6
WORDS = 12  # a turn
# From frequent to rare, by their place in the vocabulary.
LOOKED_FOR = (25, 60, 120, 250, 500, 900, 1500, 2500, 3800)


@dataclass(frozen=True)
class Document:
    """What is said in one conversation."""

    turns: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n".join(self.turns)


def word(place: int) -> str:
    """The word at a place of the vocabulary: three syllables that no stemmer changes."""
    letters, rest = "", place * 7919 + 100_003
    for _ in range(3):
        rest, consonant = divmod(rest, len(CONSONANTS))
        rest, vowel = divmod(rest, len(VOWELS))
        letters += CONSONANTS[consonant] + VOWELS[vowel]
    return letters + "k"


@cache
def documents() -> tuple[Document, ...]:
    """The documents that conversations share."""
    dice = random.Random(20260101)  # noqa: S311 - the same each time is the point
    vocabulary = [word(place) for place in range(VOCABULARY)]
    weights = [1 / (place + 10) for place in range(VOCABULARY)]
    drawn = iter(dice.choices(vocabulary, weights, k=DOCUMENTS * TURNS * WORDS))
    return tuple(
        Document(tuple(" ".join(next(drawn) for _ in range(WORDS)) for _ in range(TURNS)))
        for _ in range(DOCUMENTS)
    )


def looked_for() -> Sequence[str]:
    """Words of differing frequency."""
    return [word(place) for place in LOOKED_FOR]
