"""Sending queued mails."""

from uuid import UUID

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from . import announcing, messages
from .ports import MailFailed


class TryAgain(RuntimeError):
    """The mail server may take it later."""


@app.task(
    name="disclosures.send",
    queue="mail",
    retry=RetryStrategy(max_attempts=8, exponential_wait=5, retry_exceptions={TryAgain}),
)
def send(*, message: str, organisation: str, purpose: str) -> None:
    """Send one mail. Temporary failures are tried again over about a day; others stay failed for people to
    see.
    """
    try:
        about = messages.send(message=UUID(message), organisation=UUID(organisation), purpose=purpose)
    except MailFailed as error:
        if error.temporary:
            raise TryAgain(str(error)) from None
        raise
    if version := announcing.version_of(about):
        announcing.conclude(organisation=UUID(organisation), version=version)


@app.task(name="disclosures.announce", queue="mail", retry=RetryStrategy(max_attempts=6, exponential_wait=4))
def announce(*, organisation: str, version: str) -> None:
    """Tell everybody of a coming change of the notice."""
    announcing.announce(organisation=UUID(organisation), version=UUID(version))
