"""How much of everything a run measures."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    """Rows by kind. `measured` people are real: their words are sealed, their keys exist, their sound plays.

    With the sizes of `FULL` the places of people hold 1,000,000 rows.
    """

    people: int
    staff: int
    identifiers: int
    conversations: int
    recordings: int
    turns: int
    found: int  # transcripts that a search goes through
    segments: int  # turns that a search goes through
    measures: int  # conversations that an aggregate counts
    measured: int
    pairs: int
    whole: int  # whole requests of each kind
    writers: int
    entries: int  # entries of each writer
    sound_s: int  # length of the call whose player is timed
    scored: int  # written calls that the rules score

    @property
    def rows(self) -> int:
        """Rows about people: subjects, identifiers, conversations, keys, parts taken, sound, words, turns."""
        return self.people + self.identifiers + 6 * self.conversations + 2 * self.recordings + self.turns


FULL = Sizes(
    people=100_000,
    staff=50,
    identifiers=200_000,
    conversations=60_000,
    recordings=30_000,
    turns=280_000,
    found=200_000,
    segments=1_000_000,
    measures=1_000_000,
    measured=48,
    pairs=16,
    whole=3,
    writers=50,
    entries=10,
    sound_s=7_200,
    scored=1_000,
)
QUICK = Sizes(
    people=10_000,
    staff=20,
    identifiers=20_000,
    conversations=6_000,
    recordings=3_000,
    turns=28_000,
    found=20_000,
    segments=100_000,
    measures=100_000,
    measured=16,
    pairs=5,
    whole=2,
    writers=20,
    entries=10,
    sound_s=720,
    scored=100,
)
TINY = Sizes(
    people=300,
    staff=5,
    identifiers=600,
    conversations=200,
    recordings=100,
    turns=800,
    found=600,
    segments=3_000,
    measures=1_500,
    measured=6,
    pairs=2,
    whole=1,
    writers=4,
    entries=3,
    sound_s=60,
    scored=20,
)
