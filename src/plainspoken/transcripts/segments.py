"""From words with times to utterances, and from an utterance to pieces with parts removed. Pure; no
database.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from plainspoken.conversations.arrival import Utterance
from plainspoken.kernels.redaction import LABELS, Span
from plainspoken.kernels.redaction.sound import Word, words_hit

PAUSE_S = 1.2  # a pause that ends an utterance
BREATH_S = 0.3  # a pause that ends one after a full sentence
TOGETHER_S = 2.5  # two utterances of one speaker with nobody between them are one below this pause
SENTENCE_WORDS, MOST_WORDS = 12, 80
LABEL = re.compile(r"\[[a-z ]+\]")  # what stands in a redacted text for a removed part
_TOKEN = re.compile(r"\S+")
_ENDS = (".", "?", "!")


@dataclass(frozen=True)
class SaidWord:
    """A word as it was heard: seconds from the start, confidence 0 to 1."""

    text: str
    start_s: float
    end_s: float
    sure: float = 1.0


@dataclass(frozen=True)
class Said:
    """What one person said in one go. `position`: who, among the people of the conversation; None
    where unknown.
    """

    text: str
    position: int | None = None
    channel: int | None = None
    start_s: float | None = None
    end_s: float | None = None
    words: tuple[SaidWord, ...] = ()
    removed: tuple[tuple[int, int, int], ...] = ()  # number, first and last character of each part removed
    gone: bool = False
    unclear: bool = False  # the recogniser lost the thread here

    def as_list(self) -> list[Any]:
        """For storing as JSON; `read` is the way back."""
        words = [[w.text, round(w.start_s, 3), round(w.end_s, 3), round(w.sure, 3)] for w in self.words]
        return [
            self.text,
            self.position,
            self.channel,
            self.start_s,
            self.end_s,
            words,
            self.removed,
            self.gone,
            self.unclear,
        ]

    @classmethod
    def read(cls, line: Sequence[Any]) -> "Said":
        text, position, channel, start, end, words, removed, gone, unclear = line
        return cls(
            text=text,
            position=position,
            channel=channel,
            start_s=start,
            end_s=end,
            words=tuple(SaidWord(*word) for word in words),
            removed=tuple((n, first, last) for n, first, last in removed),
            gone=gone,
            unclear=unclear,
        )


# ---- utterances ----


def heard(channels: Mapping[int, Sequence[SaidWord]], *, speakers: Mapping[int, int | None]) -> list[Said]:
    """Utterances in order of time, from the words of each channel; `speakers` says who is alone on a
    channel.
    """
    chunks = sorted(
        (chunk for channel, words in channels.items() for chunk in _chunks(channel, words)),
        key=lambda chunk: (chunk[1][0].start_s, chunk[0]),
    )
    joined: list[tuple[int, list[SaidWord]]] = []
    for channel, words in chunks:
        if joined and joined[-1][0] == channel and _belongs(joined[-1][1], words):
            joined[-1][1].extend(words)
        else:
            joined.append((channel, list(words)))
    return [
        Said(
            text=" ".join(word.text for word in words),
            position=speakers.get(channel),
            channel=channel,
            start_s=words[0].start_s,
            end_s=max(word.end_s for word in words),
            words=tuple(words),
        )
        for channel, words in joined
    ]


def _chunks(channel: int, words: Sequence[SaidWord]) -> Iterable[tuple[int, list[SaidWord]]]:
    chunk: list[SaidWord] = []
    for word in words:
        if chunk and _ends(chunk, word.start_s - chunk[-1].end_s):
            yield channel, chunk
            chunk = []
        chunk.append(word)
    if chunk:
        yield channel, chunk


def _ends(chunk: Sequence[SaidWord], pause: float) -> bool:
    if pause >= PAUSE_S or len(chunk) >= MOST_WORDS:
        return True
    return chunk[-1].text.endswith(_ENDS) and (pause >= BREATH_S or len(chunk) >= SENTENCE_WORDS)


def _belongs(before: Sequence[SaidWord], words: Sequence[SaidWord]) -> bool:
    near = words[0].start_s - before[-1].end_s < TOGETHER_S
    return near and len(before) + len(words) <= MOST_WORDS


def received(utterances: Iterable[Utterance], *, channels: Mapping[int, int | None]) -> list[Said]:
    """Utterances that came with the conversation; `channels` says where each person speaks."""
    return [
        Said(
            text=item.text,
            position=item.speaker if isinstance(item.speaker, int) else None,
            channel=channels.get(item.speaker) if isinstance(item.speaker, int) else None,
            start_s=item.start_s,
            end_s=item.end_s,
            words=tuple(SaidWord(w.text, w.start_s, w.end_s) for w in item.words),
        )
        for item in utterances
        if item.text.strip()
    ]


# ---- pieces ----


@dataclass(frozen=True)
class Cut:
    """A part removed: its number in the conversation, type, reason, characters, and seconds where
    they are known.
    """

    n: int
    type: str
    reason: str
    start: int
    end: int
    start_s: float | None
    end_s: float | None

    def as_dict(self) -> dict[str, Any]:
        """For a redacted turn: everything but the characters, whose number would tell how long the
        removed part is.
        """
        return {
            "n": self.n,
            "type": self.type,
            "reason": self.reason,
            "start_s": self.start_s,
            "end_s": self.end_s,
        }


def timed(said: Said) -> tuple[Word, ...]:
    """The words of an utterance with their characters in its text; without word times, its whole
    length as one word.
    """
    found, at = [], 0
    for word in said.words:
        start = said.text.find(word.text, at)
        if start < 0:
            continue
        at = start + len(word.text)
        found.append(Word(start, at, word.start_s, word.end_s))
    if not found and said.start_s is not None and said.end_s is not None:
        found.append(Word(0, len(said.text), said.start_s, said.end_s))
    return tuple(found)


def cuts(said: Said, spans: Sequence[Span], *, first: int) -> list[Cut]:
    """The parts to remove, numbered from `first`."""
    hits = {hit.span: hit for hit in words_hit(timed(said), spans)}
    return [
        Cut(
            n=first + place,
            type=span.type,
            reason=span.reason,
            start=span.start,
            end=span.end,
            start_s=hits[span].begins if span in hits else None,
            end_s=hits[span].ends if span in hits else None,
        )
        for place, span in enumerate(spans)
    ]


def label(kind: str) -> str:
    """What stands in a text for a removed part of this type."""
    return LABELS.get(kind, f"[{kind.lower()}]")  # type: ignore[call-overload,no-any-return]


def masked(said: Said, removed: Sequence[Cut]) -> str:
    """The text with labels for what was removed."""
    out: list[str] = []
    at = 0
    for cut in removed:
        out += (said.text[at : cut.start], label(cut.type))
        at = cut.end
    return "".join((*out, said.text[at:]))


def pieces(said: Said, removed: Sequence[Cut]) -> list[dict[str, Any]]:
    """Words with their times, and marks for what was removed, in order; `tight`: no space follows."""
    words = timed(said) if said.words else ()
    ends = [word.end for word in words]
    out: list[dict[str, Any]] = []
    at = 0
    for cut in (*removed, None):
        end = cut.start if cut else len(said.text)
        for token in _TOKEN.finditer(said.text, at, end):
            piece: dict[str, Any] = {"word": token.group(), **_tight(said.text, token.end())}
            place = bisect_right(ends, token.start())
            if place < len(words) and words[place].start < token.end():
                piece |= {"start_s": round(words[place].begins, 3), "end_s": round(words[place].ends, 3)}
            out.append(piece)
        if cut:
            out.append({"removed": cut.type, "n": cut.n, **_tight(said.text, cut.end)})
            at = cut.end
    return out


def _tight(text: str, end: int) -> dict[str, Any]:
    return {"tight": True} if end < len(text) and not text[end].isspace() else {}
