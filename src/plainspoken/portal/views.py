"""The public pages for people's own requests. No account; an address is never stored, only digests that
expire.
"""

import re
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast
from urllib.parse import quote

from django.conf import settings
from django.contrib import messages as notes
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from plainspoken.custody import clock
from plainspoken.custody.actors import visitor
from plainspoken.custody.models import Organisation
from plainspoken.disclosures.messages import NoMailServer
from plainspoken.disclosures.queries import keeps_mail
from plainspoken.kernels.policy.kinds.security import Contact
from plainspoken.policies import collection, public, queries
from plainspoken.rights import queries as rights
from plainspoken.rights import services
from plainspoken.rights.claims import Claim
from plainspoken.rights.kinds import law_text
from plainspoken.rights.register import NoSuchRequest
from plainspoken.rights.states import WrongState
from plainspoken.ui.wording import when

from . import centre as offered
from .forms import POINT, CodeForm, RequestForm
from .throttle import TooMany, count
from .visits import Visit, remember, visit
from .wording import asking

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
HERE = "portal:centre"
# The shape of a request's secret (rights.claims.token_of): 32 bytes in base64url.
KEY = re.compile(r"[A-Za-z0-9_-]{43}")
# Not part of what is collected: the forms' own protection against forged requests.
OWN_FIELDS = {"csrfmiddlewaretoken"}
SECURITY_TXT_LASTS = timedelta(days=180)


def limited(what: str) -> Callable[[View[P]], View[P]]:
    """Slow down an address that sends too much; only sending counts, except for what names another `what`."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if request.method == "POST" or what in ("track", "archive"):
                try:
                    count(request, what, house=str(kwargs.get("organisation") or ""))
                except TooMany:
                    return render(request, "429.html", {}, status=429)
            return view(request, *args, **kwargs)

        return cast(View[P], guarded)

    return decorate


def _house(slug: str | None) -> Organisation:
    try:
        house = queries.public_organisation(slug)
        queries.version_in_force(organisation=house.id)
    except (queries.NobodyHere, queries.NoPolicy) as error:
        raise Http404(str(error)) from error
    return public.in_its_zone(house)


def _to(name: str, house: Organisation, **more: Any) -> str:
    return reverse(f"portal:{name}", kwargs={"organisation": house.slug, **more})


# ---- the privacy centre ----


@require_GET
def centre(request: HttpRequest, organisation: str | None = None) -> HttpResponse:
    """What would you like to do?"""
    house = _house(organisation)
    return _centre(request, house)


def _centre(request: HttpRequest, house: Organisation, *, error: str = "", value: str = "") -> HttpResponse:
    version = queries.version_in_force(organisation=house.id)
    policy = queries.compiled(version)
    law = offered.law_of(house, request.GET.get("place", ""))
    context = {
        "public": public.shell(house, active=HERE, row=version),
        "choices": offered.offers(house, law),
        "places": offered.places(house, law),
        "place_url": _to("centre", house),
        "track_url": _to("find", house),
        "track_value": value,
        "track_error": error,
        "short": offered.short(policy, law, house.home_region),
        "notice_url": public.notice_url(house),
        "kept": queries.kept(organisation=house.id),
        "promises_url": "",
    }
    return render(request, "portal/centre.html", context, status=404 if error else 200)


# ---- asking ----


@limited("request")
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, organisation: str, kind: str) -> HttpResponse:
    """The form of one kind of request. What the collection point does not take is refused, and nothing is
    stored.
    """
    house = _house(organisation)
    found = offered.kind_of(house, kind)
    if found is None:
        raise Http404("The policy offers no such request.")
    version = queries.version_in_force(organisation=house.id)
    policy = queries.compiled(version)
    law = offered.law_of(house, request.GET.get("law", ""))
    law = law if law in found.laws else found.laws[0]
    point = collection.point(organisation=house.id, name=POINT)
    needs_code = offered.needs_code(house, found)
    form = RequestForm(request.POST or None, point=point, kind=found, law=law, needs_code=needs_code)
    if request.method == "POST":
        try:
            collection.refuse_undeclared(point, set(request.POST) - OWN_FIELDS)
        except collection.CollectionRefused as error:
            form.add_error(None, str(error))
        if form.is_valid():
            try:
                return _file(request, house, form)
            except services.RequestRefused as error:
                form.add_error(None, str(error))
    words = asking(found.kind, found.title)
    context = {
        "public": public.shell(house, active=HERE, row=version),
        "title": words.title,
        "law": law_text(found.kind, law),
        "lead": words.lead,
        "form": form,
        "happens": offered.happens(policy, found, law, needs_code=needs_code),
        "submit": words.submit,
        "notice_version": policy.version_label,
        "notice_url": public.notice_url(house, version),
        "back_url": _to("centre", house),
    }
    return render(request, "portal/request.html", context, status=422 if form.is_bound else 200)


def _file(request: HttpRequest, house: Organisation, form: RequestForm) -> HttpResponse:
    given = form.cleaned_data
    who = visitor("page")
    filed = services.file(
        organisation=house.id,
        kind=given["kind"],
        claim=Claim(**{name: given.get(name, "") for name in ("name", "email", "phone", "details")}),
        law=given["law"],
        ground=given.get("ground", ""),
        by=who,
    )
    remember(request, house.slug, filed.reference, Visit(token=filed.token))
    if not form.needs_code:
        return HttpResponseRedirect(_to("track", house, reference=filed.reference))
    _send_code(request, house, filed.reference, filed.token)
    return HttpResponseRedirect(_to("verify", house, reference=filed.reference))


def _send_code(request: HttpRequest, house: Organisation, reference: str, token: str) -> str:
    """Send a code and remember where it went; returns what is wrong, if something is."""
    try:
        sent = services.send_code(
            organisation=house.id, reference=reference, token=token, by=visitor(reference)
        )
    except (services.TooManyCodes, services.RequestRefused, NoMailServer) as error:
        return str(error)
    seen = Visit(token=token, sent_to=sent.sent_to, until=sent.expires_at, left=sent.attempts_left)
    remember(request, house.slug, reference, seen)
    return ""


# ---- proving ----


@limited("code")
@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest, organisation: str, reference: str) -> HttpResponse:
    """Enter the code. A wrong one, an unknown request and somebody else's look the same."""
    house = _house(organisation)
    if moved := _take_key(request, house, "verify", reference):
        return moved
    seen = visit(request, house.slug, reference)
    if seen is None:
        return _no_key(request, house, reference)
    form, text = _code_form(house, request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        verdict = services.verify(
            organisation=house.id,
            reference=reference,
            token=seen.token,
            code=form.cleaned_data["code"],
            by=visitor(reference),
        )
        if verdict.outcome == "verified" and verdict.token:
            remember(request, house.slug, reference, Visit(token=verdict.token))
            return HttpResponseRedirect(_to("track", house, reference=reference))
        seen = Visit(seen.token, seen.sent_to, seen.until, verdict.attempts_left)
        remember(request, house.slug, reference, seen)
        text = WRONG[verdict.outcome]
        form = _code_form(house, None)
    return _verify_page(request, house, reference, seen, form, text)


WRONG = {
    "wrong": "That is not the code we sent. Look at the newest e-mail.",
    "expired": "The code is too old. Ask for a new one.",
    "closed": "This code is closed. Ask for a new one.",
}


def _code_form(house: Organisation, data: Any) -> CodeForm:
    return CodeForm(data, digits=queries.rule(organisation=house.id, clause="rights.verify").code_digits)


def _verify_page(
    request: HttpRequest, house: Organisation, reference: str, seen: Visit, form: CodeForm, text: str
) -> HttpResponse:
    closed = not seen.sent_to or seen.left == 0
    context = {
        "public": public.shell(house, active=HERE),
        "reference": reference,
        "sent_to": seen.sent_to or "your address",
        "form": form,
        "attempts_left": seen.left,
        "expires_text": f"It works until {when(seen.until, 'time')}." if seen.until else "",
        "again_url": _to("again", house, reference=reference),
        "text": text or ("" if seen.sent_to else "No code is on its way yet."),
        "closed": closed,
        "outbox_url": reverse("disclosures:outbox") if keeps_mail(house) else "",
    }
    return render(request, "portal/verify.html", context, status=422 if text or form.errors else 200)


@limited("code")
@require_POST
def again(request: HttpRequest, organisation: str, reference: str) -> HttpResponse:
    """Send a new code; the one before stops working."""
    house = _house(organisation)
    seen = visit(request, house.slug, reference)
    if seen is None:
        return _no_key(request, house, reference)
    problem = _send_code(request, house, reference, seen.token)
    if problem:
        return _verify_page(request, house, reference, seen, _code_form(house, None), problem)
    return HttpResponseRedirect(_to("verify", house, reference=reference))


def _take_key(request: HttpRequest, house: Organisation, name: str, reference: str) -> HttpResponse | None:
    """The key of a mailed link goes into the session, out of the address and the browser's history."""
    key = request.GET.get("key", "")
    if not key:
        return None
    if KEY.fullmatch(key):
        # Nothing else is kept: whatever somebody writes into an address would stand in the session.
        remember(request, house.slug, reference, Visit(token=key))
    return HttpResponseRedirect(_to(name, house, reference=reference))


def _no_key(request: HttpRequest, house: Organisation, reference: str) -> HttpResponse:
    """The same for a request that does not exist and for one that this browser has no key to."""
    return _centre(request, house, error="Open the link in our e-mail to see this request.", value=reference)


# ---- following ----


@require_GET
def find(request: HttpRequest, organisation: str) -> HttpResponse:
    """From a number to its page."""
    house = _house(organisation)
    reference = request.GET.get("reference", "").strip().upper()[:20]
    if not reference or not all(c.isascii() and (c.isalnum() or c == "-") for c in reference):
        return _centre(request, house, error="The number looks like R-2026-0001.", value=reference)
    return HttpResponseRedirect(_to("track", house, reference=reference))


@limited("track")
@require_GET
def track(request: HttpRequest, organisation: str, reference: str) -> HttpResponse:
    """How far a request is: its clock, its answer, its archive, its receipt."""
    house = _house(organisation)
    if moved := _take_key(request, house, "track", reference):
        return moved
    seen = visit(request, house.slug, reference)
    case = rights.track(organisation=house.id, reference=reference, token=seen.token) if seen else None
    if case is None:
        return _no_key(request, house, reference)
    policy = queries.policy_in_force(organisation=house.id)
    archive = None
    if case.archive is not None:
        archive = {
            "url": _to("archive", house, reference=reference),
            "size": _size(case.archive.size),
            "expires": case.archive.expires,
            "parts": case.archive.parts,
        }
    context = {
        "public": public.shell(house, active=HERE),
        "case": {
            "reference": case.reference,
            "title": asking(case.kind, case.title).title,
            "law": case.law,
            "state": case.state,
            "state_text": case.state_text,
            "clock": case.clock,
            "steps": case.steps,
            "answer_html": case.answer_html,
            "archive": archive,
            "kept": case.kept,
            "receipt": case.receipt,
            "complain_url": "",
            "authority": public.authority_of(policy)[0],
        },
        "verify_url": _to("verify", house, reference=reference) if case.needs_code else "",
        "withdraw_url": _to("withdraw", house, reference=reference) if case.can_withdraw else "",
        "centre_url": _to("centre", house),
    }
    return render(request, "portal/track.html", context)


@limited("code")
@require_POST
def withdraw(request: HttpRequest, organisation: str, reference: str) -> HttpResponse:
    """Take a request back, with the key that follows it. What was not done yet is not done then."""
    house = _house(organisation)
    seen = visit(request, house.slug, reference)
    if seen is None:
        return _no_key(request, house, reference)
    try:
        services.withdraw(organisation=house.id, reference=reference, token=seen.token, by=visitor(reference))
    except NoSuchRequest:
        return _no_key(request, house, reference)
    except (services.RequestRefused, WrongState):
        notes.error(request, "It is too late to take it back. Look at what we did below.")
    return HttpResponseRedirect(_to("track", house, reference=reference))


def _size(count: int) -> str:
    """Bytes as people say them: "3.4 MB"."""
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} bytes"


@limited("archive")
@require_GET
def archive(request: HttpRequest, organisation: str, reference: str) -> HttpResponseBase:
    """The archive of an access request, in pieces, for whoever proved that it is theirs."""
    house = _house(organisation)
    seen = visit(request, house.slug, reference)
    case = rights.track(organisation=house.id, reference=reference, token=seen.token) if seen else None
    if case is None or case.archive is None:
        return _no_key(request, house, reference)
    try:
        found = services.download(
            organisation=house.id, reference=reference, token=case.archive.token, by=visitor(reference)
        )
    except LookupError:
        return _no_key(request, house, reference)
    response = StreamingHttpResponse(found.chunks, content_type=found.media_type)
    response["Content-Length"] = str(found.size)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(found.name)}"
    response["Cache-Control"] = "no-store"
    return response


# ---- security ----


@require_GET
def security_txt(request: HttpRequest) -> HttpResponse:
    """Whom to tell of a weakness (RFC 9116), from `security.contact` of the policy in force."""
    house = _house(None)
    policy = queries.policy_in_force(organisation=house.id)
    rule = cast(Contact, policy.rule("security.contact"))
    if "security-txt" not in rule.ways:
        raise Http404("The policy offers no such file.")
    ends = (clock.now(house.id) + SECURITY_TXT_LASTS).replace(microsecond=0)
    lines = [
        f"Contact: mailto:{rule.email}",
        f"Expires: {ends.isoformat().replace('+00:00', 'Z')}",
        f"Preferred-Languages: {policy.language}",
        f"Canonical: {settings.SITE_URL}/.well-known/security.txt",
        f"Policy: {settings.SITE_URL}{public.notice_url(house)}#security.contact",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
