"""The sound and the drawing that a reader may have: of the silenced copy, never of the original."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from plainspoken.conversations.models import PlayCopy
from plainspoken.custody import keys, ledger, objects
from plainspoken.custody.actors import Actor
from plainspoken.custody.acts import context
from plainspoken.custody.keys import Sealer

MEDIA_TYPE = "audio/ogg; codecs=opus"


class NothingToPlay(LookupError):
    """There is no sound of this conversation for the purpose in force."""


@dataclass(frozen=True)
class Playable:
    """A sound that may be heard. `tag` names this very copy; `read` needs no database."""

    tag: str
    size: int
    name: str
    sealer: Sealer

    def read(self, start: int, end: int) -> Iterator[bytes]:
        """Plain bytes of [start, end), opened as they are sent."""
        return objects.read(self.name, sealer=self.sealer, start=start, end=end)


def open_sound(*, conversation: UUID, subject: UUID | None, by: Actor) -> Playable:
    """The silenced copy, inside the reader's purpose session; entered in the ledger. Raises NothingToPlay."""
    row = _copy(conversation)
    ledger.enter_read(
        place="conversations.PlayCopy", rows=1, by=by, subject=subject, about=f"conversation:{conversation}"
    )
    try:
        sealer = keys.content_sealer(row.content_key)
    except keys.KeyGone as error:
        raise NothingToPlay("This sound was erased.") from error
    return Playable(tag=row.id.hex, size=row.size, name=row.sound, sealer=sealer)


def drawing(*, conversation: UUID) -> tuple[float, list[list[float]]]:
    """Seconds and peaks (0 to 1, a list for each channel, the agent's first) of the silenced copy."""
    row = _copy(conversation)
    try:
        plain = keys.content_sealer(row.content_key).open(bytes(row.peaks), context=context(row, "peaks"))
    except keys.KeyGone as error:
        raise NothingToPlay("This sound was erased.") from error
    return row.duration_s, json.loads(plain)


def moments(row: PlayCopy) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    """Silences, and where both sides speak, of a silenced copy; none where nobody listened for them."""
    if row.moments is None:
        return [], []
    try:
        plain = keys.content_sealer(row.content_key).open(bytes(row.moments), context=context(row, "moments"))
    except keys.KeyGone:
        return [], []
    silences, talk_over = json.loads(plain)
    return [(start, end) for start, end in silences], [(start, end) for start, end in talk_over]


def _copy(conversation: UUID) -> PlayCopy:
    row = PlayCopy.objects.select_related("content_key").filter(conversation_id=conversation).first()
    if row is None:
        raise NothingToPlay("There is no sound of this conversation to play.")
    return row
