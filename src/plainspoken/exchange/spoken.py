"""Transcripts inside a vCon, in the shapes that recognisers write. What cannot be read as one gives
nothing.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from plainspoken.conversations.arrival import TimedWord, Utterance

Speaker = Callable[[object], int | None]
LONGEST = 12 * 3600.0
DEEPEST = 8
_NAMED_LINE = re.compile(r"\**\s*([A-Za-z][\w .()'-]{0,60}?)\**\s*:\**\s+(.+)", re.DOTALL)


def utterances(body: object, *, speaker: Speaker, start: datetime | None) -> list[Utterance]:
    """What was said, from the body of a transcript; empty where the shape is none that we know.

    Known: lists of {speaker, message} or {party, text, start, duration}; {paragraphs}, {segments}, {words} or
    a plain {transcript}, at any depth; text with a name before each line.
    """
    if isinstance(body, str):
        return _from_text(body, speaker, start)
    if isinstance(body, list):
        return [found for item in body if (found := _item(item, speaker, start)) is not None]
    if isinstance(body, Mapping):
        return _from_mapping(body, speaker, start)
    return []


def _from_text(body: str, speaker: Speaker, start: datetime | None) -> list[Utterance]:
    text = body.strip()
    if text[:1] in "[{":
        try:
            return utterances(json.loads(text), speaker=speaker, start=start)
        except (ValueError, RecursionError):
            return _from_lines(text, speaker)
    return _from_lines(text, speaker)


def _from_lines(text: str, speaker: Speaker) -> list[Utterance]:
    """A line is what one said, with who said it before a colon."""
    found = []
    for line in re.split(r"\n\s*\n|\n", text):
        named = _NAMED_LINE.match(line.strip())
        who = speaker(named[1]) if named else None
        said = named[2] if named and who is not None else line
        if said.strip():
            found.append(Utterance(said.strip(), speaker=who))
    return found


def _item(item: object, speaker: Speaker, start: datetime | None) -> Utterance | None:
    if not isinstance(item, Mapping):
        return None
    text = next(
        (
            item[k]
            for k in ("message", "text", "transcript", "content", "body")
            if isinstance(item.get(k), str)
        ),
        "",
    )
    who = _who(item)
    begins = _second(item.get("start", item.get("start_time", item.get("from"))), start)
    ends = _second(item.get("end", item.get("end_time", item.get("to"))), start)
    lasts = item.get("duration")
    if ends is None and begins is not None and _number(lasts) is not None:
        ends = begins + float(lasts)  # type: ignore[arg-type]
    if not text.strip():
        return None
    return Utterance(
        text=text.strip(),
        speaker=speaker(who),
        start_s=begins if ends is not None and begins is not None and begins <= ends <= LONGEST else None,
        end_s=ends if begins is not None and ends is not None and begins <= ends <= LONGEST else None,
        words=tuple(_words(item.get("words"))),
    )


def _who(item: Mapping[str, Any]) -> object:
    """A party's number or a name. A recogniser's own speaker numbers are labels, and name nobody."""
    for key in ("party", "parties"):
        if item.get(key) is not None:
            return item[key]
    return next((item[k] for k in ("speaker", "role", "participant") if isinstance(item.get(k), str)), None)


def _from_mapping(body: Mapping[str, Any], speaker: Speaker, start: datetime | None) -> list[Utterance]:
    words = next((timed for part in _parts(body) if (timed := list(_words(part.get("words"))))), [])
    for shape in (_paragraphs, _segments):
        for part in _parts(body):
            found = shape(part, speaker, start)
            if found:
                return [_with_words(item, sorted(words, key=lambda word: word.start_s)) for item in found]
    for part in _parts(body):
        if found := _turns_of_words(part, speaker):
            return found
    for part in _parts(body):
        if isinstance(part.get("transcript"), str) and part["transcript"].strip():
            return _from_text(part["transcript"], speaker, start)
    return []


def _parts(value: object, depth: int = 0) -> Iterator[Mapping[str, Any]]:
    """Objects inside an object, outermost first, to a bounded depth."""
    if depth > DEEPEST:
        return
    if isinstance(value, Mapping):
        yield value
        for inner in value.values():
            yield from _parts(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value[:50]:
            yield from _parts(inner, depth + 1)


def _paragraphs(part: Mapping[str, Any], speaker: Speaker, start: datetime | None) -> list[Utterance]:
    paragraphs = part.get("paragraphs")
    if not isinstance(paragraphs, list):
        return []
    found = []
    for paragraph in paragraphs:
        if not isinstance(paragraph, Mapping):
            continue
        sentences = paragraph.get("sentences")
        if isinstance(sentences, list):
            texts = [
                s["text"] for s in sentences if isinstance(s, Mapping) and isinstance(s.get("text"), str)
            ]
            item = _item({**paragraph, "text": " ".join(texts)}, speaker, start)
        else:
            item = _item(paragraph, speaker, start)
        if item is not None:
            found.append(item)
    return found


def _with_words(item: Utterance, words: Sequence[TimedWord]) -> Utterance:
    """The words that lie inside an utterance's time."""
    if item.words or item.start_s is None or item.end_s is None:
        return item
    inside = tuple(w for w in words if item.start_s - 0.01 <= w.start_s <= item.end_s + 0.01)
    return replace(item, words=inside)


def _segments(part: Mapping[str, Any], speaker: Speaker, start: datetime | None) -> list[Utterance]:
    for name in ("segments", "utterances", "turns", "conversation"):
        items = part.get(name)
        if isinstance(items, list):
            found = [u for item in items if (u := _item(item, speaker, start)) is not None]
            if found:
                return found
    return []


def _turns_of_words(part: Mapping[str, Any], speaker: Speaker) -> list[Utterance]:
    """Words with a speaker each, joined while the speaker stays."""
    items = part.get("words")
    if not isinstance(items, list):
        return []
    found: list[tuple[int | None, list[TimedWord]]] = []
    for item in items:
        word = next(iter(_words([item])), None)
        if word is None:
            continue
        who = speaker(_who(item))
        if found and found[-1][0] == who:
            found[-1][1].append(word)
        else:
            found.append((who, [word]))
    return [
        Utterance(
            text=" ".join(word.text for word in words),
            speaker=who,
            start_s=words[0].start_s,
            end_s=max(word.end_s for word in words),
            words=tuple(words),
        )
        for who, words in found
    ]


def _words(items: object) -> Iterator[TimedWord]:
    if not isinstance(items, list):
        return
    for item in items:
        if not isinstance(item, Mapping):
            continue
        text = next(
            (item[k] for k in ("punctuated_word", "word", "text") if isinstance(item.get(k), str)), ""
        )
        start, end = _number(item.get("start")), _number(item.get("end"))
        if text.strip() and start is not None and end is not None and 0 <= start <= end <= LONGEST:
            yield TimedWord(text.strip(), start, end)


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _second(value: object, start: datetime | None) -> float | None:
    """Seconds from the start of the sound: given so, or as a time of day."""
    number = _number(value)
    if number is not None:
        return number if 0 <= number <= LONGEST else None
    if isinstance(value, str) and start is not None:
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return None
        if (moment.tzinfo is None) != (start.tzinfo is None):
            return None
        seconds = (moment - start).total_seconds()
        return seconds if 0 <= seconds <= LONGEST else None
    return None
