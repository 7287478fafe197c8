"""Holds and purges, declared."""

from uuid import UUID

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
    personal,
    plain,
    register,
)

from .models import Hold


def _keep_holds(subject: UUID) -> Ending:
    """A hold is the reason for keeping, so it stays as long as it holds; ended ones stay as its proof."""
    rows = list(Hold.objects.filter(subject_id=subject))
    kept = tuple(
        Kept(
            count=1,
            reason=f"{row.reason}: {row.law}"
            if row.lifted_at is None
            else "legal-obligation: it proves why we kept",
            until=row.until.isoformat() if row.until else "",
        )
        for row in rows
    )
    return Ending(count=0, verb="keep", kept=kept)


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
            "law": personal("request"),
            "until": TIME,
            "placed_at": TIME,
            "placed_by": KEY,
            "lifted_at": TIME,
        },
        purposes=(*MAINTENANCE, *DESK, "claims.defend", "policy.prove"),
        retention="request",
        age_from="lifted_at",
        acts=Acts(plan=_keep_holds, erase=lambda subject, by: _keep_holds(subject)),
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
)
