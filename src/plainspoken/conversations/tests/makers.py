"""Sounds and conversations made on the fly, and a recogniser that hears what a test says it hears."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
from django.conf import settings
from django.test import override_settings

from plainspoken.conversations import services
from plainspoken.conversations.arrival import Person, Utterance
from plainspoken.conversations.models import Conversation
from plainspoken.custody.actors import program
from plainspoken.custody.models import Organisation
from plainspoken.kernels.sound import encode_opus, write_wav
from plainspoken.transcripts.ports import Recognised, Segment, Word

ME = program("test")
RATE = 8000


def tones(*hertz: float, seconds: float = 12.0, rate: int = RATE) -> "np.ndarray[Any, Any]":
    """One sine of half loudness for each channel."""
    at = np.arange(round(seconds * rate)) / rate
    return np.stack([0.5 * np.sin(2 * np.pi * h * at) for h in hertz]).astype(np.float32)


def wav(*hertz: float, seconds: float = 12.0, rate: int = RATE) -> bytes:
    """A WAV with one tone a channel; other tones make other bytes."""
    out = io.BytesIO()
    write_wav(
        out,
        [tones(*(hertz or (220.0, 440.0)), seconds=seconds, rate=rate)],
        rate=rate,
        channels=len(hertz) or 2,
    )
    return out.getvalue()


def opus(*hertz: float, seconds: float = 3.0) -> bytes:
    """An Ogg Opus file with one tone a channel."""
    out = io.BytesIO()
    encode_opus(
        out,
        [tones(*(hertz or (220.0, 440.0)), seconds=seconds, rate=16000)],
        rate=16000,
        channels=len(hertz) or 2,
    )
    return out.getvalue()


def loudness(sound: "np.ndarray[Any, Any]", start: float, end: float, rate: int) -> float:
    """Root mean square of a stretch of one channel."""
    piece = sound[round(start * rate) : round(end * rate)]
    return float(np.sqrt(np.mean(piece.astype(np.float64) ** 2)))


# ---- a recogniser ----

SCRIPT: dict[int, list[tuple[str, float, float]]] = {}
FAILS: list[Exception] = []
CALLS: list[int] = []


@contextmanager
def recogniser(script: dict[int, str], *, fails: Exception | None = None) -> Iterator[list[int]]:
    """While open, the recogniser hears the text of each channel, a word each half second from second 1 on."""
    SCRIPT.clear()
    for channel, text in script.items():
        SCRIPT[channel] = [(w, 1 + n * 0.5, 1.4 + n * 0.5) for n, w in enumerate(text.split())]
    FAILS[:] = [fails] if fails else []
    CALLS.clear()
    ports = {
        **settings.PORTS,
        "recogniser": f"{__name__}.Fake",
    }
    with override_settings(PORTS=ports):
        yield CALLS


class Fake:
    """Implements `transcripts.ports.Recogniser` by the script."""

    name, version, languages = "fake", "1", ("en", "de")

    def hear(self, samples: Any, *, language: str | None = None) -> Recognised:
        CALLS.append(sum(1 for _ in samples))
        if FAILS:
            raise FAILS[0]
        words = [
            Word(s, e, w, 0.9) for w, s, e in SCRIPT.get((len(CALLS) - 1) % (max(SCRIPT, default=0) + 1), [])
        ]
        loop = [word for word in words if word.text == "LOOP"]
        plain = tuple(word for word in words if word.text != "LOOP")
        found = [Segment(plain[0].start, plain[-1].end, "", plain, -0.3, 0.1)] if plain else []
        found += [Segment(w.start, w.end, "ha ha ha ha", (w,), -0.3, 0.1, repeated=True) for w in loop]
        return Recognised(language or "en", tuple(found))


# ---- conversations ----


def arrived(
    house: Organisation,
    *,
    source: str = "call-1",
    sound: bytes | Path | None = None,
    words: list[Utterance] | None = None,
    people: tuple[Person, ...] = (),
    **facts: Any,
) -> Conversation:
    """A conversation that has arrived: by default one of Jo Kim with Ada Lovelace, in words."""
    if words is None and sound is None:
        words = [
            Utterance("Returns department, this is Jo Kim, how can I help?", "agent"),
            Utterance("My name is Ada Lovelace and my card is 4111 1111 1111 1111.", "customer"),
        ]
    if not people:
        facts = {
            "agent_name": "Jo Kim",
            "agent_email": "jo.kim@larkfield.example",
            "customer_name": "Ada Lovelace",
            "customer_email": "ada@lovelace.example",
            "queue": "Returns",
            **facts,
        }
    done = services.arrive(
        organisation=house.id,
        point="conversation.upload",
        facts={"source_id": source, **facts},
        people=people,
        media=io.BytesIO(sound) if isinstance(sound, bytes) else sound,
        words=words,
        by=ME,
    )
    return done.conversation


def written(house: Organisation, conversation: Conversation | UUID) -> str:
    """Transcribe, redact and index now."""
    from plainspoken.transcripts.services import transcribe

    key = conversation.id if isinstance(conversation, Conversation) else conversation
    return transcribe(conversation=key, organisation=house.id, by=ME)
