"""Seconds that leave the sound as it arrived, for good: pauses told late, and card security codes."""

from collections.abc import Iterable, Sequence
from typing import Literal
from uuid import UUID

from plainspoken.conversations import media
from plainspoken.conversations.models import Recording
from plainspoken.custody import keys, ledger, objects
from plainspoken.custody.actors import Actor

from .holding import Intervals, write_copy

# Another run finds the same seconds again, a little narrower or wider since the sound around them is silent now.
TOLERANCE_S = 0.5
Channel = int | Literal["both"]


def take_out(*, conversation: UUID, silent: Intervals, by: Actor) -> float:
    """Silence seconds (by channel) of the sound as it arrived; returns how many were not silent yet.

    Inside `ingest.write` or `rights.execute`. A sound without anything new to silence is not encoded again. Nobody can hear
    them any more, for whatever purpose. Without sound, nothing happens.
    """
    row = Recording.objects.select_related("content_key").filter(conversation_id=conversation).first()
    if row is None:
        return 0.0
    known = [(_channel(one[0]), float(one[1]), float(one[2])) for one in row.silenced]
    fresh = _fresh(silent, known)
    if not fresh:
        return 0.0
    sealer = keys.content_sealer(row.content_key)
    with media.SealedSound(row.original, sealer) as source:
        name, size, made = write_copy(media.without(source, _by_channel(fresh)), sealer=sealer)
    objects.remove_after_commit(row.original)
    row.original, row.size, row.duration_s = name, size, made.duration_s
    row.container, row.codec = "ogg", "opus"
    row.silenced = [
        [None if channel == "both" else channel, start, end] for channel, start, end in (*known, *fresh)
    ]
    row.save(update_fields=["original", "size", "duration_s", "container", "codec", "silenced"])
    seconds = sum(end - start for _, start, end in fresh)
    ledger.enter(
        act="sound.taken_out", about=f"conversation:{conversation}", by=by, detail={"parts": len(fresh)}
    )
    return seconds


def _channel(kept: int | None) -> Channel:
    return "both" if kept is None else kept


def _fresh(
    silent: Intervals, known: Sequence[tuple[Channel, float, float]]
) -> list[tuple[Channel, float, float]]:
    return [
        (channel, round(start, 3), round(end, 3))
        for channel, stretches in silent.items()
        for start, end in stretches
        if not any(
            where in (channel, "both") and first - TOLERANCE_S <= start and end <= last + TOLERANCE_S
            for where, first, last in known
        )
    ]


def _by_channel(stretches: Iterable[tuple[Channel, float, float]]) -> Intervals:
    found: dict[Channel, list[tuple[float, float]]] = {}
    for channel, start, end in stretches:
        found.setdefault(channel, []).append((start, end))
    return {channel: sorted(own) for channel, own in found.items()}
