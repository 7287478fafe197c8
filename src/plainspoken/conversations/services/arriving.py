"""A conversation arrives: checked against its collection point, its people found, its content
sealed, its job queued.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Protocol
from uuid import UUID

from django.db import IntegrityError, connection
from procrastinate.contrib.django import app as jobs

from plainspoken.conversations import arrival, media
from plainspoken.conversations.arrival import ArrivalRefused, Given, Person, Utterance
from plainspoken.conversations.models import Conversation, Participation, ReceivedWords, Recording
from plainspoken.custody import clock, keys, ledger, objects
from plainspoken.custody.actors import Actor
from plainspoken.custody.acts import context
from plainspoken.custody.keys import Sealer
from plainspoken.custody.models import ContentKey, Organisation, Subject
from plainspoken.custody.sessions import purpose, required
from plainspoken.people.models import Identifier
from plainspoken.people.resolution import Given as GivenIdentifier
from plainspoken.people.resolution import attach, find, normalise, resolve
from plainspoken.policies.collection import CollectionRefused
from plainspoken.policies.collection import point as point_of
from plainspoken.policies.queries import version_in_force

from . import marking
from .holding import Intervals, write_copy
from .lines import as_lines

TRIES = 3
POINTS = "conversation."
# What somebody waits for goes before what a folder or an archive brings; other jobs stand between (0).
INTERACTIVE, BULK = 5, -5


class Judge(Protocol):
    """Whether a conversation of these facts may come in. Raises ArrivalRefused."""

    def __call__(self, *, organisation: UUID, kind: str, queue: str, direction: str) -> None: ...


_judges: list[Judge] = []


def judge_arrivals(judge: Judge) -> None:
    """Let a later station's rules decide what may arrive; this app stays below it. Asked in the arrival's session."""
    _judges[:] = [judge]


@dataclass(frozen=True)
class Arrival:
    """`created` is False when the conversation was here already; then nothing was stored."""

    conversation: Conversation
    created: bool


@dataclass(frozen=True)
class _Sound:
    """A sound that was looked at and may be kept."""

    source: Path | BinaryIO
    examined: media.Examined


def arrive(
    *,
    organisation: UUID,
    point: str,
    facts: Mapping[str, object],
    by: Actor,
    media: Path | BinaryIO | None = None,
    words: Sequence[Utterance] | None = None,
    people: Sequence[Person] = (),
    kind: str = "",
    agent_channel: int = 0,
    bulk: bool = False,
) -> Arrival:
    """Keep one conversation, in one transaction, or nothing of it.

    `facts` are fields of the collection point, by their names in the policy; `people` more parties than the
    facts can name. `media` is a path or a seekable file; `words` what was said, where the source knows it.
    `kind` is call or chat; left out, it follows from what arrives. Of a stereo sound the agent speaks on
    `agent_channel`. `bulk`: it is written after what people wait for. Raises ArrivalRefused.
    """
    house = Organisation.objects.get(id=organisation)
    given = arrival.read(
        facts,
        organisation=organisation,
        point=_point(organisation, point),
        people=people,
        words=words,
        has_sound=media is not None,
        time_zone=house.time_zone,
    )
    sound = _look_at(media) if media is not None else None
    for left in reversed(range(TRIES)):
        try:
            with purpose("ingest.write", organisation=organisation, by=by):
                return _arrive(
                    house, point, given, sound, by=by, kind=kind, agent_channel=agent_channel, bulk=bulk
                )
        except IntegrityError:
            # Another process kept the same conversation between our look and our write.
            if not left or connection.in_atomic_block:
                raise
    raise AssertionError("unreachable")


def _point(organisation: UUID, name: str):  # type: ignore[no-untyped-def]
    if not name.startswith(POINTS):
        raise ArrivalRefused("point", f"Conversations do not arrive at {name[:60]}. Use conversation.upload.")
    try:
        return point_of(organisation=organisation, name=name)
    except CollectionRefused as error:
        raise ArrivalRefused("point", str(error)) from error


def _look_at(sound: Path | BinaryIO) -> _Sound:
    try:
        return _Sound(sound, media.examine(sound))
    except media.UnreadableSound as error:
        raise ArrivalRefused("sound-unreadable", error.reason, field="sound") from error
    except media.TooLarge as error:
        raise ArrivalRefused("sound-too-large", str(error), field="sound") from error
    except FileNotFoundError as error:
        raise ArrivalRefused("sound-gone", "The sound file is not there any more. Send it again.") from error


def _arrive(
    house: Organisation,
    point: str,
    given: Given,
    sound: _Sound | None,
    *,
    by: Actor,
    kind: str,
    agent_channel: int,
    bulk: bool,
) -> Arrival:
    content = sound.examined.digest if sound else arrival.words_digest(given)
    source_blind = keys.blind_index(f"source:{point}", given.source_id) if given.source_id else None
    # The same bytes at another time are another call: two that recorded only silence are equal, too.
    moment = given.started_at.isoformat() if sound and given.started_at else ""
    content_blind = keys.blind_index("content", f"{content.hex()}:{moment}")
    named = [_Named(person, house.phone_region) for person in given.people]
    _one_at_a_time(
        house.id, [source_blind, content_blind, *(blind for item in named for blind in item.blinds)]
    )
    known = _known(house.id, point, source_blind, content_blind)
    if known is not None:
        return Arrival(known, created=False)
    kind = kind or _kind(given, sound)
    for judge in _judges:
        judge(organisation=house.id, kind=kind, queue=given.queue, direction=given.direction)
    everybody = [_resolved(item, house=house, point=point, by=by) for item in named]
    row = _row(house, point, given, sound, kind)
    row.source_blind, row.content_blind = source_blind, content_blind
    key, sealer = keys.new_content_key(
        holders=[s.id for s, p in zip(everybody, given.people, strict=True) if p.role == "customer"]
    )
    row.content_key = key
    row.source_id = (
        sealer.seal_text(given.source_id, context=context(row, "source_id")) if given.source_id else None
    )
    if given.subject_line:
        row.subject_line = sealer.seal_text(given.subject_line, context=context(row, "subject_line"))
    row.save(force_insert=True)
    _participations(row, given, everybody, _channels(given.people, sound, agent_channel))
    agents = [s.id for s, p in zip(everybody, given.people, strict=True) if p.role == "agent"]
    events = marking.waiting_for(row, source_id=given.source_id, agents=agents)
    stretches = marking.stretches_of(row, events, placed=given.started_at is not None)
    silent = marking.silent_in(stretches)
    if sound:
        _keep_sound(row, key, sealer, sound, silent)
    if words_left := marking.without_paused(given.words, silent):
        _keep_words(row, key, sealer, words_left)
    if events:
        marking.took(row, events, stretches, by)
    _enter(row, everybody, given, by)
    queue_writing(row, priority=BULK if bulk else INTERACTIVE)
    return Arrival(row, created=True)


def _one_at_a_time(organisation: UUID, blinds: Sequence[bytes | None]) -> None:
    """Two arrivals of one conversation, and two of one person, follow each other; others do not wait."""
    with connection.cursor() as cursor:
        for blind in sorted(blind for blind in blinds if blind):
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended(%s, 11))", [f"{organisation}:{blind.hex()}"]
            )


def _known(
    organisation: UUID, point: str, source_blind: bytes | None, content_blind: bytes
) -> Conversation | None:
    rows = Conversation.objects.filter(organisation_id=organisation)
    if source_blind and (found := rows.filter(point=point, source_blind=source_blind).first()):
        return found
    return rows.filter(content_blind=content_blind).first()


# ---- people ----


class _Named:
    """A party with the identifiers that it came with, normalised."""

    def __init__(self, person: Person, region: str) -> None:
        ways = {
            Identifier.Kind.NAME: person.name,
            Identifier.Kind.EMAIL: person.email,
            Identifier.Kind.ACCOUNT: person.account,
            Identifier.Kind.PHONE: person.phone,
        }
        self.person = person
        self.given = [GivenIdentifier(kind, value) for kind, value in ways.items() if value]
        self.wanted = normalise(self.given, region=region)

    @property
    def blinds(self) -> list[bytes]:
        strong = [item for item in self.wanted if item.kind != Identifier.Kind.NAME]
        return [keys.blind_index(item.kind, item.normal) for item in strong]


def _resolved(named: _Named, *, house: Organisation, point: str, by: Actor) -> Subject:
    """The data subject of a party. A telephone tells a customer; of staff it may be everybody's line."""
    region = house.phone_region
    if named.person.role == "customer":
        return resolve(given=named.given, region=region, source=point, by=by)
    own = [item for item in named.given if item.kind != Identifier.Kind.PHONE]
    if any(item.kind in (Identifier.Kind.EMAIL, Identifier.Kind.ACCOUNT) for item in own):
        subject = resolve(given=own, region=region, source=point, by=by, kind=Subject.Kind.STAFF)
        attach(subject=subject, wanted=named.wanted, source=point, by=by)
        return subject
    return _by_name(named.person.name, house) or resolve(
        given=named.given, region=region, source=point, by=by, kind=Subject.Kind.STAFF
    )


def _by_name(name: str, house: Organisation) -> Subject | None:
    """The one member of staff who bears exactly this name; none where nobody or more than one does."""
    if not name:
        return None
    named = find(kind=Identifier.Kind.NAME, value=name, region=house.phone_region)
    staff = list(Subject.objects.filter(id__in=named, kind=Subject.Kind.STAFF, erased_at=None)[:2])
    return staff[0] if len(staff) == 1 else None


def _channels(people: Sequence[Person], sound: _Sound | None, agent_channel: int) -> list[int | None]:
    """Where each person speaks: of two channels the agents on theirs, the customers on the other; of
    one, everybody.
    """
    if sound is None:
        return [None for _ in people]
    count = sound.examined.probe.channels
    if count == 1:
        return [0 for _ in people]
    agents = agent_channel if agent_channel in (0, 1) else 0
    return [
        person.channel if person.channel in (0, 1) else (agents if person.role == "agent" else 1 - agents)
        for person in people
    ]


def _participations(
    row: Conversation, given: Given, everybody: Sequence[Subject], channels: Sequence[int | None]
) -> None:
    for position, (person, subject, channel) in enumerate(
        zip(given.people, everybody, channels, strict=True)
    ):
        Participation.objects.create(
            organisation_id=row.organisation_id,
            conversation=row,
            subject=subject,
            role=person.role,
            position=position,
            channel=channel,
        )


# ---- rows and objects ----


def _row(house: Organisation, point: str, given: Given, sound: _Sound | None, kind: str) -> Conversation:
    now = clock.now(house.id)
    return Conversation(
        organisation=house,
        kind=kind,
        point=point,
        policy_version=version_in_force(organisation=house.id).number,
        started_at=given.started_at or now,
        duration_s=given.duration_s if given.duration_s is not None else _seconds(given, sound),
        direction=given.direction,
        queue=given.queue,
        language=given.language,
        arrived_at=now,
    )


def _kind(given: Given, sound: _Sound | None) -> str:
    timed = any(item.start_s is not None for item in given.words) or bool(given.duration_s)
    return Conversation.Kind.CALL if sound or timed else Conversation.Kind.CHAT


def _seconds(given: Given, sound: _Sound | None) -> float | None:
    if sound:
        return sound.examined.probe.duration_s
    return max((u.end_s for u in given.words if u.end_s is not None), default=None)


def _keep_sound(row: Conversation, key: ContentKey, sealer: Sealer, sound: _Sound, silent: Intervals) -> None:
    found = sound.examined.probe
    if silent:
        name, size = _keep_silenced(sound.source, silent, sealer)
        found = replace(found, container="ogg", codec="opus")
    else:
        name, size = _keep_as_it_is(sound, sealer)
    Recording.objects.create(
        organisation_id=row.organisation_id,
        conversation=row,
        content_key=key,
        original=name,
        container=found.container,
        codec=found.codec,
        sample_rate=found.sample_rate,
        channels=found.channels,
        duration_s=found.duration_s,
        size=size,
    )


def _keep_as_it_is(sound: _Sound, sealer: Sealer) -> tuple[str, int]:
    digest = hashlib.sha256()
    name, size = objects.write(_digested(sound.source, digest), sealer=sealer)
    if digest.digest() != sound.examined.digest:
        raise ArrivalRefused(
            "sound-changing", "The sound file changed while we read it. Send it when it is whole."
        )
    return name, size


def _keep_silenced(source: Path | BinaryIO, silent: Intervals, sealer: Sealer) -> tuple[str, int]:
    """The sound without what was said while its recording paused; nothing of that is ever stored."""
    with source.open("rb") if isinstance(source, Path) else nullcontext(source) as opened:
        opened.seek(0)
        name, size, _ = write_copy(media.without(opened, silent), sealer=sealer)
    return name, size


def _digested(source: Path | BinaryIO, digest: "hashlib._Hash") -> Iterator[bytes]:
    for piece in media.bytes_of(source):
        digest.update(piece)
        yield piece


def _keep_words(row: Conversation, key: ContentKey, sealer: Sealer, words: Sequence[Utterance]) -> None:
    name, _ = objects.write(as_lines(words), sealer=sealer)
    ReceivedWords.objects.create(
        organisation_id=row.organisation_id, conversation=row, content_key=key, words=name
    )


def _enter(row: Conversation, everybody: Sequence[Subject], given: Given, by: Actor) -> None:
    """One entry for each customer, so that each finds it; at least one customer there always is."""
    detail: dict[str, int | bool | str | list[str]] = {
        "point": row.point,
        "policy": row.policy_version,
        "people": len(everybody),
        "seconds": int(row.duration_s or 0),
    }
    customers = {s.id for s, p in zip(everybody, given.people, strict=True) if p.role == "customer"}
    for subject in sorted(customers):
        ledger.enter(
            act="conversation.arrived", subject=subject, about=f"conversation:{row.id}", by=by, detail=detail
        )


def queue_writing(row: Conversation, *, priority: int = INTERACTIVE) -> None:
    """Queue the transcript of a conversation, in the transaction in force. Higher priorities come first."""
    jobs.configure_task(
        name="transcripts.transcribe", lock=f"conversation:{row.id}", priority=priority
    ).defer(conversation=str(row.id), organisation=str(required().organisation))
