"""People whom nobody resembles: whatever is left of them anywhere is found."""

from dataclasses import dataclass
from uuid import uuid4

LETTERS = "bcdfghjklmnpqrst"


@dataclass(frozen=True)
class Canary:
    """Identifiers of one invented person. The word is rare, but no identifier: only an erasure ends it."""

    name: str
    email: str
    phone: str
    account: str
    card: str
    word: str

    @property
    def identifiers(self) -> tuple[str, ...]:
        """What a redaction must remove, and an erasure leave nothing of."""
        return (self.name, self.email, self.phone, self.account, self.card)

    @property
    def everything(self) -> tuple[str, ...]:
        return (*self.identifiers, self.word)

    @property
    def text(self) -> str:
        """All of it, as somebody may write it into any field."""
        return (
            f"I am {self.name}, my e-mail is {self.email}, my phone is {self.phone}, my account is"
            f" {self.account}, my card is {self.card}, and I bought the {self.word}."
        )


def canary() -> Canary:
    """A new one."""
    mark = "".join(LETTERS[int(digit, 16)] for digit in uuid4().hex[:12])
    number = uuid4().int
    return Canary(
        name=f"Zu{mark[:4]}a Ye{mark[4:9]}o",
        email=f"{mark}@canary.example",
        phone=f"+4930{number % 10_000_000:07d}3",
        account=f"AC-{number % 1_000_003:07d}-{mark[:3].upper()}",
        card=_card(f"455673{number % 10**9:09d}"),
        word=f"kiwi{mark}",
    )


def _card(start: str) -> str:
    """A card number of 16 digits whose last one makes the sum right (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, digit in enumerate(reversed(start)):
        doubled = int(digit) * (2 if place % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    whole = start + str(-total % 10)
    return " ".join(whole[at : at + 4] for at in range(0, 16, 4))
