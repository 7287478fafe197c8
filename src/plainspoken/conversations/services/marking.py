"""Pauses for card data and holds, as a telephone system or an agent's button tells them.

Between a pause and its end nothing stays: the sound is silent and the words are gone, in the sound as it arrived, in
the copy, the index and what is made of them. Events may come before the call itself does, or after it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q
from procrastinate.contrib.django import app as jobs

from plainspoken.conversations.arrival import TimedWord, Utterance
from plainspoken.conversations.models import (
    Conversation,
    Mark,
    Participation,
    PlayCopy,
    ReceivedWords,
    TelephonyEvent,
)
from plainspoken.custody import clock, keys, ledger, objects
from plainspoken.custody.actors import Actor
from plainspoken.custody.sessions import purpose, required
from plainspoken.policies.queries import rule

from .holding import Intervals, widened
from .lines import as_lines, lines_read
from .taking_out import take_out

Kind = EventKind = TelephonyEvent.Kind
BEGINS = {Kind.PAUSE: Mark.Kind.PAUSE, Kind.HOLD: Mark.Kind.HOLD}
ENDS = {Kind.RESUME: Mark.Kind.PAUSE, Kind.RETRIEVE: Mark.Kind.HOLD}
FOREVER = float("inf")


@dataclass(frozen=True)
class Event:
    """Something a telephone system says happened in a call, at a moment of the world's time."""

    kind: TelephonyEvent.Kind
    at: datetime


@dataclass(frozen=True)
class Stretch:
    """From one second of a call to another. `alone`: it ended by itself, since nobody ended it."""

    kind: Mark.Kind
    start_s: float
    end_s: float
    alone: bool = False


@dataclass(frozen=True)
class Marked:
    """`waiting` events belong to a call that has not arrived; `applied` ones silence a call that is here."""

    waiting: int
    applied: int


def fold(
    events: Iterable[Event], *, began: datetime, duration_s: float, ends_within: timedelta
) -> list[Stretch]:
    """Stretches from events in any order. A pause that nobody ends goes on for `ends_within`, a hold to the end.

    A second pause within a pause changes nothing; what lies outside the call is cut off.
    """
    found: list[Stretch] = []
    since: dict[Mark.Kind, float] = {}
    for event in sorted(events, key=lambda one: one.at):
        at = (event.at - began).total_seconds()
        if event.kind in BEGINS:
            kind = BEGINS[event.kind]
            if kind == Mark.Kind.PAUSE and kind in since and at > since[kind] + ends_within.total_seconds():
                found.append(_alone(kind, since.pop(kind), ends_within))
            since.setdefault(kind, at)
        else:
            kind = ENDS[event.kind]
            if kind in since:
                found.append(Stretch(kind, since.pop(kind), at))
    found += [_alone(kind, at, ends_within) for kind, at in since.items()]
    inside = [replace(one, start_s=max(0.0, one.start_s), end_s=min(duration_s, one.end_s)) for one in found]
    return sorted((one for one in inside if one.end_s > one.start_s), key=lambda one: one.start_s)


def _alone(kind: Mark.Kind, at: float, ends_within: timedelta) -> Stretch:
    end = at + ends_within.total_seconds() if kind == Mark.Kind.PAUSE else FOREVER
    return Stretch(kind, at, end, alone=True)


# ---- events come ----


def mark_call(*, organisation: UUID, source_id: str, events: Sequence[Event], by: Actor) -> Marked:
    """Take events of one call, by the id that its source gives it; of a call that is here they are applied at once."""
    with purpose("ingest.write", organisation=organisation, by=by):
        row = _arrived(organisation, source_id)
        if row is None:
            blind = keys.blind_index("telephony", source_id)
            _keep(organisation, events, by=by, blind=blind)
            ledger.enter(act="call.marked", by=by, detail={"events": len(events), "waiting": True})
            return Marked(waiting=len(events), applied=0)
        _mark_arrived(row, events, by)
        return Marked(waiting=0, applied=len(events))


def press(*, organisation: UUID, agent: UUID, kind: TelephonyEvent.Kind, by: Actor) -> None:
    """An agent's own button: the recording of whatever call they are in pauses, or goes on, now."""
    with purpose("ingest.write", organisation=organisation, by=by):
        event = Event(kind, clock.now(organisation))
        row = _call_of(organisation, agent, event.at)
        if row is not None:
            _mark_arrived(row, [event], by)
        else:
            _keep(organisation, [event], by=by, agent=agent)
        ledger.enter(act="call.button", by=by, detail={"event": str(kind)})


def _keep(
    organisation: UUID,
    events: Sequence[Event],
    *,
    by: Actor,
    blind: bytes | None = None,
    agent: UUID | None = None,
) -> None:
    TelephonyEvent.objects.bulk_create(
        TelephonyEvent(
            organisation_id=organisation,
            kind=one.kind,
            source_blind=blind,
            agent_id=agent,
            by=str(by),
            at=one.at,
        )
        for one in events
    )


def _arrived(organisation: UUID, source_id: str) -> Conversation | None:
    blinds = [
        keys.blind_index(f"source:{point.name}", source_id)
        for point in rule(organisation=organisation, clause="collect.points").points
        if point.name.startswith("conversation.")
    ]
    rows = Conversation.objects.select_for_update(of=("self",)).filter(
        organisation_id=organisation, erased_at=None
    )
    return rows.filter(source_blind__in=blinds).first()


def _call_of(organisation: UUID, agent: UUID, at: datetime) -> Conversation | None:
    """The call that this agent had at a moment, where it is here already."""
    mine = Participation.objects.filter(subject_id=agent, role=Participation.Role.AGENT).values(
        "conversation_id"
    )
    rows = Conversation.objects.select_for_update(of=("self",)).filter(
        id__in=mine, organisation_id=organisation, erased_at=None, started_at__lte=at
    )
    row = rows.order_by("-started_at").first()
    if row is None or row.duration_s is None or row.started_at + timedelta(seconds=row.duration_s) < at:
        return None
    return row


def _mark_arrived(row: Conversation, events: Sequence[Event], by: Actor) -> None:
    """A call that is here: a new pause is applied by a job; until then nobody hears the call."""
    more: list[Event] = []
    for event in sorted(events, key=lambda one: one.at):
        open_ = _unfinished(row, event)
        if open_ is not None and not any(one.kind in BEGINS for one in more):
            at = (event.at - row.started_at).total_seconds()
            open_.end_s, open_.ended_by_itself = max(open_.start_s, at), False
            open_.applied = False
            open_.save(update_fields=["end_s", "ended_by_itself", "applied"])
        else:
            more.append(event)
    stretches = fold(more, began=row.started_at, duration_s=_length(row), ends_within=_ends_within(row))
    _marks(row, stretches, by, applied=False)
    waiting = Mark.objects.filter(conversation=row, applied=False)
    if waiting.filter(kind=Mark.Kind.PAUSE).exists():
        for copy in PlayCopy.objects.filter(conversation=row):
            objects.remove_after_commit(copy.sound)
            copy.delete()
        Conversation.objects.filter(id=row.id).update(state=Conversation.State.WAITING)
        jobs.configure_task(name="transcripts.pause", lock=f"conversation:{row.id}").defer(
            conversation=str(row.id), organisation=str(row.organisation_id)
        )
    waiting.exclude(kind=Mark.Kind.PAUSE).update(applied=True)
    ledger.enter(
        act="call.marked", about=f"conversation:{row.id}", by=by,
        detail={"events": len(events), "pauses": sum(one.kind == Mark.Kind.PAUSE for one in stretches)},
    )  # fmt: skip


def _unfinished(row: Conversation, event: Event) -> Mark | None:
    if event.kind not in ENDS:
        return None
    at = (event.at - row.started_at).total_seconds()
    rows = Mark.objects.filter(conversation=row, kind=ENDS[event.kind], ended_by_itself=True, start_s__lte=at)
    return rows.order_by("-start_s").first()


def _length(row: Conversation) -> float:
    return row.duration_s if row.duration_s is not None else FOREVER


def pause_ends_within(*, organisation: UUID) -> timedelta:
    """How long a pause lasts when nobody ends it, by the published policy."""
    pause = rule(organisation=organisation, clause="security.safeguards").recording_pause_ends_within
    now = clock.now(organisation)
    within: timedelta = pause.add_to(now) - now
    return within


def _ends_within(row: Conversation) -> timedelta:
    return pause_ends_within(organisation=row.organisation_id)


def _marks(row: Conversation, stretches: Sequence[Stretch], by: Actor, *, applied: bool) -> None:
    now = clock.now(row.organisation_id)
    Mark.objects.bulk_create(
        Mark(
            organisation_id=row.organisation_id,
            conversation=row,
            kind=one.kind,
            start_s=one.start_s,
            end_s=min(one.end_s, 1e6),
            ended_by_itself=one.alone,
            applied=applied,
            by=str(by),
            at=now,
        )
        for one in stretches
    )


# ---- a call comes ----


def waiting_for(row: Conversation, *, source_id: str, agents: Sequence[UUID]) -> list[TelephonyEvent]:
    """Events that came before this call did: by its source's id, or by the button of its agents while it lasted."""
    wanted = Q(pk__in=[])
    if source_id:
        wanted |= Q(source_blind=keys.blind_index("telephony", source_id))
    if agents and row.duration_s is not None:
        end = row.started_at + timedelta(seconds=row.duration_s)
        wanted |= Q(agent_id__in=agents, at__gte=row.started_at, at__lte=end)
    return list(TelephonyEvent.objects.filter(wanted, organisation_id=row.organisation_id))


def stretches_of(row: Conversation, events: Sequence[TelephonyEvent], *, placed: bool) -> list[Stretch]:
    """What the events say of a call. One whose start nobody knows has its pauses anywhere: it is silent all through."""
    told = [Event(TelephonyEvent.Kind(one.kind), one.at) for one in events]
    if not placed:
        pauses = any(one.kind == Kind.PAUSE for one in told)
        return [Stretch(Mark.Kind.PAUSE, 0.0, _length(row), alone=True)] if pauses else []
    return fold(told, began=row.started_at, duration_s=_length(row), ends_within=_ends_within(row))


def took(
    row: Conversation, events: Sequence[TelephonyEvent], stretches: Sequence[Stretch], by: Actor
) -> None:
    """The events stand with the call now."""
    _marks(row, stretches, by, applied=True)
    TelephonyEvent.objects.filter(id__in=[one.id for one in events]).delete()


def silent_in(stretches: Sequence[Stretch]) -> Intervals:
    """The seconds in which nothing may be heard, wider than the pauses by what clocks may be off."""
    both = [widened(one.start_s, one.end_s) for one in stretches if one.kind == Mark.Kind.PAUSE]
    return {"both": both} if both else {}


def without_paused(words: Sequence[Utterance], silent: Intervals) -> tuple[Utterance, ...]:
    """Words that came with a call, without those of its pauses; one whose time nobody knows goes when there are any."""
    away = [own for stretches in silent.values() for own in stretches]
    if not away:
        return tuple(words)
    left = (_left(item, away) for item in words)
    return tuple(item for item in left if item is not None)


def _left(item: Utterance, away: Sequence[tuple[float, float]]) -> Utterance | None:
    if item.start_s is None or item.end_s is None:
        return None
    if not any(item.start_s < end and start < item.end_s for start, end in away):
        return item
    kept = tuple(word for word in item.words if not _within(word, away))
    if not kept:
        return None
    return replace(item, text=" ".join(word.text for word in kept), words=kept)


def _within(word: TimedWord, away: Sequence[tuple[float, float]]) -> bool:
    return any(word.start_s < end and start < word.end_s for start, end in away)


# ---- applying afterwards ----


@dataclass(frozen=True)
class Unapplied:
    """Seconds of a call that are still to silence, and the rows that say so."""

    silent: Intervals
    rows: tuple[UUID, ...]


def unapplied(conversation: UUID) -> Unapplied:
    """The pauses of a call that are not applied yet."""
    rows = list(Mark.objects.filter(conversation_id=conversation, kind=Mark.Kind.PAUSE, applied=False))
    stretches = [Stretch(Mark.Kind.PAUSE, row.start_s, row.end_s) for row in rows]
    return Unapplied(silent_in(stretches), tuple(row.id for row in rows))


def silence(*, conversation: UUID, pauses: Unapplied, by: Actor) -> None:
    """Silence the sound as it arrived and drop received words; the transcript's own words are the caller's to drop."""
    take_out(conversation=conversation, silent=pauses.silent, by=by)
    received = (
        ReceivedWords.objects.select_related("content_key").filter(conversation_id=conversation).first()
    )
    if received is not None:
        sealer = keys.content_sealer(received.content_key)
        kept = without_paused(lines_read(objects.read(received.words, sealer=sealer)), pauses.silent)
        name, _ = objects.write(as_lines(kept), sealer=sealer)
        objects.remove_after_commit(received.words)
        received.words = name
        received.save(update_fields=["words"])
    Mark.objects.filter(id__in=pauses.rows).update(applied=True)
    ledger.enter(
        act="call.silenced", about=f"conversation:{conversation}", by=by,
        detail={"pauses": len(pauses.rows), "organisation": str(required().organisation)},
    )  # fmt: skip
