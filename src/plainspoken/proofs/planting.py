"""Planting people and conversations through the public ways in, so that a proof has something to look for."""

import io
import json
import math
import struct
import wave
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx

from plainspoken.proofs.world import Somebody, World, somebody

RATE = 8000
TONE = 440.0


@dataclass(frozen=True)
class Planted:
    """A conversation that was let in, and who was planted in it."""

    id: str
    customer: Somebody
    agent: Somebody


class NotLetIn(RuntimeError):
    """The system refused what a proof had to plant."""


def vcon(customer: Somebody, agent: Somebody, *, queue: str = "Returns") -> dict[str, Any]:
    """A conversation in writing, as vCon JSON (draft-ietf-vcon-vcon-core): both say who they are."""
    started = datetime.now(UTC) - timedelta(hours=1)
    said = [
        (0, f"Good morning, you are speaking with {agent.name}. How can I help you?"),
        (1, f"My name is {customer.name} and my e-mail is {customer.email}. I call about {customer.word}."),
        (0, f"Thank you. Is {customer.phone} still your number?"),
        (1, f"Yes, {customer.phone}, and my account is {customer.account}."),
    ]
    return {
        "vcon": "0.3.0",
        "uuid": str(uuid4()),
        "created_at": started.isoformat(),
        "subject": f"About {customer.word}",
        "parties": [
            {"name": agent.name, "mailto": agent.email, "role": "agent"},
            {"name": customer.name, "tel": customer.phone, "mailto": customer.email, "role": "customer"},
        ],
        "dialog": [
            {
                "type": "text",
                "start": (started + timedelta(seconds=10 * turn)).isoformat(),
                "parties": party,
                "mediatype": "text/plain",
                "encoding": "none",
                "body": text,
            }
            for turn, (party, text) in enumerate(said)
        ],
        "analysis": [],
        "attachments": [],
    }


def chat(world: World, *, customer: Somebody | None = None, agent: Somebody | None = None) -> Planted:
    """Let a written conversation in and wait until it can be found. Raises NotLetIn."""
    customer, agent = customer or somebody(), agent or somebody()
    return _planted(world, send(world, customer, agent), customer, agent)


def send(world: World, customer: Somebody | None = None, agent: Somebody | None = None) -> httpx.Response:
    """Send a written conversation in, without waiting for it."""
    with world.api("administrator") as api:
        return api.post("/vcons", json=vcon(customer or somebody(), agent or somebody()))


def tone(seconds: float = 2.0) -> bytes:
    """A stereo WAV with a tone on the left: sound without words. Each has a pitch of its own: the same sound twice
    would be one conversation."""
    pitch, frames = TONE + uuid4().int % 100_000 / 1000, bytearray()
    for n in range(int(RATE * seconds)):
        frames += struct.pack("<hh", int(12000 * math.sin(2 * math.pi * pitch * n / RATE)), 0)
    out = io.BytesIO()
    with wave.open(out, "wb") as wav:
        wav.setnchannels(2)
        wav.setsampwidth(2)
        wav.setframerate(RATE)
        wav.writeframes(bytes(frames))
    return out.getvalue()


def call(world: World, *, customer: Somebody | None = None, sound: bytes | None = None) -> Planted:
    """Let a recorded call in by upload. Raises NotLetIn."""
    customer, agent = customer or somebody(), somebody()
    with world.api("administrator") as api:
        answered = api.post(
            "/conversations",
            data={"metadata": json.dumps(metadata(customer, agent))},
            files={"sound": ("call.wav", sound or tone(), "audio/wav")},
        )
    return _planted(world, answered, customer, agent)


def metadata(customer: Somebody, agent: Somebody) -> dict[str, str]:
    """What comes with a recording, in the fields of the collection point."""
    return {
        "source_id": str(uuid4()),
        "started_at": (datetime.now(UTC) - timedelta(hours=1)).isoformat(),
        "queue": "Billing",
        "direction": "in",
        "agent_name": agent.name,
        "agent_email": agent.email,
        "customer_name": customer.name,
        "customer_email": customer.email,
        "customer_phone": customer.phone,
        "customer_account": customer.account,
    }


def _planted(world: World, answered: Any, customer: Somebody, agent: Somebody) -> Planted:
    if answered.status_code not in (200, 201):
        raise NotLetIn(f"A conversation was not let in ({answered.status_code}): {answered.text[:200]}")
    planted = Planted(id=str(answered.json()["id"]), customer=customer, agent=agent)
    state = world.eventually(
        lambda: (conversation_of(world, planted.id) or {}).get("state") in ("ready", "failed")
    )
    if not state:
        raise NotLetIn("A conversation was let in but never became ready.")
    return planted


def conversation_of(
    world: World, conversation: str, *, purpose: str = "service.answer"
) -> dict[str, Any] | None:
    """A conversation as a supervisor sees it for a purpose; None when it is not there for them."""
    with world.api("supervisor") as api:
        answered = api.get(f"/conversations/{conversation}", params={"purpose": purpose})
    return dict(answered.json()) if answered.status_code == 200 else None


def turns(world: World, conversation: str) -> list[dict[str, Any]]:
    """The redacted words of a conversation as a supervisor reads them; empty when none are there."""
    with world.api("supervisor") as api:
        answered = api.get(f"/conversations/{conversation}/turns", params={"purpose": "service.answer"})
    return list(answered.json()["turns"]) if answered.status_code == 200 else []


def heard(world: World, conversation: str) -> bool:
    """Whether a supervisor can play the sound of a conversation."""
    with world.api("supervisor") as api:
        answered = api.get(f"/conversations/{conversation}/sound", params={"purpose": "service.answer"})
    return answered.status_code == 200 and bool(answered.content)


def listed(
    world: World, *, purpose: str = "service.answer", who: str = "supervisor", **filters: str
) -> list[str]:
    """The ids of the conversations that a member finds."""
    with world.api(who) as api:
        answered = api.get("/conversations", params={"purpose": purpose, **filters})
    answered.raise_for_status()
    return [str(row["id"]) for row in answered.json()["rows"]]
