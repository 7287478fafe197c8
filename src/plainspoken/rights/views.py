"""The privacy desk, and what we hold about a colleague."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages as notes
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from plainspoken.custody import ledger
from plainspoken.custody.sessions import purpose
from plainspoken.disclosures.messages import NoMailServer
from plainspoken.people.access import for_roles
from plainspoken.people.models import Membership
from plainspoken.policies.queries import purposes_for
from plainspoken.policies.receipts import receipt_of
from plainspoken.ui.pages import Here, page
from plainspoken.ui.shell import Crumb

from . import desk, mine, services
from .forms import FileForm, OwnForm
from .kinds import EXECUTED, kinds
from .register import NoSuchRequest, find
from .services import RequestRefused
from .states import WAITING, State, WrongState

OFFICE = "rights.execute"
# Administrators agree as the second person; the policy lets them look for misuse, not carry rights out.
OVERSIGHT = "security.audit"


def _here(request: Any, *crumbs: Crumb) -> Here:
    used = _purpose(request)
    offered = purposes_for(request.membership.role, organisation=request.membership.organisation_id)
    return Here(
        active="requests",
        crumbs=(Crumb("Requests", reverse("rights:desk")), *crumbs),
        purpose=used,
        purposes=tuple(one for one in offered if one.name == used),
    )


def _posted(request: HttpRequest) -> Any:
    """What was sent; None when the form is only shown. An empty form that was sent is not the same."""
    return request.POST if request.method == "POST" else None


def _purpose(request: Any) -> str:
    return OVERSIGHT if request.membership.role == Membership.Role.ADMINISTRATOR else OFFICE


@for_roles("privacy_officer", "administrator")
def queue(request: HttpRequest) -> HttpResponse:
    """What is due next?"""
    member, actor = request.membership, request.actor  # type: ignore[attr-defined]
    with purpose(_purpose(request), organisation=member.organisation_id, by=actor):
        found = desk.queue(member=member, tab=request.GET.get("show", ""))
        ledger.enter_read(place="rights.Request", rows=found.total, by=actor)
    return page(request, "rights/desk.html", {"queue": found, "case": None}, here=_here(request))


@for_roles("privacy_officer", "administrator")
def case(request: HttpRequest, reference: str) -> HttpResponse:
    """What will happen to whom, by when? The plan is made from the data map as the page is shown."""
    return _case(request, reference)


def _case(request: Any, reference: str, *, refusal: str = "", status: int = 200) -> HttpResponse:
    member, actor = request.membership, request.actor
    organisation = member.organisation_id
    try:
        with purpose(_purpose(request), organisation=organisation, by=actor):
            row = find(organisation=organisation, reference=reference)
            if member.role == Membership.Role.ADMINISTRATOR and State(row.state) != State.SECOND:
                raise Http404
        made = None
        if State(row.state) in WAITING and row.kind in EXECUTED:
            made = services.plan(organisation=organisation, reference=reference, by=actor)
        stopped = State(row.state) == State.RUNNING and not services.is_queued(row)
        receipt = row.receipt and receipt_of(row.receipt, organisation=organisation, by=actor)
        with purpose(_purpose(request), organisation=organisation, by=actor):
            shown = desk.case(row, member=member, plan=made, receipt=receipt or None, stopped=stopped)
            found = desk.queue(member=member, tab=request.GET.get("show", ""), current=row.reference)
            ledger.enter_read(
                place="rights.Request", rows=1, by=actor, subject=row.subject_id, about=f"request:{row.id}"
            )
    except NoSuchRequest:
        raise Http404 from None
    if refusal:
        notes.error(request, refusal)
    return page(
        request,
        "rights/desk.html",
        {"queue": found, "case": shown},
        here=_here(request, Crumb(row.reference)),
        status=status,
    )


@for_roles("privacy_officer")
def file(request: HttpRequest) -> HttpResponse:
    """Enter a request that came by letter, e-mail, telephone or in person."""
    member, actor = request.membership, request.actor  # type: ignore[attr-defined]
    organisation = member.organisation_id
    form = FileForm(_posted(request), kinds=kinds(organisation=organisation))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            filed = services.file(
                organisation=organisation,
                kind=given["kind"],
                law=given["law"],
                ground=given["ground"],
                channel=given["channel"],
                received_at=form.received_at,
                claim=form.claim,
                by=actor,
            )
        except RequestRefused as error:
            form.add_error(None, str(error))
        else:
            return HttpResponseRedirect(reverse("rights:case", kwargs={"reference": filed.reference}))
    return page(
        request,
        "rights/file.html",
        {"form": form, "cancel_url": reverse("rights:desk")},
        here=_here(request, Crumb("File a request")),
        status=422 if form.is_bound else 200,
    )


Deed = Callable[..., Any]


def _deeds(request: Any, common: dict[str, Any]) -> dict[str, Callable[[], Any]]:
    """Each act of the desk with the service it calls. What is missing in the form is empty, and refused
    there.
    """
    given = request.POST.get
    return {
        "code": lambda: services.send_code(**common),
        "seen": lambda: services.confirm_in_person(**common),
        "address": lambda: services.reach(email=given("email", ""), **common),
        "choose": lambda: services.choose(subject=given("subject", ""), **common),
        "decide": lambda: services.decide(
            plan_seen=given("plan", ""), typed=given("typed", ""), ground=given("ground", ""), **common
        ),
        "approve": lambda: services.approve(plan_seen=given("plan", ""), **common),
        "disagree": lambda: services.disagree(**common),
        "resume": lambda: services.resume(**common),
        "refuse": lambda: services.refuse(reason=given("reason", ""), **common),
        "extend": lambda: services.extend(reason=given("reason", ""), **common),
        "answer": lambda: services.answer(text=given("text", ""), **common),
        "withdraw": lambda: services.withdraw(**common),
        "lift": lambda: services.lift_restriction(reason=given("reason", ""), **common),
    }


@require_POST
@for_roles("privacy_officer", "administrator")
def act(request: HttpRequest, reference: str, act: str) -> HttpResponse:
    """Do one thing to a request, then show it. A refusal stands on the page of the request."""
    member, actor = request.membership, request.actor  # type: ignore[attr-defined]
    common = {"organisation": member.organisation_id, "reference": reference, "by": actor}
    deed = _deeds(request, common).get(act)
    if deed is None:
        raise Http404
    try:
        deed()
    except services.NotYours as error:
        raise PermissionDenied(str(error)) from None
    except NoSuchRequest:
        raise Http404 from None
    except (RequestRefused, services.PlanChanged, services.TooManyCodes, NoMailServer, WrongState) as error:
        return _case(request, reference, refusal=str(error), status=409)
    return HttpResponseRedirect(reverse("rights:case", kwargs={"reference": reference}))


@for_roles()
def my_privacy(request: HttpRequest) -> HttpResponse:
    """What is kept about a colleague, who looked, and what they can ask."""
    member, actor = request.membership, request.actor  # type: ignore[attr-defined]
    return page(
        request,
        "people/my_privacy.html",
        mine.context(member=member, by=actor),
        here=Here(active="my_privacy", crumbs=(Crumb("My privacy"),)),
    )


@for_roles()
def ask(request: HttpRequest, kind: str) -> HttpResponse:
    """A colleague asks about themselves; their sign-in is the proof."""
    member, actor = request.membership, request.actor  # type: ignore[attr-defined]
    found = mine.right(organisation=member.organisation_id, kind=kind)
    if found is None or member.subject_id is None:
        raise Http404
    form = OwnForm(_posted(request), kind=found)
    if request.method == "POST" and form.is_valid():
        try:
            filed = mine.ask(member=member, kind=found, given=form.cleaned_data, by=actor)
        except RequestRefused as error:
            form.add_error(None, str(error))
        else:
            notes.info(request, f"Your request is {filed.reference}. You get mail when it is answered.")
            return HttpResponseRedirect(reverse("rights:my_privacy"))
    return page(
        request,
        "rights/ask.html",
        {"form": form, "right": found, "cancel_url": reverse("rights:my_privacy")},
        here=Here(
            active="my_privacy",
            crumbs=(Crumb("My privacy", reverse("rights:my_privacy")), Crumb(found.title)),
        ),
        status=422 if form.is_bound else 200,
    )
