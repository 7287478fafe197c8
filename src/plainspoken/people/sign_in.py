"""Sign-in by e-mail and password through allauth; accounts are made by administrators, not by strangers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from plainspoken.custody.models import Organisation

DEFAULT_FAILURES = (5, 900)

# Set by `policies` at start-up: (attempts, seconds) of the strictest published rule. `people` is below it.
_ask: list[Callable[[], tuple[int, int]]] = []


def ask_policy(answer: Callable[[], tuple[int, int]]) -> None:
    """Where the number of failures and the length of the lock-out come from."""
    _ask[:] = [answer]


def failures_allowed() -> tuple[int, int]:
    """(failed sign-ins allowed, seconds of the window); before any policy is published, 5 in 15 minutes."""
    return _ask[0]() if _ask else DEFAULT_FAILURES


@dataclass(frozen=True)
class DemoLogin:
    """A sign-in of the demonstration, shown to everybody; its organisation holds made-up people only."""

    role: str
    login: str
    password: str


_ask_demo: list[Callable[[], Sequence[DemoLogin]]] = []


def ask_demo(answer: Callable[[], Sequence[DemoLogin]]) -> None:
    """Where the sign-ins of the demonstration come from; `demo` is above `people`."""
    _ask_demo[:] = [answer]


def demo_logins() -> Sequence[DemoLogin]:
    """The sign-ins to show; none where there is no demonstration organisation."""
    if not _ask_demo or not Organisation.objects.filter(kind=Organisation.Kind.DEMO).exists():
        return ()
    return _ask_demo[0]()


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """No sign-up; nothing else differs."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def populate_username(self, request: HttpRequest, user: Any) -> None:
        """Accounts have no user name; the address is the name."""
