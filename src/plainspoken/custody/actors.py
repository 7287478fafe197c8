"""Who acts: a person with an account, a program of ours, or a visitor without an account."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID


@dataclass(frozen=True)
class Actor:
    """`id` is an account id, a program's name or a request reference; never a name or an address."""

    kind: Literal["person", "program", "visitor"]
    id: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


def person(account: UUID) -> Actor:
    return Actor(kind="person", id=str(account))


def program(name: str) -> Actor:
    return Actor(kind="program", id=name)


def visitor(reference: str) -> Actor:
    return Actor(kind="visitor", id=reference)
