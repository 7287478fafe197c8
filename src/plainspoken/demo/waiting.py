"""What waits on the desk when the demonstration starts: three requests, at three stages, with clocks apart."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from .script import Person, people


@dataclass(frozen=True)
class Waiting:
    """A request that nobody has finished. `stage`: unproved, to decide, or decided by the first person.

    `days_ago` is when it arrived; None is just now, on the page.
    """

    kind: str
    person: Person
    stage: Literal["unproved", "open", "second"]
    days_ago: int | None
    details: str

    def received_at(self, today: datetime) -> datetime | None:
        """When its clock started, counted back from `today`."""
        return None if self.days_ago is None else today - timedelta(days=self.days_ago)


_ROWS: tuple[tuple[str, str, Literal["unproved", "open", "second"], int | None, str], ...] = (
    ("access", "emily.carter", "open", 25, "You charged me twice. Send me everything, the call as well."),
    ("erase", "susan.walker", "second", 11, "I do not shop with you any more. Erase what you have."),
    ("access", "james.miller", "unproved", None, "What did your colleague write down about me?"),
)


def waiting() -> Iterator[Waiting]:
    """The three requests, in the order in which they arrived."""
    for kind, person, stage, days_ago, details in _ROWS:
        yield Waiting(kind, people()[person], stage, days_ago, details)
