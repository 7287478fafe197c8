"""Reads: reports that somebody may run, what a builder offers, and who gets what by mail."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from plainspoken.conversations.models import Conversation
from plainspoken.custody.actors import Actor
from plainspoken.custody.keys import KeyGone
from plainspoken.disclosures.models import Message
from plainspoken.people.models import Membership
from plainspoken.quality.access import member
from plainspoken.quality.models import FormVersion
from plainspoken.quality.queries import form_of, names_of, versions

from . import access
from .definitions import Definition, DefinitionRefused
from .keeping import definition_of, name_of
from .models import Delivery, Report, Subscription

MOST_QUEUES = 300


class NoSuchReport(LookupError):
    """There is no such report for who asks."""


@dataclass(frozen=True)
class Kept:
    """A saved report, opened. own: who asks saved it."""

    row: Report
    name: str
    definition: Definition
    own: bool

    @property
    def id(self) -> UUID:
        """Its id."""
        return self.row.id


def reports(by: Actor, *, organisation: UUID) -> list[Kept]:
    """Own reports and those that others share, by name; one whose key is gone, or for another's purpose, is left out."""
    found = [one for row in _visible(by, organisation) if (one := _opened(row, by)) is not None]
    return sorted(found, key=lambda one: (one.name.lower(), one.row.made_at))


def _visible(by: Actor, organisation: UUID) -> Iterator[Report]:
    seen = Q(shared=True)
    who = member(by, organisation=organisation)
    if who is not None and who.subject_id is not None:
        seen |= Q(subject_id=who.subject_id)
    return Report.objects.filter(seen, organisation_id=organisation).iterator()


def _opened(row: Report, by: Actor) -> Kept | None:
    try:
        name, definition = name_of(row), definition_of(row)
    except (KeyGone, DefinitionRefused):
        return None
    if not access.can_read(by, organisation=row.organisation_id, purpose=definition.purpose):
        return None
    return Kept(row, name, definition, own=access.can_change(row, by))


def report(by: Actor, *, organisation: UUID, id: UUID) -> Kept:
    """One report that somebody may run. Raises NoSuchReport: what is not theirs is not there."""
    for row in _visible(by, organisation):
        if row.id == id and (found := _opened(row, by)) is not None:
            return found
    raise NoSuchReport("There is no such report here. Look in the list.")


def named(name: str, by: Actor, *, organisation: UUID) -> Kept:
    """One report by its name or id. Raises NoSuchReport, also where two have the name."""
    found = [one for one in reports(by, organisation=organisation) if name in (one.name, str(one.id))]
    if not found:
        raise NoSuchReport(f"There is no report {name}. Look in `plainspoken report list`.")
    if len(found) > 1:
        raise NoSuchReport(f"{len(found)} reports are named {name}. Give the id of one.")
    return found[0]


# ---- what a builder offers ----


@dataclass(frozen=True)
class FormOffered:
    """A form with its versions and the questions that earn points."""

    id: UUID
    title: str
    numbers: tuple[int, ...]
    questions: tuple[tuple[str, str], ...]


def forms_offered(*, organisation: UUID) -> list[FormOffered]:
    """Forms of which a version was published, by title, inside a purpose session."""
    rows = versions(organisation=organisation).exclude(state=FormVersion.State.DRAFT)
    found: dict[UUID, list[FormVersion]] = {}
    for row in rows:
        found.setdefault(row.form_id, []).append(row)
    return [
        FormOffered(
            id=form,
            title=mine[0].form.title,
            numbers=tuple(row.number for row in mine),
            questions=tuple((one.id, one.text) for one in form_of(mine[0]).questions if one.values),
        )
        for form, mine in found.items()
    ]


def queues_offered(*, organisation: UUID) -> list[str]:
    """Queues of conversations, by name, inside a purpose session."""
    rows = Conversation.objects.filter(organisation_id=organisation).exclude(queue="")
    return list(rows.order_by("queue").values_list("queue", flat=True).distinct()[:MOST_QUEUES])


# ---- mails ----


@dataclass(frozen=True)
class Subscribed:
    """Who gets a report: when, what happened to the last mail (a state of the mail, empty before), and how often
    it was tried.
    """

    row: Subscription
    name: str
    own: bool
    last_on: datetime | None
    last_state: str
    attempts: int
    delivery: UUID | None


def subscriptions(report: Report, by: Actor) -> list[Subscribed]:
    """Who gets this report, inside a session of `service.notify`."""
    who = member(by, organisation=report.organisation_id)
    rows = list(Subscription.objects.filter(report=report).order_by("ended_at", "made_at"))
    people = {
        row.subject_id: row.account_id
        for row in Membership.objects.filter(subject_id__in=[row.subject_id for row in rows])
    }
    names = names_of([f"person:{key}" for key in people.values()])
    return [
        Subscribed(
            row,
            names.get(f"person:{people.get(row.subject_id)}", "Former member of staff"),
            who is not None and who.subject_id == row.subject_id,
            *_last(row),
        )
        for row in rows
    ]


def _last(row: Subscription) -> tuple[datetime | None, str, int, UUID | None]:
    last = Delivery.objects.filter(subscription=row).order_by("-due_on").first()
    if last is None:
        return None, "", 0, None
    mail = Message.objects.filter(id=last.message).first()
    return last.made_at, mail.state if mail else "", mail.attempts if mail else 0, last.id
