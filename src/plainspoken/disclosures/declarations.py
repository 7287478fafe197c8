"""Releases and mails, declared."""

from collections.abc import Iterator
from uuid import UUID

from django.db.models import QuerySet

from plainspoken.custody.actors import Actor
from plainspoken.custody.declarations import DESK, MAINTENANCE, MASKS
from plainspoken.custody.places import (
    KEY,
    MEASURE,
    STATE,
    TECHNICAL,
    TIME,
    Acts,
    Copied,
    Ending,
    Kept,
    OrganisationRows,
    OwnSubject,
    Place,
    personal,
    register,
)
from plainspoken.custody.sessions import required
from plainspoken.policies.queries import rule

from .messages import read
from .models import Message, Release


def _copy_releases(subject: UUID) -> Iterator[Copied]:
    """Who received what, for which purpose, and when."""
    for row in Release.objects.filter(subject=subject).order_by("at").iterator():
        yield Copied(
            row=str(row.id),
            values={
                "recipient": row.recipient,
                "purpose": row.purpose,
                "categories": list(row.categories),
                "at": row.at,
                "outcome": row.outcome,
            },
        )


def _releases(subject: UUID) -> "QuerySet[Release]":
    return Release.objects.filter(subject=subject)


def _plan_releases(subject: UUID, found: int) -> Ending:
    """They name a pseudonym that leads to nobody once its key is destroyed; they prove who received what."""
    if not found:
        return Ending(count=0, verb="keep")
    last = _releases(subject).order_by("-at").values_list("at", flat=True)[0]
    period = rule(organisation=required().organisation, clause="retain.as-needed").periods["ledger"]
    kept = Kept(
        count=found,
        reason="legal-obligation: it proves who received data (GDPR Art. 5(2)); no name is in it",
        until=period.add_to(last).date().isoformat(),
    )
    return Ending(count=0, verb="keep", kept=(kept,))


def _leave_releases(subject: UUID, by: Actor) -> Ending:
    """It stays as the proof of who received data; once the key is destroyed it leads to nobody."""
    return _plan_releases(subject, _releases(subject).count())


def _copy_messages(subject: UUID) -> Iterator[Copied]:
    """Each mail as we sent it."""
    for row in Message.objects.filter(subject_id=subject).order_by("made_at").iterator():
        letter = read(row)
        yield Copied(
            row=str(row.id),
            values={
                "to": letter.to,
                "title": letter.title,
                "text": letter.text,
                "purpose": row.purpose,
                "state": row.state,
                "made_at": row.made_at,
                "ended_at": row.ended_at,
            },
        )


register(
    Place(
        model="disclosures.Release",
        title="Who received data",
        source="made by the disclosure gate",
        scope=OrganisationRows(),
        columns={
            "id": KEY,
            "organisation": KEY,
            "subject": KEY,
            "recipient": personal("measure"),
            "purpose": personal("measure"),
            "categories": personal("measure"),
            "parts": MEASURE,
            "bytes": MEASURE,
            "at": TIME,
            "outcome": STATE,
            "code": STATE,
            "by": KEY,
            "about": KEY,
        },
        purposes=(*MAINTENANCE, *DESK, "policy.prove"),
        retention="ledger",
        age_from="at",
        acts=Acts(
            copy=_copy_releases,
            rows=_releases,
            plan=_plan_releases,
            erase=_leave_releases,
        ),
        append_only=True,
        write_any=True,
        portal="w",
    ),
    Place(
        model="disclosures.Message",
        title="Mails to you",
        source="our answers to your requests",
        scope=OwnSubject("subject"),
        columns={
            "id": KEY,
            **MASKS,
            "subject": KEY,
            "key_name": TECHNICAL,
            "purpose": STATE,
            "categories": STATE,
            "about": KEY,
            "to": personal("email", sealed=True),
            "title": personal("request", sealed=True),
            "text": personal("request", sealed=True),
            "state": STATE,
            "attempts": MEASURE,
            "made_at": TIME,
            "ended_at": TIME,
        },
        purposes=(*MAINTENANCE, *DESK, "service.answer", "service.notify", "policy.prove"),
        retention="request",
        age_from="made_at",
        acts=Acts(copy=_copy_messages),
        portal="w",
    ),
)
