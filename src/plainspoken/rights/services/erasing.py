"""Erasure: place by place, each in its own transaction, so that a run that is cut off goes on where it
stopped.

Last come the key, and a look at every place: an erasure is done when nothing is found, not when nothing
failed.
"""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from plainspoken.custody import acts, clock, keys, ledger
from plainspoken.custody.actors import Actor
from plainspoken.custody.models import LedgerEntry, Subject
from plainspoken.custody.places import Ending, Kept, Place, place
from plainspoken.custody.ports import keyring
from plainspoken.retention.queries import held

from .. import plans
from ..models import Request, Step
from ..plans import Plan, Row
from .frame import office

KEY_STEP, KEY_DESTROYED = "custody.keys", "key.destroyed"
PREFIX = "subject/"
LOOKS = 3


class NotErased(RuntimeError):
    """Something about the person is still there after the erasure."""


@dataclass(frozen=True)
class Erased:
    """What an erasure did everywhere."""

    places: tuple[tuple[Place, Ending], ...]

    @property
    def count(self) -> int:
        return sum(ending.count for _, ending in self.places)


def make_steps(request: Request) -> None:
    """One step a place, in the order in which they are erased. Needs a session; making them twice changes
    nothing.
    """
    Step.objects.bulk_create(
        (
            Step(organisation_id=request.organisation_id, request=request, position=n, place=name)
            for n, name in enumerate([*(p.model for p in acts.personal_places()), KEY_STEP])
        ),
        ignore_conflicts=True,
    )


def run_steps(*, organisation: UUID, request: UUID, subject: UUID, by: Actor) -> bool:
    """Do what is not done yet. Returns whether a hold kept everything. Two runs at once do each step once."""
    with office(organisation, by):
        steps = Step.objects.filter(request_id=request, done_at=None).exclude(place=KEY_STEP)
        needed = [where.model for where in acts.needed(acts.plans(subject))]
        # Where nothing is, nothing is to do: what arrives there from now on is found by the last look.
        steps.exclude(place__in=needed).update(verb="erase", count=0, done_at=clock.now(organisation))
        waiting = list(steps.order_by("position").values_list("id", flat=True))
    for step in waiting:
        _do(organisation, step, subject, by)
    with office(organisation, by):
        # Asked after the burial: from then on no hold can be placed.
        hold = held(organisation=organisation, subject=subject)
    if hold is None:
        destroy_key(organisation=organisation, subject=subject, by=by)
        look(organisation=organisation, subject=subject, by=by)
    with office(organisation, by):
        Step.objects.filter(request_id=request, place=KEY_STEP, done_at=None).update(
            verb="keep" if hold else "destroy-key", done_at=clock.now(organisation)
        )
    return hold is not None


def _do(organisation: UUID, step: UUID, subject: UUID, by: Actor) -> None:
    with office(organisation, by):
        row = Step.objects.select_for_update().get(id=step)
        if row.done_at is not None:
            return
        where = place(row.place)
        hold = held(organisation=organisation, subject=subject)
        if hold is not None:
            ending = plans.held_ending(acts.plan(where, subject), hold)
            _enter(where, subject, ending, by)
        else:
            ending = erase_at(where, subject=subject, by=by)
        row.verb, row.count = ending.verb, ending.count
        row.kept = [[k.count, k.reason, k.until] for k in ending.kept]
        row.done_at = clock.now(organisation)
        row.save()


def erase_at(where: Place, *, subject: UUID, by: Actor) -> Ending:
    """Erase one subject at one place and enter it. Needs a session."""
    ending = acts.erase(where, subject, by=by)
    _enter(where, subject, ending, by)
    return ending


def _enter(where: Place, subject: UUID, ending: Ending, by: Actor) -> None:
    if ending.count or ending.kept:
        ledger.enter(
            act=f"erasure.{ending.verb}",
            subject=subject,
            about=where.model,
            by=by,
            detail={"count": ending.count, "kept": sum(k.count for k in ending.kept)},
        )


def destroy_key(*, organisation: UUID, subject: UUID, by: Actor) -> None:
    """Destroy the subject's key, after everything before it is committed. Doing it twice, or two at once, is
    entered once.
    """
    with office(organisation, by), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 13))", [f"key:{subject}"])
        entered = LedgerEntry.objects.filter(
            organisation_id=organisation, subject=subject, act=KEY_DESTROYED
        ).exists()
        if entered and keys.is_destroyed(organisation=organisation, subject=subject):
            return
        keys.destroy(organisation=organisation, subject=subject)
        ledger.enter(act=KEY_DESTROYED, subject=subject, by=by)


def look(*, organisation: UUID, subject: UUID, by: Actor) -> None:
    """Look at every place again, and erase what arrived meanwhile. Raises NotErased if it does not end."""
    left: list[str] = []
    for _ in range(LOOKS):
        with office(organisation, by):
            found = _remaining(subject)
        if not found:
            return
        left = [where.model for where in found]
        for where in found:
            with office(organisation, by):
                erase_at(where, subject=subject, by=by)
    raise NotErased(f"Something is still there at {', '.join(left)}. Run the erasure again.")


def _remaining(subject: UUID) -> list[Place]:
    planned = acts.plans(subject)
    return [where for where in acts.personal_places() if planned[where.model].count]


def done_plan(request: Request) -> Plan:
    """What the steps did, as a plan. Needs a session."""
    rows = []
    empty = 0
    for step in Step.objects.filter(request=request).exclude(place=KEY_STEP).order_by("position"):
        kept = tuple(Kept(*item) for item in step.kept)
        if step.count or kept:
            rows.append(Row(step.place, place(step.place).title, step.verb, step.count, kept))
        else:
            empty += 1
    return Plan(rows=tuple(rows), empty=empty, made_at=clock.now(request.organisation_id))


def everywhere(*, organisation: UUID, subject: UUID, by: Actor) -> Erased:
    """Erase a subject at every place, destroy the key, and look again: for replays and after a hold.

    Asks for no hold: a replay follows a key that is gone already.
    """
    done: list[tuple[Place, Ending]] = []
    with office(organisation, by):
        needed = acts.needed(acts.plans(subject))
    for where in needed:
        with office(organisation, by):
            done.append((where, erase_at(where, subject=subject, by=by)))
    destroy_key(organisation=organisation, subject=subject, by=by)
    look(organisation=organisation, subject=subject, by=by)
    return Erased(places=tuple(done))


def replay_erasures(*, organisation: UUID, by: Actor) -> int:
    """After a restore, before serving: erase again whoever's key is destroyed. Returns how many had come
    back.

    The tombstones lie in the keyring, outside the database that was restored.
    """
    count = 0
    for gone in keyring().destroyed(organisation=organisation):
        if not gone.name.startswith(PREFIX):
            continue
        subject = UUID(gone.name.removeprefix(PREFIX))
        with office(organisation, by):
            came_back = Subject.objects.filter(id=subject).exists() and bool(_remaining(subject))
        if came_back:
            everywhere(organisation=organisation, subject=subject, by=by)
            count += 1
    return count
