"""What is removed beyond the rules: words that the recogniser was not sure of, what people decided, what is kept
nowhere. Pure; no database.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from plainspoken.kernels.redaction import Span
from plainspoken.kernels.redaction.words import FILLERS, STOP_WORDS, UNITS_OF_MEASURE

from .segments import Said, timed

# A word below UNSURE that is no everyday word may be a name or a number that was heard for something else; one below
# UNSURE_BESIDE goes with it. On our demo calls that is one word in thirty, among them the misheard names; on 8 kHz
# sound with noise it halves what of names and numbers stays audible (benchmarks/heard.py).
UNSURE, UNSURE_BESIDE = 0.4, 0.5
UNCLEAR, NOT_SURE = "UNCLEAR", "recogniser: not sure of the words"
BY_PERSON = "a person's decision"  # the reason of a span that somebody asked for
_MARKS = ".,?!;:'\"-"
_EVERYDAY = STOP_WORDS | FILLERS | UNITS_OF_MEASURE


def with_unsure(said: Said, found: Sequence[Span]) -> tuple[Span, ...]:
    """The spans, and between them the words that the recogniser was not sure of; nobody knows what was said there."""
    low = [word.sure < UNSURE and word.text.strip(_MARKS).lower() not in _EVERYDAY for word in said.words]
    if not any(low):
        return tuple(found)
    spans = list(found)
    covered = {at for span in found for at in range(span.start, span.end)}
    last: Span | None = None
    placed = {(word.begins, word.ends): word for word in timed(said)}
    for place, word in enumerate(said.words):
        beside = (place > 0 and low[place - 1]) or (place + 1 < len(low) and low[place + 1])
        there = placed.get((word.start_s, word.end_s))
        if there is None or not (low[place] or (beside and word.sure < UNSURE_BESIDE)):
            last = None
            continue
        if any(at in covered for at in range(there.start, there.end)):
            last = None
            continue
        if last is not None:
            spans.remove(last)
        last = Span(last.start if last else there.start, there.end, UNCLEAR, NOT_SURE)  # type: ignore[arg-type]
        spans.append(last)
    return tuple(sorted(spans))


def decided(said: Said, found: Sequence[Span]) -> tuple[Span, ...]:
    """The spans that the rules found, after what people decided since and what is kept nowhere; apart and sorted."""
    spans = list(found)
    for one in said.decided:
        if one.shown:
            spans = [part for span in spans for part in _less(span, one.start, one.end, said.text)]
        else:
            spans = _over(spans, Span(one.start, one.end, one.type, BY_PERSON))  # type: ignore[arg-type]
    for part in said.lost:
        spans = _over(spans, Span(part.start, part.end, part.type, part.reason))  # type: ignore[arg-type]
    return tuple(sorted(spans))


def _less(span: Span, start: int, end: int, text: str) -> Iterator[Span]:
    """What is left of a span outside the characters that are shown."""
    if end <= span.start or span.end <= start:
        yield span
        return
    for first, last in ((span.start, start), (end, span.end)):
        if first < last and text[first:last].strip():
            yield replace(span, start=first, end=last)


def _over(spans: Sequence[Span], more: Span) -> list[Span]:
    """With one more span, which takes in those that it touches and keeps its own type and reason."""
    apart = [span for span in spans if span.end <= more.start or more.end <= span.start]
    touched = [span for span in spans if span not in apart]
    start = min([more.start, *(span.start for span in touched)])
    end = max([more.end, *(span.end for span in touched)])
    return [*apart, replace(more, start=start, end=end)]
