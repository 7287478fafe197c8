"""The list of conversations, and the search."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from plainspoken.conversations import queries, services, wording
from plainspoken.conversations.forms import BuilderForm, FilterForm
from plainspoken.conversations.models import Conversation
from plainspoken.conversations.ports import Found, Hit, ScoresHidden, Wanted, scores
from plainspoken.conversations.searching import QueryError
from plainspoken.custody import ledger
from plainspoken.disclosures.services import Refused
from plainspoken.people.access import StaffRequest, for_roles
from plainspoken.ui.pages import page
from plainspoken.ui.shapes import Act, Ask, Choice, Page, Segment
from plainspoken.ui.shell import Crumb

from .reading import READERS, Reading

ROWS = 50
EXPORT_STEP, MOST_EXPORTED = 500, 100_000
FILTERS = ("q", "queue", "agent", "kind", "from", "to", "participant")


@require_safe
@for_roles(*READERS)
def conversations(request: StaffRequest) -> HttpResponse:
    """Conversations that match the filters in the address, newest first; htmx takes the rows alone."""
    reading = Reading(request)
    if "build" in request.GET:
        return _built(request, reading)
    form = FilterForm(request.GET)
    wanted = form.wanted(limit=ROWS)
    with reading.session():
        found, mistake = _found(wanted, reading)
        rows = queries.rows_of(found.conversations)
        ledger.enter_read(place="conversations.Conversation", rows=len(rows), by=reading.actor)
        filtered = any(request.GET.get(name) for name in FILTERS)
        context = {
            "rows": [_row(row, found.hits.get(row.id, ()), reading) for row in rows],
            "found": found.total,
            "more_than": found.more_than,
            "mistake": mistake,
            "page": _page(request, wanted, found, rows),
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
            context |= _kept(request, reading)
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


def _page(request: StaffRequest, wanted: Wanted, found: Found, rows: list[queries.Listed]) -> Page | None:
    """Numbered pages as far as counting goes; beyond, each page begins after the last row of the one before."""
    if not found.total or not rows:
        return None
    text = request.GET.get("page", "")
    number = max(1, int(text)) if text.isdecimal() and len(text) < 7 else 1
    pages = -(-found.total // wanted.limit)
    last = (number - 1) * wanted.limit + len(rows)
    more = number < pages or (found.more_than and len(rows) == wanted.limit)
    deep = wanted.sort == "newest" and number * wanted.limit >= queries.COUNTED
    return Page(
        number=number,
        pages=max(pages, number + more),
        total=max(found.total, last),
        first=(number - 1) * wanted.limit + 1,
        last=last,
        previous_url=_with_page(request, number - 1) if number > 1 and not wanted.after else "",
        next_url=_with_page(request, number + 1, after=rows[-1] if deep else None) if more else "",
        more=found.more_than,
    )


def _with_page(request: StaffRequest, number: int, *, after: queries.Listed | None = None) -> str:
    values = request.GET.copy()
    values["page"] = str(number)
    values.pop("after", None)
    if after is not None:
        values["after"] = f"{after.started.isoformat()}~{after.id}"
    return f"?{values.urlencode()}"


def _found(wanted: Wanted, reading: Reading) -> tuple[Found, dict[str, Any] | None]:
    """What was found, or nothing and where the query cannot be understood."""
    try:
        return queries.listed(wanted, reading.membership), None
    except ScoresHidden as error:
        return Found((), 0, {}), {"sentence": str(error), "segments": []}
    except QueryError as error:
        text = wanted.q
        parts = (text[: error.start], text[error.start : error.end], text[error.end :])
        segments = [Segment(part, hit=place == 1) for place, part in enumerate(parts) if part]
        return Found((), 0, {}), {"sentence": str(error), "segments": segments}


def _built(request: StaffRequest, reading: Reading) -> HttpResponse:
    """The builder's fields become a query, so that people see how it is typed."""
    values = request.GET.copy()
    with reading.session():
        query = BuilderForm(request.GET, questions=_questions()).query()
    for name in ("build", "page", "after", *BuilderForm.base_fields):
        values.pop(name, None)
    values["q"] = query
    return HttpResponseRedirect(f"{reverse('conversations:list')}?{values.urlencode()}")


def _questions() -> list[tuple[str, str]] | None:
    """What may be asked about evaluations for the purpose in force; None where nothing may."""
    provider = scores()
    return list(provider.questions()) or None if provider else None


def _kept(request: StaffRequest, reading: Reading) -> dict[str, Any]:
    """Searches that were kept, the builder, and the export."""
    recipients = services.list_recipients(
        organisation=reading.membership.organisation_id, purpose=reading.purpose.name
    )
    query = request.GET.urlencode()
    return {
        "builder": BuilderForm({}, questions=_questions()),
        "searches": [
            {
                "name": kept.name,
                "url": reverse("conversations:run_search", args=[kept.id]),
                "shared": kept.shared,
                "own": kept.own,
            }
            for kept in services.searches(member=reading.membership)
        ],
        "query": query,
        "keep_url": reading.address(reverse("conversations:keep_search")),
        "export": Act(
            reading.address(reverse("conversations:export")),
            "Export the list",
            icon="download",
            values={"query": query},
            fields=(
                Ask("recipient", "For whom", "select", choices=[Choice(n, t) for n, t in recipients.items()]),
            ),
            help="References, times, queues and pseudonyms leave through the disclosure gate; no words, no names.",
        )
        if recipients
        else None,
        "clips_url": reading.address(reverse("conversations:clips")),
        "slipped_url": reading.address(reverse("conversations:slipped"))
        if reading.membership.role in ("supervisor", "privacy_officer")
        else "",
        "pausing_url": reverse("conversations:pausing") if reading.membership.role == "agent" else "",
    }


@require_POST
@for_roles(*READERS)
def export(request: StaffRequest) -> HttpResponse:
    """The list as CSV, as far as MOST_EXPORTED rows, through the disclosure gate."""
    reading = Reading(request)
    query = request.POST.get("query", "")[:2000]
    back = HttpResponseRedirect(f"{reverse('conversations:list')}?{query}")

    def rows() -> Iterator[queries.Listed]:
        wanted = FilterForm(QueryDict(query)).wanted(limit=EXPORT_STEP)
        wanted = replace(wanted, offset=0, sort="newest", after=None)
        for _ in range(MOST_EXPORTED // EXPORT_STEP):
            page_of = queries.rows_of(queries.listed(wanted, reading.membership).conversations)
            yield from page_of
            if len(page_of) < EXPORT_STEP:
                return
            wanted = replace(wanted, after=(page_of[-1].started, page_of[-1].id))

    try:
        text = services.export_list(
            member=reading.membership,
            rows=rows,
            recipient=request.POST.get("recipient", ""),
            purpose=reading.purpose.name,
            by=reading.actor,
        )
    except (Refused, QueryError, ScoresHidden) as error:
        messages.error(request, str(error))
        return back
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="conversations.csv"'
    response["Cache-Control"] = "private, no-store"
    return response


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
