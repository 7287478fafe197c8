"""Writing a conversation as a vCon (draft-ietf-vcon-vcon-core): redacted, strict, with its lawful basis.

People stand there by pseudonym; words have labels where something was removed, and the sound is the copy that is
silent there. What leads to a person does not leave in this form.
"""

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from plainspoken.conversations.ports import Line

from . import vcon_form
from .basis import NAME, Basis

VENDOR, PRODUCT, SCHEMA = "Plainspoken", "redacted transcript", "plainspoken-turns-1"
MEDIA_TYPE = "audio/ogg"
_MOVES = ("in", "out", "internal")
# Purposes of a lawful basis are free text, and could name somebody: those of the draft and of the field leave.
_PLAIN = re.compile(r"[a-z]+([._-][a-z]+){0,3}\Z")
KNOWN_PURPOSES = frozenset(
    [
        "recording",
        "transcription",
        "transcript",
        "analysis",
        "analytics",
        "storage",
        "retention",
        "sharing",
        "share",
        "disclosure",
        "export",
        "transfer",
        "quality",
        "training",
        "research",
        "marketing",
        "support",
        "service",
        "service.answer",
        "quality.evaluate",
        "service.improve",
        "claims.defend",
        "conversation.reveal",
    ]
)
KNOWN_BASES = frozenset(
    ["consent", "contract", "legal_obligation", "vital_interests", "public_task", "legitimate_interests"]
)


@dataclass(frozen=True)
class Speaker:
    """Somebody who took part: the place among the people, the role, and a pseudonym."""

    position: int
    role: str
    pseudonym: str
    channel: int | None


@dataclass(frozen=True)
class Told:
    """What a vCon tells of one conversation. `sound` is the silenced copy, an Ogg Opus file, or None.

    `channels`: of two, the agents' comes first in the copy.
    """

    id: UUID
    started: datetime
    duration_s: float | None
    kind: str
    direction: str
    queue: str
    language: str
    title: str
    speakers: Sequence[Speaker]
    lines: Sequence[Line]
    made_by: str
    sound: bytes | None
    channels: int
    basis: Basis | None
    legs: Sequence[tuple[float, float]] = ()


def written(told: Told, *, at: datetime) -> dict[str, Any]:
    """The vCon as a JSON object. Raises vcon_form.NotStrict rather than give one that is not strict."""
    parties = [_party(one) for one in told.speakers]
    places = {one.position: n for n, one in enumerate(told.speakers)}
    dialog = _recordings(told, places) if told.kind == "call" else _messages(told, places)
    whole: dict[str, Any] = {
        "uuid": str(identity(told.id)),
        "extensions": ["CC", *([NAME] if told.basis else [])],
        "created_at": at.isoformat(),
        "redacted": {"uuid": str(told.id), "type": "personal-data"},
        "parties": parties,
        "dialog": dialog,
        "analysis": [_transcript(told, places)] if told.kind == "call" and told.lines else [],
        "attachments": [_basis(told)] if told.basis and parties and dialog else [],
    }
    if told.title:
        whole["subject"] = told.title
    vcon_form.check(whole)
    return whole


def identity(conversation: UUID) -> UUID:
    """The id of the redacted form: version 8 (RFC 9562), always the same for a conversation."""
    digest = bytearray(hashlib.sha256(b"plainspoken redacted vcon" + conversation.bytes).digest()[:16])
    digest[6], digest[8] = (digest[6] & 0x0F) | 0x80, (digest[8] & 0x3F) | 0x80
    return UUID(bytes=bytes(digest))


def _party(one: Speaker) -> dict[str, Any]:
    return {"name": one.pseudonym, "role": one.role, "validation": "none", "type": "person"}


def _recordings(told: Told, places: Mapping[int, int]) -> list[dict[str, Any]]:
    """The sound as one recording; where it has legs and no sound, one dialog for each leg."""
    given: dict[str, Any] = {
        "type": "recording" if told.sound is not None else "incomplete",
        "start": told.started.isoformat(),
        "parties": _on_channels(told, places),
    }
    if told.duration_s is not None:
        given["duration"] = round(told.duration_s, 3)
    if told.sound is None:
        # The draft has no kind for a call whose sound is not part of the file.
        return [{**given, "disposition": "hung-up", "application": "transcript-only"}]
    digest = base64.urlsafe_b64encode(hashlib.sha512(told.sound).digest()).rstrip(b"=").decode()
    return [
        {
            **given,
            "mediatype": MEDIA_TYPE,
            "filename": f"{identity(told.id)}.opus",
            "encoding": "base64url",
            "body": base64.urlsafe_b64encode(told.sound).rstrip(b"=").decode(),
            "content_hash": f"sha512-{digest}",
        }
    ]


def _on_channels(told: Told, places: Mapping[int, int]) -> list[Any]:
    """Who speaks on each channel of the copy, agents first; of one channel, everybody."""
    everybody = [places[one.position] for one in told.speakers]
    if told.channels != 2:
        return everybody
    agents = [places[one.position] for one in told.speakers if one.role == "agent"]
    others = [place for place in everybody if place not in agents]
    return [agents[0] if len(agents) == 1 else agents, others[0] if len(others) == 1 else others]


def _messages(told: Told, places: Mapping[int, int]) -> list[dict[str, Any]]:
    found = []
    for line in told.lines:
        if line.gone:
            continue
        one: dict[str, Any] = {
            "type": "text",
            "start": (told.started + timedelta(seconds=line.start_s or 0)).isoformat(),
            "mediatype": "text/plain",
            "encoding": "none",
            "body": line.text,
        }
        if line.position is not None and line.position in places:
            one["parties"] = [places[line.position]]
            one["originator"] = places[line.position]
        found.append(one)
    return found


def _transcript(told: Told, places: Mapping[int, int]) -> dict[str, Any]:
    body = []
    for line in told.lines:
        if line.gone:
            continue
        one: dict[str, Any] = {"text": line.text}
        if line.position is not None and line.position in places:
            one["party"] = places[line.position]
        if line.start_s is not None and line.end_s is not None:
            one |= {"start": round(line.start_s, 3), "end": round(line.end_s, 3)}
        body.append(one)
    return {
        "type": "transcript",
        "dialog": 0,
        "vendor": VENDOR,
        "product": f"{PRODUCT} ({told.made_by})" if told.made_by else PRODUCT,
        "schema": SCHEMA,
        "mediatype": "application/json",
        "encoding": "json",
        "body": body,
    }


def _basis(told: Told) -> dict[str, Any]:
    """The strictest of what came, so that the next one is bound as we are. Free text does not leave."""
    assert told.basis is not None
    named = {str(body.get(NAME, "")).lower() for body in told.basis.bodies}
    body: dict[str, Any] = {
        "purpose_grants": [
            {"purpose": name, "granted": True}
            for name in sorted(told.basis.granted & KNOWN_PURPOSES)
            if _PLAIN.match(name)
        ]
    }
    if len(named) == 1 and named <= KNOWN_BASES:
        body[NAME] = named.pop()
    if told.basis.expires is not None:
        body["expiration"] = told.basis.expires.isoformat()
    return {
        "purpose": NAME,
        "start": told.started.isoformat(),
        "party": 0,
        "dialog": 0,
        "mediatype": "application/json",
        "encoding": "json",
        "body": body,
    }
