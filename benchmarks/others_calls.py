"""Calls that nobody on this project wrote, as the rules see them; what they hold is known from what was asked for.

Each was made on the request that the agent introduces themselves, asks for two pieces of personal data, and thanks
the customer at the end. So the truth of three questions is yes, and each other answer is a false alarm.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from plainspoken.kernels.redaction import detect_all
from plainspoken.kernels.scoring import Conversation, Turn, Word

CALLS = Path(__file__).resolve().parents[2] / "shared" / "data" / "vcon" / "calls"
TRUE = ("greeting", "verification", "farewell")


def calls() -> list[Conversation]:
    """Their words without times, redacted by rules. Raises FileNotFoundError without the calls."""
    files = sorted(CALLS.glob("*.json"))
    if not files:
        raise FileNotFoundError(f"There are no calls in {CALLS.name}.")
    return [Conversation(tuple(_turns(json.loads(file.read_text("utf-8")))), "en") for file in files]


def _turns(vcon: dict[str, Any]) -> Iterator[Turn]:
    (lines,) = [one["body"] for one in vcon["analysis"] if one["type"] == "transcript"]
    found = detect_all([line["message"] for line in lines])
    for number, (line, spans) in enumerate(zip(lines, found, strict=True)):
        words: list[Word] = []
        text, at = line["message"], 0
        for span in spans:
            words += [Word(token) for token in text[at : span.start].split()]
            words.append(Word(f"[{span.type.lower()}]", removed=span.type))
            at = span.end
        words += [Word(token) for token in text[at:].split()]
        yield Turn(number, "agent" if line["speaker"] == "Agent" else "customer", tuple(words))
