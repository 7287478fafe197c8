"""Holds and purges, declared."""

from dataclasses import replace
from uuid import UUID

from django.db.models import QuerySet

from plainspoken.custody.actors import Actor
from plainspoken.custody.declarations import DESK, MAINTENANCE, MASKS
from plainspoken.custody.places import (
    KEY,
    MEASURE,
    TECHNICAL,
    TIME,
    Acts,
    Ending,
    Kept,
    OrganisationRows,
    OwnSubject,
    Place,
    Platform,
    personal,
    plain,
    register,
)

from .models import Hold
from .queries import mark


def _named(subject: UUID) -> "QuerySet[Hold]":
    return Hold.objects.filter(subject_id=subject).exclude(law=None)


def _plan_holds(subject: UUID, found: int) -> Ending:
    """A hold is the reason for keeping, so it stays as long as it holds. Of one that has ended reason and days
    stay as its proof; what somebody wrote as its law may name the person, so that goes.
    """
    rows = list(Hold.objects.filter(subject_id=subject))
    kept = tuple(
        Kept(
            count=1,
            reason=f"{row.reason}: {mark(row)}"
            if row.lifted_at is None
            else "legal-obligation: it proves why we kept",
            until=row.until.isoformat() if row.until else "",
        )
        for row in rows
    )
    return Ending(count=_named(subject).count(), verb="unlink", kept=kept)


def _erase_holds(subject: UUID, by: Actor) -> Ending:
    """The law or order goes; the days stay as the proof of why we kept."""
    # Nobody is erased while a hold is in force, so all of these have ended.
    count = _named(subject).update(law=None)
    kept = tuple(
        replace(one, reason="legal-obligation: it proves why we kept")
        for one in _plan_holds(subject, count).kept
    )
    return Ending(count=count, verb="unlink", kept=kept)


register(
    Place(
        model="retention.Hold",
        title="Holds",
        source="placed by our privacy officer",
        scope=OwnSubject("subject"),
        columns={
            "id": KEY,
            **MASKS,
            "subject": KEY,
            "reason": personal("request"),
            "law": personal("request", sealed=True),
            "until": TIME,
            "placed_at": TIME,
            "placed_by": KEY,
            "lifted_at": TIME,
        },
        purposes=(*MAINTENANCE, *DESK, "claims.defend", "policy.prove"),
        retention="request",
        age_from="lifted_at",
        acts=Acts(plan=_plan_holds, erase=_erase_holds),
    ),
    Place(
        model="retention.Purge",
        title="Purges",
        scope=OrganisationRows(),
        columns={
            "id": KEY,
            "organisation": KEY,
            "at": TIME,
            "by": plain("key"),
            "policy": TECHNICAL,
            "counts": MEASURE,
            "objects_removed": MEASURE,
            "held": MEASURE,
            "restricted": MEASURE,
            "left": MEASURE,
        },
        purposes=(*MAINTENANCE, "security.audit", "policy.prove"),
        retention="ledger",
        append_only=True,
    ),
    Place(
        model="retention.Orphan",
        title="Objects that no row names",
        scope=OrganisationRows(),
        columns={"id": KEY, "organisation": KEY, "name": KEY, "seen_at": TIME},
        purposes=("retention.purge",),
        retention="session",
    ),
    Place(
        model="retention.Rewritten",
        title="Tables written anew",
        kept_by_owner=True,
        scope=Platform(reason="When the files of a table were last made anew; about no data subject."),
        columns={"table": TECHNICAL, "at": TIME, "took_ms": MEASURE, "size": MEASURE},
    ),
)
