"""The redacted sound or words of one conversation leave as a file, through the disclosure gate."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from plainspoken.conversations import media, ports
from plainspoken.conversations.models import Clip, Conversation, HandedOut
from plainspoken.conversations.queries import customers_of
from plainspoken.conversations.typed import cleaned
from plainspoken.custody import clock, keys
from plainspoken.custody.actors import Actor
from plainspoken.custody.acts import context
from plainspoken.custody.sessions import purpose as session_for
from plainspoken.disclosures.services import Delivered, release
from plainspoken.policies.queries import rule
from plainspoken.ui.wording import clock_time

from .holding import NoConversation
from .playing import NothingToPlay, open_sound

CATEGORIES = {"sound": ("voice",), "words": ("words",)}
LONGEST_REASON, SHORTEST_REASON = 500, 10
GATE = "disclose.default-deny"


class NotHandedOut(ValueError):
    """Nothing left, because of what was asked; the sentence says what to do."""


@dataclass(frozen=True)
class File:
    """What left: a name, a media type, the bytes."""

    name: str
    media_type: str
    data: bytes


def recipients(*, organisation: UUID, purpose: str, what: str) -> dict[str, str]:
    """To whom the policy lets this leave for this purpose: names and titles."""
    return _recipients(organisation, purpose, set(CATEGORIES[what]))


def list_recipients(*, organisation: UUID, purpose: str) -> dict[str, str]:
    """To whom the policy lets a list of conversations leave for this purpose: names and titles."""
    return _recipients(organisation, purpose, {"call", "pseudonym"})


def _recipients(organisation: UUID, purpose: str, wanted: set[str]) -> dict[str, str]:
    known = rule(organisation=organisation, clause=GATE).recipients
    return {
        name: item.title
        for name, item in known.items()
        if purpose in item.purposes and wanted <= set(item.categories)
    }


def hand_out(
    *,
    organisation: UUID,
    conversation: Callable[[], Conversation],
    name: str,
    what: str,
    recipient: str,
    purpose: str,
    reason: str,
    by: Actor,
) -> File:
    """Outside a session. `conversation` finds the row within one, for somebody who may see it.

    Raises NotHandedOut, NothingToPlay, NoConversation, and the gate's Refused, which is recorded.
    """
    if what not in CATEGORIES:
        raise NotHandedOut("Choose the sound or the words.")
    if len(reason.strip()) < SHORTEST_REASON:
        raise NotHandedOut("Say in one sentence why it must leave. The customer can read it.")
    made: list[File] = []
    with session_for(purpose, organisation=organisation, by=by):
        row = conversation()
        subject = next(iter(customers_of(row.id)), None)

    def deliver() -> Delivered:
        with session_for(purpose, organisation=organisation, by=by):
            again = conversation()
            made.append(_file(again, name, what, subject, by))
            _keep(again, what=what, recipient=recipient, purpose=purpose, reason=reason, by=by)
        return Delivered(parts=1, bytes=len(made[0].data))

    release(
        organisation=organisation,
        recipient=recipient,
        purpose=purpose,
        categories=CATEGORIES[what],
        subject=subject,
        deliver=deliver,
        by=by,
        about=f"conversation:{row.id}",
    )
    return made[0]


def _file(row: Conversation, name: str, what: str, subject: UUID | None, by: Actor) -> File:
    if what == "sound":
        playable = open_sound(conversation=row.id, subject=subject, by=by)
        return File(f"{name}.opus", "audio/ogg", b"".join(playable.read(0, playable.size)))
    script = ports.words().script(row.id)
    if script is None:
        raise NoConversation("The transcript of this conversation is not written yet. Wait for it.")
    lines = [
        f"{clock_time(line.start_s)}\t{_who(line)}\t{line.text}" for line in script.lines if not line.gone
    ]
    return File(f"{name}.txt", "text/plain; charset=utf-8", ("\r\n".join(lines) + "\r\n").encode())


def _who(line: ports.Line) -> str:
    return f"person {line.position + 1}" if line.position is not None else "somebody"


def _keep(row: Conversation, *, what: str, recipient: str, purpose: str, reason: str, by: Actor) -> None:
    if row.content_key is None:
        raise NoConversation("This conversation was erased.")
    handed = HandedOut(
        organisation_id=row.organisation_id,
        conversation=row,
        content_key=row.content_key,
        what=what,
        recipient=recipient,
        purpose=purpose,
        by=str(by),
        at=clock.now(row.organisation_id),
    )
    handed.reason = keys.content_sealer(row.content_key).seal_text(
        cleaned(reason, most=LONGEST_REASON), context=context(handed, "reason")
    )
    handed.save(force_insert=True)


def clip_sound(row: Clip, *, subject: UUID | None, by: Actor) -> bytes:
    """The seconds of a clip as a sound of their own, of the silenced copy. Raises NothingToPlay."""
    return stretch(row.conversation_id, row.start_s, row.end_s, subject=subject, by=by)


def stretch(conversation: UUID, start: float, end: float, *, subject: UUID | None, by: Actor) -> bytes:
    """Seconds of the silenced copy as Ogg Opus. Raises NothingToPlay."""
    playable = open_sound(conversation=conversation, subject=subject, by=by)
    try:
        with media.SealedSound(playable.name, playable.sealer) as source:
            return b"".join(media.stretch(source, start, end))
    except media.UnreadableSound as error:
        raise NothingToPlay("The sound cannot be read.") from error
