"""Ledger: what happened? Who did what, for which purpose; never a value."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from time import sleep
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_GET, require_POST

from plainspoken.custody import ledger, sealing
from plainspoken.custody.places import places
from plainspoken.custody.queries import A_PAGE, Entry, Wanted, entries, entry
from plainspoken.custody.sessions import purpose
from plainspoken.people.access import for_roles
from plainspoken.people.models import Membership
from plainspoken.policies import queries
from plainspoken.policies.receipts import AUDIT, receipt_of
from plainspoken.ui.pages import Here, page
from plainspoken.ui.shapes import Choice, Page, Receipt
from plainspoken.ui.shell import Crumb, Purpose
from plainspoken.ui.wording import purpose_short

READERS = ("privacy_officer", "administrator")
LAST_CHECK = "ledger-check"
SEAL_TRIES, SEAL_PAUSE_S = 20, 0.1


@dataclass(frozen=True)
class Row:
    """An entry in the list; `number` is None until it is sealed."""

    number: int | None
    at: datetime
    act: str
    by: str
    purpose: str
    about: str
    detail: str
    sealed: bool
    url: str


@dataclass(frozen=True)
class Fact:
    """One detail of an entry."""

    term: str
    text: str


@dataclass(frozen=True)
class Selected:
    """The entry in the drawer."""

    number: int | None
    at: datetime
    act: str
    by: str
    purpose: str
    about: str
    detail: Sequence[Fact]
    digest: str
    batch: int | None
    close_url: str


@dataclass(frozen=True)
class Chain:
    """How the chain stood at the last check; unproved before the first."""

    status: str
    text: str
    head: str
    entries: int
    sealed_at: datetime | None
    verify_url: str
    receipt: Receipt | None


@dataclass(frozen=True)
class _Asked:
    """What the address asks for."""

    q: str
    act: str
    start: date | None
    end: date | None
    page: int

    def wanted(self) -> Wanted:
        return Wanted(
            text=self.q,
            act=self.act,
            start=_midnight(self.start) if self.start else None,
            end=_midnight(self.end + timedelta(days=1)) if self.end else None,
        )

    def url(self, *, page: int = 1, entry: int | None = None) -> str:
        chosen = {
            "q": self.q,
            "act": self.act,
            "from": self.start.isoformat() if self.start else "",
            "to": self.end.isoformat() if self.end else "",
            "page": str(page) if page > 1 else "",
            "entry": str(entry or ""),
        }
        query = urlencode({name: value for name, value in chosen.items() if value})
        return f"{reverse('custody:ledger')}{f'?{query}' if query else ''}"


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def _asked(request: Any) -> _Asked:
    number = request.GET.get("page", "")
    return _Asked(
        q=request.GET.get("q", "").strip()[:120],
        act=request.GET.get("act", "")[:60],
        start=_day(request.GET.get("from", "")),
        end=_day(request.GET.get("to", "")),
        page=max(int(number), 1) if number.isascii() and number.isdigit() and len(number) < 8 else 1,
    )


@require_GET
@for_roles(*READERS)
def view(request: Any) -> HttpResponse:
    """Entries, newest first, fifty a page; `?entry=` opens one. Looking is entered in the ledger itself."""
    asked, organisation = _asked(request), request.membership.organisation_id
    with purpose(AUDIT, organisation=organisation, by=request.actor):
        found = entries(asked.wanted(), page=asked.page)
        selected = _selected(request, asked)
        everything = sum(count for _, count in found.acts)
        sealed_at = sealing.sealed_at(organisation=organisation)
        ledger.enter_read(place="custody.LedgerEntry", rows=len(found.entries), by=request.actor)
    names = _names(organisation)
    purposes = queries.policy_in_force(organisation=organisation).purposes
    titles = {name: one.title for name, one in purposes.items()}
    context = {
        "chain": _chain(request, everything, sealed_at),
        "q": asked.q,
        "list_url": reverse("custody:ledger"),
        "acts": [Choice(act, _said(act), count, current=act == asked.act) for act, count in found.acts],
        "date_from": asked.start.isoformat() if asked.start else "",
        "date_to": asked.end.isoformat() if asked.end else "",
        "entries": [_row(item, asked, names, titles) for item in found.entries],
        "page": _page(asked, found.total),
        "empty": not everything,
        "clear_url": reverse("custody:ledger"),
        "filtered": asked.wanted().narrow,
        "selected": _shown(selected, asked, names, titles) if selected else None,
    }
    here = Here("ledger", (Crumb("Ledger"),), purpose=AUDIT, purposes=_purposes(request))
    return page(request, "custody/ledger.html", context, here=here)


def _purposes(request: Any) -> tuple[Purpose, ...]:
    every = queries.purposes_for(request.membership.role, organisation=request.membership.organisation_id)
    return tuple(choice for choice in every if choice.name == AUDIT)


def _selected(request: Any, asked: _Asked) -> Entry | None:
    number = request.GET.get("entry", "")
    if not number:
        return None
    found = entry(int(number)) if number.isascii() and number.isdigit() and len(number) < 18 else None
    if found is None:
        raise Http404("The ledger has no entry of this number.")
    return found


def _names(organisation: UUID) -> dict[str, str]:
    """Who the actors are, for people who have an account here; others keep their code."""
    rows = Membership.objects.filter(organisation_id=organisation).values_list("account_id", "account__name")
    return {f"person:{account}": name for account, name in rows}


def _row(item: Entry, asked: _Asked, names: dict[str, str], titles: dict[str, str]) -> Row:
    return Row(
        number=item.number,
        at=item.at,
        act=_said(item.act),
        by=names.get(item.by) or _actor(item.by),
        purpose=purpose_short(item.purpose, titles.get(item.purpose, item.purpose)),
        about=_short(item.about),
        detail=_details(item.detail),
        sealed=item.number is not None,
        url=asked.url(page=asked.page, entry=item.number) if item.number else "",
    )


def _said(act: str) -> str:
    """An act in words: "request.wrong-code" is "Request wrong code"."""
    return act.replace(".", " ").replace("-", " ").capitalize()


def _actor(by: str) -> str:
    """Somebody without an account here: a program, a visitor, a colleague who left."""
    kind, _, name = by.partition(":")
    return {"person": "Somebody who left", "visitor": "A visitor"}.get(
        kind, f"{name.capitalize()}, a program"
    )


def _details(detail: Mapping[str, Any]) -> str:
    """The details in the list: a place by its title with its rows, then the others."""
    said = [
        f"{name} {_short(_plain(value))}" for name, value in detail.items() if name not in ("place", "rows")
    ]
    rows = detail.get("rows")
    if rows is not None:
        said.insert(0, "1 row" if rows == 1 else f"{rows} rows")
    if "place" in detail:
        said.insert(0, _place(detail["place"]))
    return ", ".join(said)


def _place(model: Any) -> str:
    return next((place.title for place in places() if place.model == model), str(model))


LONG = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}|[0-9a-f]{24,}")


def _short(text: str) -> str:
    """Ids and digests by their first digits; the drawer shows them whole."""
    return LONG.sub(lambda found: f"{found.group()[:8]}…", text)


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(str(one) for one in value)
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _shown(item: Entry, asked: _Asked, names: dict[str, str], titles: dict[str, str]) -> Selected:
    codes = {"Act code": item.act, "Actor code": item.by, "Purpose code": item.purpose}
    facts = [Fact(name, code) for name, code in codes.items() if code]
    facts += [Fact(name.capitalize(), _plain(value)) for name, value in item.detail.items()]
    if item.subject:
        facts.append(Fact("Pseudonym", str(item.subject)))
    return Selected(
        number=item.number,
        at=item.at,
        act=_said(item.act),
        by=names.get(item.by) or _actor(item.by),
        purpose=titles.get(item.purpose, item.purpose),
        about=item.about,
        detail=facts,
        digest=item.digest,
        batch=item.batch,
        close_url=asked.url(page=asked.page),
    )


def _page(asked: _Asked, total: int) -> Page:
    pages = max((total + A_PAGE - 1) // A_PAGE, 1)
    number = min(asked.page, pages)
    return Page(
        number=number,
        pages=pages,
        total=total,
        first=min((number - 1) * A_PAGE + 1, total),
        last=min(number * A_PAGE, total),
        previous_url=asked.url(page=number - 1) if number > 1 else "",
        next_url=asked.url(page=number + 1) if number < pages else "",
    )


# ---- checking the chain ----


def _chain(request: Any, everything: int, sealed_at: datetime | None) -> Chain:
    last = request.session.get(LAST_CHECK) or {}
    fresh = last.get("organisation") == str(request.membership.organisation_id)
    return Chain(
        status=last["status"] if fresh else "unproved",
        text=last["text"] if fresh else "Not checked in this session.",
        head=last["head"][:16] if fresh else "",
        entries=everything,
        sealed_at=sealed_at,
        verify_url=reverse("custody:verify"),
        receipt=_receipt(request, last) if fresh else None,
    )


def _receipt(request: Any, last: dict[str, str]) -> Receipt | None:
    organisation = request.membership.organisation_id
    return receipt_of(UUID(last["entry"]), organisation=organisation, by=request.actor, text="Chain checked")


def _number(entry: UUID, organisation: UUID, by: Any) -> None:
    """Seal the check itself, so that its receipt is there. The worker may be sealing at this moment, and an entry
    waits for older transactions: a second is mostly enough, and the receipt comes with the next look otherwise.
    """
    for _ in range(SEAL_TRIES):
        sealing.seal(organisation=organisation)
        if receipt_of(entry, organisation=organisation, by=by) is not None:
            return
        sleep(SEAL_PAUSE_S)


@require_POST
@for_roles(*READERS)
def verify(request: Any) -> HttpResponse:
    """Seal what waits, check the whole chain, and enter that it was checked."""
    organisation = request.membership.organisation_id
    sealing.seal(organisation=organisation)
    verdict = sealing.verify(organisation=organisation)
    with purpose(AUDIT, organisation=organisation, by=request.actor):
        detail: dict[str, int | bool | str | list[str]] = {
            "entries": verdict.entries,
            "batches": verdict.batches,
            "findings": len(verdict.findings),
        }
        made = ledger.enter(act="ledger.checked", by=request.actor, detail=detail)
    _number(made, organisation, request.actor)
    text = f"{verdict.entries} entries in {verdict.batches} batches follow one another, unchanged."
    if verdict.pending:
        text += f" {verdict.pending} wait for their seal."
    if not verdict.sound:
        text = " ".join(finding.message for finding in verdict.findings[:5])
        messages.error(
            request, "The chain is broken. Keep a copy of the database and tell the privacy officer."
        )
    request.session[LAST_CHECK] = {
        "organisation": str(organisation),
        "status": "held" if verdict.sound else "broken",
        "text": text,
        "head": verdict.head,
        "entry": str(made),
    }
    return HttpResponseRedirect(reverse("custody:ledger"))
