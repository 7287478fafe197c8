"""Mails of reports: what is due is counted, passes the gate, and is written once for each due day.

The numbers go to a colleague only as far as the policy lets them leave for this purpose (`own-analysts`); else the mail
holds the link alone. No name of anybody, and nothing that somebody typed, is in it.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError
from django.urls import reverse

from plainspoken.analytics import access, presenting, results, stopping, wording
from plainspoken.analytics.definitions import Definition, DefinitionRefused
from plainspoken.analytics.keeping import definition_of
from plainspoken.analytics.models import Delivery, Report, Subscription
from plainspoken.analytics.results import Result
from plainspoken.custody import clock
from plainspoken.custody.actors import person
from plainspoken.custody.keys import KeyGone
from plainspoken.custody.sessions import PurposeRefused, purpose
from plainspoken.disclosures import messages
from plainspoken.disclosures.services import Delivered, can_release, release
from plainspoken.kernels.reporting import Every, last_due, next_due
from plainspoken.people.models import Membership

from .exporting import RECIPIENT, categories
from .subscribing import NOTIFYING, POST, finish

MOST_AT_ONCE = 500


@dataclass(frozen=True)
class _Due:
    """A subscription that is due, and everything its mail is made of."""

    subscription: UUID
    report: UUID
    definition: Definition
    member: Membership
    at: datetime


class AlreadySent(RuntimeError):
    """Another worker was first."""


def due(organisation: UUID) -> list[UUID]:
    """Subscriptions whose time has come, the longest waiting first; none where the policy has no such purpose."""
    try:
        with purpose(NOTIFYING, organisation=organisation, by=POST):
            rows = Subscription.objects.filter(
                organisation_id=organisation, ended_at=None, next_at__lte=clock.now(organisation)
            )
            return list(rows.order_by("next_at", "id").values_list("id", flat=True)[:MOST_AT_ONCE])
    except PurposeRefused:
        return []


def send(*, organisation: UUID, subscription: UUID) -> bool:
    """Write the mail of one subscription if it is due; whether one was written.

    Of several due days that nobody sent, only the latest is: nobody wants last week's numbers five times. Who lost the
    role gets nothing, and the subscription ends. Raises the gate's refusals and messages.NoMailServer.
    """
    ready = _ready(organisation, subscription)
    if ready is None:
        return False
    allowed = can_release(
        organisation=organisation,
        recipient=RECIPIENT,
        purpose=ready.definition.purpose,
        categories=categories(ready.definition),
    )
    text = _text(organisation, ready, numbers=allowed)

    def deliver() -> Delivered:
        _write(organisation, ready, text, carried=allowed)
        return Delivered(parts=1, bytes=len(text.encode()))

    try:
        if not allowed:
            deliver()
        else:
            release(
                organisation=organisation,
                recipient=RECIPIENT,
                purpose=ready.definition.purpose,
                categories=categories(ready.definition),
                subject=None,
                deliver=deliver,
                by=POST,
                about=f"subscription:{subscription}",
            )
    except AlreadySent:
        return False
    return True


def _ready(organisation: UUID, subscription: UUID) -> _Due | None:
    """What is to be sent; a subscription whose receiver may not read it any more ends here."""
    with purpose(NOTIFYING, organisation=organisation, by=POST):
        rows = Subscription.objects.select_related("report").filter(
            organisation_id=organisation, ended_at=None
        )
        row = rows.filter(id=subscription).first()
        now = clock.now(organisation)
        if row is None or row.next_at > now:
            return None
        members = Membership.objects.select_related("account", "organisation")
        member = members.filter(
            organisation_id=organisation, subject_id=row.subject_id, ended_at=None
        ).first()
        try:
            definition = definition_of(row.report)
        except (KeyGone, DefinitionRefused):
            finish(row, Subscription.Ended.REMOVED, by=POST)
            return None
        if member is None or not access.can_read(
            person(member.account_id), organisation=organisation, purpose=definition.purpose
        ):
            finish(row, Subscription.Ended.ROLE, by=POST)
            return None
        if not row.report.shared and row.report.subject_id != row.subject_id:
            finish(row, Subscription.Ended.REMOVED, by=POST)
            return None
        at = last_due(Every(row.every), hour=row.hour, zone=ZoneInfo(row.zone), now=now)
        return _Due(row.id, row.report_id, definition, member, at)


def _text(organisation: UUID, ready: _Due, *, numbers: bool) -> str:
    lines = [f"{wording.title(ready.definition)}."]
    if numbers:
        with purpose(ready.definition.purpose, organisation=organisation, by=POST):
            lines += _numbers(results.run(ready.definition))
    else:
        lines.append("\nThe policy lets no numbers leave by mail. They stand on the page.")
    page = f"{settings.SITE_URL}{reverse('analytics:report', kwargs={'report': ready.report})}"
    ends = stopping.link(f"{organisation}/{ready.subscription}")
    return "\n".join([*lines, "", f"The report:\n{page}", "", f"Stop this mail with one click:\n{ends}", ""])


def _numbers(result: Result) -> list[str]:
    table, gone = presenting.in_mail(result)
    made_by = wording.IN_WORDS[result.definition.made_by]
    lines = [
        f"{presenting.days(result.span)}, compared with {presenting.days(result.before)}.",
        f"Evaluations {made_by}.",
        "",
        *(table or ["Nothing can be shown in a mail. Look on the page."]),
    ]
    if result.suppressed:
        lines += ["", f"Groups under {result.least} people are not shown."]
    if result.people:
        lines += ["", "Each line is one person, so the lines stand on the page only."]
    elif gone:
        lines += ["", f"{gone} {'line is' if gone == 1 else 'lines are'} about so few people that they stand on the page only."]  # fmt: skip
    return lines


def _write(organisation: UUID, ready: _Due, text: str, *, carried: bool) -> None:
    """The mail and the note that it was written, in one transaction."""
    try:
        with purpose(NOTIFYING, organisation=organisation, by=POST):
            rows = Subscription.objects.select_for_update().filter(id=ready.subscription, ended_at=None)
            row = rows.first()
            day = ready.at.date()
            if row is None or Delivery.objects.filter(subscription=row, due_on=day).exists():
                raise AlreadySent("The mail of this day was written already.")
            made = messages.write(
                to=ready.member.account.email,
                title=wording.title(ready.definition),
                text=text,
                categories=("email", "measure") if carried else ("email",),
                by=POST,
                subject=row.subject_id,
                about=stopping.about(organisation=organisation, subscription=row.id),
            )
            now = clock.now(organisation)
            Delivery.objects.create(
                organisation_id=organisation, subscription=row, due_on=day, message=made.id,
                carried=carried, made_at=now,
            )  # fmt: skip
            row.next_at = next_due(Every(row.every), hour=row.hour, zone=ZoneInfo(row.zone), now=now)
            row.save(update_fields=["next_at"])
            Report.objects.filter(id=row.report_id).update(used_at=now)
    except IntegrityError as error:
        raise AlreadySent("The mail of this day was written already.") from error
