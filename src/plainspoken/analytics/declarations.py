"""Saved reports and their mails, declared. The numbers themselves are counted anew each time and kept nowhere."""

from collections.abc import Iterator
from uuid import UUID

from plainspoken.custody.declarations import MAINTENANCE, MASKS
from plainspoken.custody.places import (
    KEY,
    STATE,
    TIME,
    Acts,
    Copied,
    OwnSubject,
    Parent,
    Place,
    personal,
    register,
)

from .definitions import EVALUATING, IMPROVING
from .keeping import definition_of, name_of
from .models import Delivery, Report, Subscription

USERS = (*MAINTENANCE, EVALUATING, IMPROVING, "service.notify", "policy.prove")


def copy_reports(subject: UUID) -> Iterator[Copied]:
    """Each report that somebody saved: its name, and what it asks for."""
    for row in Report.objects.filter(subject_id=subject).order_by("made_at", "id"):
        asked = definition_of(row)
        values = {
            "name": name_of(row),
            "measure": asked.measure.value,
            "rows": asked.rows.value,
            "queues": sorted({*asked.queues, *(queue for one in asked.sets for queue in one.queues)}),
            "sets": [one.name for one in asked.sets],
            "shared": row.shared,
            "made_at": row.made_at,
            "used_at": row.used_at,
        }
        yield Copied(row=str(row.id), values=values)


def copy_subscriptions(subject: UUID) -> Iterator[Copied]:
    """Which reports somebody gets by mail, and when. The report's name is its owner's, so it is left out."""
    for row in Subscription.objects.filter(subject_id=subject).order_by("made_at", "id"):
        values = {"every": row.every, "hour": row.hour, "time_zone": row.zone, "made_at": row.made_at,
                  "ended_at": row.ended_at, "ended_because": row.ended_because}  # fmt: skip
        yield Copied(row=str(row.id), values=values)


def copy_deliveries(subject: UUID) -> Iterator[Copied]:
    """The days for which a mail was made; the mails themselves are copied where mails are kept."""
    for row in Delivery.objects.filter(subscription__subject_id=subject).order_by("due_on", "id"):
        yield Copied(row=str(row.id), values={"due_on": row.due_on, "made_at": row.made_at})


register(
    Place(
        model="analytics.Report",
        title="Reports that staff saved",
        source="written by staff",
        scope=OwnSubject("subject"),
        columns={
            "id": KEY,
            **MASKS,
            "subject": KEY,
            "name": personal("words", sealed=True),
            "definition": personal("words", sealed=True),
            "shared": STATE,
            "made_at": TIME,
            "used_at": TIME,
        },
        purposes=USERS,
        retention="conversation.words",
        age_from="used_at",
        acts=Acts(copy=copy_reports),
    ),
    Place(
        model="analytics.Subscription",
        title="Reports that staff get by mail",
        source="asked for by staff",
        scope=OwnSubject("subject"),
        columns={
            "id": KEY,
            **MASKS,
            "report": KEY,
            "subject": KEY,
            "every": personal("preference"),
            "hour": personal("preference"),
            "zone": personal("preference"),
            "next_at": TIME,
            "made_at": TIME,
            "made_by": KEY,
            "ended_at": TIME,
            "ended_because": STATE,
        },
        purposes=USERS,
        retention="account",
        age_from="ended_at",
        acts=Acts(copy=copy_subscriptions),
    ),
    Place(
        model="analytics.Delivery",
        title="Mails of reports, by day",
        source="made for a subscription",
        scope=Parent("subscription"),
        columns={
            "id": KEY,
            **MASKS,
            "subscription": KEY,
            "due_on": TIME,
            "message": KEY,
            "carried": STATE,
            "made_at": TIME,
        },
        purposes=USERS,
        retention="account",
        age_from="made_at",
        acts=Acts(copy=copy_deliveries),
    ),
)
