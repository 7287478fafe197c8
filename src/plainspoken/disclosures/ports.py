"""What disclosures need from outside: something that carries a mail. An adapter implements it."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string


@dataclass(frozen=True)
class Mail:
    """One mail to one person. `identity` makes its Message-ID, so that a repeated one is recognised.

    stop: where one click ends mails of this kind (RFC 8058); empty where there is nothing to end.
    """

    to: str
    sender: str
    sender_name: str
    subject: str
    text: str
    identity: str
    at: datetime
    html: str = ""
    stop: str = ""


class MailFailed(RuntimeError):
    """The mail did not go. `temporary`: trying again may help. The message repeats no address."""

    def __init__(self, sentence: str, *, temporary: bool) -> None:
        super().__init__(sentence)
        self.temporary = temporary


class Mailer(Protocol):
    """Carries mails over the server at `url` (smtp://, smtps:// or starttls://)."""

    def send(self, mail: Mail, *, url: str) -> int:
        """Hand the mail to the server; returns its size in bytes. Raises MailFailed."""
        ...


@cache
def mailer() -> Mailer:
    return cast(Mailer, import_string(settings.PORTS["mail"])())
