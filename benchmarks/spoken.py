"""Redaction of spoken text: dialogues written after the detector, values that others made, dictated in many habits.

Names and streets come from the labelled sentences that nobody here wrote. A span counts as masked when every
character of its value is; what somebody says between two parts of a value ("hang on") counts neither way. Other
characters are counted as over-masking. `presidio.py` judges the same dialogues where it is installed.
"""

import json
import random
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from plainspoken.kernels.redaction import NameFinder, Span, Turn, detect_turns

from .dictation import Dictation, Piece
from .redaction import SENTENCES
from .spoken_templates import DIALOGUES

ROUNDS = 12  # dialogues made of each template
SEED = 20261124
_SLOT = re.compile(r"\{([a-z0-9]+)(?::([0-9])/([0-9]))?(!)?\}")


@dataclass
class Dialogue:
    """Turns, and for each the stretches of values: (start, end, kind, number of the value, personal or between)."""

    template: int
    turns: list[Turn] = field(default_factory=list)
    values: list[list[tuple[int, int, str, int, bool]]] = field(default_factory=list)

    @property
    def looked_at(self) -> bool:
        return self.template % 2 == 0


def dialogues(*, rounds: int = ROUNDS, seed: int = SEED) -> list[Dialogue]:
    """The same dialogues each time. Raises FileNotFoundError without the labelled sentences."""
    names, streets = _made_by_others()
    made = []
    for turn in range(rounds):
        for number, template in enumerate(DIALOGUES):
            dice = random.Random(f"{seed}/{turn}/{number}")  # noqa: S311 - the same each time is the point
            made.append(_dialogue(number, template, Dictation(dice, names, streets)))
    return made


def _made_by_others() -> tuple[list[str], list[str]]:
    sentences = json.loads(SENTENCES.read_text(encoding="utf-8"))
    spans = [span for sentence in sentences for span in sentence["spans"]]

    def plain(kind: str) -> list[str]:
        found = {span["entity_value"].strip() for span in spans if span["entity_type"] == kind}
        return sorted(
            value for value in found if value.isascii() and re.fullmatch(r"[A-Z][A-Za-z' -]+", value)
        )

    names = [name for name in plain("PERSON") if 2 <= len(name.split()) <= 3 and len(name) < 30]
    parts = {
        match[1] for span in spans if span["entity_type"] == "STREET_ADDRESS"
        for match in re.finditer(r"\b([A-Z][a-z]{3,12}) (?:Street|Road|Avenue|Lane|Drive)\b", span["entity_value"])
    }  # fmt: skip
    return names, sorted(parts)


def _dialogue(number: int, template: str, dictation: Dictation) -> Dialogue:
    made = Dialogue(number)
    held: dict[str, tuple[int, list[Piece]]] = {}
    style = dictation.style()
    for line in template.split("\n"):
        speaker, _, words = line.partition(": ")
        text, values, at = "", [], 0
        for slot in _SLOT.finditer(words):
            text += style(words[at : slot.start()], start=not text)
            kind, part, parts, again = slot.groups()
            if kind not in held:
                held[kind] = (len(held), dictation.say(kind))
            value, pieces = held[kind]
            if again:
                pieces = dictation.say(kind, again=True)
                value = value + 100
            elif part:
                pieces = _part(pieces, int(part) - 1, int(parts))
            for piece in pieces:
                said = style(piece.text, start=not text)
                values.append((len(text), len(text) + len(said), dictation.kind(kind), value, piece.value))
                text += said
            at = slot.end()
        text += style(words[at:], start=not text)
        made.turns.append(Turn(speaker, text))
        made.values.append(values)
    return made


def _part(pieces: Sequence[Piece], part: int, parts: int) -> list[Piece]:
    """One of so many parts of a dictation, cut between words."""
    low, high = len(pieces) * part // parts, len(pieces) * (part + 1) // parts
    chosen = list(pieces[low:high])
    while chosen and not chosen[0].value:
        chosen.pop(0)
    while chosen and not chosen[-1].value:
        chosen.pop()
    return chosen


def judged(made: Sequence[Dialogue], found: Iterable[Sequence[Sequence[tuple[int, int]]]]) -> dict[str, Any]:
    """Shares of values masked whole, of value characters left, and of other characters masked."""
    whole: Counter[str] = Counter()
    every: Counter[str] = Counter()
    left = characters = over = other = 0
    for dialogue, spans in zip(made, found, strict=True):
        seen: dict[int, tuple[str, bool]] = {}
        for turn, values, own in zip(dialogue.turns, dialogue.values, spans, strict=True):
            masked = {at for start, end in own for at in range(start, end)}
            said: set[int] = set()
            for start, end, kind, value, personal in values:
                said |= set(range(start, end))
                letters = {at for at in range(start, end) if turn.text[at].isalnum()} if personal else set()
                characters += len(letters)
                left += len(letters - masked)
                before = seen.get(value, (kind, True))[1]
                seen[value] = (kind, before and letters <= masked)
            others = {at for at, char in enumerate(turn.text) if at not in said and not char.isspace()}
            other += len(others)
            over += len(others & masked)
        for kind, ok in seen.values():
            every[kind] += 1
            whole[kind] += ok
    return {
        "values": every.total(),
        "masked_whole": round(whole.total() / every.total(), 4) if every else 0.0,
        "by_kind": {kind: round(whole[kind] / every[kind], 3) for kind in sorted(every)},
        "characters_left": round(left / characters, 4) if characters else 0.0,
        "over_masked": round(over / other, 4) if other else 0.0,
    }


def ours(made: Sequence[Dialogue], names: NameFinder | None) -> list[list[list[tuple[int, int]]]]:
    """What the detector masks in each turn of each dialogue."""
    return [[[(s.start, s.end) for s in own] for own in _spans(dialogue, names)] for dialogue in made]


def _spans(dialogue: Dialogue, names: NameFinder | None) -> tuple[tuple[Span, ...], ...]:
    return detect_turns(dialogue.turns, names=names)


def halves(made: Sequence[Dialogue]) -> dict[str, list[int]]:
    """Places of the dialogues of each half."""
    return {
        "held_out": [place for place, one in enumerate(made) if not one.looked_at],
        "looked_at": [place for place, one in enumerate(made) if one.looked_at],
    }


def measure() -> dict[str, Any]:
    """Both halves, by the detector. Raises FileNotFoundError."""
    from plainspoken.adapters.names import SpacyNames

    made = dialogues()
    found = ours(made, SpacyNames())
    return {
        half: judged([made[place] for place in places], [found[place] for place in places])
        for half, places in halves(made).items()
    }


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))
