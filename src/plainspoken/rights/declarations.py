"""Requests, codes, copies and steps, declared."""

from collections.abc import Collection, Iterator
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from plainspoken.custody import clock, ledger, objects
from plainspoken.custody.actors import Actor
from plainspoken.custody.asking import delete
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
    Parent,
    Place,
    personal,
    register,
    stored,
)
from plainspoken.custody.sessions import required
from plainspoken.policies.queries import rule

from .claims import claim_of, words_of
from .models import Archive, Request

PURPOSES = (*MAINTENANCE, *DESK, "policy.prove")
PROOF = "legal-obligation: it proves that we answered (GDPR Art. 5(2)); your name and words are gone"


def _requests(subject: UUID) -> QuerySet[Request]:
    return Request.objects.filter(subject_id=subject)


def _with_words(subject: UUID) -> QuerySet[Request]:
    return _requests(subject).filter(Q(claim__isnull=False) | Q(words__isnull=False))


def _copy_requests(subject: UUID) -> Iterator[Copied]:
    """What the person asked and what we answered, with the dates."""
    for row in _requests(subject).order_by("received_at").iterator():
        yield Copied(
            row=row.reference,
            values={
                **claim_of(row).given,
                **words_of(row),
                "kind": row.kind,
                "law": row.law,
                "channel": row.channel,
                "ground": row.ground,
                "state": row.state,
                "received_at": row.received_at,
                "verified_at": row.verified_at,
                "closed_at": row.closed_at,
            },
        )


def _plan_requests(subject: UUID, found: int) -> Ending:
    """Name, contacts and words go; reference, kind, dates and counts stay as the proof that we answered."""
    return Ending(count=_with_words(subject).count(), verb="unlink", kept=_kept(found))


def _kept(count: int) -> tuple[Kept, ...]:
    if not count:
        return ()
    organisation = required().organisation
    period = rule(organisation=organisation, clause="retain.as-needed").periods["request"]
    until = period.add_to(clock.now(organisation)).date().isoformat()
    return (Kept(count=count, reason=PROOF, until=until),)


def _erase_requests(subject: UUID, by: Actor) -> Ending:
    """Name, contacts and words go; number, kind and dates stay as the proof that we answered."""
    count = _with_words(subject).update(claim=None, words=None)
    return Ending(count=count, verb="unlink", kept=_kept(_requests(subject).count()))


def _copy_archives(subject: UUID) -> Iterator[Copied]:
    """When each copy was made, its size, and how often it was fetched."""
    for row in Archive.objects.filter(subject_id=subject).order_by("made_at").iterator():
        yield Copied(
            row=str(row.id),
            values={
                "made_at": row.made_at,
                "expires_at": row.expires_at,
                "size": row.size,
                "downloads": row.downloads,
            },
        )


def _end_archives(rows: "QuerySet[Archive]") -> int:
    gone = delete(rows, "stored")
    for (name,) in gone:
        objects.remove_after_commit(name)
    return len(gone)


def _erase_archives(subject: UUID, by: Actor) -> Ending:
    """The copies are deleted."""
    return Ending(count=_end_archives(Archive.objects.filter(subject_id=subject)), verb="erase")


def _purge_archives(before: datetime, except_subjects: Collection[UUID], by: Actor) -> int:
    """A copy ends when its link does, or when the policy's period for copies is over: held and restricted
    people's copies too, since they are copies of what stays.
    """
    organisation = required().organisation
    over = Archive.objects.filter(organisation_id=organisation).filter(
        Q(expires_at__lte=clock.now(organisation)) | Q(made_at__lt=before)
    )
    count = _end_archives(over)
    if count:
        ledger.enter(act="purge.batch", about="rights.Archive", by=by, detail={"rows": count})
    return count


register(
    Place(
        model="rights.Request",
        title="Requests about your data",
        source="privacy.request",
        scope=OwnSubject("subject"),
        columns={
            "id": KEY,
            **MASKS,
            "year": KEY,
            "number": KEY,
            "reference": KEY,
            "subject": KEY,
            "kind": personal("request"),
            "clause": STATE,
            "law": personal("request"),
            "channel": personal("request"),
            "ground": personal("request"),
            "state": STATE,
            "key_name": TECHNICAL,
            "claim": personal("request", sealed=True),
            "words": personal("request", sealed=True),
            "token_digest": TECHNICAL,
            "filed_at": TIME,
            "received_at": TIME,
            "verified_at": TIME,
            "proofs": STATE,
            "matches": KEY,
            "pauses": TIME,
            "extended_at": TIME,
            "plan": MEASURE,
            "decided_by": KEY,
            "decided_at": TIME,
            "approved_by": KEY,
            "approved_at": TIME,
            "outcome": MEASURE,
            "receipt": KEY,
            "answered": KEY,
            "decision": KEY,
            "lifting": KEY,
            "closed_at": TIME,
        },
        purposes=PURPOSES,
        retention="request",
        age_from="closed_at",
        acts=Acts(copy=_copy_requests, plan=_plan_requests, erase=_erase_requests),
        portal="w",
    ),
    Place(
        model="rights.Challenge",
        title="Codes sent to prove who asks",
        source="privacy.request",
        scope=Parent("request"),
        columns={
            "id": KEY,
            **MASKS,
            "request": KEY,
            "channel": personal("request"),
            "contact": personal("identifier"),
            "code": TECHNICAL,
            "state": STATE,
            "attempts": MEASURE,
            "sent_at": TIME,
            "expires_at": TIME,
        },
        purposes=PURPOSES,
        retention="request",
        age_from="sent_at",
        portal="w",
    ),
    Place(
        model="rights.Archive",
        title="Copies made for you",
        source="your own requests",
        scope=OwnSubject("subject"),
        columns={
            "id": KEY,
            **MASKS,
            "request": KEY,
            "subject": KEY,
            "stored": stored("request"),
            "size": MEASURE,
            "files": MEASURE,
            "masked": MEASURE,
            "parts": MEASURE,
            "categories": STATE,
            "manifest": TECHNICAL,
            "token_digest": TECHNICAL,
            "made_at": TIME,
            "expires_at": TIME,
            "downloads": MEASURE,
        },
        purposes=PURPOSES,
        retention="archive",
        age_from="made_at",
        acts=Acts(copy=_copy_archives, erase=_erase_archives, purge=_purge_archives),
        portal="w",
    ),
    Place(
        model="rights.Step",
        title="What was done where, for a request",
        scope=OrganisationRows(),
        columns={
            "id": KEY,
            "organisation": KEY,
            "request": KEY,
            "position": KEY,
            "place": KEY,
            "verb": STATE,
            "count": MEASURE,
            "kept": MEASURE,
            "done_at": TIME,
        },
        purposes=PURPOSES,
        retention="request",
    ),
)
