from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from plainspoken.adapters.speech import models, whisper
from plainspoken.adapters.speech.unheard import letters, unheard, voices
from plainspoken.demo.script import calls
from plainspoken.kernels import sound
from plainspoken.transcripts.ports import Segment, Word


def said(*words: tuple[str, float, float]) -> list[Segment]:
    made = tuple(Word(start, end, text, 0.9) for text, start, end in words)
    return (
        [Segment(made[0].start, made[-1].end, " ".join(w.text for w in made), made, -0.3, 0.1)]
        if made
        else []
    )


WHOLE = [
    ("good", 0.0, 0.4),
    ("morning", 0.4, 0.9),
    ("this", 0.9, 1.3),
    ("is", 1.3, 1.6),
    ("Daniel", 1.6, 2.2),
]


@pytest.mark.parametrize(
    ("spoken", "words", "missed"),
    [
        ([(0.0, 2.2)], WHOLE, []),
        ([(0.0, 2.2)], [], [(0.0, 2.2)]),
        ([(0.0, 2.2), (5.0, 7.0)], WHOLE, [(5.0, 7.0)]),
        # words that stand for the time of a sentence left out
        ([(0.0, 4.0)], [("I", 2.0, 3.0), ("can", 3.0, 4.0)], [(0.0, 4.0)]),
        # the beginning is missing
        ([(0.0, 3.6)], [(w, s + 1.4, e + 1.4) for w, s, e in WHOLE], [(0.0, 1.4)]),
        # the end is missing
        ([(0.0, 3.4)], WHOLE, [(2.2, 3.4)]),
        # too short to say anything of it
        ([(9.0, 9.5)], WHOLE, []),
        # digits are slow to say and short to write
        ([(0.0, 6.0)], [("4111", 0.0, 2.5), ("1111", 2.5, 6.0)], []),
    ],
)
def test_what_no_word_tells_of(
    spoken: list[tuple[float, float]],
    words: list[tuple[str, float, float]],
    missed: list[tuple[float, float]],
) -> None:
    assert unheard(spoken, said(*words)) == missed


def test_letters_count_digits_as_they_are_said() -> None:
    assert letters([Word(0, 1, "C-30,", 1.0), Word(1, 2, "ok.", 1.0)]) == 1 + 2 * 4 + 2


def test_voices_are_where_the_script_speaks() -> None:
    call = next(found for found in calls() if found.id == "12-pay-in-parts")
    samples = sound.read(call.sound).samples[1]
    found = np.zeros(len(samples), bool)
    for start, end in voices(samples, threshold=0.2, pad_ms=250):
        found[round(start * 16_000) : round(end * 16_000)] = True
    true = np.zeros(len(samples), bool)
    for turn in call.turns:
        if turn.channel == 1:
            for _, start, end in turn.words:
                true[round(start * 16_000) : round(end * 16_000)] = True
    assert (true & ~found).sum() / true.sum() < 0.01


def test_a_sentence_left_out_is_heard_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first pass of the recogniser loses every word of the first five seconds; the words come back all
    the same."""
    call = next(found for found in calls() if found.id == "08-broken-kettle")
    samples = sound.read(call.sound).samples[0]
    engine = whisper.Whisper(models.fetch("tiny.en"))
    passes: list[dict[str, Any]] = []
    real = whisper.Whisper._transcribe

    def forgetful(self: whisper.Whisper, *args: Any, **how: Any) -> tuple[list[Segment], str]:
        segments, language = real(self, *args, **how)
        passes.append(how)
        if "clip_timestamps" not in how:
            segments = [replace(s, words=tuple(w for w in s.words if w.start > 5.0)) for s in segments]
        return segments, language

    monkeypatch.setattr(whisper.Whisper, "_transcribe", forgetful)
    heard = engine.hear(samples, language="en")
    assert len(passes) == 2
    assert "morning," in [text for text, start, _, _ in heard.words if start < 5.0]
    assert heard.unheard == ()


def test_what_stays_unheard_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    call = next(found for found in calls() if found.id == "08-broken-kettle")
    samples = sound.read(call.sound).samples[1]
    engine = whisper.Whisper(models.fetch("tiny.en"))
    monkeypatch.setattr(whisper.Whisper, "_transcribe", lambda *_, **__: ([], "en"))
    heard = engine.hear(samples, language="en")
    turns = [turn for turn in call.turns if turn.channel == 1]
    for turn in turns:
        covered = sum(
            min(end, turn.end_s) - max(start, turn.start_s)
            for start, end in heard.unheard
            if end > turn.start_s and start < turn.end_s
        )
        assert covered > 0.8 * (turn.end_s - turn.start_s)
