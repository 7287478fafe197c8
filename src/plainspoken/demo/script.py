"""The fictional contact centre: its people and its twelve calls, as data of ours.

A call is written in `calls/*.yaml`; personal spans in it are marked `[TYPE:as written|as spoken]`. The
sound in `sound/` and the times in `calls/truth.json` come from `scripts/make_demo_sound.py` and are
committed.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent
CALLS, SOUND = FOLDER / "calls", FOLDER / "sound"
TRUTH, PEOPLE = CALLS / "truth.json", FOLDER / "people.json"
AGENT_CHANNEL, CUSTOMER_CHANNEL = 0, 1

_MARK = re.compile(r"\[([A-Z_]+):([^\]|]+)(?:\|([^\]]+))?\]")


@dataclass(frozen=True)
class Person:
    """Staff have a role and queues; customers a phone, an address and perhaps a right they will ask for."""

    id: str
    name: str
    email: str
    account: str
    role: str
    phone: str = ""
    address: str = ""
    queues: tuple[str, ...] = ()
    will: str | None = None


@dataclass(frozen=True)
class Span:
    """Somebody's personal data in a turn. `start` and `end` count characters of the turn's text; `start_s`
    and `end_s` are the seconds of the call in which it is heard."""

    type: str
    text: str
    start: int
    end: int
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Turn:
    """One person speaking: as written, as spoken (numbers in words), and when."""

    speaker: Person
    channel: int
    text: str
    spoken: str
    spans: tuple[Span, ...]
    start_s: float
    end_s: float
    words: tuple[tuple[str, float, float], ...]


@dataclass(frozen=True)
class DemoCall:
    """A call of the demo. `mentions`: customers who are spoken of and take no part."""

    id: str
    queue: str
    agent: Person
    customers: tuple[Person, ...]
    mentions: tuple[Person, ...]
    days_ago: int
    at: time
    subject_line: str
    sound: Path
    duration_s: float
    turns: tuple[Turn, ...]

    def started_at(self, today: datetime) -> datetime:
        """When it began, counted back from `today`, in today's time zone."""
        day = today - timedelta(days=self.days_ago)
        return day.replace(hour=self.at.hour, minute=self.at.minute, second=0, microsecond=0)

    def facts(self, today: datetime) -> dict[str, object]:
        """The fields of the collection point `conversation.folder`, but for the sound. A second customer
        is in `others`."""
        first = self.customers[0]
        return {
            "source_id": f"demo-{self.id}",
            "started_at": self.started_at(today).isoformat(),
            "duration": self.duration_s,
            "direction": "inbound",
            "queue": self.queue,
            "subject_line": self.subject_line,
            "language": "en",
            "agent_name": self.agent.name,
            "agent_email": self.agent.email,
            "agent_account": self.agent.account,
            "customer_name": first.name,
            "customer_email": first.email,
            "customer_phone": first.phone,
            "customer_account": first.account,
        }

    def others(self) -> tuple[Person, ...]:
        """Customers on the line beside the first; they speak on the same channel."""
        return self.customers[1:]


@cache
def people() -> dict[str, Person]:
    """Everybody by id: staff and customers."""
    data = json.loads(PEOPLE.read_text(encoding="utf-8"))
    found = [_person(row, role=row["role"]) for row in data["staff"]]
    found += [_person(row, role="customer") for row in data["customers"]]
    return {person.id: person for person in found}


def staff(role: str | None = None) -> tuple[Person, ...]:
    """Staff, all or of one role: agent, supervisor, analyst, privacy_officer, administrator."""
    return tuple(p for p in people().values() if p.role != "customer" and role in (None, p.role))


def customers() -> tuple[Person, ...]:
    """The ten customers."""
    return tuple(p for p in people().values() if p.role == "customer")


def customer_who_will(right: str) -> Person:
    """The customer who will ask for access, erase or restrict."""
    return next(person for person in customers() if person.will == right)


@cache
def centre() -> dict[str, Any]:
    """Name, city, time zone and queues of the centre."""
    data = json.loads(PEOPLE.read_text(encoding="utf-8"))
    return {**data["centre"], "queues": tuple(data["queues"])}


@cache
def calls() -> tuple[DemoCall, ...]:
    """The twelve calls in order. Raises FileNotFoundError when the generated parts are not there."""
    return tuple(_call(path, truth()["calls"][path.stem]) for path in scripts())


@cache
def truth() -> dict[str, Any]:
    """What the generator wrote: for each call its length, digest, and the times of turns, spans and words."""
    return dict(json.loads(TRUTH.read_text(encoding="utf-8")))


def scripts() -> list[Path]:
    """The script files in order."""
    return sorted(CALLS.glob("*.yaml"))


@dataclass(frozen=True)
class Piece:
    """A stretch of a scripted turn; `type` marks personal data."""

    written: str
    spoken: str
    type: str | None


def pieces(marked: str) -> Iterator[Piece]:
    """Cut a scripted text at its marks."""
    at = 0
    for mark in _MARK.finditer(marked):
        if mark.start() > at:
            yield Piece(marked[at : mark.start()], marked[at : mark.start()], None)
        yield Piece(mark[2], mark[3] or mark[2], mark[1])
        at = mark.end()
    if at < len(marked):
        yield Piece(marked[at:], marked[at:], None)


def speaker_of(script: dict[str, Any], who: str) -> str:
    """The id of the person behind `agent`, `customer` or `customer2`."""
    if who == "agent":
        return str(script["agent"])
    return str(script["customers"][int(who.removeprefix("customer") or 1) - 1])


def _person(row: dict[str, Any], *, role: str) -> Person:
    return Person(
        id=row["id"],
        name=row["name"],
        email=row["email"],
        account=row["account"],
        role=role,
        phone=row.get("phone", ""),
        address=row.get("address", ""),
        queues=tuple(row.get("queues", ())),
        will=row.get("will"),
    )


def _call(path: Path, truth: dict[str, Any]) -> DemoCall:
    script = yaml.safe_load(path.read_text(encoding="utf-8"))
    everybody = people()
    return DemoCall(
        id=path.stem,
        queue=script["queue"],
        agent=everybody[script["agent"]],
        customers=tuple(everybody[name] for name in script["customers"]),
        mentions=tuple(everybody[name] for name in script.get("mentions", ())),
        days_ago=script["days_ago"],
        at=time.fromisoformat(script["at"]),
        subject_line=script["subject_line"],
        sound=SOUND / f"{path.stem}.opus",
        duration_s=truth["duration_s"],
        turns=tuple(
            _turn(written, times, script)
            for written, times in zip(script["turns"], truth["turns"], strict=True)
        ),
    )


def _turn(written: dict[str, Any], times: dict[str, Any], script: dict[str, Any]) -> Turn:
    cut = list(pieces(written["text"]))
    spans, at, heard = [], 0, iter(times["spans"])
    for piece in cut:
        if piece.type is not None:
            start_s, end_s = next(heard)
            spans.append(Span(piece.type, piece.written, at, at + len(piece.written), start_s, end_s))
        at += len(piece.written)
    return Turn(
        speaker=people()[speaker_of(script, written["who"])],
        channel=AGENT_CHANNEL if written["who"] == "agent" else CUSTOMER_CHANNEL,
        text="".join(piece.written for piece in cut),
        spoken="".join(piece.spoken for piece in cut),
        spans=tuple(spans),
        start_s=times["start_s"],
        end_s=times["end_s"],
        words=tuple((word, start, end) for word, start, end in times["words"]),
    )
