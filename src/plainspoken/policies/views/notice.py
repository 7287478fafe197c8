"""The public notice and what changed in it. No account, no cookie, nothing stored."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_GET

from plainspoken.custody.models import Organisation
from plainspoken.policies import notices, public, queries
from plainspoken.policies.comparison import clause_changes
from plainspoken.policies.models import Version
from plainspoken.ui.shapes import Choice


@require_GET
def notice(request: HttpRequest, organisation: str | None = None) -> HttpResponse:
    """The layered notice; `?version=` shows an earlier or an announced one."""
    house = _house(organisation)
    in_force = queries.version_in_force(organisation=house.id)
    row = _version(request, house) or in_force
    context = {
        "public": public.shell(house, active="policies:notice", row=in_force),
        "notice": notices.page(row, in_force=in_force, changes_url=public.changes_url(house, row)),
        "promises_url": "",
        "centre_url": _centre(house),
    }
    return render(request, "policies/notice.html", context)


@require_GET
def changes(request: HttpRequest, organisation: str | None = None) -> HttpResponse:
    """What a version changed against the one before it; `?version=` names it, `?against=` another to compare
    with.
    """
    house = _house(organisation)
    in_force = queries.version_in_force(organisation=house.id)
    new = _version(request, house) or in_force
    old = _version(request, house, "against") or _before(house, new)
    rows = queries.versions(organisation=house.id)
    context = {
        "public": public.shell(house, active="policies:changes", row=in_force),
        "versions": [
            Choice(
                str(row.number),
                f"Version {row.number}",
                url=public.changes_url(house, row),
                current=row.number == new.number,
            )
            for row in rows
        ]
        if len(rows) > 1
        else [],
        "old": _named(old) if old else None,
        "new": _named(new) | {"material": [item["sentence"] for item in new.material]},
        "changes": clause_changes(queries.compiled(old), queries.compiled(new)) if old else (),
        "notice_url": public.notice_url(house, new),
    }
    return render(request, "policies/changes.html", context)


def _house(slug: str | None) -> Organisation:
    try:
        house = queries.public_organisation(slug)
        queries.version_in_force(organisation=house.id)
    except (queries.NobodyHere, queries.NoPolicy) as error:
        raise Http404(str(error)) from error
    return public.in_its_zone(house)


def _version(request: HttpRequest, house: Organisation, name: str = "version") -> Version | None:
    number = request.GET.get(name, "")
    if not number:
        return None
    if not number.isascii() or not number.isdigit() or len(number) > 9:
        raise Http404("A version is named by its number.")
    try:
        return queries.version(organisation=house.id, number=int(number))
    except queries.NoSuchVersion as error:
        raise Http404(str(error)) from error


def _before(house: Organisation, row: Version) -> Version | None:
    if row.number <= 1:
        return None
    return queries.version(organisation=house.id, number=row.number - 1)


def _named(row: Version) -> dict[str, Any]:
    return {"version": f"{row.number} ({row.label})", "on": queries.in_force_from(row) or row.effective_at}


def _centre(house: Organisation) -> str:
    try:
        return reverse("portal:centre", kwargs={"organisation": house.slug})
    except NoReverseMatch:
        return ""
