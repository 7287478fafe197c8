"""Mails to people: written sealed in the act's own transaction, sent through the gate by a job, then
blanked.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from procrastinate.contrib.django import app

from plainspoken.custody import clock, keys, ledger
from plainspoken.custody.actors import Actor, program
from plainspoken.custody.acts import context
from plainspoken.custody.models import Organisation
from plainspoken.custody.ports import KeyGone, keyring
from plainspoken.custody.sessions import purpose as session_for
from plainspoken.custody.sessions import required
from plainspoken.policies.queries import policy_in_force

from .models import Message
from .ports import Mail, MailFailed, mailer
from .services import Delivered, Refused, release

POSTMAN = program("postman")
RECIPIENT = "data-subject"
SENDABLE = (Message.State.QUEUED, Message.State.FAILED)


class NoMailServer(ValueError):
    """The organisation has no mail server, so it can send no mail."""


@dataclass(frozen=True)
class Letter:
    """An address and words, opened."""

    to: str
    title: str
    text: str


def check_mail(*, organisation: UUID) -> None:
    """Raises NoMailServer where mail cannot go. A demonstration keeps its mails in its outbox instead."""
    house = Organisation.objects.get(id=organisation)
    if not house.smtp_url and house.kind != Organisation.Kind.DEMO:
        raise NoMailServer(
            "No mail server is set up, so no mail can go. Give its address to `plainspoken init`."
        )


def write(
    *,
    to: str,
    title: str,
    text: str,
    categories: Sequence[str],
    by: Actor,
    subject: UUID | None = None,
    key: str = "",
    about: str = "",
) -> Message:
    """Queue a mail in the session in force. `key` names the key that seals it (default: the subject's).

    Raises NoMailServer.
    """
    message = hold(to=to, categories=categories, subject=subject, key=key, about=about)
    post(message=message, title=title, text=text, by=by)
    return message


def hold(
    *,
    to: str,
    categories: Sequence[str],
    subject: UUID | None = None,
    key: str = "",
    about: str = "",
    words: str = "",
) -> Message:
    """Keep an address, and a note, for a mail whose words come later (the last mail of an erasure).

    Sealed by the named key, else the subject's, else one of its own that is destroyed once it was sent.
    """
    session = required()
    check_mail(organisation=session.organisation)
    message = Message(
        organisation_id=session.organisation,
        subject_id=subject,
        purpose=session.purpose,
        categories=sorted(set(categories)),
        about=about,
        state=Message.State.HELD,
        made_at=clock.now(session.organisation),
    )
    message.key_name = key or (f"subject/{subject}" if subject else own_key_of(message))
    sealer = keys.organisation_sealer(message.key_name)
    message.to = sealer.seal_text(to, context=context(message, "to"))
    message.text = sealer.seal_text(words, context=context(message, "text"))
    message.save(force_insert=True)
    return message


def post(*, message: Message, title: str, text: str, by: Actor) -> None:
    """Give a held mail its words and queue it."""
    sealer = keys.organisation_sealer(message.key_name)
    message.title = sealer.seal_text(title, context=context(message, "title"))
    message.text = sealer.seal_text(text, context=context(message, "text"))
    message.state = Message.State.QUEUED
    message.save(update_fields=["title", "text", "state"])
    ledger.enter(act="mail.queued", subject=message.subject_id, about=f"message:{message.id}", by=by)
    app.configure_task(name="disclosures.send").defer(
        message=str(message.id), organisation=str(message.organisation_id), purpose=message.purpose
    )


def read(message: Message) -> Letter:
    """What a mail says, opened. Raises KeyGone after an erasure."""
    sealer = keys.organisation_sealer(message.key_name)

    def opened(column: str) -> str:
        value = getattr(message, column)
        return sealer.open_text(value, context=context(message, column)) if value else ""

    return Letter(to=opened("to"), title=opened("title"), text=opened("text"))


def send(*, message: UUID, organisation: UUID, purpose: str) -> str:
    """Send one queued mail through the gate (body of the job `disclosures.send`); returns what it is about.

    A mail that is gone, or was sent already, is not sent again.

    Sending twice carries the same Message-ID. Raises MailFailed (try again if `temporary`), NoMailServer,
    Refused.
    """
    taken = _take(message=message, organisation=organisation, purpose=purpose)
    if taken is None:
        return ""
    row, letter = taken
    house = Organisation.objects.get(id=organisation)
    controller = policy_in_force(organisation=organisation).controller
    mail = Mail(
        to=letter.to,
        sender=controller.privacy_contact,
        sender_name=controller.name,
        subject=letter.title,
        text=letter.text,
        identity=str(row.id),
        at=clock.now(organisation),
        stop=stop_link(row.about),
    )

    def deliver() -> Delivered:
        if house.smtp_url:
            return Delivered(parts=1, bytes=mailer().send(mail, url=house.smtp_url))
        check_mail(organisation=organisation)
        return Delivered(parts=1, bytes=len(letter.text.encode()))

    try:
        release(
            organisation=organisation,
            recipient=RECIPIENT,
            purpose=row.purpose,
            categories=row.categories,
            subject=row.subject_id,
            deliver=deliver,
            by=POSTMAN,
            about=f"message:{row.id}",
        )
    except (MailFailed, NoMailServer, Refused):
        _end(row, Message.State.FAILED)
        raise
    _end(row, Message.State.SENT if house.smtp_url else Message.State.OUTBOX)
    return row.about


def send_again(*, message: UUID, organisation: UUID, by: Actor) -> bool:
    """Queue a mail that failed once more, in the session in force; whether there was one to queue."""
    row = Message.objects.filter(id=message, organisation_id=organisation, state=Message.State.FAILED).first()
    if row is None:
        return False
    Message.objects.filter(id=row.id).update(state=Message.State.QUEUED)
    ledger.enter(act="mail.queued", subject=row.subject_id, about=f"message:{row.id}", by=by)
    app.configure_task(name="disclosures.send").defer(
        message=str(row.id), organisation=str(organisation), purpose=row.purpose
    )
    return True


# Which mails can be stopped with one click, by the beginning of what they are about. The apps above fill it.
_stops: dict[str, Callable[[str], str]] = {}


def stopped_by(prefix: str, link: Callable[[str], str]) -> None:
    """Mails whose `about` begins with `prefix` carry the link that is made of the rest (RFC 8058)."""
    _stops[prefix] = link


def stop_link(about: str) -> str:
    """Where one click ends mails about this; empty where nothing does."""
    for prefix, link in _stops.items():
        if about.startswith(prefix):
            return link(about.removeprefix(prefix))
    return ""


def _take(*, message: UUID, organisation: UUID, purpose: str) -> tuple[Message, Letter] | None:
    with session_for(purpose, organisation=organisation, by=POSTMAN):
        row = Message.objects.select_for_update().filter(id=message, state__in=SENDABLE).first()
        if row is None:
            return None
        row.attempts += 1
        row.save(update_fields=["attempts"])
        try:
            return row, read(row)
        except KeyGone:
            row.delete()
            return None


def _end(row: Message, state: Message.State) -> None:
    """Note how it ended. What was sent is blanked at once; a demonstration's outbox can still be read."""
    with session_for(row.purpose, organisation=row.organisation_id, by=POSTMAN):
        changed = Message.objects.select_for_update().filter(id=row.id).first()
        if changed is None:
            return
        changed.state = state
        changed.ended_at = clock.now(row.organisation_id)
        own_key = changed.key_name == own_key_of(changed)
        if state == Message.State.SENT or (state == Message.State.OUTBOX and own_key):
            # Of the last mail of an erasure, the address goes even where the words stay readable.
            changed.to = None
        if state == Message.State.SENT:
            changed.title = changed.text = None
        changed.save(update_fields=["state", "ended_at", "to", "title", "text"])
        ledger.enter(
            act=f"mail.{state}", subject=changed.subject_id, about=f"message:{changed.id}", by=POSTMAN
        )
    if own_key and state == Message.State.SENT:
        keyring().destroy(
            organisation=row.organisation_id, name=row.key_name, at=clock.now(row.organisation_id)
        )


def own_key_of(message: Message) -> str:
    """The name of a key that seals this mail alone."""
    return f"message/{message.id}"
