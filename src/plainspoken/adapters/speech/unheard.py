"""Speech that a recogniser passed over: where a voice is heard and no word was written.

Whisper sometimes leaves out a sentence at the beginning of a window and stretches the next words over its
time. What is not written down cannot be redacted, so such places are looked for, heard again, and told if
nothing comes of it.
"""

from collections.abc import Iterable, Sequence

from plainspoken.adapters.speech.stretches import RATE, Samples
from plainspoken.transcripts.ports import Segment, Word

Stretch = tuple[float, float]

# A surer threshold than for hearing (stretches.VAD): breath and line noise should not send us round again.
SURE, PAUSE_MS, PAD_MS, SHORTEST_S = 0.35, 500, 100, 0.8
# On our demo calls what is right has 6 letters a second or more (a digit counts as 4), what was left out 1
# or less; no word of it leaves a hole of .9 s.
SLOWEST, DIGIT_LETTERS, HOLE_S = 4.0, 4, 0.9


def voices(samples: Samples, *, threshold: float = SURE, pad_ms: int = PAD_MS) -> list[Stretch]:
    """Seconds in which somebody speaks, pauses of half a second and more left out."""
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    options = VadOptions(threshold=threshold, min_silence_duration_ms=PAUSE_MS, speech_pad_ms=pad_ms)
    found = get_speech_timestamps(samples, options)
    return [(part["start"] / RATE, part["end"] / RATE) for part in found]


def unheard(spoken: Iterable[Stretch], segments: Iterable[Segment]) -> list[Stretch]:
    """Parts of `spoken` that no word tells of: holes between words, and stretches with too few letters in
    them."""
    words = sorted((word for segment in segments for word in segment.words), key=lambda word: word.start)
    missed: list[Stretch] = []
    for start, end in spoken:
        if end - start < SHORTEST_S:
            continue
        inside = [word for word in words if start <= (word.start + word.end) / 2 <= end]
        if letters(inside) < SLOWEST * (end - start):
            missed.append((start, end))
        else:
            missed += _holes(start, end, inside)
    return missed


def letters(words: Iterable[Word]) -> int:
    """How much was said, in letters."""
    texts = [word.text for word in words]
    return sum(sum(map(str.isalpha, t)) + DIGIT_LETTERS * sum(map(str.isdigit, t)) for t in texts)


def _holes(start: float, end: float, words: Sequence[Word]) -> list[Stretch]:
    holes, at = [], start
    for word in words:
        if word.start - at >= HOLE_S:
            holes.append((at, word.start))
        at = max(at, word.end)
    return [*holes, (at, end)] if end - at >= HOLE_S else holes
