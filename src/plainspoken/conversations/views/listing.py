"""The list of conversations, and the search."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from plainspoken.conversations import queries, wording
from plainspoken.conversations.forms import FilterForm
from plainspoken.conversations.models import Conversation
from plainspoken.conversations.ports import Found, Hit, Wanted
from plainspoken.custody import ledger
from plainspoken.people.access import StaffRequest, for_roles
from plainspoken.ui.pages import page
from plainspoken.ui.shapes import Choice, Page
from plainspoken.ui.shell import Crumb

from .reading import READERS, Reading

ROWS = 50
FILTERS = ("q", "queue", "agent", "kind", "from", "to", "participant")


@require_safe
@for_roles(*READERS)
def conversations(request: StaffRequest) -> HttpResponse:
    """Conversations that match the filters in the address, newest first; htmx takes the rows alone."""
    reading = Reading(request)
    form = FilterForm(request.GET)
    wanted = form.wanted(limit=ROWS)
    with reading.session():
        found = queries.listed(wanted, reading.membership)
        rows = queries.rows_of(found.conversations)
        ledger.enter_read(place="conversations.Conversation", rows=len(rows), by=reading.actor)
        filtered = any(request.GET.get(name) for name in FILTERS)
        context = {
            "rows": [_row(row, found.hits.get(row.id, ()), reading) for row in rows],
            "found": found.total,
            "page": _page(request, wanted, found),
            "filtered": filtered,
            "clear_url": reading.address(reverse("conversations:list")),
            "list_url": reverse("conversations:list"),
            "q": wanted.q,
            "date_from": request.GET.get("from", "")[:10],
            "date_to": request.GET.get("to", "")[:10],
            "empty": ("" if rows else "nothing") if filtered else ("" if rows else "none"),
        }
        if not request.headers.get("HX-Request"):
            context |= _choices(wanted, reading)
    if request.headers.get("HX-Request"):
        return render(request, "conversations/_rows.html", context)
    return page(request, "conversations/list.html", context, here=reading.here(Crumb("Conversations")))


def _row(row: queries.Listed, hits: tuple[Hit, ...], reading: Reading) -> dict[str, Any]:
    url = reverse("conversations:show", args=[row.id])
    return {
        "id": str(row.id),
        "url": reading.address(url),
        "title": row.title,
        "kind": row.kind,
        "started": row.started,
        "duration_s": row.duration_s,
        "queue": row.queue,
        "agent": row.agent,
        "customer": row.customer,
        "removed": row.removed,
        "state": row.state,
        "state_text": wording.STATES.get(row.state, row.state),
        "hits": [
            {
                "url": f"{reading.address(url, t=_second(hit))}#t{hit.ordinal}",
                "at_s": hit.at_s,
                "who": row.speakers.get(hit.position, "") if hit.position is not None else "",
                "segments": hit.segments,
            }
            for hit in hits
        ],
    }


def _second(hit: Hit) -> int | None:
    return None if hit.at_s is None else int(hit.at_s)


def _page(request: StaffRequest, wanted: Wanted, found: Found) -> Page | None:
    if not found.total:
        return None
    number, pages = wanted.offset // wanted.limit + 1, -(-found.total // wanted.limit)
    return Page(
        number=number,
        pages=pages,
        total=found.total,
        first=wanted.offset + 1,
        last=min(found.total, wanted.offset + wanted.limit),
        previous_url=_with_page(request, number - 1) if number > 1 else "",
        next_url=_with_page(request, number + 1) if number < pages else "",
    )


def _with_page(request: StaffRequest, number: int) -> str:
    values = request.GET.copy()
    values["page"] = str(number)
    return f"?{values.urlencode()}"


def _choices(wanted: Wanted, reading: Reading) -> Mapping[str, Any]:
    """What the filters offer: only what the reader may see. An agent sees one agent, so is offered none."""
    names = {} if reading.membership.role == "agent" else queries.agents(reading.membership)
    return {
        "queues": [
            Choice(name, name, current=name == wanted.queue) for name in queries.queues(reading.membership)
        ],
        "agents": [Choice(str(key), name, current=key == wanted.agent) for key, name in names.items()],
        "kinds": [
            Choice(kind.value, f"{kind.label}s", current=kind == wanted.kind) for kind in Conversation.Kind
        ],
        "notes": _notes(reading),
    }


def _notes(reading: Reading) -> list[str]:
    failed = queries.visible_to(reading.membership).filter(state=Conversation.State.FAILED)
    reasons = failed.order_by().values_list("reason", flat=True).distinct()
    return [wording.reason(code) for code in sorted(reasons)]
