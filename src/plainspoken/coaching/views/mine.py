"""An agent's own page: what to work on, goals, sessions, thanks, clips, disputes, and who listened."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages as notes
from django.db.models import Q
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from plainspoken.coaching import listened
from plainspoken.coaching.services import exporting
from plainspoken.conversations import services as conversations
from plainspoken.conversations.models import Clip, Participation
from plainspoken.conversations.queries import collected_for, visible_to
from plainspoken.custody import clock, keys, ledger
from plainspoken.disclosures.services import Refused as GateRefused
from plainspoken.people.access import StaffRequest, for_roles
from plainspoken.quality.models import Dispute
from plainspoken.quality.queries import titles
from plainspoken.ui.shapes import Choice
from plainspoken.ui.shell import Crumb

from . import about
from .reading import AGENTS, Reading

DAYS = (30, 90, 365)
CLIPS = DISPUTES = 10


@require_safe
@for_roles(*AGENTS)
def mine(request: StaffRequest) -> HttpResponse:
    """My work."""
    reading = Reading(request)
    agent = reading.subject
    with reading.session():
        context = {
            **about.sections(reading, agent, propose_url=reverse("coaching:propose")),
            "clips": _clips(reading),
            "disputes": _disputes(reading),
            "listened": _last(reading),
            "listened_url": reverse("coaching:listened"),
            "library_url": reverse("coaching:library"),
            "scores_url": reverse("quality:evaluations"),
        }
    return reading.shown("coaching/mine.html", context, Crumb("My work"))


def _clips(reading: Reading) -> list[dict[str, Any]]:
    """Clips of the agent's own conversations, whoever cut them; a title whose key is gone is left out."""
    own = Participation.objects.filter(subject_id=reading.subject, role=Participation.Role.AGENT)
    rows = Clip.objects.filter(
        Q(conversation_id__in=own.values("conversation_id")), conversation__in=visible_to(reading.membership)
    )
    found = list(rows.select_related("content_key", "conversation").order_by("-at")[:CLIPS])
    called = about.names(reading, [row.by for row in found])
    shown = []
    for row in found:
        try:
            title = conversations.title_of_clip(row)
        except keys.KeyGone:
            continue
        show = reverse("conversations:show", args=[row.conversation_id])
        shown.append(
            {
                "title": title,
                "by": called[row.by],
                "when": row.conversation.started_at,
                "url": reading.address(show, t=int(row.start_s)),
            }
        )
    return shown


def _disputes(reading: Reading) -> list[dict[str, Any]]:
    rows = Dispute.objects.filter(evaluation__agent_id=reading.subject).select_related(
        "evaluation__conversation"
    )
    found = list(rows.order_by("-made_at", "id")[:DISPUTES])
    called = titles([row.evaluation.conversation for row in found])
    return [
        {
            "title": called[row.evaluation.conversation_id],
            "url": reverse("quality:evaluation", args=[row.evaluation_id]),
            "stage": row.get_stage_display(),
            "made": row.made_at,
            "due": row.decide_until,
            "outcome": row.get_outcome_display() if row.decided_at else "",
            "decided": row.decided_at,
        }
        for row in found
    ]


# ---- who listened ----


def _visits(reading: Reading, days: int, *, programs: bool = False) -> list[listened.Visit]:
    now = clock.now(reading.organisation)
    found = listened.visits(
        organisation=reading.organisation,
        agent=reading.subject,
        since=now - timedelta(days=days),
        until=now,
        reader=reading.actor,
        programs=programs,
    )
    ledger.enter_read(place="custody.LedgerEntry", rows=len(found), by=reading.actor, subject=reading.subject)
    return found


def _last(reading: Reading) -> list[listened.Visit]:
    return _visits(reading, DAYS[0])[:3]


@require_safe
@for_roles(*AGENTS)
def who_listened(request: StaffRequest) -> HttpResponse:
    """Who listened to me, and why."""
    reading = Reading(request)
    days = _days(request.GET.get("days", ""))
    programs = request.GET.get("programs") == "yes"
    base = reverse("coaching:listened")
    more = "&programs=yes" if programs else ""
    with reading.session():
        found = _visits(reading, days, programs=programs)
        there = set(
            collected_for(
                visible_to(reading.membership).filter(id__in=listened.still_there(found))
            ).values_list("id", flat=True)
        )
        context = {
            "visits": [_visit(reading, one, one.conversation in there) for one in found],
            "periods": [
                Choice(str(n), f"{n} days", url=f"{base}?days={n}{more}", current=n == days) for n in DAYS
            ],
            "programs": programs,
            "programs_url": f"{base}?days={days}" if programs else f"{base}?days={days}&programs=yes",
            "export_url": reverse("coaching:export"),
            "days": days,
        }
    return reading.shown("coaching/listened.html", context, reading.first(), Crumb("Who listened to me"))


def _visit(reading: Reading, one: listened.Visit, there: bool) -> dict[str, Any]:
    show = reverse("conversations:show", args=[one.conversation]) if there else ""
    return {
        "at": one.at,
        "who": one.who,
        "role": one.role,
        "purpose": one.purpose,
        "why": one.why,
        "took": one.took,
        "reference": one.reference,
        "url": reading.address(show) if show else "",
    }


def _days(text: str) -> int:
    return int(text) if text in {str(n) for n in DAYS} else DAYS[1]


@require_POST
@for_roles(*AGENTS)
def exported(request: StaffRequest) -> HttpResponse:
    """Who listened to me, as CSV through the disclosure gate."""
    reading = Reading(request)
    now: datetime = clock.now(reading.organisation)
    since = now - timedelta(days=_days(request.POST.get("days", "")))
    try:
        text = exporting.export(organisation=reading.organisation, since=since, until=now, by=reading.actor)
    except GateRefused as error:
        notes.error(request, str(error))
        return HttpResponseRedirect(reverse("coaching:listened"))
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="who-listened.csv"'
    response["Cache-Control"] = "private, no-store"
    return response
