"""Make the sound of the demo calls anew: `python scripts/make_demo_sound.py` (needs `apt-get install flite`).

Reads `src/plainspoken/demo/calls/*.yaml`, writes `src/plainspoken/demo/sound/*.opus` and
`calls/truth.json`. The same scripts, Flite 2.2 and libopus give the same bytes. Flite's voices (CMU
ARCTIC: slt, rms, awb; free for any use) were taken because a small recogniser understands them better over
a telephone than those of espeak-ng; the library tells when each word is spoken, so the truth is exact and
not estimated.

The line: the agent left, the customer right; 200 to 3,800 Hz at 8 kHz, mu-law (ITU-T G.711), a little noise.
"""

import ctypes
import hashlib
import json
import sys
import zlib
from ctypes import POINTER, Structure, c_char_p, c_float, c_int, c_short, c_void_p
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from plainspoken.demo import script
from plainspoken.kernels.sound import encode_opus
from plainspoken.kernels.sound.conversion import resampler

Sound = NDArray[np.float32]

RATE, LINE_RATE = 16_000, 8_000
BAND_HZ = (200, 3_800)
BITS_PER_SECOND = 32_000  # at 24,000 a small recogniser errs a third more often (measured)
SPEECH_DB, NOISE_DB = -21.0, -62.0
FIRST_S, LAST_S = 0.7, 0.6
GAPS_S = (0.35, 0.8)

# Who sounds how: a voice, and how much higher and faster than its speaker (the whole spectrum moves).
VOICES = {
    "daniel.hart": ("rms", 1.0),
    "nina.rao": ("slt", 1.03),
    "lukas.brandt": ("rms", 1.04),
    "grace.owen": ("slt", 1.02),
    "tom.keller": ("awb", 1.0),
    "sofia.marin": ("slt", 1.0),
    "anna.bergmann": ("slt", 0.95),
    "george.whitfield": ("rms", 0.95),
    "maria.lopez": ("slt", 0.94),
    "robert.chen": ("rms", 1.03),
    "thomas.becker": ("rms", 0.97),
    "oliver.price": ("rms", 0.98),
    "hannah.price": ("slt", 0.95),
    "emily.carter": ("slt", 0.98),
    "susan.walker": ("slt", 0.93),
    "james.miller": ("rms", 1.01),
}


class _Wave(Structure):
    _fields_ = [
        ("type", c_char_p),
        ("rate", c_int),
        ("frames", c_int),
        ("channels", c_int),
        ("samples", POINTER(c_short)),
    ]


class Flite:
    """Flite through its own library, because its command does not tell when each word is spoken."""

    def __init__(self) -> None:
        try:
            self._library = ctypes.CDLL("libflite.so.1", mode=ctypes.RTLD_GLOBAL)
            for part in ("usenglish", "cmulex"):
                ctypes.CDLL(f"libflite_{part}.so.1", mode=ctypes.RTLD_GLOBAL)
        except OSError:
            sys.exit("Flite is missing. Install it: apt-get install flite")
        self._library.flite_init()
        self._voices: dict[str, int] = {}
        self._synthesise = self._function("flite_synth_text", c_void_p, c_char_p, c_void_p)
        self._wave = self._function("utt_wave", POINTER(_Wave), c_void_p)
        self._relation = self._function("utt_relation", c_void_p, c_void_p, c_char_p)
        self._head = self._function("relation_head", c_void_p, c_void_p)
        self._next = self._function("item_next", c_void_p, c_void_p)
        self._daughter = self._function("item_daughter", c_void_p, c_void_p)
        self._number = self._function("ffeature_float", c_float, c_void_p, c_char_p)
        self._delete = self._function("delete_utterance", None, c_void_p)

    def _function(self, name: str, result: Any, *arguments: Any) -> Any:
        function = getattr(self._library, name)
        function.restype, function.argtypes = result, list(arguments)
        return function

    def _voice(self, name: str) -> int:
        if name not in self._voices:
            library = ctypes.CDLL(f"libflite_cmu_us_{name}.so.1", mode=ctypes.RTLD_GLOBAL)
            register = getattr(library, f"register_cmu_us_{name}")
            register.restype, register.argtypes = c_void_p, [c_void_p]
            self._voices[name] = register(None)
        return self._voices[name]

    def say(self, text: str, voice: str) -> tuple[Sound, list[tuple[float, float]]]:
        """The sound at RATE, and start and end of each word that white space separates."""
        utterance = self._synthesise(text.encode(), self._voice(voice))
        wave = self._wave(utterance).contents
        if wave.rate != RATE:
            sys.exit(f"The voice {voice} speaks at {wave.rate} samples a second; {RATE} are expected.")
        samples = np.ctypeslib.as_array(wave.samples, (wave.frames,)).astype(np.float32) / 32768
        times = []
        token = self._head(self._relation(utterance, b"Token"))
        while token:
            times.append(self._times(token))
            token = self._next(token)
        self._delete(utterance)
        if len(times) != len(text.split()):
            sys.exit(f"Flite cut these words in another way than we do: {text}")
        return samples, times

    def _times(self, token: int) -> tuple[float, float]:
        found = []
        word = self._daughter(token)
        while word:
            found.append(self._number(word, b"R:SylStructure.daughter.daughter.R:Segment.p.end"))
            found.append(self._number(word, b"R:SylStructure.daughtern.daughtern.R:Segment.end"))
            word = self._next(word)
        return found[0], found[-1]


def spoken_words(marked: str) -> tuple[list[str], list[tuple[int, int]]]:
    """The words of a scripted turn, and for each personal span the first word and the one after its last."""
    words: list[str] = []
    spans: list[tuple[int, int]] = []
    glued = False  # the piece before did not end in white space, so its last word goes on
    for piece in script.pieces(marked):
        parts = piece.spoken.split()
        first = len(words) - (1 if glued and words and not piece.spoken[:1].isspace() else 0)
        if first < len(words) and parts:
            words[-1] += parts.pop(0)
        words += parts
        if piece.type is not None:
            spans.append((first, len(words)))
        glued = not piece.spoken[-1:].isspace()
    return words, spans


def make(path: Path) -> dict[str, Any]:
    """Synthesise one call, write its sound, and return its truth."""
    flite, written = Flite(), yaml.safe_load(path.read_text(encoding="utf-8"))
    chance = np.random.default_rng(zlib.crc32(path.stem.encode()))
    placed: list[tuple[int, int, Sound]] = []
    turns, end = [], FIRST_S
    for number, turn in enumerate(written["turns"]):
        voice, pitch = VOICES[script.speaker_of(written, turn["who"])]
        words, spans = spoken_words(turn["text"])
        sound, times = flite.say(" ".join(words), voice)
        sound = _as_loud(_narrow(_faster(sound, pitch)), times, pitch)
        gap = float(turn.get("gap", round(float(chance.uniform(*GAPS_S)), 2))) if number else 0.0
        start = end + gap - times[0][0] / pitch  # the gap lies between words, not between silences
        start = round(max(0.0, start) * RATE) / RATE
        placed.append((0 if turn["who"] == "agent" else 1, round(start * RATE), sound))
        heard = [(round(start + a / pitch, 3), round(start + b / pitch, 3)) for a, b in times]
        end = heard[-1][1]
        turns.append(
            {
                "start_s": heard[0][0],
                "end_s": end,
                "spans": [[heard[first][0], heard[after - 1][1]] for first, after in spans],
                "words": [[word, *at] for word, at in zip(words, heard, strict=True)],
            }
        )
    length = max(max(at + sound.shape[0] for _, at, sound in placed), round((end + LAST_S) * RATE))
    line = np.zeros((2, length), np.float32)
    for channel, at, sound in placed:
        line[channel, at : at + sound.shape[0]] += sound
    out = _telephone(line, chance)
    target = script.SOUND / f"{path.stem}.opus"
    done = encode_opus(target, [out], rate=LINE_RATE, channels=2, bits_per_second=BITS_PER_SECOND)
    return {
        "duration_s": round(done.frames / LINE_RATE, 3),
        "sha256": hashlib.sha256(target.read_bytes()).hexdigest(),
        "turns": turns,
    }


def _faster(sound: Sound, factor: float) -> Sound:
    """Shorter and higher by a factor, as if the tape ran faster."""
    if factor == 1.0:
        return sound
    change = resampler(1, round(RATE * factor), RATE)
    return np.concatenate([*change(sound[np.newaxis]), *change(None)], axis=1)[0]


def _as_loud(sound: Sound, times: list[tuple[float, float]], pitch: float) -> Sound:
    """Bring what lies between the first and the last word to SPEECH_DB."""
    spoken = sound[round(times[0][0] / pitch * RATE) : round(times[-1][1] / pitch * RATE)]
    level = float(np.sqrt(np.mean(np.square(spoken, dtype=np.float64))))
    return np.clip(sound * (10 ** (SPEECH_DB / 20) / level), -1.0, 1.0).astype(np.float32)


def _narrow(sound: Sound) -> Sound:
    """What BAND_HZ lets through, without delay."""
    places = np.arange(-200, 201)
    low, high = (2 * edge / RATE for edge in BAND_HZ)
    taps = (high * np.sinc(high * places) - low * np.sinc(low * places)) * np.hamming(len(places))
    return np.convolve(sound, taps, mode="same").astype(np.float32)


def _telephone(line: Sound, chance: np.random.Generator) -> Sound:
    """To 8 kHz, noise, mu-law and back."""
    change = resampler(2, RATE, LINE_RATE)
    slow = np.concatenate([*change(line), *change(None)], axis=1)
    slow += chance.standard_normal(slow.shape).astype(np.float32) * np.float32(10 ** (NOISE_DB / 20))
    return _mu_law(np.clip(slow, -1.0, 1.0))


def _mu_law(sound: Sound) -> Sound:
    """To 8 bits and back (the continuous form of G.711)."""
    coded = np.round(np.sign(sound) * np.log1p(255 * np.abs(sound)) / np.log(256) * 127) / 127
    return (np.sign(coded) * np.expm1(np.abs(coded) * np.log(256)) / 255).astype(np.float32)


def main() -> None:
    """Every call in a process of its own: Flite's noise source goes on from call to call within one
    process."""
    script.SOUND.mkdir(exist_ok=True)
    paths = script.scripts()
    with get_context("spawn").Pool(2, maxtasksperchild=1) as pool:
        made = pool.map(make, paths, chunksize=1)
    truth = {"calls": {path.stem: call for path, call in zip(paths, made, strict=True)}}
    script.TRUTH.write_text(
        json.dumps(truth, separators=(",", ":"), ensure_ascii=False) + "\n", encoding="utf-8"
    )
    for path, call in zip(paths, made, strict=True):
        size = (script.SOUND / f"{path.stem}.opus").stat().st_size
        sys.stdout.write(f"{path.stem:28} {call['duration_s']:5.1f} s {size / 1000:6.1f} kB\n")


if __name__ == "__main__":
    main()
