"""What a scorer may see of a conversation: words, times, who spoke. No sound, and nothing measured from a voice.

Whoever wants to score how an employee sounds finds no field to put it in: the numbers here are seconds, and how
sure the recogniser was of its words. `tests/test_no_voice.py` holds that list.
"""

from dataclasses import dataclass
from typing import Literal

Speaker = Literal["agent", "customer", "unknown"]


@dataclass(frozen=True, slots=True)
class Word:
    """One word. Seconds from the start; `sure` 0 to 1, None where the recogniser did not say.

    `removed`: the type of a removed part that stands here ("PERSON", "ACCOUNT"); its text is then not known.
    """

    text: str
    start: float | None = None
    end: float | None = None
    sure: float | None = None
    removed: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one person said in one go. `number` is its place in the transcript.

    `unclear`: speech of which nobody knows the words. `gone`: erased at a person's request.
    """

    number: int
    speaker: Speaker
    words: tuple[Word, ...]
    start: float | None = None
    end: float | None = None
    unclear: bool = False
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Activity:
    """Somebody speaks from `start` to `end` (seconds)."""

    speaker: Speaker
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Conversation:
    """Turns in order. `language` is a code such as en or de-AT. `sure`: the recogniser's mean confidence.

    `activity`: when somebody speaks; empty means that the times of the turns are all that is known.
    `spoken`: a call; what is measured in seconds does not apply to a chat.
    """

    turns: tuple[Turn, ...]
    language: str
    spoken: bool = True
    duration: float | None = None
    sure: float | None = None
    activity: tuple[Activity, ...] = ()


def said(text: str) -> tuple[Word, ...]:
    """The words of a plain text, without times."""
    return tuple(Word(token) for token in text.split())
