"""Words that came with a conversation, as lines of JSON for the store."""

import io
import json
from collections.abc import Iterator, Sequence

from plainspoken.conversations import arrival
from plainspoken.conversations.arrival import Utterance


def as_lines(words: Sequence[Utterance]) -> Iterator[bytes]:
    for item in words:
        line = [
            item.speaker,
            item.text,
            item.start_s,
            item.end_s,
            [[w.text, w.start_s, w.end_s] for w in item.words],
        ]
        yield json.dumps(line, ensure_ascii=False).encode() + b"\n"


def lines_read(pieces: Iterator[bytes]) -> tuple[Utterance, ...]:
    """The words of `as_lines` again."""
    found = []
    for line in io.BytesIO(b"".join(pieces)):
        speaker, text, start, end, timed = json.loads(line)
        words = tuple(arrival.TimedWord(*word) for word in timed)
        found.append(Utterance(text=text, speaker=speaker, start_s=start, end_s=end, words=words))
    return tuple(found)
