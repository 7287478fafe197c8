"""Holds, and the purge: what has reached its end ends, except where somebody is held or restricted."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from plainspoken.custody import clock, keys, ledger, objects
from plainspoken.custody.actors import Actor
from plainspoken.custody.acts import context
from plainspoken.custody.models import Subject
from plainspoken.custody.places import Place, places
from plainspoken.custody.ports import object_store
from plainspoken.custody.sessions import purpose
from plainspoken.policies.queries import policy_in_force, rule

from . import queries
from .ages import boundary
from .models import Hold, Orphan, Purge

BATCH = 500
LONGEST_LAW = 120
ORPHAN_AFTER = timedelta(days=1)


class HoldRefused(ValueError):
    """The hold cannot be placed or lifted; the message says why."""


def place_hold(
    *, organisation: UUID, subject: UUID, reason: str, law: str, until: date | None, by: Actor
) -> Hold:
    """Keep everything about a subject until a day (None: until lifted). Neither purge nor erasure ends it
    meanwhile.
    """
    if reason not in Hold.Reason.values:
        raise HoldRefused(f"There is no reason {reason}. Choose one of {', '.join(Hold.Reason.values)}.")
    if not law.strip():
        raise HoldRefused("A hold needs the law or the order behind it. Name it.")
    with purpose("rights.execute", organisation=organisation, by=by):
        if not Subject.objects.filter(id=subject, erased_at=None).exists():
            raise HoldRefused("There is no such person here. Check the reference.")
        if (
            until is not None
            and until < clock.now(organisation).astimezone(queries.zone_of(organisation)).date()
        ):
            raise HoldRefused("The last day of the hold is over already. Choose a later one.")
        hold = Hold(
            organisation_id=organisation,
            subject_id=subject,
            reason=reason,
            until=until,
            placed_at=clock.now(organisation),
            placed_by=str(by),
        )
        sealer = keys.subject_sealer(subject)
        hold.law = sealer.seal_text(law.strip()[:LONGEST_LAW], context=context(hold, "law"))
        hold.save(force_insert=True)
        ledger.enter(
            act="hold.placed", subject=subject, about=f"hold:{hold.id}", by=by, detail={"reason": reason}
        )
    return hold


def lift_hold(*, organisation: UUID, hold: UUID, by: Actor) -> None:
    """End a hold. An erasure that waited for it goes on. Lifting twice changes nothing."""
    with purpose("rights.execute", organisation=organisation, by=by):
        row = Hold.objects.select_for_update().filter(id=hold).first()
        if row is None:
            raise HoldRefused("There is no such hold here. Check its number.")
        if row.lifted_at is not None:
            return
        row.lifted_at = clock.now(organisation)
        row.save(update_fields=["lifted_at"])
        ledger.enter(act="hold.lifted", subject=row.subject_id, about=f"hold:{row.id}", by=by)
        _go_on(organisation, row.subject_id)


def _go_on(organisation: UUID, subject: UUID) -> None:
    """`rights` is above: its job is named, not imported."""
    from procrastinate.contrib.django import app

    app.configure_task(name="rights.after_hold").defer(organisation=str(organisation), subject=str(subject))


@dataclass
class _Tally:
    """What one run did."""

    counts: dict[str, int] = field(default_factory=dict)
    left: dict[str, int] = field(default_factory=dict)

    def add(self, place: Place, count: int) -> None:
        if count:
            self.counts[place.model] = self.counts.get(place.model, 0) + count


def purge(*, organisation: UUID, by: Actor) -> Purge:
    """End what has reached its end, place by place in batches, and write the proof.

    Each batch is its own transaction: a run that is cut off has ended what it ended, and the next one goes
    on.
    """
    with purpose(queries.PURPOSE, organisation=organisation, by=by):
        spared = queries.spared(organisation=organisation)
        ending = queries.ending_places(organisation=organisation)
    tally = _Tally()
    for place, before in ending:
        if place.append_only:
            _note_left(tally, place, organisation, before, by)
        elif place.acts.purge:
            with purpose(queries.PURPOSE, organisation=organisation, by=by):
                tally.add(place, place.acts.purge(before, spared.all, by))
        else:
            for count in _batches(place, organisation, before, by):
                tally.add(place, count)
    removed = sweep(organisation=organisation, by=by)
    _end_jobs(organisation)
    with purpose(queries.PURPOSE, organisation=organisation, by=by):
        row = Purge.objects.create(
            organisation_id=organisation,
            at=clock.now(organisation),
            by=str(by),
            policy=policy_in_force(organisation=organisation).digest,
            counts=tally.counts,
            left=tally.left,
            objects_removed=removed,
            held=len(spared.held),
            restricted=len(spared.restricted),
        )
        ledger.enter(
            act="purge.done", about=f"purge:{row.id}", by=by, detail={"rows": sum(tally.counts.values())}
        )
    return row


def _note_left(tally: _Tally, place: Place, organisation: UUID, before: datetime, by: Actor) -> None:
    if old := queries.count_old(place, organisation=organisation, before=before, spare=(), by=by):
        tally.left[place.model] = old


def _batches(place: Place, organisation: UUID, before: datetime, by: Actor) -> Iterator[int]:
    """Delete batch by batch. Who is spared is asked again each time: a hold may be placed meanwhile."""
    after: Any = None
    while True:
        with purpose(queries.PURPOSE, organisation=organisation, by=by):
            spare = queries.spared(organisation=organisation).all
            rows = queries.old_rows(place, organisation=organisation, before=before, spare=spare).order_by(
                "pk"
            )
            if after is not None:
                rows = rows.filter(pk__gt=after)
            batch = list(rows[:BATCH])
            if not batch:
                return
            after = batch[-1].pk
            ending = _really(place, batch)
            _remove_objects(place, ending)
            place.model_class._default_manager.filter(pk__in=[row.pk for row in ending]).delete()
            if ending:
                ledger.enter(act="purge.batch", about=place.model, by=by, detail={"rows": len(ending)})
        yield len(ending)


def _really(place: Place, batch: list[Any]) -> list[Any]:
    """Identifiers stay while their subject is in a conversation that is still kept."""
    if place.retention != queries.IDENTIFIERS or "subject" not in place.columns:
        return batch
    staying = queries.still_in_conversation({row.subject_id for row in batch})
    return [row for row in batch if row.subject_id not in staying]


def _remove_objects(place: Place, rows: list[Any]) -> None:
    for name, column in place.columns.items():
        if column.holds == "object":
            for row in rows:
                if stored := getattr(row, name):
                    objects.remove_after_commit(stored)


def sweep(*, organisation: UUID, by: Actor) -> int:
    """Remove stored objects that no row has named for a day; returns how many.

    An object is written before its row is committed, so a stranger is only noted at first sight.
    """
    columns = [
        (place, name)
        for place in places()
        for name, column in place.columns.items()
        if column.holds == "object"
    ]
    removed = 0
    names = object_store().names(prefix=str(organisation))
    while batch := list(islice(names, BATCH)):
        with purpose(queries.PURPOSE, organisation=organisation, by=by):
            now = clock.now(organisation)
            strangers = {name for name in batch if _is_object(name)}
            for place, column in columns:
                named = place.model_class._default_manager.filter(**{f"{column}__in": strangers})
                strangers -= set(named.values_list(column, flat=True))
            noted = Orphan.objects.filter(organisation_id=organisation, name__in=batch)
            noted.exclude(name__in=strangers).delete()
            known = dict(noted.values_list("name", "seen_at"))
            Orphan.objects.bulk_create(
                Orphan(organisation_id=organisation, name=name, seen_at=now)
                for name in sorted(strangers - set(known))
            )
            gone = sorted(
                name for name, seen in known.items() if name in strangers and seen <= now - ORPHAN_AFTER
            )
            for name in gone:
                objects.remove_after_commit(name)
            Orphan.objects.filter(organisation_id=organisation, name__in=gone).delete()
            if gone:
                ledger.enter(act="purge.objects", by=by, detail={"objects": len(gone)})
        removed += len(gone)
    return removed


def _is_object(name: str) -> bool:
    try:
        return bool(UUID(name.rpartition("/")[2]))
    except ValueError:
        return False


def _end_jobs(organisation: UUID) -> None:
    """Jobs that ended badly are kept for people to see, and end too. They carry ids only."""
    from django.db import connection

    period = rule(organisation=organisation, clause=queries.CLAUSE).periods["job"]
    before = boundary(period=period, now=clock.now(organisation), zone=queries.zone_of(organisation))
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM procrastinate_jobs j"
            " WHERE j.status IN ('failed', 'cancelled', 'aborted', 'succeeded')"
            " AND j.args ->> 'organisation' = %s"
            " AND (SELECT max(e.at) FROM procrastinate_events e WHERE e.job_id = j.id) < %s",
            [str(organisation), before],
        )
