"""Mending what a recogniser wrote, and taking out what a recording's pause covers. Pure; no database."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from . import segments
from .segments import Cut, Said, SaidWord

LEAST_WORD_S = 0.05
PAUSED = "PAUSED"
PAUSE_REASON = "the recording paused"
Stretch = tuple[float, float]


class NotMended(ValueError):
    """The words cannot be mended so; the sentence says what to do."""


def shown(said: Said, types: Sequence[str]) -> str:
    """The utterance as somebody edits it: labels stand for the parts that were removed, in order."""
    parts = sorted(said.removed, key=lambda cut: cut[1])
    text, at = "", 0
    for (_, start, end), kind in zip(parts, types, strict=True):
        text += said.text[at:start] + segments.label(kind)
        at = end
    return text + said.text[at:]


def mended(said: Said, text: str, types: Sequence[str]) -> Said:
    """The utterance with other words around its removed parts, which stay. Times follow the words.

    `types` are those of the removed parts in order. Raises NotMended where a label was changed, moved or left out.
    """
    parts = sorted(said.removed, key=lambda cut: cut[1])
    text = " ".join(text.split())
    if segments.LABEL.findall(text) != [segments.label(kind) for kind in types]:
        raise NotMended("Leave the words in square brackets as they are. They stand for what was removed.")
    between = segments.LABEL.split(text)
    new, at = "", 0
    moves: list[tuple[int, int, int]] = []
    words: list[SaidWord] = []
    placed = _placed(said)
    for place, piece in enumerate(between):
        start, end = (
            (parts[place][1], parts[place][2]) if place < len(parts) else (len(said.text), len(said.text))
        )
        moves += [(a + at, b + len(new), size) for a, b, size in _same(said.text[at:start], piece)]
        new += piece
        # Piece by piece: the words of a removed part keep their times, whatever is written around them.
        words += _timed(_between(placed, at, start), piece.split(), _gap(placed, at, start, said))
        if end > start:
            words += _between(placed, start, end)
            moves.append((start, len(new), end - start))
            new += said.text[start:end]
        at = end
    if not new.strip():
        raise NotMended("Nothing would be left of this turn. Write what was said.")
    decided = tuple(
        one._replace(start=there[0], end=there[1])
        for one in said.decided
        if (there := _moved(one.start, one.end, moves)) is not None
    )
    lost = tuple(
        one._replace(start=there[0], end=there[1])
        for one in said.lost
        if (there := _moved(one.start, one.end, moves)) is not None
    )
    return replace(
        said, text=new, words=tuple(words) if said.words else (), decided=decided, lost=lost, removed=()
    )


def _same(old: str, new: str) -> list[tuple[int, int, int]]:
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    return [(block.a, block.b, block.size) for block in blocks if block.size]


def _moved(start: int, end: int, moves: Sequence[tuple[int, int, int]]) -> tuple[int, int] | None:
    """Where these characters stand now; None where some of them are gone."""
    for old, new, size in moves:
        if old <= start and end <= old + size:
            return start - old + new, end - old + new
    return None


Placed = tuple[SaidWord, int]  # a word and its first character in the text


def _placed(said: Said) -> list[Placed]:
    found, at = [], 0
    for word in said.words:
        start = said.text.find(word.text, at)
        if start >= 0:
            found.append((word, start))
            at = start + len(word.text)
    return found


def _between(placed: Sequence[Placed], low: int, high: int) -> list[SaidWord]:
    return [word for word, start in placed if low <= start < high]


def _gap(placed: Sequence[Placed], low: int, high: int, said: Said) -> Stretch:
    """Seconds between the last word before these characters and the first one after them."""
    before = max((word.end_s for word, start in placed if start < low), default=said.start_s or 0.0)
    after = min((word.start_s for word, start in placed if start >= high), default=said.end_s or before)
    return before, max(after, before)


def _timed(old: Sequence[SaidWord], new: Sequence[str], gap: Stretch) -> list[SaidWord]:
    """New words with times: those of the words that stayed, and a share of what others took the place of."""
    match = SequenceMatcher(None, [word.text for word in old], list(new), autojunk=False)
    found: list[SaidWord] = []
    for tag, low, high, first, last in match.get_opcodes():
        if tag == "equal":
            found += old[low:high]
        elif tag != "delete":
            start = old[low].start_s if low < high else (old[low - 1].end_s if low else gap[0])
            end = old[high - 1].end_s if low < high else (old[low].start_s if low < len(old) else gap[1])
            found += _spread(new[first:last], start, max(start, end))
    return found


def _spread(words: Sequence[str], start: float, end: float) -> Iterator[SaidWord]:
    step = (end - start) / max(1, len(words))
    for place, word in enumerate(words):
        at = start + place * step
        yield SaidWord(word, round(at, 3), round(at + max(step, LEAST_WORD_S), 3), 1.0)


# ---- pauses ----


def without_pauses(said: Sequence[Said], away: Sequence[Stretch]) -> list[Said]:
    """Utterances without what was said in these seconds, on whichever channel. A label stands there for good."""
    return [_without(item, away) for item in said]


def _without(item: Said, away: Sequence[Stretch]) -> Said:
    if item.gone or not item.text:
        return item
    hit = [
        word
        for word in segments.timed(item)
        if any(word.begins < end and start < word.ends for start, end in away)
    ]
    if not hit:
        return item if item.start_s is not None or not away else _whole(item)
    return _label(item, hit[0].start, hit[-1].end, (hit[0].begins, hit[-1].ends))


def _whole(item: Said) -> Said:
    """Nobody knows when it was said, so it may have been in a pause."""
    return _label(item, 0, len(item.text), None)


def _label(item: Said, first: int, last: int, seconds: Stretch | None) -> Said:
    start_s, end_s = seconds or (None, None)
    cut = Cut(0, PAUSED, PAUSE_REASON, first, last, start_s, end_s)
    alone = replace(item, removed=((0, first, last),))
    return segments.without(alone, {0: PAUSED}, lost=[cut])
