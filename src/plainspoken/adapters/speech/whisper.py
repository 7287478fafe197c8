"""Hearing words with faster-whisper: int8 on the processor, one channel at a time, word times and confidence.

Long sound is heard in stretches cut at quiet places, so that memory stays bounded and no word is cut in two.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from plainspoken.adapters.speech.models import Model, ModelError, available

RATE = 16_000
STRETCH_S, QUIET_WITHIN_S, QUIET_S = 240.0, 20.0, 0.3
# A text that repeats itself compresses well: 2.4 is Whisper's own bound for a loop.
LOOP = 2.4

Samples = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Heard:
    """`words`: (text, start, end, confidence 0 to 1), seconds from the start; `loops`: stretches that repeat themselves."""

    words: tuple[tuple[str, float, float, float], ...]
    language: str
    loops: int


class Whisper:
    """Implements the recogniser's port."""

    def __init__(self, model: Model, *, threads: int = 2) -> None:
        self.model = model
        self.name = f"whisper-{model.name}-{model.version}"
        self._engine = _engine(str(model.folder), threads)

    def hear(self, blocks: Iterator[Samples], *, language: str = "") -> Heard:
        """Words of one channel of 16 kHz mono sound. Raises ModelError for a language that the model does not know."""
        wanted = language.split("-")[0].lower() or None
        if self.model.english_only and wanted not in (None, "en"):
            raise ModelError(f"This model hears English only, not {language}. Fetch a multilingual one: base.")
        words: list[tuple[str, float, float, float]] = []
        loops, start = 0, 0.0
        for samples in stretches(blocks):
            found, info, looped = self._hear(samples, wanted)
            words += [(text, begin + start, end + start, sure) for text, begin, end, sure in found]
            wanted, loops = wanted or info.language, loops + looped
            start += len(samples) / RATE
        return Heard(words=tuple(words), language=wanted or "", loops=loops)

    def _hear(self, samples: Samples, language: str | None) -> tuple[list[tuple[str, float, float, float]], Any, int]:
        segments, info = self._engine.transcribe(
            samples,
            language=language or ("en" if self.model.english_only else None),
            beam_size=1,
            temperature=0.0,
            condition_on_previous_text=False,
            word_timestamps=True,
            vad_filter=True,
            vad_parameters={"threshold": 0.25, "min_silence_duration_ms": 700, "speech_pad_ms": 300},
        )
        words, looped = [], 0
        for segment in segments:
            looped += repeats(segment.text)
            words += [
                (word.word.strip(), float(word.start), float(word.end), float(word.probability))
                for word in segment.words or ()
                if word.word.strip()
            ]
        return words, info, looped


def repeats(text: str) -> bool:
    """Whether a text is a loop of the recogniser, by its compression ratio."""
    plain = text.encode()
    return len(plain) > 60 and len(plain) / len(zlib.compress(plain)) > LOOP


def stretches(blocks: Iterator[Samples]) -> Iterator[Samples]:
    """Join blocks into stretches of about four minutes, each cut at the quietest place near its end."""
    pending: list[Samples] = []
    size, most = 0, int(STRETCH_S * RATE)
    for block in blocks:
        pending.append(np.asarray(block, dtype=np.float32))
        size += len(block)
        while size >= most:
            joined = np.concatenate(pending)
            cut = quietest(joined[:most])
            yield joined[:cut]
            pending, size = [joined[cut:]], len(joined) - cut
    if size:
        yield np.concatenate(pending)


def quietest(samples: Samples) -> int:
    """Where, in the last seconds of a stretch, the least is heard: the middle of the quietest third of a second."""
    window, within = int(QUIET_S * RATE), int(QUIET_WITHIN_S * RATE)
    start = max(0, len(samples) - within)
    energy = np.concatenate([[0.0], np.cumsum(samples[start:].astype(np.float64) ** 2)])
    sums = energy[window:] - energy[:-window]
    return start + int(np.argmin(sums)) + window // 2


@cache
def _engine(folder: str, threads: int) -> Any:
    from faster_whisper import WhisperModel

    return WhisperModel(folder, device="cpu", compute_type="int8", cpu_threads=threads, local_files_only=True)


def recogniser() -> Whisper:
    """The recogniser of this installation. Raises ModelError when no model is there."""
    model = available()
    if model is None:
        raise ModelError("There is no speech model. Run `plainspoken models fetch tiny.en`.")
    return Whisper(model)
