"""From words with times to utterances, and from an utterance to pieces with parts removed. Pure; no
database.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

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


class Decision(NamedTuple):
    """A person's word against the rules on characters `start` to `end`: show them, or hide them as `type`.
    `row` is the overruling that it came with.
    """

    start: int
    end: int
    shown: bool
    type: str
    row: str


class Lost(NamedTuple):
    """Characters `start` to `end` are a label; what stood there is not kept, and these seconds stay silent."""

    start: int
    end: int
    type: str
    reason: str
    start_s: float | None
    end_s: float | None


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
    unclear: bool = False  # the recogniser lost the thread here, or, without text, understood no word
    decided: tuple[Decision, ...] = ()  # what people decided against the rules, the oldest first
    lost: tuple[Lost, ...] = ()  # what is kept nowhere any more

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
            [list(decision) for decision in self.decided],
            [list(part) for part in self.lost],
        ]

    @classmethod
    def read(cls, line: Sequence[Any]) -> "Said":
        text, position, channel, start, end, words, removed, gone, unclear, *rest = line
        decided, lost = rest or ((), ())  # lines from before there were any
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
            decided=tuple(Decision(*decision) for decision in decided),
            lost=tuple(Lost(*part) for part in lost),
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
    times = {hit.span: (hit.begins, hit.ends) for hit in words_hit(timed(said), spans)}
    for part in said.lost:
        if part.start_s is None or part.end_s is None:
            continue
        for span in spans:
            if (span.start, span.end) == (part.start, part.end):
                # Its words are gone: those beside it are no measure of it.
                times[span] = (part.start_s, part.end_s)
            elif span.start <= part.start and part.end <= span.end:
                start, end = times.get(span, (part.start_s, part.end_s))
                times[span] = (min(start, part.start_s), max(end, part.end_s))
    return [
        Cut(
            n=first + place,
            type=span.type,
            reason=span.reason,
            start=span.start,
            end=span.end,
            start_s=times[span][0] if span in times else None,
            end_s=times[span][1] if span in times else None,
        )
        for place, span in enumerate(spans)
    ]


_UNKNOWN = {
    "OTHER": "[removed]",
    "PAUSED": "[recording paused]",
    "UNCLEAR": "[unclear]",
    "UNHEARD": "[not understood]",
}


def label(kind: str) -> str:
    """What stands in a text for a removed part of this type."""
    return _UNKNOWN.get(kind) or LABELS.get(kind, f"[{kind.lower()}]")  # type: ignore[call-overload]


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
    cuts_ = {cut.n: cut for cut in removed}
    out: list[dict[str, Any]] = []
    for start, end, n in places(said.text, [(cut.n, cut.start, cut.end) for cut in removed]):
        if n is not None:
            out.append({"removed": cuts_[n].type, "n": n, **_tight(said.text, end)})
            continue
        piece: dict[str, Any] = {"word": said.text[start:end], **_tight(said.text, end)}
        place = bisect_right(ends, start)
        if place < len(words) and words[place].start < end:
            piece |= {"start_s": round(words[place].begins, 3), "end_s": round(words[place].ends, 3)}
        out.append(piece)
    return out


def places(text: str, removed: Sequence[tuple[int, int, int]]) -> list[tuple[int, int, int | None]]:
    """First and last character of each piece of an utterance, and the number of those that were removed.

    `removed` holds number, first and last character of each part, in order. `pieces` has the same order.
    """
    out: list[tuple[int, int, int | None]] = []
    at = 0
    for n, start, end in (*removed, (None, len(text), len(text))):
        out += [(*token.span(), None) for token in _TOKEN.finditer(text, at, start)]
        if n is not None:
            out.append((start, end, n))
            at = end
    return out


def without(item: Said, gone: Mapping[int, str], *, lost: Sequence[Cut] = ()) -> Said:
    """An utterance with labels in place of the parts whose numbers (with their types) are given, and without
    the words in them; `lost` cuts are remembered, so that they stay removed and silent.
    """
    text, removed, at = "", [], 0
    moved: list[tuple[int, int, int]] = []  # from, to, by how much what stands after moves
    kept: list[Lost] = []
    for n, start, end in sorted(item.removed, key=lambda cut: cut[1]):
        text += item.text[at:start]
        inside = label(gone[n]) if n in gone else item.text[start:end]
        removed.append((n, len(text), len(text) + len(inside)))
        kept += [
            Lost(len(text), len(text) + len(inside), cut.type, cut.reason, cut.start_s, cut.end_s)
            for cut in lost
            if cut.n == n
        ]
        text += inside
        moved.append((start, end, len(text) - end))
        at = end
    away = [(start, end) for n, start, end in item.removed if n in gone]
    hit = {
        place
        for place, word in enumerate(timed(item))
        if any(word.start < end and start < word.end for start, end in away)
    }
    words = tuple(word for place, word in enumerate(item.words) if place not in hit) if item.words else ()
    return replace(
        item,
        text=text + item.text[at:],
        removed=tuple(removed),
        words=words,
        decided=tuple(
            decision._replace(start=_moved(decision.start, moved), end=_moved(decision.end, moved))
            for decision in item.decided
            if not any(decision.start < end and start < decision.end for start, end in away)
        ),
        lost=tuple(
            sorted(
                [
                    *(
                        part._replace(start=_moved(part.start, moved), end=_moved(part.end, moved))
                        for part in item.lost
                        if not any(part.start < end and start < part.end for start, end in away)
                    ),
                    *kept,
                ]
            )
        ),
    )


def _moved(at: int, moved: Sequence[tuple[int, int, int]]) -> int:
    """Where a character outside the replaced parts stands now."""
    by = 0
    for _, end, shift in moved:
        if end <= at:
            by = shift
    return at + by


def _tight(text: str, end: int) -> dict[str, Any]:
    return {"tight": True} if end < len(text) and not text[end].isspace() else {}
