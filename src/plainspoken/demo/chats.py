"""The chats of the demonstration: enough different people that groups of them may be counted (use.aggregate)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cache
from typing import Any

import yaml

from .script import FOLDER, Person, staff

CHATS = FOLDER / "chats.yaml"
SECONDS_A_LETTER = 0.9  # a slow typist, so that lengths differ


@dataclass(frozen=True)
class DemoChat:
    """A chat: who wrote to whom, when, and what. `turns` are (agent or customer, text)."""

    id: str
    queue: str
    agent: Person
    customer: Person
    days_ago: int
    at: time
    subject_line: str
    turns: tuple[tuple[str, str], ...]

    @property
    def duration_s(self) -> float:
        """How long it took to write, in seconds."""
        return round(sum(len(text) for _, text in self.turns) * SECONDS_A_LETTER)

    def started_at(self, today: datetime) -> datetime:
        """When it began, counted back from `today`, in today's time zone."""
        day = today - timedelta(days=self.days_ago)
        return day.replace(hour=self.at.hour, minute=self.at.minute, second=0, microsecond=0)

    def facts(self, today: datetime) -> dict[str, object]:
        """The fields of the collection point `conversation.folder`, but for the words."""
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
            "customer_name": self.customer.name,
            "customer_email": self.customer.email,
            "customer_account": self.customer.account,
        }


@cache
def chats() -> tuple[DemoChat, ...]:
    """Every chat in order; each customer writes once."""
    return tuple(_chats())


def _chats() -> Iterator[DemoChat]:
    data = yaml.safe_load(CHATS.read_text(encoding="utf-8"))
    number = 0
    for day in data["days"]:
        agents = [one for one in staff("agent") if day["queue"] in one.queues]
        written = data["chats"][day["queue"]]
        for place, name in enumerate(day["people"]):
            number += 1
            customer = _customer(name, number)
            chat = written[place % len(written)]
            yield DemoChat(
                id=f"chat-{number:02}",
                queue=day["queue"],
                agent=agents[place % len(agents)],
                customer=customer,
                days_ago=day["days_ago"],
                at=_later(time.fromisoformat(day["from"]), minutes=place * day["every_min"]),
                subject_line=chat["subject"],
                turns=tuple((turn["who"], _filled(turn, customer, number)) for turn in chat["turns"]),
            )


def _customer(name: str, number: int) -> Person:
    first, _, last = name.lower().partition(" ")
    return Person(
        id=f"{first}.{last}",
        name=name,
        email=f"{first}.{last}@mailbox.example",
        account=f"C-{80_000 + 37 * number}",
        role="customer",
    )


def _later(start: time, *, minutes: int) -> time:
    whole = start.hour * 60 + start.minute + minutes
    return time(whole // 60, whole % 60)


def _filled(turn: dict[str, Any], customer: Person, number: int) -> str:
    return str(turn["text"]).format(order=f"L{4_210 + 13 * number}", name=customer.name, email=customer.email)
