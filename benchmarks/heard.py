"""Redaction of what a recogniser hears: spoken dialogues and card numbers at 8 kHz, mu-law, with noise, nobody known.

Voices are espeak-ng's; the digits of some card numbers are spoken by a person (Debian's asterisk-core-sounds-en-wav).
Each piece is spoken apart, so that it is known to the sample when a value is said. What is measured is what the house
would play and show: the recogniser, the rules and the silencing are the ones it runs. In a process of its own.
"""

import io
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from .measuring import Figure

ROOT = Path(__file__).resolve().parent.parent
HUMAN = Path("/usr/share/asterisk/sounds/en/digits")
RATE, SPEECH = 8000, 16_000
VOICES = ("en-us", "en-gb", "en-gb-scotland", "en-us+f3", "en-gb+f2", "en-us+m3")
SNR_DB = 15.0  # of the voice above pink noise
DIALOGUES, CARDS = 60, 24
DIGIT_HEARD = 0.3  # share of a digit's sound from which somebody may understand it


@dataclass
class Call:
    """Two channels, and when each value is said: (channel, start, end, kind); the seconds of each card digit."""

    sound: np.ndarray[Any, np.dtype[np.float32]]
    values: list[tuple[int, float, float, str]] = field(default_factory=list)
    cards: list[list[tuple[int, float, float]]] = field(default_factory=list)


# ---- making calls ----


class _Studio:
    """Channels that grow turn by turn; when one speaks the other is silent."""

    def __init__(self, dice: random.Random) -> None:
        self._parts: tuple[list[Any], list[Any]] = ([], [])
        self.seconds = 0.0
        self.voices = dice.sample(VOICES, 2)
        self.dice = dice

    def put(self, channel: int, samples: "np.ndarray[Any, Any]") -> tuple[float, float]:
        start = self.seconds
        self._parts[channel].append(samples)
        self._parts[1 - channel].append(np.zeros(len(samples), np.float32))
        self.seconds += len(samples) / RATE
        return start, self.seconds

    def pause(self, seconds: float) -> None:
        self.put(0, np.zeros(round(seconds * RATE), np.float32))

    def say(self, channel: int, text: str) -> tuple[float, float]:
        return self.put(channel, _spoken(text, self.voices[channel], 150 + 5 * channel))

    def sound(self) -> "np.ndarray[Any, np.dtype[np.float32]]":
        return np.stack([_telephone(np.concatenate(parts), self.dice) for parts in self._parts])


def _spoken(text: str, voice: str, speed: int) -> "np.ndarray[Any, Any]":
    from plainspoken.kernels.sound import read

    done = subprocess.run(
        ["espeak-ng", "-v", voice, "-s", str(speed), "--stdout", text], capture_output=True, check=False
    )
    if done.returncode or not done.stdout:
        raise RuntimeError("espeak-ng says nothing.")
    return _trimmed(read(io.BytesIO(_sized(done.stdout)), rate=RATE).samples[0])


def _sized(wav: bytes) -> bytes:
    """espeak-ng does not know the length of what it will write; a reader wants it."""
    size = len(wav)
    return (
        wav[:4] + (size - 8).to_bytes(4, "little") + wav[8:40] + (size - 44).to_bytes(4, "little") + wav[44:]
    )


def _trimmed(samples: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
    loud = np.flatnonzero(np.abs(samples) > 0.01)
    return samples[max(0, loud[0] - 80) : loud[-1] + 240] if len(loud) else samples


def _telephone(samples: "np.ndarray[Any, Any]", dice: random.Random) -> "np.ndarray[Any, Any]":
    """Pink noise under the voice, then mu-law (ITU-T G.711) and back."""
    rng = np.random.default_rng(dice.randrange(2**32))
    spectrum = np.fft.rfft(rng.normal(0, 1, len(samples)))
    spectrum /= np.sqrt(np.maximum(np.arange(len(spectrum)), 1))
    noise = np.fft.irfft(spectrum, len(samples))
    voiced = samples[np.abs(samples) > 0.01]
    level = np.sqrt(np.mean(np.square(voiced))) if len(voiced) else 0.1
    noisy = samples + noise * (level / 10 ** (SNR_DB / 20) / max(1e-9, np.sqrt(np.mean(np.square(noise)))))
    noisy = np.clip(noisy * 0.8, -1, 1)
    coded = np.round(np.sign(noisy) * np.log1p(255 * np.abs(noisy)) / np.log(256) * 127) / 127
    return (np.sign(coded) * np.expm1(np.abs(coded) * np.log(256)) / 255).astype(np.float32)


def spoken_calls(count: int, *, seed: int = 7) -> list[Call]:
    """Dialogues of the spoken benchmark's held-out half, said aloud. The agent is on channel 0."""
    from .spoken import dialogues

    chosen = [one for one in dialogues(rounds=4) if not one.looked_at and any(own for own in one.values)]
    dice = random.Random(seed)  # noqa: S311 - the same each time is the point
    return [_aloud(one, random.Random(f"{seed}/{n}")) for n, one in enumerate(dice.sample(chosen, count))]  # noqa: S311


def _aloud(dialogue: Any, dice: random.Random) -> Call:
    studio, call = _Studio(dice), Call(np.zeros((2, 0), np.float32))
    for turn, values in zip(dialogue.turns, dialogue.values, strict=True):
        channel = 0 if turn.speaker == "A" else 1
        at = 0
        for start, end, kind, personal in _joined(values):
            if turn.text[at:start].strip(" ,.?!"):
                studio.say(channel, turn.text[at:start])
            if turn.text[start:end].strip(" ,.?!-"):
                studio.pause(0.05)
                first, last = studio.say(channel, turn.text[start:end])
                if personal:
                    call.values.append((channel, first, last, kind))
            at = end
        if turn.text[at:].strip(" ,.?!"):
            studio.say(channel, turn.text[at:])
        studio.pause(dice.uniform(0.3, 0.9))
    call.sound = studio.sound()
    return call


def _joined(values: Iterable[tuple[int, int, str, int, bool]]) -> list[tuple[int, int, str, bool]]:
    """Pieces of one value that follow each other are said in one go."""
    out: list[tuple[int, int, str, bool]] = []
    for start, end, kind, _, personal in values:
        if out and out[-1][1] == start and out[-1][2:] == (kind, personal):
            out[-1] = (out[-1][0], end, kind, personal)
        elif end > start:
            out.append((start, end, kind, personal))
    return out


def card_calls(count: int, *, seed: int = 11) -> list[Call]:
    """Card numbers whose digits a person speaks, one by one, in groups, with the agent's questions between."""
    from plainspoken.kernels.sound import read

    from .dictation import luhn_digit

    digits = [_trimmed(read(HUMAN / f"{n}.wav", rate=RATE).samples[0]) for n in range(10)]
    made = []
    for number in range(count):
        dice = random.Random(f"{seed}/{number}")  # noqa: S311
        studio, call = _Studio(dice), Call(np.zeros((2, 0), np.float32))
        body = dice.choice("45") + "".join(dice.choice("123456789012345") for _ in range(14))
        card = body + luhn_digit(body)
        studio.say(
            0, dice.choice(("Could I take the card number please?", "What is the long number on your card?"))
        )
        studio.pause(0.5)
        if dice.random() < 0.5:
            studio.say(1, dice.choice(("Sure, it is", "Yes, it's", "Okay")))
            studio.pause(0.3)
        said: list[tuple[int, float, float]] = []
        for at, digit in enumerate(card):
            said.append((1, *studio.put(1, digits[int(digit)])))
            studio.pause(dice.uniform(0.08, 0.2) if at % 4 != 3 else dice.uniform(0.4, 0.9))
            if at % 4 == 3 and at < 15 and dice.random() < 0.3:
                studio.say(0, dice.choice(("mm hmm", "okay", "yes")))
                studio.pause(0.3)
        studio.say(
            0, dice.choice(("Thank you, that has gone through.", "Thanks, and is there anything else?"))
        )
        studio.pause(0.5)
        call.cards.append(said)
        call.values += [(channel, start, end, "card") for channel, start, end in said]
        call.sound = studio.sound()
        made.append(call)
    return made


# ---- judging ----


@dataclass
class Totals:
    """Sums over calls."""

    value_s: float = 0.0
    audible_s: float = 0.0
    sound_s: float = 0.0
    other_s: float = 0.0
    other_silenced_s: float = 0.0
    characters: int = 0
    left: int = 0
    digits: int = 0
    digits_audible: int = 0
    cards: int = 0
    cards_whole: int = 0
    unheard_s: float = 0.0


def judge(calls: Sequence[Call], engine: Any, names: Any) -> Totals:
    """Hear, redact and silence each call as the house does, and sum up what is left."""
    totals = Totals()
    for call in calls:
        _judge(call, engine, names, totals)
    return totals


def _judge(call: Call, engine: Any, names: Any, totals: Totals) -> None:
    from plainspoken.kernels.redaction import Turn, detect_turns
    from plainspoken.kernels.sound import channel, loudness, write_wav
    from plainspoken.transcripts import removing, segments
    from plainspoken.transcripts.services import hearing, redacting

    out = io.BytesIO()
    write_wav(out, [call.sound], rate=RATE, channels=2)
    recognised = {n: engine.hear(channel(io.BytesIO(out.getvalue()), n), language="en") for n in (0, 1)}
    said = hearing._gathered(_Nobody(), recognised, language="en", made_by="").said  # type: ignore[arg-type]
    clear = iter(detect_turns([Turn(f"{s.channel}", s.text) for s in said if not s.unclear], names=names))
    found = [
        redacting._whole(item) if item.unclear else removing.with_unsure(item, next(clear)) for item in said
    ]
    sounds = [loudness(channel(io.BytesIO(out.getvalue()), n)) for n in (0, 1)]
    removed = [
        [redacting._grown(cut, sounds[item.channel : item.channel + 1]) for cut in own]  # type: ignore[misc]
        for item, own in zip(said, redacting._cuts(said, found, first=1), strict=True)
    ]
    silent = [_mask(redacting.intervals(said, removed).get(n, ()), call.sound.shape[1]) for n in (0, 1)]
    personal = [_mask([v[1:3] for v in call.values if v[0] == n], call.sound.shape[1]) for n in (0, 1)]
    for n in (0, 1):
        voiced = np.abs(call.sound[n]) > 0.02
        totals.value_s += personal[n].sum() / RATE
        totals.audible_s += (personal[n] & ~silent[n]).sum() / RATE
        totals.other_s += (voiced & ~personal[n]).sum() / RATE
        totals.other_silenced_s += (voiced & ~personal[n] & silent[n]).sum() / RATE
        totals.unheard_s += sum(end - start for start, end in recognised[n].unheard)
    totals.sound_s += call.sound.shape[1] / RATE
    for item, own in zip(said, removed, strict=True):
        hidden = {at for cut in own for at in range(cut.start, cut.end)}
        for word in segments.timed(item) if item.words else ():
            middle = round((word.begins + word.ends) / 2 * RATE)
            if 0 <= middle < call.sound.shape[1] and personal[item.channel or 0][middle]:
                totals.characters += word.end - word.start
                totals.left += sum(1 for at in range(word.start, word.end) if at not in hidden)
    for card in call.cards:
        heard = [not _is_silent(silent[n], start, end) for n, start, end in card]
        totals.digits += len(heard)
        totals.digits_audible += sum(heard)
        totals.cards += 1
        totals.cards_whole += all(heard)


class _Nobody:
    """Held, as far as the recogniser's words need it: nobody is known."""

    def speaker_on(self, channel: int) -> None:
        return None


def _mask(intervals: Iterable[Sequence[float]], length: int) -> "np.ndarray[Any, np.dtype[np.bool_]]":
    mask = np.zeros(length, bool)
    for start, end in intervals:
        mask[max(0, int(start * RATE)) : min(length, int(min(end, 1e6) * RATE))] = True
    return mask


def _is_silent(silent: "np.ndarray[Any, Any]", start: float, end: float) -> bool:
    return float(silent[int(start * RATE) : int(end * RATE)].mean()) > 1 - DIGIT_HEARD


def measure(dialogues: int, cards: int) -> dict[str, Any]:
    """Both kinds of calls. Raises RuntimeError where a voice or the recogniser is missing."""
    from plainspoken.adapters.names import finder
    from plainspoken.adapters.speech.models import available, fetch
    from plainspoken.adapters.speech.whisper import recogniser

    if shutil.which("espeak-ng") is None:
        raise RuntimeError("espeak-ng is not installed.")
    if not (HUMAN / "0.wav").exists():
        raise RuntimeError("asterisk-core-sounds-en-wav is not installed.")
    if available() is None:
        fetch("tiny.en")
    engine = recogniser()
    spoken = judge(spoken_calls(dialogues), engine, finder())
    human = judge(card_calls(cards), engine, finder())
    return {"model": engine.name, "spoken": vars(spoken), "human": vars(human)}


def figures(dialogues: int = DIALOGUES, cards: int = CARDS) -> list[Figure]:
    """What is left readable and audible. Raises RuntimeError."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.heard", str(dialogues), str(cards)],
        cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{done.stderr.strip().splitlines()[-1:]}")
    found = json.loads(done.stdout.strip().splitlines()[-1])
    spoken, human = found["spoken"], found["human"]
    how = (
        f"{found['model']}, {spoken['sound_s']:.0f} s of synthetic dialogues, 8 kHz, mu-law, noise at {SNR_DB:.0f} dB,"
        " nobody known"
    )
    cards_how = f"{found['model']}, {human['cards']} cards whose digits a person speaks, 8 kHz, mu-law, noise"
    return [
        Figure("Heard: value characters left", _share(spoken["left"], spoken["characters"]), "share", how),
        Figure("Heard: value seconds audible", _share(spoken["audible_s"], spoken["value_s"]), "share", how,
               note=f"{spoken['audible_s']:.1f} s of {spoken['value_s']:.1f} s"),
        Figure("Heard: other speech silenced", _share(spoken["other_silenced_s"], spoken["other_s"]), "share", how),
        Figure("Heard: card digits audible", _share(human["digits_audible"], human["digits"]), "share", cards_how,
               note="Goal: at most 0.02"),
        Figure("Heard: complete card numbers audible", human["cards_whole"], "cards", cards_how, note="Goal: none"),
        Figure("Heard: card characters left", _share(human["left"], human["characters"]), "share", cards_how),
    ]  # fmt: skip


def _share(part: float, whole: float) -> float:
    return round(part / whole, 4) if whole else 0.0


def main() -> None:
    """Print one line of JSON."""
    os.environ.setdefault("DATABASE_URL", "postgresql://nobody@/nowhere")
    os.environ.setdefault("DATABASE_OWNER_URL", "postgresql://nobody@/nowhere")
    from plainspoken.config.boot import boot

    boot(start=False)
    print(json.dumps(measure(int(sys.argv[1]), int(sys.argv[2]))))


if __name__ == "__main__":
    main()
