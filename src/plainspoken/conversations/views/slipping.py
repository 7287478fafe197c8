"""Card data that was said outside of pauses: how often, in which queues, with which agents."""

from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from plainspoken.conversations import ports, queries
from plainspoken.conversations.models import Mark, Participation
from plainspoken.custody import clock, ledger
from plainspoken.people.access import StaffRequest, for_roles
from plainspoken.people.queries import label
from plainspoken.ui.pages import page
from plainspoken.ui.shapes import Choice
from plainspoken.ui.shell import Crumb

from .reading import Reading

PERIODS = {"7": "7 days", "30": "30 days", "90": "90 days"}
MOST = 200


@require_safe
@for_roles("supervisor", "privacy_officer")
def slipped(request: StaffRequest) -> HttpResponse:
    """By queue and by agent's pseudonym, with the conversations."""
    reading = Reading(request)
    chosen = request.GET.get("days", "30")
    chosen = chosen if chosen in PERIODS else "30"
    with reading.session():
        since = clock.now(reading.membership.organisation_id) - timedelta(days=int(chosen))
        context = _counted(reading, since)
    url = reverse("conversations:slipped")
    context["periods"] = [
        Choice(days, title, url=reading.address(url, days=days), current=days == chosen)
        for days, title in PERIODS.items()
    ]
    crumbs = (Crumb("Conversations", reading.address(reverse("conversations:list"))), Crumb("Card data"))
    return page(request, "conversations/slipped.html", context, here=reading.here(*crumbs))


def _counted(reading: Reading, since: Any) -> dict[str, Any]:
    found = dict(ports.words().slipped(since))
    visible = queries.visible_to(reading.membership)
    rows = list(visible.filter(id__in=found).order_by("-started_at", "id"))
    agents = _agents([row.id for row in rows])
    queues: Counter[str] = Counter()
    people: Counter[str] = Counter()
    for row in rows:
        queues[row.queue or "No queue"] += found[row.id]
        for agent in agents.get(row.id, ()):
            people[agent] += found[row.id]
    ledger.enter_read(place="transcripts.Turn", rows=len(rows), by=reading.actor)
    pauses = Mark.objects.filter(kind=Mark.Kind.PAUSE, conversation__in=visible.filter(started_at__gte=since))
    return {
        "total": sum(found[row.id] for row in rows),
        "calls": len(rows),
        "pauses": pauses.count(),
        "alone": pauses.filter(ended_by_itself=True).count(),
        "queues": queues.most_common(),
        "agents": people.most_common(),
        "rows": [
            {
                "title": queries.reference(row.id),
                "url": reading.address(reverse("conversations:show", args=[row.id])),
                "started": row.started_at,
                "queue": row.queue,
                "agent": ", ".join(agents.get(row.id, ())),
                "count": found[row.id],
            }
            for row in rows[:MOST]
        ],
    }


def _agents(conversations: list[UUID]) -> dict[UUID, list[str]]:
    """Pseudonyms of the agents of these conversations."""
    rows = Participation.objects.filter(
        conversation_id__in=conversations, role=Participation.Role.AGENT, subject__isnull=False
    )
    found: dict[UUID, list[str]] = {}
    for conversation, subject in rows.values_list("conversation_id", "subject_id"):
        assert subject is not None
        found.setdefault(conversation, []).append(label(subject, kind="Agent"))
    return found
