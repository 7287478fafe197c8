"""What a prover has: an address, people to be, a mailbox, and the command line."""

import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from plainspoken.proofs.mailbox import Mailbox

CSRF = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@dataclass(frozen=True)
class Answered:
    """What a command answered: exit code, what it printed, what it complained of."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """The JSON it printed. Raises ValueError when it printed none."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Player:
    """A member of the proving organisation."""

    role: str
    email: str
    password: str
    token: str


CommandLine = Callable[[Sequence[str]], Answered]


@dataclass(frozen=True)
class World:
    """The running system as seen from outside. `slug` is a proving organisation of this run's own."""

    url: str
    organisation: str
    slug: str
    people: Mapping[str, Player]
    mailbox: Mailbox
    command: CommandLine
    folder: Path
    work: Callable[[], None] = field(default=lambda: None)
    # No wait is longer; where jobs run within the wait itself, what has not come soon never comes.
    patience: float = 300.0

    def cli(self, *arguments: str) -> Answered:
        """Run `plainspoken …`."""
        return self.command(arguments)

    def api(self, who: str = "supervisor") -> httpx.Client:
        """The HTTP API with this member's token."""
        return httpx.Client(
            base_url=f"{self.url}/api",
            headers={"Authorization": f"Bearer {self.people[who].token}"},
            timeout=60,
        )

    def visitor(self) -> httpx.Client:
        """A browser without an account."""
        return httpx.Client(base_url=self.url, timeout=60, follow_redirects=True)

    def browser(self, who: str) -> httpx.Client:
        """A browser in which this member has signed in."""
        client = self.visitor()
        page = client.get("/account/login/")
        client.post(
            "/account/login/",
            data={
                "csrfmiddlewaretoken": token_of(page.text),
                "login": self.people[who].email,
                "password": self.people[who].password,
            },
            headers={"Referer": f"{self.url}/account/login/"},
        )
        return client

    def eventually(self, look: Callable[[], Any], *, seconds: float = 60.0) -> Any:
        """The first true thing that `look` sees, or what it saw last when time is up. Jobs run meanwhile."""
        deadline = time.monotonic() + min(seconds, self.patience)
        while True:
            self.work()
            seen = look()
            if seen or time.monotonic() > deadline:
                return seen
            time.sleep(0.1)


SPAN = re.compile(
    r"P(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?"
)


def span(iso: str) -> timedelta:
    """An ISO 8601 duration at its shortest, months counted as 28 days: to stay surely before its end."""
    found = SPAN.fullmatch(iso)
    if not found:
        raise ValueError(f"{iso} is no duration.")
    part = {name: int(value or 0) for name, value in found.groupdict().items()}
    return timedelta(
        days=part["years"] * 365 + part["months"] * 28 + part["days"],
        hours=part["hours"],
        minutes=part["minutes"],
        seconds=part["seconds"],
    )


def surely_over(iso: str) -> str:
    """An ISO 8601 duration a little beyond another, for the clock: three days for long ones, else a minute."""
    found = SPAN.fullmatch(iso)
    if not found:
        raise ValueError(f"{iso} is no duration.")
    part = {name: int(value or 0) for name, value in found.groupdict().items()}
    if span(iso) >= timedelta(days=1):
        return f"P{part['years'] * 12 + part['months']}M{part['days'] + 3}D"
    return f"PT{int(span(iso).total_seconds()) + 60}S"


def token_of(html: str) -> str:
    """The form's token against forged requests. Raises LookupError where the page has no form."""
    found = CSRF.search(html)
    if not found:
        raise LookupError("The page has no form.")
    return found.group(1)


def submit(client: httpx.Client, path: str, data: Mapping[str, str]) -> httpx.Response:
    """Open a page, fill its form, send it: as a person would."""
    page = client.get(path)
    if not CSRF.search(page.text):
        raise LookupError(f"{path} answered {page.status_code} without a form.")
    return client.post(
        path,
        data={**data, "csrfmiddlewaretoken": token_of(page.text)},
        headers={"Referer": f"{client.base_url}{path}"},
    )


@dataclass(frozen=True)
class Somebody:
    """An invented person whom nobody else in the system resembles: found again anywhere, if anything is left."""

    name: str
    email: str
    phone: str
    account: str
    word: str


def somebody() -> Somebody:
    """A fresh person; letters are chosen so that the names are no words."""
    mark = "".join("bcdfghjklmnpqrstvwxz"[int(c, 16)] for c in uuid4().hex[:10])
    number = f"{uuid4().int % 10_000_000:07d}"
    return Somebody(
        name=f"Q{mark[:5]}a {mark[5:].title()}o",
        email=f"{mark}@canary.example",
        phone=f"+4930{number}1",
        account=f"AC-{number}-{mark[:3].upper()}",
        word=f"kiwi{mark}",
    )
