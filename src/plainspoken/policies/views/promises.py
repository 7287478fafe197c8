"""Promises: is our word kept, and what did the proof do?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_GET, require_POST
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from plainspoken.kernels.policy import Clause, Policy, html, plain
from plainspoken.kernels.policy.words import LAW
from plainspoken.people.access import for_roles
from plainspoken.policies import public, queries
from plainspoken.policies.comparison import shown
from plainspoken.policies.models import ProofRun
from plainspoken.policies.receipts import receipt_of
from plainspoken.ui.pages import Here, page
from plainspoken.ui.shapes import Choice, Receipt
from plainspoken.ui.shell import Crumb

STATUSES = (("held", "Held"), ("broken", "Broken"), ("unproved", "Unproved"))
LOUDEST_FIRST = {"broken": 0, "unproved": 1, "held": 2}
PROVERS = ("privacy_officer",)
RUNNING = {"running": "A proof is running.", "waiting": "A proof waits for its turn."}


@dataclass(frozen=True)
class Row:
    """A clause in the list."""

    id: str
    status: str
    text: str
    why: str
    at: Any
    url: str
    current: bool


@dataclass(frozen=True)
class Group:
    """A section of the list; held ones stay closed."""

    letter: str
    title: str
    held: int
    broken: int
    unproved: int
    open: bool
    clauses: Sequence[Row]


@dataclass(frozen=True)
class Fact:
    """One line about a clause."""

    term: str
    text: str
    mono: bool = False


@dataclass(frozen=True)
class Value:
    """A field of a rule."""

    name: str
    value: str


@dataclass(frozen=True)
class Step:
    """One thing that a proof did."""

    status: str
    text: str
    seconds: float | None


@dataclass(frozen=True)
class Run:
    """One earlier result."""

    status: str
    on: Any


@dataclass(frozen=True)
class Selected:
    """The clause in the drawer."""

    id: str
    status: str
    at: Any
    seconds: float | None
    html: SafeString
    law: str
    why: str
    prover: bool
    facts: Sequence[Fact]
    rule: Sequence[Value]
    steps: Sequence[Step]
    runs: Sequence[Run]
    runs_text: str
    receipt: Receipt | None
    prove_url: str
    previous_url: str
    next_url: str
    close_url: str


@dataclass(frozen=True)
class _Wanted:
    """What the address asks for."""

    show: str
    q: str
    clause: str

    @property
    def filtered(self) -> bool:
        return bool(self.show or self.q)

    def url(self, *, show: str | None = None, clause: str = "") -> str:
        chosen = {"show": self.show if show is None else show, "q": self.q, "clause": clause}
        query = urlencode({name: value for name, value in chosen.items() if value})
        address = reverse("policies:promises")
        return f"{address}{f'?{query}' if query else ''}{f'#{clause}' if clause else ''}"


@require_GET
@for_roles()
def promises(request: Any) -> HttpResponse:
    """Every clause with its state; `?clause=` opens one, `?show=` and `?q=` narrow the list."""
    wanted = _Wanted(
        show=request.GET.get("show", "") if request.GET.get("show") in dict(STATUSES) else "",
        q=request.GET.get("q", "").strip(),
        clause=request.GET.get("clause", ""),
    )
    organisation = request.membership.organisation
    try:
        table = queries.clause_table(organisation=organisation.id)
    except queries.NoPolicy as error:
        raise Http404(str(error)) from error
    selected = _selected(request, table, wanted) if wanted.clause else None
    if request.headers.get("HX-Request"):
        return render(request, "policies/_drawer.html", {"selected": selected})
    return page(
        request,
        "policies/promises.html",
        _context(request, organisation, table, wanted) | {"selected": selected},
        here=Here("promises", (Crumb("Promises"),)),
    )


def _context(
    request: Any, organisation: Any, table: list[queries.Standing], wanted: _Wanted
) -> dict[str, Any]:
    counts = {status: sum(row.status == status for row in table) for status, _ in STATUSES}
    version = queries.version_in_force(organisation=organisation.id)
    loud = sorted((r for r in table if r.status != "held"), key=lambda r: LOUDEST_FIRST[r.status])
    last = queries.last_proof(organisation=organisation.id)
    return {
        "counts": {"all": len(table), **counts},
        "proved_at": last.at if last else None,
        "version": f"{version.number} ({version.label})",
        "policy_url": public.notice_url(organisation),
        "prove": _prove(request, organisation.id),
        "attention": [_row(row, wanted) for row in loud],
        "filters": [
            Choice("", "All", len(table), wanted.url(show=""), not wanted.show),
            *(
                Choice(status, title, counts[status], wanted.url(show=status), wanted.show == status, status)
                for status, title in STATUSES
            ),
        ],
        "q": wanted.q,
        "list_url": reverse("policies:promises"),
        "groups": _groups(table, wanted),
    }


def _prove(request: Any, organisation: UUID) -> dict[str, str] | None:
    """The button, or what is going on; only for those who may prove."""
    if request.membership.role not in PROVERS:
        return None
    state = queries.proving(organisation=organisation)
    return {"url": reverse("policies:prove"), "running": RUNNING.get(state, "")}


def _row(standing: queries.Standing, wanted: _Wanted) -> Row:
    name = standing.clause.id
    return Row(
        id=name,
        status=standing.status,
        text=standing.text,
        why=standing.why,
        at=standing.at,
        url=wanted.url(clause=name),
        current=name == wanted.clause,
    )


def _groups(table: list[queries.Standing], wanted: _Wanted) -> list[Group]:
    found = [row for row in table if _matches(row, wanted)]
    groups = []
    for letter in dict.fromkeys(row.clause.letter for row in found):
        rows = [row for row in found if row.clause.letter == letter]
        counts = {status: sum(row.status == status for row in rows) for status, _ in STATUSES}
        chosen = any(row.clause.id == wanted.clause for row in rows)
        groups.append(
            Group(
                letter=letter,
                title=rows[0].clause.section,
                **counts,
                open=wanted.filtered or chosen or bool(counts["broken"]),
                clauses=[_row(row, wanted) for row in rows],
            )
        )
    return groups


def _matches(row: queries.Standing, wanted: _Wanted) -> bool:
    if wanted.show and row.status != wanted.show:
        return False
    words = f"{row.clause.id} {row.clause.title} {row.text}".casefold()
    return all(word in words for word in wanted.q.casefold().split())


# ---- the drawer ----


def _selected(request: Any, table: list[queries.Standing], wanted: _Wanted) -> Selected:
    order = [row.clause.id for row in table if _matches(row, wanted)]
    row = next((row for row in table if row.clause.id == wanted.clause), None)
    if row is None:
        raise Http404("The policy has no such clause.")
    organisation = request.membership.organisation_id
    policy = queries.policy_in_force(organisation=organisation)
    clause = policy.clause(wanted.clause)
    place = order.index(clause.id) if clause.id in order else -1
    earlier = queries.runs(organisation=organisation, clause=clause.id)
    may_prove = request.membership.role in PROVERS and row.clause.prover
    return Selected(
        id=clause.id,
        status=row.status,
        at=row.at,
        seconds=row.seconds,
        html=mark_safe(html(clause, policy=policy)),  # noqa: S308 - the kernel lets no HTML through
        law=_law(clause, policy),
        why=row.why,
        prover=bool(row.clause.prover),
        facts=_facts(row),
        rule=[Value(name, shown(value)) for name, value in plain(clause.rule).items()],
        steps=[Step(*step) for step in queries.steps(row.evidence, row.status)],
        runs=[Run(result.status, result.run.at) for result in earlier],
        runs_text=_runs_text([result.status for result in earlier]),
        receipt=_receipt(request, row.run),
        prove_url=f"{reverse('policies:prove')}?clause={clause.id}" if may_prove else "",
        previous_url=wanted.url(clause=order[place - 1]) if place > 0 else "",
        next_url=wanted.url(clause=order[place + 1]) if 0 <= place < len(order) - 1 else "",
        close_url=wanted.url(),
    )


def _law(clause: Clause, policy: Policy) -> str:
    laws = getattr(clause.rule, "laws", ())
    named = ", ".join(LAW.say(law, policy.speech()) for law in laws)
    return f"{clause.title}: {named}" if named else clause.title


def _facts(row: queries.Standing) -> list[Fact]:
    return [
        Fact("Enforced by", row.clause.enforcer or "nothing yet", mono=bool(row.clause.enforcer)),
        Fact("Proved by", row.clause.prover or "nobody yet", mono=bool(row.clause.prover)),
        Fact("Kind of rule", row.clause.rule, mono=True),
    ]


def _runs_text(statuses: Sequence[str]) -> str:
    counts = ((sum(s == status for s in statuses), status) for status, _ in STATUSES)
    return ", ".join(f"{count} {status}" for count, status in counts if count)


def _receipt(request: Any, run: UUID | None) -> Receipt | None:
    """The ledger's receipt of the run, for those who may read the ledger."""
    organisation = request.membership.organisation_id
    if run is None or not queries.may_read_for(
        request.membership.role, "security.audit", organisation=organisation
    ):
        return None
    entry = ProofRun.objects.values_list("entry", flat=True).get(id=run)
    return receipt_of(entry, organisation=organisation, by=request.actor, text="Proof recorded")


# ---- proving ----


@require_POST
@for_roles(*PROVERS)
def prove(request: Any) -> HttpResponse:
    """Queue a proof of every clause, or of the one in `?clause=`; one at a time."""
    organisation, clause = request.membership.organisation_id, request.GET.get("clause", "")
    if clause and clause not in {row.clause.id for row in queries.clause_table(organisation=organisation)}:
        raise Http404("The policy has no such clause.")
    if not queries.may_read_for(request.membership.role, "policy.prove", organisation=organisation):
        raise PermissionDenied("The published policy does not let your role prove it.")
    try:
        app.configure_task(
            name=queries.PROVE_JOB, queueing_lock=f"prove:{organisation}", lock=f"prove:{organisation}"
        ).defer(organisation=str(organisation), clauses=[clause] if clause else [])
    except AlreadyEnqueued:
        messages.warning(request, "A proof waits for its turn already.")
    address = reverse("policies:promises")
    return HttpResponseRedirect(f"{address}?clause={clause}#{clause}" if clause else address)
