"""People whose requests are measured. They come in as anybody does: with a call that has sound and a chat,
both understood and redacted, sealed under keys of their own.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np

from plainspoken.conversations.arrival import Utterance
from plainspoken.conversations.services import arrive
from plainspoken.custody.sessions import purpose
from plainspoken.kernels.sound import write_wav
from plainspoken.people.models import Identifier
from plainspoken.people.resolution import find
from plainspoken.transcripts.services import transcribe

from .store import ME

REGION, RATE, SECONDS = "DE", 8000, 6.0


@dataclass(frozen=True)
class Person:
    """Somebody, and how they can be written to."""

    subject: UUID
    email: str
    name: str


def arrive_all(organisation: UUID, count: int) -> list[Person]:
    """So many people, each with a call of one recording and a chat."""
    return [
        _arrive(organisation, number, [(f"call-{number}", _sound(number)), (f"chat-{number}", None)])
        for number in range(count)
    ]


def arrive_writing(organisation: UUID, count: int, *, chats: int, first: int) -> list[Person]:
    """So many people who wrote and never called, each with so many chats; numbered from `first` on."""
    return [
        _arrive(organisation, number, [(f"chat-{number}-{n}", None) for n in range(chats)])
        for number in range(first, first + count)
    ]


def _arrive(organisation: UUID, number: int, arriving: Sequence[tuple[str, io.BytesIO | None]]) -> Person:
    name, email = f"Bench Person{_letters(number)}", f"person{number}@bench.example"
    facts = {
        "started_at": f"2025-{1 + number % 12:02d}-15T10:00:00+00:00",
        "queue": "Returns",
        "language": "en",
        "subject_line": "A lamp that does not work",
        "agent_name": "Jo Kim",
        "agent_email": "jo.kim@bench.example",
        "customer_name": name,
        "customer_email": email,
        "customer_phone": f"+49 69 555{number:05d}",
    }
    for source, sound in arriving:
        made = arrive(
            organisation=organisation,
            point="conversation.upload",
            facts={**facts, "source_id": source},
            media=sound,
            words=_said(name, number, timed=sound is not None),
            by=ME,
        )
        transcribe(conversation=made.conversation.id, organisation=organisation, by=ME)
    with purpose("rights.intake", organisation=organisation, by=ME):
        (subject,) = find(kind=Identifier.Kind.EMAIL, value=email, region=REGION)
    return Person(subject, email, name)


def _said(name: str, number: int, *, timed: bool) -> list[Utterance]:
    lines = (
        ("agent", "Returns department, this is Jo Kim, how can I help?"),
        ("customer", f"My name is {name}, and the lamp that I bought does not work."),
        ("agent", f"Thank you, {name.split()[0]}. Can I reach you at the number that we have?"),
        ("customer", f"Yes, that is plus four nine six nine, or write to person{number}@bench.example."),
        ("agent", "You get a new one on Tuesday. Is there anything else?"),
    )
    return [
        Utterance(text, speaker, *((place + 0.1, place + 0.9) if timed else ()))  # type: ignore[arg-type]
        for place, (speaker, text) in enumerate(lines)
    ]


def _sound(number: int) -> io.BytesIO:
    """A few seconds of a tone a channel; another for each person, so that none is taken for another's."""
    at = np.arange(round(SECONDS * RATE)) / RATE
    tones = [0.4 * np.sin(2 * np.pi * hertz * at) for hertz in (200 + number, 500 + number)]
    out = io.BytesIO()
    write_wav(out, [np.stack(tones).astype(np.float32)], rate=RATE, channels=2)
    out.seek(0)
    return out


def _letters(number: int) -> str:
    return "".join(chr(ord("a") + int(digit)) for digit in f"{number:03d}")
