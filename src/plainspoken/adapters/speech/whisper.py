"""Hearing words with faster-whisper: int8 on the processor, one channel at a time, word times and
confidence."""

import os
import re
import zlib
from collections.abc import Iterable, Iterator
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from plainspoken.adapters.speech.models import Model, ModelError, available
from plainspoken.adapters.speech.stretches import RATE, VAD, Samples, stretches
from plainspoken.adapters.speech.unheard import unheard, voices
from plainspoken.transcripts.ports import Recognised, Segment, Word

if TYPE_CHECKING:
    from faster_whisper import WhisperModel

# A text that repeats itself compresses well: 2.4 is Whisper's own bound for a loop.
LOOP_RATIO, LOOP_LENGTH = 2.4, 60
# "one one one one" is a card number, and sixteen equal digits are the most that one has.
LOOP_TIMES = 17
# The alignment sometimes gives a word no time at all and its time to a neighbour. Nobody says a letter
# faster than this, so such a word begins earlier. On our demo calls the latest start of a word falls from
# .72 s to .31 s after its sound.
LETTER_S, DIGIT_S, LONGEST_S = 0.07, 0.18, 2.0
APART_PAD_MS = 250
SILENCE = 1e-4  # a channel that is nowhere louder (-80 dBFS) holds nothing to hear
_SAME_DIGIT = re.compile(rf"(\d)(?:[\s,.-]*\1){{{LOOP_TIMES - 1},}}")
_UNIT = re.compile(r"\w+")
_LOADING = Lock()


class Whisper:
    """Implements `transcripts.ports.Recogniser`. Threads may share one."""

    def __init__(self, model: Model, *, threads: int | None = None) -> None:
        self.name = f"whisper-{model.name}-{model.version}"
        self.version = model.version
        self._folder, self._threads = str(model.folder), threads or processors()
        self._english_only = model.english_only
        self.languages = ("en",) if model.english_only else ()

    def hear(self, samples: Samples | Iterable[Samples], *, language: str | None = None) -> Recognised:
        """See the port. Raises ModelError for a language that the model does not know."""
        wanted = self._language(language)
        blocks = [samples] if isinstance(samples, np.ndarray) else samples
        found: list[Segment] = []
        missed: list[tuple[float, float]] = []
        offset = 0.0
        for stretch in stretches(blocks):
            if float(np.abs(stretch).max(initial=0.0)) > SILENCE:
                segments, left, detected = self._hear(stretch, wanted)
                found += _moved(segments, offset, len(stretch) / RATE)
                missed += [(round(start + offset, 3), round(end + offset, 3)) for start, end in left]
                wanted = wanted or (detected if found else None)
            offset += len(stretch) / RATE
        return Recognised(language=wanted or "", segments=tuple(found), seconds=offset, unheard=tuple(missed))

    def _language(self, language: str | None) -> str | None:
        code = (language or "").replace("_", "-").split("-")[0].lower() or None
        if self._english_only:
            if code not in (None, "en"):
                raise ModelError(
                    f"This speech model hears English only, not {language}. Run `plainspoken models fetch base`."
                )
            return "en"
        if code is not None and code not in self._engine().supported_languages:
            raise ModelError(f"This speech model does not know the language {language}. Name another one.")
        return code

    def _engine(self) -> "WhisperModel":
        with _LOADING:
            return _engine(self._folder, self._threads)

    def _hear(
        self, samples: Samples, language: str | None
    ) -> tuple[list[Segment], list[tuple[float, float]], str]:
        """Segments, what no word tells of, and the language. Where speech was passed over, each voice is
        heard once more on its own, which takes twice as long, and the better of both is kept."""
        segments, detected = self._transcribe(samples, language, vad_filter=True, vad_parameters=dict(VAD))
        spoken = voices(samples)
        missed = unheard(spoken, segments)
        if missed:
            apart = voices(samples, threshold=VAD["threshold"], pad_ms=APART_PAD_MS)
            again, _ = self._transcribe(
                samples, language or detected, clip_timestamps=[edge for part in apart for edge in part]
            )
            still = unheard(spoken, again)
            if _seconds(still) < _seconds(missed):
                segments, missed = again, still
        return segments, missed, detected

    def _transcribe(self, samples: Samples, language: str | None, **how: Any) -> tuple[list[Segment], str]:
        segments, info = self._engine().transcribe(
            samples,
            language=language,
            # Greedy, one temperature: equal sound gives equal words, and a lost thread costs one try
            # instead of six.
            beam_size=1,
            temperature=0.0,
            condition_on_previous_text=False,
            word_timestamps=True,
            **how,
        )
        return [_segment(segment) for segment in segments], str(info.language)


def _seconds(stretches: Iterable[tuple[float, float]]) -> float:
    return sum(end - start for start, end in stretches)


def _segment(segment: Any) -> Segment:
    words = tuple(
        plausible(
            Word(float(word.start), float(word.end), word.word.strip(), float(word.probability))
            for word in segment.words or ()
            if word.word.strip()
        )
    )
    return Segment(
        start=min([float(segment.start), *(word.start for word in words)]),
        end=float(segment.end),
        text=segment.text.strip(),
        words=words,
        avg_logprob=float(segment.avg_logprob),
        no_speech=float(segment.no_speech_prob),
        repeated=repeats(segment.text),
    )


def plausible(words: Iterable[Word]) -> Iterator[Word]:
    """Words with too little time for their letters begin earlier, though never before the word before
    them."""
    earliest = 0.0
    for word in words:
        letters, digits = sum(map(str.isalpha, word.text)), sum(map(str.isdigit, word.text))
        needed = min(LONGEST_S, letters * LETTER_S + digits * DIGIT_S)
        start = min(word.start, max(earliest, word.end - needed))
        yield Word(start, word.end, word.text, word.probability)
        earliest = start


def _moved(segments: Iterable[Segment], offset: float, length: float) -> Iterator[Segment]:
    """Seconds of the stretch become seconds of the whole; none lies outside the stretch or ends before it
    begins."""

    def place(start: float, end: float) -> tuple[float, float]:
        first = min(max(0.0, start), length)
        return round(first + offset, 3), round(min(max(first, end), length) + offset, 3)

    for segment in segments:
        words = tuple(Word(*place(w.start, w.end), w.text, w.probability) for w in segment.words)
        start, end = place(segment.start, segment.end)
        yield Segment(
            start, end, segment.text, words, segment.avg_logprob, segment.no_speech, repeated=segment.repeated
        )


def repeats(text: str) -> bool:
    """Whether a text is a loop of the recogniser: it compresses too well, or says one thing over and over."""
    units = _UNIT.findall(text.lower())
    # Said once: a dictated "one one one one" is no loop.
    plain = " ".join(unit for at, unit in enumerate(units) if not at or unit != units[at - 1]).encode()
    if len(plain) > LOOP_LENGTH and len(plain) / len(zlib.compress(plain)) > LOOP_RATIO:
        return True
    return bool(_SAME_DIGIT.search(text)) or any(
        _longest_run(units, size) >= LOOP_TIMES for size in (1, 2, 3)
    )


def _longest_run(units: list[str], size: int) -> int:
    """How often a group of `size` words is said in a row, at most."""
    best = run = 1
    for at in range(size, len(units) - size + 1, size):
        run = run + 1 if units[at : at + size] == units[at - size : at] else 1
        best = max(best, run)
    return best if units else 0


def processors() -> int:
    """Processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@lru_cache(maxsize=2)
def _engine(folder: str, threads: int) -> "WhisperModel":
    from faster_whisper import WhisperModel

    return WhisperModel(folder, device="cpu", compute_type="int8", cpu_threads=threads, local_files_only=True)


def recogniser() -> Whisper:
    """The recogniser of this installation. Raises ModelError when no model is there."""
    model = available()
    if model is None:
        raise ModelError("There is no speech model. Run `plainspoken models fetch tiny.en`.")
    return Whisper(model)
