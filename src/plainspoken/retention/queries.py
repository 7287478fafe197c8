"""Reads: who is held, what is due."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from plainspoken.custody import acts, clock, keys
from plainspoken.custody.actors import Actor
from plainspoken.custody.models import Decision, Organisation
from plainspoken.custody.places import Place, Platform, places
from plainspoken.custody.sessions import purpose
from plainspoken.policies.queries import rule

from .ages import boundary
from .models import Hold

CLAUSE = "retain.as-needed"
PURPOSE, AUDIT = "retention.purge", "security.audit"
# Identifiers end some time after the last conversation: while one is there, their time has not begun.
CONVERSATIONS = "conversation."
IDENTIFIERS = "identifiers"
# Rows of no single organisation that the strictest policy may end: sign-in sessions and counters.
SHARED = ("session",)
HOLD_MARK = "hold/"


@dataclass(frozen=True)
class Due:
    """What has reached its end at a place; `rows` is None where the place judges for itself (sound, words).

    `left` says why it stays all the same (append-only), else it is empty.
    """

    place: str
    title: str
    rule: str
    before: datetime
    rows: int | None
    left: str = ""


@dataclass(frozen=True)
class Spared:
    """Subjects whose rows do not end now, by a hold or by a restriction (GDPR Art. 18(2))."""

    held: frozenset[UUID]
    restricted: frozenset[UUID]

    @property
    def all(self) -> frozenset[UUID]:
        return self.held | self.restricted


def active_holds(*, organisation: UUID) -> QuerySet[Hold]:
    """Holds in force today. Needs a purpose session."""
    today = clock.now(organisation).astimezone(zone_of(organisation)).date()
    return Hold.objects.filter(organisation_id=organisation, lifted_at=None).filter(
        Q(until=None) | Q(until__gte=today)
    )


def held(*, organisation: UUID, subject: UUID) -> Hold | None:
    """The hold on a subject that ends last, or None. Needs a purpose session."""
    rows = list(active_holds(organisation=organisation).filter(subject_id=subject))
    return max(rows, key=lambda row: (row.until is None, row.until or row.placed_at.date()), default=None)


def law_of(row: Hold) -> str:
    """The law or the order behind a hold, opened; empty once the person was erased. Needs a purpose session."""
    if row.law is None:
        return ""
    try:
        return keys.subject_sealer(row.subject_id).open_text(bytes(row.law), context=acts.context(row, "law"))
    except keys.KeyGone:
        return ""


def mark(row: Hold) -> str:
    """What stands for the law of a hold where nothing may stand in clear; `laws` says what it was."""
    return f"{HOLD_MARK}{row.id}"


def laws(*, subject: UUID) -> dict[str, str]:
    """The laws behind the holds on a subject, by `mark`. Needs a purpose session."""
    return {mark(row): law_of(row) for row in Hold.objects.filter(subject_id=subject)}


def spared(*, organisation: UUID) -> Spared:
    """Needs a purpose session that may read decisions (retention.purge, rights.execute)."""
    return Spared(
        held=frozenset(active_holds(organisation=organisation).values_list("subject_id", flat=True)),
        restricted=frozenset(
            Decision.objects.filter(
                organisation_id=organisation, kind=Decision.Kind.RESTRICTION, lifted_at=None
            ).values_list("subject_id", flat=True)
        ),
    )


def zone_of(organisation: UUID) -> ZoneInfo:
    """The organisation's time zone."""
    return ZoneInfo(Organisation.objects.values_list("time_zone", flat=True).get(id=organisation))


def ending_places(*, organisation: UUID) -> list[tuple[Place, datetime]]:
    """Places whose rows end by age, each with the moment before which they are too old; parents come last."""
    periods = rule(organisation=organisation, clause=CLAUSE).periods
    now, zone = clock.now(organisation), zone_of(organisation)
    ordered = {place.key: n for n, place in enumerate(acts.personal_places())}
    found = [
        # Rows of everybody age by the clock on the wall: a proof that lives in another time must not sign anybody out.
        (
            place,
            boundary(
                period=periods[place.retention], now=clock.wall() if _is_shared(place) else now, zone=zone
            ),
        )
        for place in places()
        if place.retention in periods and (place.age_from or place.acts.purge) and _is_ours(place)
    ]
    return sorted(found, key=lambda item: (ordered.get(item[0].key, -1), item[0].key))


def _is_shared(place: Place) -> bool:
    """Whether its rows belong to no single organisation."""
    return isinstance(place.scope, Platform) and not place.acts.purge and "organisation" not in place.columns


def _is_ours(place: Place) -> bool:
    """Whether one organisation's policy may decide over the rows."""
    return not _is_shared(place) or place.retention in SHARED


def old_rows(place: Place, *, organisation: UUID, before: datetime, spare: Collection[UUID]) -> QuerySet[Any]:
    """Rows of a place that began before a moment, except those about spared subjects."""
    rows = place.model_class._default_manager.filter(**{f"{place.age_from}__lt": before})
    if "organisation" in place.columns:
        rows = rows.filter(organisation_id=organisation)
    about_spared = acts.about(place, spare)
    if spare and not about_spared.query.is_empty():
        rows = rows.exclude(pk__in=about_spared.values("pk"))
    return rows


def still_in_conversation(subjects: Collection[UUID]) -> set[UUID]:
    """Which of these subjects are in a conversation that is still kept."""
    found: set[UUID] = set()
    for place in places():
        if place.retention.startswith(CONVERSATIONS):
            found |= {subject for subject in subjects if subject not in found and acts.count(place, subject)}
    return found


def due(*, organisation: UUID, by: Actor) -> list[Due]:
    """What would end now, place by place. Opens a session of its own for each."""
    with purpose(PURPOSE, organisation=organisation, by=by):
        spare = spared(organisation=organisation).all
        ending = ending_places(organisation=organisation)
    return [
        Due(
            place=place.model,
            title=place.title,
            rule=place.retention,
            before=before,
            rows=count_old(place, organisation=organisation, before=before, spare=spare, by=by)
            if place.age_from
            else None,
            left="rows of this place are never changed or removed" if place.append_only else "",
        )
        for place, before in ending
    ]


def count_old(
    place: Place, *, organisation: UUID, before: datetime, spare: Collection[UUID], by: Actor
) -> int:
    """How many rows are over their time. The ledger may not be read to purge it, only to audit it."""
    name = PURPOSE if PURPOSE in place.purposes or isinstance(place.scope, Platform) else AUDIT
    with purpose(name, organisation=organisation, by=by):
        return old_rows(place, organisation=organisation, before=before, spare=spare).count()
