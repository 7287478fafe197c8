"""The app `demo`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.apps import AppConfig

if TYPE_CHECKING:
    from plainspoken.people.sign_in import DemoLogin


class DemoConfig(AppConfig):
    name = "plainspoken.demo"
    label = "demo"
    verbose_name = "Demo"

    def ready(self) -> None:
        """The sign-in page of a demonstration shows who one can be."""
        from plainspoken.people.sign_in import ask_demo

        ask_demo(_logins)


def _logins() -> "Sequence[DemoLogin]":
    from plainspoken.demo.centre import sign_ins
    from plainspoken.people.sign_in import DemoLogin

    return [DemoLogin(role=one.role, login=one.login, password=one.password) for one in sign_ins()]
