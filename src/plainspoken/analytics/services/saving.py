"""Saving a report under a name, changing and removing it."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from plainspoken.analytics import access, keeping, queries
from plainspoken.analytics.definitions import Definition, DefinitionRefused, check
from plainspoken.analytics.models import Report, Subscription
from plainspoken.conversations.typed import cleaned
from plainspoken.custody import clock, ledger
from plainspoken.custody.actors import Actor
from plainspoken.custody.sessions import purpose

LONGEST_NAME, MOST = 80, 200


def save(
    *,
    organisation: UUID,
    name: str,
    definition: Definition,
    shared: bool,
    report: UUID | None = None,
    by: Actor,
) -> Report:
    """Keep a report, or change one's own. Raises DefinitionRefused, Refused, queries.NoSuchReport.

    What somebody types is cleaned of numbers and addresses of people before it is kept.
    """
    check(definition)
    access.check_read(by, organisation=organisation, purpose=definition.purpose)
    who = access.keeper(by, organisation=organisation)
    with purpose(definition.purpose, organisation=organisation, by=by):
        name = cleaned(name, most=LONGEST_NAME)
        if not name:
            raise DefinitionRefused("name", "Give the report a short name.")
        now = clock.now(organisation)
        if report is None:
            assert who.subject_id is not None
            row = Report(organisation_id=organisation, subject_id=who.subject_id, made_at=now)
            if Report.objects.filter(subject_id=who.subject_id).count() >= MOST:
                raise DefinitionRefused("name", f"You have {MOST} reports. Remove one first.")
        else:
            row = queries.report(by, organisation=organisation, id=report).row
            access.check_change(row, by)
        row.shared, row.used_at = shared, now
        keeping.seal(row, name=name, definition=_clean(definition))
        row.save(force_insert=report is None)
        if report is not None and not shared:
            _unshared(row, now)
        act = "report.saved" if report is None else "report.changed"
        ledger.enter(act=act, about=f"report:{row.id}", by=by, detail={"measure": definition.measure.value})
    return row


def _clean(definition: Definition) -> Definition:
    """The names of sets are typed; queues that they name are compared with those there are, and shown to nobody else."""
    sets = tuple(replace(one, name=cleaned(one.name, most=LONGEST_NAME)) for one in definition.sets)
    return check(replace(definition, sets=sets))


def _unshared(row: Report, now: datetime) -> None:
    """Others get it no more once it is only its owner's."""
    others = Subscription.objects.filter(report=row, ended_at=None).exclude(subject_id=row.subject_id)
    others.update(ended_at=now, ended_because=Subscription.Ended.REMOVED)


def remove(*, organisation: UUID, report: UUID, by: Actor) -> None:
    """Remove one's own report with its subscriptions. Raises Refused, queries.NoSuchReport."""
    usual = access.usual_purpose(by, organisation=organisation)
    with purpose(usual, organisation=organisation, by=by):
        row = queries.report(by, organisation=organisation, id=report).row
        access.check_change(row, by)
        row.delete()
        ledger.enter(act="report.removed", about=f"report:{report}", by=by)
