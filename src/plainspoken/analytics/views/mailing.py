"""Reports by mail: who gets one, stopping it on the page or from the mail, and trying a failed one again."""

from typing import Any
from uuid import UUID

from django.contrib import messages as notes
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from plainspoken.analytics import access, queries, stopping
from plainspoken.analytics.forms import SubscriptionForm
from plainspoken.analytics.models import Subscription
from plainspoken.analytics.services import subscribing
from plainspoken.custody.sessions import PurposeRefused, purpose
from plainspoken.disclosures.messages import NoMailServer
from plainspoken.kernels.reporting import Every
from plainspoken.people.access import StaffRequest, for_roles
from plainspoken.ui.shapes import Act

from .reading import READERS, Reading

# What became of the last mail, in words for people: (mark, word).
STATES = {
    "": ("", "Nothing sent yet"),
    "held": ("", "Waiting"),
    "queued": ("", "Waiting"),
    "sent": ("held", "Sent"),
    "outbox": ("held", "In the outbox"),
    "failed": ("broken", "Failed"),
}
OFTEN = {
    Every.DAY.value: "each day",
    Every.WEEK.value: "each Monday",
    Every.MONTH.value: "each first of a month",
}
SHOWN_ENDED = 5


def mails(reading: Reading, kept: queries.Kept) -> dict[str, Any]:
    """Who gets a report, and a form for one more, for its page."""
    try:
        with purpose(subscribing.NOTIFYING, organisation=reading.organisation, by=subscribing.POST):
            found = queries.subscriptions(kept.row, reading.actor)
    except PurposeRefused:
        # The policy of this house sends no such mail.
        return {"mails": [], "mail_form": None}
    running = [one for one in found if one.row.ended_at is None]
    ended = [one for one in found if one.row.ended_at is not None][:SHOWN_ENDED]
    return {
        "mails": [_mail(one, reading, kept) for one in (*running, *ended)],
        "mail_form": _form(reading, kept),
        "subscribe_url": reverse("analytics:subscribe", kwargs={"report": kept.id}),
    }


def _form(reading: Reading, kept: queries.Kept, data: Any = None) -> SubscriptionForm:
    people = access.receivers(organisation=reading.organisation, purpose=kept.definition.purpose)
    if not kept.row.shared:
        people = [one for one in people if one.subject_id == kept.row.subject_id]
    mine = str(reading.request.membership.id)
    choices = [(str(one.id), one.account.name) for one in people]
    choices.sort(key=lambda one: one[0] != mine)
    return SubscriptionForm(data, people=choices)


def _mail(one: queries.Subscribed, reading: Reading, kept: queries.Kept) -> dict[str, Any]:
    row = one.row
    mark, word = STATES.get(one.last_state, ("", "Deleted by now" if one.delivery else "Nothing sent yet"))
    failed = one.last_state == "failed"
    theirs = one.own or kept.own or row.made_by == str(reading.actor)
    acts, back = [], {"back": reverse("analytics:report", kwargs={"report": kept.id})}
    if failed and row.ended_at is None and one.delivery:
        acts.append(
            Act(
                reverse("analytics:mail_again", args=[one.delivery]), "Try again", icon="refresh", values=back
            )
        )
    if theirs and row.ended_at is None:
        acts.append(Act(reverse("analytics:end_mail", args=[row.id]), "Stop", icon="mail-off", values=back))
    return {
        "id": row.id,
        "name": one.name,
        "often": f"{OFTEN[row.every]}, {row.hour:02}:00 ({row.zone.replace('_', ' ')})",
        "next": row.next_at if row.ended_at is None else None,
        "ended": row.ended_at,
        "why": Subscription.Ended(row.ended_because).label if row.ended_because else "",
        "mark": mark,
        "word": word,
        "last": one.last_on,
        "attempts": one.attempts if failed else 0,
        "acts": acts,
    }


@require_POST
@for_roles(*READERS)
def subscribe(request: StaffRequest, report: UUID) -> HttpResponse:
    """Somebody gets the report by mail."""
    reading = Reading(request)
    kept = reading.kept(report)
    form = _form(reading, kept, request.POST)
    if not form.is_valid():
        notes.error(request, "Choose who gets it, how often and when.")
    else:
        try:
            subscribing.subscribe(
                organisation=reading.organisation,
                report=kept.id,
                member=UUID(form.cleaned_data["member"]),
                every=Every(form.cleaned_data["every"]),
                hour=form.cleaned_data["hour"],
                by=reading.actor,
            )
            notes.info(request, "The report goes out by mail. Each mail can be stopped with one click.")
        except (subscribing.SubscriptionRefused, NoMailServer) as error:
            notes.error(request, str(error))
    return HttpResponseRedirect(reverse("analytics:report", kwargs={"report": kept.id}))


@require_POST
@for_roles(*READERS)
def end_mail(request: StaffRequest, subscription: UUID) -> HttpResponse:
    """Stop a mail."""
    reading = Reading(request)
    try:
        subscribing.end(organisation=reading.organisation, subscription=subscription, by=reading.actor)
    except queries.NoSuchReport as error:
        raise Http404(str(error)) from error
    notes.info(request, "This mail is stopped.")
    return _back(request)


@require_POST
@for_roles(*READERS)
def mail_again(request: StaffRequest, delivery: UUID) -> HttpResponse:
    """Try a failed mail once more."""
    reading = Reading(request)
    if subscribing.again(organisation=reading.organisation, delivery=delivery, by=reading.actor):
        notes.info(request, "The mail is tried again now.")
    else:
        notes.error(request, "There is no failed mail here any more. Load the page again.")
    return _back(request)


def _back(request: StaffRequest) -> HttpResponse:
    """To the report on whose page the button was, as long as it is one of ours."""
    came_from = request.POST.get("back", "")
    here = reverse("analytics:reports")
    return HttpResponseRedirect(came_from if came_from.startswith(here) else here)


@csrf_exempt
@require_http_methods(["GET", "POST"])
def stop(request: HttpRequest, secret: str) -> HttpResponse:
    """Stop a mail from its own link: mail programs post there (RFC 8058), people press the button. The signature in
    the address is what lets them; nothing else can be done with it.
    """
    try:
        organisation, subscription = stopping.named(secret)
    except stopping.NoSuchLink as error:
        raise Http404(str(error)) from error
    if request.method == "POST":
        try:
            subscribing.stop(organisation=organisation, subscription=subscription)
        except PurposeRefused as error:
            raise Http404("This link leads nowhere any more.") from error
    return render(request, "analytics/stop.html", {"stopped": request.method == "POST"})
