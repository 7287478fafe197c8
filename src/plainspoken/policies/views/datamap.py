"""Data map: where is personal data, and what does each right do there?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from plainspoken.custody.datamap import Done, Field, Held, held
from plainspoken.people.access import for_roles
from plainspoken.policies import queries
from plainspoken.policies.datamap import said
from plainspoken.ui.pages import Here, page
from plainspoken.ui.shapes import Choice
from plainspoken.ui.shell import Crumb

READERS = ("privacy_officer", "administrator")


@dataclass(frozen=True)
class Row:
    """A place in the list."""

    url: str
    title: str
    name: str
    app: str
    whose: str
    fields: int
    categories: Sequence[str]
    retention: str
    erase: str
    current: bool


@dataclass(frozen=True)
class Selected:
    """The place in the drawer."""

    title: str
    name: str
    app: str
    whose: str
    path: str
    source: str
    retention: str
    uses: Sequence[str]
    clause: str
    acts: Sequence[Done]
    fields: Sequence[Field]
    close_url: str


def _url(*, q: str = "", category: str = "", place: str = "") -> str:
    chosen = {"q": q, "category": category, "place": place}
    query = urlencode({name: value for name, value in chosen.items() if value})
    return f"{reverse('custody:datamap')}{f'?{query}' if query else ''}"


@require_GET
@for_roles(*READERS)
def datamap(request: Any) -> HttpResponse:
    """Every place that can hold personal data; `?place=` opens one, `?q=` and `?category=` narrow
    the list.
    """
    try:
        words = said(queries.policy_in_force(organisation=request.membership.organisation_id))
    except queries.NoPolicy as error:
        raise Http404(str(error)) from error
    rows = held(words)
    q, category, place = (request.GET.get(name, "").strip() for name in ("q", "category", "place"))
    found = [row for row in rows if _matches(row, q, category)]
    context = {
        "totals": {
            "places": len(rows),
            "fields": sum(row.personal_fields for row in rows),
            "stores": sum(row.stores for row in rows),
        },
        "q": q,
        "list_url": reverse("custody:datamap"),
        "categories": _categories(rows, q, category),
        "places": [_row(row, q, category, place) for row in found],
        "selected": _selected(rows, q, category, place) if place else None,
    }
    return page(request, "custody/datamap.html", context, here=Here("datamap", (Crumb("Data map"),)))


def _matches(row: Held, q: str, category: str) -> bool:
    if category and category not in row.categories:
        return False
    names = " ".join(item.name for item in row.fields if item.personal)
    words = f"{row.title} {row.model} {row.app} {row.whose} {' '.join(row.categories)} {names}".casefold()
    return all(word in words for word in q.casefold().split())


def _categories(rows: Sequence[Held], q: str, chosen: str) -> list[Choice]:
    names = sorted({name for row in rows for name in row.categories})
    return [
        Choice("", "All categories", url=_url(q=q), current=not chosen),
        *(
            Choice(
                name,
                name,
                sum(name in row.categories for row in rows),
                _url(q=q, category=name),
                name == chosen,
            )
            for name in names
        ),
    ]


def _row(row: Held, q: str, category: str, place: str) -> Row:
    return Row(
        url=_url(q=q, category=category, place=row.key),
        title=row.title,
        name=row.model,
        app=row.app,
        whose=row.whose,
        fields=row.personal_fields,
        categories=row.categories,
        retention=row.retention,
        erase=row.erasing,
        current=row.key == place,
    )


def _selected(rows: Sequence[Held], q: str, category: str, place: str) -> Selected:
    row = next((row for row in rows if row.key == place), None)
    if row is None:
        raise Http404("No such place is declared.")
    return Selected(
        title=row.title,
        name=row.model,
        app=row.app,
        whose=row.whose,
        path=row.path,
        source=row.source,
        retention=row.retention,
        uses=row.uses,
        clause="retain.as-needed",
        acts=row.acts,
        fields=row.fields,
        close_url=_url(q=q, category=category),
    )
