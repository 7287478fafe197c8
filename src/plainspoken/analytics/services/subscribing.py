"""Who gets a report by mail, when, and how that ends."""

from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from plainspoken.analytics import access, queries
from plainspoken.analytics.models import Delivery, Subscription
from plainspoken.custody import clock, ledger
from plainspoken.custody.actors import Actor, program
from plainspoken.custody.sessions import purpose
from plainspoken.disclosures import messages
from plainspoken.kernels.reporting import Every, next_due
from plainspoken.people.models import Membership
from plainspoken.quality.access import Refused

NOTIFYING = "service.notify"
POST = program("reports")


class SubscriptionRefused(ValueError):
    """Nobody can be subscribed so; the message says why."""


def zone_of(member: Membership) -> ZoneInfo:
    """The time zone in which somebody lives: their own, else the organisation's."""
    for name in (member.account.time_zone, member.organisation.time_zone):
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            continue
    return ZoneInfo("UTC")


def subscribe(
    *, organisation: UUID, report: UUID, member: UUID, every: Every, hour: int, by: Actor
) -> Subscription:
    """Let a colleague, or oneself, get a report by mail; again changes how often and when.

    hour: 0 to 23, in the receiver's zone. Raises Refused, SubscriptionRefused, queries.NoSuchReport,
    messages.NoMailServer.
    """
    if not 0 <= hour <= 23:
        raise SubscriptionRefused("Choose an hour between 0 and 23.")
    messages.check_mail(organisation=organisation)
    usual = access.usual_purpose(by, organisation=organisation)
    with purpose(usual, organisation=organisation, by=by):
        access.keeper(by, organisation=organisation)
        kept = queries.report(by, organisation=organisation, id=report)
        offered = access.receivers(organisation=organisation, purpose=kept.definition.purpose)
        who = next((one for one in offered if one.id == member), None)
        if who is None or who.subject_id is None:
            raise SubscriptionRefused("They may not read this report. Choose one of the people offered.")
        if not kept.row.shared and who.subject_id != kept.row.subject_id:
            raise SubscriptionRefused("Only you can run this report. Share it first.")
        now, zone = clock.now(organisation), zone_of(who)
        terms = {
            "every": every.value,
            "hour": hour,
            "zone": str(zone),
            "next_at": next_due(every, hour=hour, zone=zone, now=now),
        }
        row = Subscription.objects.filter(report=kept.row, subject_id=who.subject_id, ended_at=None).first()
        if row is None:
            row = Subscription(
                organisation_id=organisation, report=kept.row, subject_id=who.subject_id,
                made_at=now, made_by=str(by),
            )  # fmt: skip
        for name, value in terms.items():
            setattr(row, name, value)
        row.save()
        ledger.enter(act="report.subscribed", subject=row.subject_id, about=f"subscription:{row.id}", by=by)
    return row


def end(*, organisation: UUID, subscription: UUID, by: Actor) -> None:
    """Stop a mail: who gets it, who asked for it, and whose report it is may. Raises Refused, queries.NoSuchReport."""
    usual = access.usual_purpose(by, organisation=organisation)
    with purpose(usual, organisation=organisation, by=by):
        who = access.keeper(by, organisation=organisation)
        rows = Subscription.objects.select_related("report").filter(organisation_id=organisation)
        row = rows.filter(id=subscription).first()
        if row is None:
            raise queries.NoSuchReport("There is no such subscription here. Load the page again.")
        if who.subject_id not in (row.subject_id, row.report.subject_id) and row.made_by != str(by):
            raise Refused("This mail is somebody else's. They can stop it themselves.")
        finish(row, Subscription.Ended.UNSUBSCRIBED, by=by)


def stop(*, organisation: UUID, subscription: UUID) -> bool:
    """Stop a mail from its own link, without a sign-in (RFC 8058). Again changes nothing. Whether it is stopped."""
    with purpose(NOTIFYING, organisation=organisation, by=POST):
        row = Subscription.objects.filter(organisation_id=organisation, id=subscription).first()
        if row is None:
            return False
        finish(row, Subscription.Ended.UNSUBSCRIBED, by=POST)
    return True


def finish(row: Subscription, why: Subscription.Ended, *, by: Actor) -> None:
    """End it, in the session in force; ended once, it stays so."""
    rows = Subscription.objects.filter(id=row.id, ended_at=None)
    if rows.update(ended_at=clock.now(row.organisation_id), ended_because=why):
        ledger.enter(
            act="report.unsubscribed",
            subject=row.subject_id,
            about=f"subscription:{row.id}",
            by=by,
            detail={"why": why.value},
        )


def again(*, organisation: UUID, delivery: UUID, by: Actor) -> bool:
    """Try a mail that failed once more; whether there was one. Raises Refused."""
    access.keeper(by, organisation=organisation)
    with purpose(NOTIFYING, organisation=organisation, by=POST):
        row = Delivery.objects.filter(organisation_id=organisation, id=delivery).first()
        return row is not None and messages.send_again(message=row.message, organisation=organisation, by=by)
