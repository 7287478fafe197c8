"""Data subjects as pseudonyms: making them, what they are closed or open to, and their end."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import QuerySet

from . import clock, keys, ledger
from .actors import Actor
from .models import Decision, Subject
from .places import Ending
from .sessions import required


class SubjectGone(LookupError):
    """The data subject was erased or is not known for the purpose in force."""


def make(*, kind: Subject.Kind = Subject.Kind.CUSTOMER, by: Actor) -> Subject:
    """A new pseudonym in the organisation of the purpose in force."""
    session = required()
    subject = Subject.objects.create(
        organisation_id=session.organisation, kind=kind, created_at=clock.now(session.organisation)
    )
    ledger.enter(act="subject.made", subject=subject.id, by=by, detail={"kind": str(kind)})
    return subject


def decide(
    *, subject: UUID, kind: Decision.Kind, purposes: Sequence[str], ground: str, by: Actor
) -> Decision:
    """Record a restriction, objection, withdrawal or consent; every row of the subject follows in this transaction.

    Serialised with inserts about the subject by the row lock that the trigger takes (FOR UPDATE against FOR SHARE).
    """
    session = required()
    if not Subject.objects.select_for_update().filter(id=subject).exists():
        raise SubjectGone(f"There is no data subject {subject} here. Check the reference.")
    decision = Decision.objects.create(
        organisation_id=session.organisation,
        subject_id=subject,
        kind=kind,
        purposes=sorted(set(purposes)),
        ground=ground,
        made_at=clock.now(session.organisation),
    )
    ledger.enter(
        act=f"decision.{kind}",
        subject=subject,
        about=f"decision:{decision.id}",
        by=by,
        detail={"ground": ground},
    )
    return decision


def lift(*, decision: Decision, by: Actor) -> None:
    """End a decision; the masks are made again from those that remain."""
    if decision.lifted_at is not None:
        return
    decision.lifted_at = clock.now(decision.organisation_id)
    decision.save(update_fields=["lifted_at"])
    ledger.enter(act="decision.lifted", subject=decision.subject_id, about=f"decision:{decision.id}", by=by)


def living(subject: UUID) -> "QuerySet[Subject]":
    """The pseudonym, as long as it leads to somebody."""
    return Subject.objects.filter(id=subject, erased_at=None)


def plan_burial(subject: UUID, found: int) -> Ending:
    """What `bury` would do: the pseudonym stays as an empty tombstone, its key is destroyed."""
    return Ending(count=found, verb="destroy-key")


def bury(subject: UUID, by: Actor) -> Ending:
    """The pseudonym is marked erased. It then leads to nobody; the ledger and the replay of erasures still name it.

    The key itself is destroyed after the commit (`keys.destroy`), by an idempotent job.
    """
    now = clock.now(required().organisation)
    count = living(subject).update(erased_at=now)
    Subject.objects.filter(merged_into=subject, erased_at=None).update(erased_at=now)
    return Ending(count=count, verb="destroy-key")


def key_destroyed(subject: UUID) -> bool:
    """Whether the subject's key is gone from the keyring."""
    return keys.is_destroyed(organisation=required().organisation, subject=subject)
