"""What may arrive with a conversation: the facts of a collection point, the people, the words.
Nothing is stored here.
"""

import hashlib
import json
import re
import unicodedata
import zoneinfo
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from plainspoken.kernels.policy import CollectionPoint
from plainspoken.policies.collection import CollectionRefused, admit, refuse_undeclared

Role = Literal["agent", "customer"]
ROLES: tuple[Role, ...] = ("agent", "customer")
WAYS = ("name", "email", "phone", "account")

LONGEST_TEXT = 500
LONGEST_SAID = 100_000  # characters of one utterance
MOST_SAID = 20_000  # utterances of one conversation
MOST_PEOPLE = 30
LONGEST_S = 12 * 3600.0


class ArrivalRefused(ValueError):
    """Nothing was stored. `code` says why in one word, `field` which fact, the message what to do."""

    def __init__(self, code: str, sentence: str, *, field: str = "") -> None:
        super().__init__(sentence)
        self.code, self.sentence, self.field = code, sentence, field


@dataclass(frozen=True)
class Person:
    """Somebody who took part, as the source names them. `channel`: where they speak, if known."""

    role: Role
    name: str = ""
    email: str = ""
    phone: str = ""
    account: str = ""
    channel: int | None = None


@dataclass(frozen=True)
class TimedWord:
    """One word with its seconds from the start."""

    text: str
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Utterance:
    """What one person said or wrote in one go. `speaker` is a place in the people, a role, or None
    where unknown.
    """

    text: str
    speaker: int | Role | None = None
    start_s: float | None = None
    end_s: float | None = None
    words: tuple[TimedWord, ...] = ()


@dataclass(frozen=True)
class Given:
    """Facts that passed: typed, with their people in order (agents and customers as they came)."""

    source_id: str
    started_at: datetime | None
    duration_s: float | None
    direction: str
    queue: str
    subject_line: str
    language: str
    people: tuple[Person, ...]
    words: tuple[Utterance, ...]


def read(
    facts: Mapping[str, object],
    *,
    organisation: UUID,
    point: CollectionPoint,
    people: Sequence[Person] = (),
    words: Sequence[Utterance] | None = None,
    has_sound: bool,
    time_zone: str,
) -> Given:
    """Check everything against the point of the published policy. Raises ArrivalRefused for the
    first thing wrong.
    """
    named = {name: value for name, value in facts.items() if value not in (None, "")}
    present = (
        set(named) | _ways(people) | ({"sound"} if has_sound else set()) | ({"words"} if words else set())
    )
    _admitted(point, organisation=organisation, present=present, named=set(facts))
    if not present & {"sound", "words"}:
        raise ArrivalRefused(
            "empty", "There is neither sound nor words in this conversation. Send one of them."
        )
    values = {name: _PARSERS[name](name, value) for name, value in named.items() if name in _PARSERS}
    everybody = _everybody(named, people)
    return Given(
        source_id=values.get("source_id", ""),
        started_at=_in_zone(values.get("started_at"), time_zone),
        duration_s=values.get("duration"),
        direction=values.get("direction", ""),
        queue=values.get("queue", ""),
        subject_line=values.get("subject_line", ""),
        language=values.get("language", ""),
        people=everybody,
        words=tuple(_said(item, everybody) for item in _not_too_many(words or ())),
    )


def words_digest(given: Given) -> bytes:
    """SHA-256 of what was said, by whom and when: equal for the same conversation sent again."""
    said = [[u.speaker, u.text, u.start_s, u.end_s] for u in given.words]
    started = given.started_at.isoformat() if given.started_at else None
    who = [[p.role, p.name, p.email, p.phone, p.account] for p in given.people]
    return hashlib.sha256(json.dumps([started, who, said], ensure_ascii=True).encode()).digest()


# ---- the point ----


def _ways(people: Sequence[Person]) -> set[str]:
    return {f"{person.role}_{way}" for person in people for way in WAYS if getattr(person, way)}


def _admitted(point: CollectionPoint, *, organisation: UUID, present: set[str], named: set[str]) -> None:
    """Only declared fields, and every required one. `named` holds the empty ones too: naming a field
    is asking.
    """
    printable = {_shown(name) for name in named}
    try:
        refuse_undeclared(point, sorted(present | printable))
        admit(organisation=organisation, name=point.name, given=dict.fromkeys(present, True))
    except CollectionRefused as error:
        wrong = sorted((present | printable) - set(point.fields))
        missing = sorted(n for n, f in point.fields.items() if f.required and n not in present)
        allowed = f" Allowed are {', '.join(sorted(point.fields))}." if wrong else ""
        raise ArrivalRefused(
            "undeclared" if wrong else "missing", f"{error}{allowed}", field=(wrong or missing or [""])[0]
        ) from error


def _shown(name: object) -> str:
    """A field's name for a message: short, and printable whatever was sent."""
    return "".join(c for c in str(name) if c.isprintable())[:60] or "without a name"


# ---- facts ----


def _wrong(name: str, needs: str) -> ArrivalRefused:
    return ArrivalRefused(
        "wrong", f"The field {name} must be {needs}. Correct it and send again.", field=name
    )


def plain_text(value: str) -> str:
    """The text without what a database or a reader cannot take: control characters and halves of
    characters.
    """
    kept = (c for c in value if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))
    return unicodedata.normalize("NFC", "".join(kept))


def _text(longest: int) -> Callable[[str, object], str]:
    def parse(name: str, value: object) -> str:
        if not isinstance(value, str):
            raise _wrong(name, "text")
        found = " ".join(plain_text(value).split())
        if len(found) > longest:
            raise _wrong(name, f"at most {longest} characters")
        return found

    return parse


_QUEUE = re.compile(r"[^\W\d_][\w .,&/'()+-]{0,59}\Z")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})?\Z")
_DIRECTIONS = {
    "in": "in", "inbound": "in", "incoming": "in", "out": "out", "outbound": "out", "outgoing": "out",
    "internal": "internal",
}  # fmt: skip


def _queue(name: str, value: object) -> str:
    found = _text(60)(name, value)
    if not _QUEUE.match(found) or re.search(r"\d{5}", found):
        raise _wrong(name, "a short name such as Returns, without addresses or long numbers")
    return found


def _direction(name: str, value: object) -> str:
    found = _DIRECTIONS.get(value.strip().lower()) if isinstance(value, str) else None
    if found is None:
        raise _wrong(name, "one of in, out, internal")
    return found


def _language(name: str, value: object) -> str:
    if not isinstance(value, str) or not _LANGUAGE.match(value.strip().replace("_", "-")):
        raise _wrong(name, "a language code such as en or de-AT")
    return value.strip().replace("_", "-").lower()


def _duration(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= LONGEST_S:
        raise _wrong(name, "a number of seconds between 0 and 43200")
    return float(value)


def _moment(name: str, value: object) -> datetime:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError as error:
            raise _wrong(name, "a time such as 2026-11-24T09:42:00+01:00") from error
    if not isinstance(value, datetime) or not 1970 <= value.year <= 2200:
        raise _wrong(name, "a time such as 2026-11-24T09:42:00+01:00")
    return value


def _in_zone(moment: datetime | None, time_zone: str) -> datetime | None:
    """A time without a zone is the organisation's own."""
    if moment is None or moment.tzinfo is not None:
        return moment
    try:
        return moment.replace(tzinfo=zoneinfo.ZoneInfo(time_zone))
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return moment.replace(tzinfo=zoneinfo.ZoneInfo("UTC"))


_PARSERS: dict[str, Callable[[str, object], Any]] = {
    "source_id": _text(200),
    "started_at": _moment,
    "duration": _duration,
    "direction": _direction,
    "queue": _queue,
    "subject_line": _text(LONGEST_TEXT),
    "language": _language,
    **{f"{role}_{way}": _text(200) for role in ROLES for way in WAYS},
}


def fact(name: str, value: object) -> Any:
    """One fact as every collection point takes it. Raises ArrivalRefused."""
    return _PARSERS[name](name, value)


# ---- people and words ----


def _everybody(named: Mapping[str, object], people: Sequence[Person]) -> tuple[Person, ...]:
    """The people named by flat facts first (agent, then customer), then those listed; always at
    least one customer.
    """
    if len(people) > MOST_PEOPLE:
        raise ArrivalRefused(
            "wrong", f"At most {MOST_PEOPLE} people can take part. Send fewer.", field="people"
        )
    found: list[Person] = []
    for role in ROLES:
        ways = {way: _PARSERS[f"{role}_{way}"](f"{role}_{way}", named[f"{role}_{way}"]) for way in WAYS
                if f"{role}_{way}" in named}  # fmt: skip
        if any(ways.values()):
            found.append(Person(role=role, **ways))
    for person in people:
        cleaned = {
            way: _PARSERS[f"{person.role}_{way}"](f"{person.role}_{way}", getattr(person, way))
            for way in WAYS
        }
        found.append(replace(person, **cleaned))
    if not any(person.role == "customer" for person in found):
        found.append(Person(role="customer"))
    return tuple(found)


def _not_too_many(words: Sequence[Utterance]) -> Sequence[Utterance]:
    if len(words) > MOST_SAID:
        raise ArrivalRefused("wrong", f"At most {MOST_SAID} utterances fit one conversation.", field="words")
    return words


def _said(item: Utterance, people: tuple[Person, ...]) -> Utterance:
    if not isinstance(item.text, str) or len(item.text) > LONGEST_SAID:
        raise _wrong("words", f"texts of at most {LONGEST_SAID} characters")
    return replace(
        item,
        text=plain_text(item.text),
        speaker=_speaker(item.speaker, people),
        start_s=_second(item.start_s),
        end_s=_second(item.end_s),
        words=tuple(
            TimedWord(plain_text(w.text), start, end)
            for w in item.words
            if (start := _second(w.start_s)) is not None and (end := _second(w.end_s)) is not None
        ),
    )


def _speaker(speaker: int | Role | None, people: tuple[Person, ...]) -> int | None:
    """The place of the speaker among the people; a role means the only person of that role."""
    if speaker is None:
        return None
    if isinstance(speaker, str):
        places = [place for place, person in enumerate(people) if person.role == speaker]
        return places[0] if len(places) == 1 else None
    if isinstance(speaker, bool) or not 0 <= speaker < len(people):
        raise ArrivalRefused(
            "wrong", f"Speaker {speaker} is none of the {len(people)} people.", field="words"
        )
    return speaker


def _second(value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= LONGEST_S:
        raise _wrong("words", "timed in seconds between 0 and 43200")
    return float(value)
