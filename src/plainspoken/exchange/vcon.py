"""Reading vCon files (draft-ietf-vcon-vcon-core): tolerant where a thing is missing, strict where it is
wrong.

Only what the collection point takes is read: parties, one recording inside the file, or words. An address in
a vCon is never fetched; a signed one is read without judging the signature; an encrypted one is refused.
"""

import base64
import binascii
import hashlib
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn
from urllib.parse import urlsplit

from plainspoken.conversations.arrival import ArrivalRefused, Person, Role, Utterance

from . import basis as lawful
from . import mail, spoken

LARGEST = 96 << 20  # bytes of one file
MOST = 10_000  # dialogs, parties or analyses in one file
AGENTS = ("agent", "ai", "bot", "operator", "representative", "supervisor", "employee", "staff")
_MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]{1,127}/[\w!#$&^.+-]{1,127}\s*(;.*)?\Z", re.DOTALL)
_DIRECTIONS = {"in": "in", "inbound": "in", "out": "out", "outbound": "out", "internal": "internal"}


@dataclass(frozen=True)
class Read:
    """What a vCon gives to a collection point. `notes` are codes of what was not taken."""

    facts: Mapping[str, object]
    people: tuple[Person, ...]
    words: tuple[Utterance, ...]
    sound: bytes | None
    kind: str
    notes: tuple[str, ...]
    basis: lawful.Basis | None = None


def refuse(sentence: str) -> NoReturn:
    """Nothing of the file is taken."""
    raise ArrivalRefused("vcon", sentence, field="vcon")


def read(data: bytes) -> Read:
    """Read one vCon. Raises ArrivalRefused with one sentence."""
    whole, notes = _unwrapped(_parsed(data))
    people = _people(whole)
    dialogs = _list(whole, "dialog")
    for place, dialog in enumerate(dialogs):
        _check(place, dialog, len(people))
    analyses = _list(whole, "analysis")
    came = _lawful(_list(whole, "attachments"))
    start = min(
        (moment for d in dialogs if (moment := _moment(d.get("start"), "dialog start"))), default=None
    )
    sound = _sound(dialogs, notes)
    recorded = sound is not None or any(d.get("type") == "recording" for d in dialogs)
    words = _messages(dialogs, people, start)
    if recorded or not words:
        words = [*_transcript(analyses, people, _recording_start(dialogs) or start), *words]
    if sound is None and not words:
        refuse("This vCon holds neither sound nor words, and we fetch no address. Send it with its content.")
    facts = {
        "source_id": _source_id(whole),
        "started_at": start or _moment(whole.get("created_at"), "created_at"),
        "duration": _duration(dialogs),
        "direction": _direction(whole, dialogs),
        "subject_line": _subject(whole),
    }
    return Read(
        facts={name: value for name, value in facts.items() if value not in (None, "")},
        people=people,
        words=tuple(words),
        sound=sound,
        kind="call" if recorded else "chat",
        notes=tuple(notes),
        basis=came,
    )


# ---- the file ----


def _parsed(data: bytes) -> Mapping[str, Any]:
    if len(data) > LARGEST:
        refuse(
            f"This vCon has {len(data) >> 20} MB; we take up to {LARGEST >> 20}. Send the sound beside it."
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        refuse("This vCon is not UTF-8 text. Write it as JSON in UTF-8.")
    try:
        whole = json.loads(text, parse_constant=_constant)
    except RecursionError:
        refuse("This vCon is nested too deeply. Send a plain one.")
    except ValueError:
        refuse("This vCon is not JSON. Check that the file is whole.")
    if not isinstance(whole, dict):
        refuse("A vCon is a JSON object. This file holds something else.")
    return whole


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _unwrapped(whole: Mapping[str, Any]) -> tuple[Mapping[str, Any], list[str]]:
    """A signed vCon's payload (RFC 7515 general JSON); its signature is not judged, and the answer
    says so.
    """
    if "ciphertext" in whole:
        refuse("This vCon is encrypted. Decrypt it first.")
    if "payload" not in whole or "signatures" not in whole:
        return whole, []
    payload = whole["payload"]
    if not isinstance(payload, str):
        refuse("The payload of this signed vCon is no text. Send it again.")
    return _parsed(_decoded(payload, "The payload of this signed vCon")), ["signature-not-checked"]


def _decoded(text: str, what: str) -> bytes:
    """Base64url, with or without padding; plain base64 too, since many write that."""
    plain = "".join(text.split()).replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (ValueError, binascii.Error):
        refuse(f"{what} is not base64url. Send it again.")


def _list(whole: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    value = whole.get(name, [])
    if not isinstance(value, list):
        refuse(f"The field {name} of this vCon must be a list. Correct it and send again.")
    if len(value) > MOST:
        refuse(f"The field {name} of this vCon has more than {MOST} entries. Split it.")
    for item in value:
        if not isinstance(item, dict):
            refuse(f"Every entry of {name} must be an object. Correct it and send again.")
    return value


def _source_id(whole: Mapping[str, Any]) -> str:
    """Its uuid, which the draft requires; one without is for the policy to take or to refuse."""
    uuid = whole.get("uuid")
    if uuid is not None and not isinstance(uuid, str):
        refuse("The uuid of this vCon must be text. Correct it and send again.")
    return uuid.strip()[:200] if uuid else ""


def _subject(whole: Mapping[str, Any]) -> str:
    subject = whole.get("subject")
    return subject if isinstance(subject, str) else ""


# ---- parties ----


def _people(whole: Mapping[str, Any]) -> tuple[Person, ...]:
    parties = _list(whole, "parties")
    if not parties:
        refuse("This vCon names no parties. A conversation has at least one.")
    return tuple(_person(place, party) for place, party in enumerate(parties))


def _person(place: int, party: Mapping[str, Any]) -> Person:
    meta = party.get("meta")
    role = party.get("role") or (meta.get("role") if isinstance(meta, dict) else None)
    return Person(
        role=_role(role),
        name=_text(place, party, "name"),
        email=_text(place, party, "mailto").removeprefix("mailto:") or _text(place, party, "email"),
        phone=_text(place, party, "tel").removeprefix("tel:"),
    )


def _role(role: object) -> Role:
    """Staff are named as such; everybody else has the rights of a customer."""
    return "agent" if isinstance(role, str) and role.strip().lower() in AGENTS else "customer"


def _text(place: int, party: Mapping[str, Any], name: str) -> str:
    value = party.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        refuse(f"The field {name} of party {place} must be text. Correct it and send again.")
    return value.strip()


# ---- dialogs ----


def _check(place: int, dialog: Mapping[str, Any], people: int) -> None:
    """What is there must be right: parties that exist, a length, a media type, an address."""
    for party in _indexes(dialog.get("parties")):
        if isinstance(party, bool) or not isinstance(party, int) or not 0 <= party < people:
            refuse(f"Dialog {place} names party {_short(party)}, which this vCon does not have.")
    originator = dialog.get("originator")
    if originator is not None and (not isinstance(originator, int) or not 0 <= originator < people):
        refuse(f"Dialog {place} names originator {_short(originator)}, which this vCon does not have.")
    _length(place, dialog.get("duration"))
    media_type = dialog.get("mediatype", dialog.get("mimetype"))
    if media_type is not None and (not isinstance(media_type, str) or not _MEDIA_TYPE.match(media_type)):
        refuse(f"The media type of dialog {place} is none. Write one such as audio/x-wav.")
    url = dialog.get("url")
    if url is not None and not _is_address(url):
        refuse(f"The address of dialog {place} is none. Correct it, or send the sound inside the vCon.")


def _short(value: object) -> str:
    return "".join(c for c in str(value) if c.isprintable())[:20]


def _indexes(value: object) -> Sequence[object]:
    if value is None:
        return []
    if isinstance(value, list):
        return [inner for item in value[:MOST] for inner in (item if isinstance(item, list) else [item])]
    return [value]


def _length(place: int, value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        refuse(f"The duration of dialog {place} must be a number of seconds from zero up.")
    return float(value)


def _is_address(url: object) -> bool:
    if not isinstance(url, str):
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return bool(parts.scheme and (parts.netloc or parts.path))


def _moment(value: object, what: str) -> datetime | None:
    if value in (None, ""):
        return None
    try:
        found = datetime.fromisoformat(str(value).strip())
    except ValueError:
        refuse(f"The {what} of this vCon is no time. Write it as RFC 3339, such as 2026-11-24T09:42:00Z.")
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _recording_start(dialogs: Sequence[Mapping[str, Any]]) -> datetime | None:
    return next(
        (_moment(d.get("start"), "dialog start") for d in dialogs if d.get("type") == "recording"), None
    )


def _duration(dialogs: Sequence[Mapping[str, Any]]) -> float | None:
    found = [length for place, d in enumerate(dialogs) if (length := _length(place, d.get("duration")))]
    return min(sum(found), spoken.LONGEST) if found else None


def _direction(whole: Mapping[str, Any], dialogs: Sequence[Mapping[str, Any]]) -> str:
    for holder in (*dialogs, whole):
        meta = holder.get("meta")
        found = meta.get("direction") if isinstance(meta, dict) else None
        if isinstance(found, str) and found.strip().lower() in _DIRECTIONS:
            return _DIRECTIONS[found.strip().lower()]
    return ""


def _sound(dialogs: Sequence[Mapping[str, Any]], notes: list[str]) -> bytes | None:
    """The recording inside the file. One that is elsewhere is not fetched, and the answer says so."""
    inside = [(place, d) for place, d in enumerate(dialogs) if d.get("type") == "recording" and d.get("body")]
    if any(d.get("type") == "recording" and d.get("url") and not d.get("body") for d in dialogs):
        notes.append("sound-elsewhere-not-fetched")
    if not inside:
        return None
    if len(inside) > 1:
        refuse(f"This vCon holds {len(inside)} recordings; we take one. Send one vCon for each.")
    place, dialog = inside[0]
    if not isinstance(dialog["body"], str) or dialog.get("encoding") not in ("base64url", "base64", None):
        refuse(f"The sound of dialog {place} must be base64url text. Correct it and send again.")
    sound = _decoded(dialog["body"], f"The sound of dialog {place}")
    _check_hash(place, dialog.get("content_hash"), sound)
    return sound


def _check_hash(place: int, wanted: object, sound: bytes) -> None:
    for one in wanted if isinstance(wanted, list) else [wanted]:
        if isinstance(one, str) and one.startswith("sha512-"):
            digest = base64.urlsafe_b64encode(hashlib.sha512(sound).digest()).rstrip(b"=").decode()
            if digest != one.removeprefix("sha512-").rstrip("="):
                refuse(f"The sound of dialog {place} is not what its hash says. Send it again.")


# ---- words ----


def _messages(
    dialogs: Sequence[Mapping[str, Any]], people: Sequence[Person], start: datetime | None
) -> list[Utterance]:
    """Text dialogs are messages, each of one party."""
    found = []
    for place, dialog in enumerate(dialogs):
        if dialog.get("type") != "text" or dialog.get("body") in (None, ""):
            continue
        said = _message(place, dialog)
        if not said:
            continue
        who = dialog.get("originator")
        first = next(iter(_indexes(dialog.get("parties"))), None)
        speaker = who if isinstance(who, int) else first
        begun = _moment(dialog.get("start"), "dialog start")
        at = (begun - start).total_seconds() if begun and start else None
        timed = at is not None and 0 <= at <= spoken.LONGEST
        found.append(
            Utterance(
                said,
                speaker=speaker if isinstance(speaker, int) else None,
                start_s=at if timed else None,
                end_s=at if timed else None,
            )
        )
    return found


def _message(place: int, dialog: Mapping[str, Any]) -> str:
    body, encoding = dialog["body"], dialog.get("encoding", "none")
    if not isinstance(body, str):
        refuse(f"The body of dialog {place} must be text. Correct it and send again.")
    if encoding in ("base64url", "base64"):
        body = _decoded(body, f"The body of dialog {place}").decode("utf-8", "replace")
    media_type = str(dialog.get("mediatype", dialog.get("mimetype")) or "text/plain").lower()
    if media_type.startswith("multipart/"):
        return mail.text_of(f"Content-Type: {dialog.get('mediatype', dialog.get('mimetype'))}\n\n{body}")
    return mail.text_of_html(body) if media_type.startswith("text/html") else body.strip()


def _transcript(
    analyses: Sequence[Mapping[str, Any]], people: Sequence[Person], start: datetime | None
) -> list[Utterance]:
    """The first transcript that can be read; a redacted one only where there is no other."""
    wanted = [a for a in analyses if isinstance(a.get("type"), str) and "transcript" in a["type"].lower()]
    wanted.sort(key=lambda a: "redact" in a["type"].lower())
    for analysis in wanted:
        body = analysis.get("body")
        if isinstance(body, str) and analysis.get("encoding") in ("base64url", "base64"):
            body = _decoded(body, "The transcript").decode("utf-8", "replace")
        found = spoken.utterances(body, speaker=lambda who: _speaker(who, people), start=start)
        if found:
            return found
    return []


def _speaker(who: object, people: Sequence[Person]) -> int | None:
    """The party that a transcript means: by its number, its role or its name."""
    if isinstance(who, list):
        who = who[0] if len(who) == 1 else None
    if isinstance(who, int) and not isinstance(who, bool):
        return who if 0 <= who < len(people) else None
    if not isinstance(who, str) or not who.strip():
        return None
    said = who.strip().lower()
    role: Role | None = "agent" if said.split("(")[0].strip() in AGENTS else None
    if said.split("(")[0].strip() in ("customer", "caller", "client"):
        role = "customer"
    if role:
        places = [place for place, person in enumerate(people) if person.role == role]
        return places[0] if len(places) == 1 else None
    places = [place for place, person in enumerate(people) if person.name and person.name.lower() == said]
    return places[0] if len(places) == 1 else None


# ---- lawful basis ----


def _lawful(attachments: Sequence[Mapping[str, Any]]) -> lawful.Basis | None:
    """The lawful basis that came: what nobody granted, and what has expired, is not taken; of several
    the strictest counts.
    """
    try:
        found = lawful.of(attachments)
        if found is not None:
            lawful.check_in(found, now=datetime.now(UTC))
    except lawful.NotLawful as error:
        refuse(str(error))
    return found
