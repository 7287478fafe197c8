"""People and roles (administrators), sign-in, and where `/` leads."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from allauth.account.views import LoginView
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from plainspoken.custody import ledger
from plainspoken.custody.sessions import purpose
from plainspoken.ui.pages import Here, page
from plainspoken.ui.shapes import Act, Choice, Confirm, Page
from plainspoken.ui.shell import Crumb

from . import queries, services
from .access import for_roles
from .forms import ChangedRole, NewMember, NewToken, TeamsForm
from .models import ApiToken, Membership
from .sign_in import demo_logins

ADMIN, MANAGE = "administrator", "organisation.manage"
A_PAGE = 50
HOMES = {
    "agent": ("conversations:list", "people:my_privacy"),
    "supervisor": ("conversations:list", "policies:promises"),
    "analyst": ("quality:work", "conversations:list"),
    "privacy_officer": ("policies:promises",),
    "administrator": ("config:health", "people:accounts"),
}
VISITORS = ("portal:centre", "policies:notice", "account_login")
PEOPLE = Crumb("People and roles")


@require_GET
def home(request: Any) -> HttpResponse:
    """`/` leads to the first page of one's role; visitors to the privacy centre."""
    member = request.membership
    for name in HOMES.get(member.role, ()) if member else VISITORS:
        try:
            return redirect(reverse(name))
        except NoReverseMatch:
            continue
    raise Http404("There is no first page for this role.")


@require_GET
@for_roles()
def my_privacy(request: Any) -> HttpResponse:
    """What is held about oneself is shown by `rights`, which lies above and knows it."""
    return redirect("rights:my_privacy")


class SignIn(LoginView):  # type: ignore[misc]
    """allauth's sign-in, with the sign-ins of the demonstration beneath it."""

    def get_form(self, form_class: Any = None) -> Any:
        """Our words, and no placeholder that says the label again."""
        form = super().get_form(form_class)
        for name, words in (
            ("login", "E-mail"),
            ("password", "Password"),
            ("remember", "Stay signed in here"),
        ):
            if name in form.fields:
                form.fields[name].label = words
                form.fields[name].widget.attrs.pop("placeholder", None)
        return form

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().get_context_data(**kwargs)
        return found | {"demo": demo_logins()}


# ---- the list ----


@dataclass(frozen=True)
class Row:
    """A member in the list."""

    url: str
    name: str
    login: str
    role: str
    role_label: str
    signed_in: Any
    state: str
    mfa: bool = False


@require_GET
@for_roles(ADMIN)
def accounts(request: Any) -> HttpResponse:
    """Everybody who is or was a member; `?q=` and `?role=` narrow the list."""
    q, role = request.GET.get("q", "").strip(), request.GET.get("role", "")
    organisation = request.membership.organisation_id
    with purpose(MANAGE, organisation=organisation, by=request.actor):
        rows = queries.members(organisation=organisation)
        counts = {value: rows.filter(role=value).count() for value in Membership.Role.values}
        if role in counts:
            rows = rows.filter(role=role)
        for word in q.split():
            rows = rows.filter(Q(account__name__icontains=word) | Q(account__email__icontains=word))
        sheet = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
        people = [_row(row) for row in sheet]
        ledger.enter_read(place="people.Account", rows=len(people), by=request.actor)
    context = {
        "people": people,
        "roles": [
            Choice("", "All", sum(counts.values()), _list_url(q=q), role not in counts),
            *(
                Choice(value, label, counts[value], _list_url(q=q, role=value), value == role)
                for value, label in Membership.Role.choices
            ),
        ],
        "q": q,
        "list_url": reverse("people:accounts"),
        "add_url": reverse("people:add"),
        "teams_url": reverse("people:teams"),
        "page": _page(sheet, q, role),
        "found": sheet.paginator.count,
    }
    return page(request, "people/accounts.html", context, here=Here("people", (PEOPLE,)))


def _list_url(**chosen: Any) -> str:
    query = urlencode({name: value for name, value in chosen.items() if value})
    return f"{reverse('people:accounts')}{f'?{query}' if query else ''}"


def _row(row: Membership) -> Row:
    return Row(
        url=reverse("people:account", kwargs={"member": row.id}),
        name=row.account.name,
        login=row.account.email,
        role=row.role,
        role_label=row.get_role_display(),
        signed_in=row.account.last_login,
        state="active" if row.ended_at is None and row.account.is_active else "closed",
    )


def _page(sheet: Any, q: str, role: str) -> Page:
    return Page(
        number=sheet.number,
        pages=sheet.paginator.num_pages,
        total=sheet.paginator.count,
        first=sheet.start_index(),
        last=sheet.end_index(),
        previous_url=_list_url(q=q, role=role, page=sheet.number - 1) if sheet.has_previous() else "",
        next_url=_list_url(q=q, role=role, page=sheet.number + 1) if sheet.has_next() else "",
    )


# ---- one person ----


@dataclass(frozen=True)
class Token:
    """An API token of a member, without its secret."""

    name: str
    created_at: Any
    last_used_at: Any
    revoke: Act


@dataclass(frozen=True)
class Secret:
    """Something shown this once."""

    title: str
    text: str
    value: str


@require_http_methods(["GET", "POST"])
@for_roles(ADMIN)
def add(request: Any) -> HttpResponse:
    """Make somebody a member. Their first password is shown once, on the page that answers."""
    form = NewMember(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            member = services.add_member(
                organisation=request.membership.organisation_id,
                email=form.cleaned_data["email"],
                name=form.cleaned_data["name"],
                role=Membership.Role(form.cleaned_data["role"]),
                by=request.actor,
                region=request.membership.organisation.phone_region,
            )
            return _after_adding(request, member)
        except services.AccountRefused as error:
            form.add_error("email", str(error))
    context = {
        "form": form,
        "title": "Add a person",
        "submit": "Add the person",
        "cancel_url": reverse("people:accounts"),
    }
    here = Here("people", (Crumb(PEOPLE.title, reverse("people:accounts")), Crumb("Add a person")))
    return page(request, "people/account_form.html", context, here=here, status=_status(form))


@require_http_methods(["GET", "POST"])
@for_roles(ADMIN)
def teams(request: Any) -> HttpResponse:
    """In which team everybody is. Reports count by team."""
    organisation = request.membership.organisation_id
    with purpose(MANAGE, organisation=organisation, by=request.actor):
        people = [row for row in queries.members(organisation=organisation) if row.ended_at is None]
        ledger.enter_read(place="people.Membership", rows=len(people), by=request.actor)
    people.sort(key=lambda row: (row.role != Membership.Role.AGENT, row.team.lower() or "\uffff"))
    form = TeamsForm(request.POST or None, people=people)
    if request.method == "POST" and form.is_valid():
        changed = [
            services.set_team(membership=row, team=form.cleaned_data[f"team-{row.id}"], by=request.actor)
            for row in people
        ]
        count = sum(changed)
        messages.info(request, f"{count} changed." if count else "Nothing changed.")
        return HttpResponseRedirect(reverse("people:teams"))
    context = {
        "form": form,
        "known": sorted({row.team for row in people if row.team}),
        "rows": [(form[f"team-{row.id}"], row.get_role_display()) for row in people],
        "back_url": reverse("people:accounts"),
    }
    here = Here("people", (Crumb(PEOPLE.title, reverse("people:accounts")), Crumb("Teams")))
    return page(request, "people/teams.html", context, here=here, status=_status(form))


def _after_adding(request: Any, member: Membership) -> HttpResponse:
    if member.account.has_usable_password():
        messages.info(request, "They have an account already, and sign in with their own password.")
        return HttpResponseRedirect(reverse("people:account", kwargs={"member": member.id}))
    value = services.give_temporary_password(membership=member, by=request.actor)
    return _show(request, member, secret=_password(value))


def _password(value: str) -> Secret:
    return Secret("Temporary password", "Hand it over in person. We cannot show it again.", value)


def _status(form: Any) -> int:
    return 422 if form.is_bound and form.errors else 200


def _member(request: Any, member: UUID) -> Membership:
    organisation = request.membership.organisation_id
    try:
        with purpose(MANAGE, organisation=organisation, by=request.actor):
            found = queries.member(organisation=organisation, id=member)
            ledger.enter_read(place="people.Account", rows=1, by=request.actor, subject=found.subject_id)
            return found
    except queries.NoSuchMember as error:
        raise Http404(str(error)) from error


@require_http_methods(["GET", "POST"])
@for_roles(ADMIN)
def account(request: Any, member: UUID) -> HttpResponse:
    """One member: their role, tokens, password, and the end of their membership."""
    row = _member(request, member)
    form = ChangedRole(request.POST or None, initial={"role": row.role})
    if request.method == "POST" and form.is_valid():
        try:
            services.change_role(
                membership=row, role=Membership.Role(form.cleaned_data["role"]), by=request.actor
            )
            messages.info(request, f"{row.account.name} is {row.get_role_display().lower()} now.")
            return HttpResponseRedirect(reverse("people:account", kwargs={"member": row.id}))
        except services.AccountRefused as error:
            form.add_error("role", str(error))
    return _show(request, row, form=form)


def _show(
    request: Any,
    row: Membership,
    *,
    form: ChangedRole | None = None,
    token_form: NewToken | None = None,
    secret: Secret | None = None,
) -> HttpResponse:
    form = form or ChangedRole(initial={"role": row.role})
    active = row.ended_at is None
    context = {
        "form": form if active else None,
        "title": row.account.name,
        "subtitle": row.account.email if active else f"{row.account.email}. This membership has ended.",
        "submit": "Save the role",
        "cancel_url": reverse("people:accounts"),
        "secret": secret,
        "tokens": [_token(row, token) for token in row.tokens.filter(revoked_at=None).order_by("created_at")],
        "token_form": (token_form or NewToken()) if active else None,
        "token_url": reverse("people:issue_token", kwargs={"member": row.id}),
        "password": _new_password(row) if active else None,
        "close": _close(row) if active else None,
    }
    here = Here("people", (Crumb(PEOPLE.title, reverse("people:accounts")), Crumb(row.account.name)))
    status = max(_status(form), _status(token_form) if token_form else 200)
    return page(request, "people/account_form.html", context, here=here, status=status)


def _token(row: Membership, token: ApiToken) -> Token:
    address = reverse("people:revoke_token", kwargs={"member": row.id, "token": token.id})
    return Token(
        token.name, token.created_at, token.last_used_at, Act(address, "Revoke the token", icon="trash")
    )


def _new_password(row: Membership) -> Act:
    return Act(
        reverse("people:password", kwargs={"member": row.id}),
        "Give a temporary password",
        icon="key",
        confirm=Confirm(
            title=f"Replace the password of {row.account.name}?",
            reference=row.account.email,
            button="Give a temporary password",
            lost=("Their password stops working at once.", "They are signed out everywhere."),
            keep="Keep the password",
        ),
    )


def _close(row: Membership) -> Act:
    return Act(
        reverse("people:end", kwargs={"member": row.id}),
        "Close the account",
        icon="lock",
        danger=True,
        confirm=Confirm(
            title=f"Close the account of {row.account.name}?",
            reference=row.account.email,
            button="Close the account",
            lost=("They cannot sign in here any more.", "Their API tokens stop working."),
            keep="Keep it open",
        ),
    )


def _typed(request: Any, row: Membership) -> bool:
    """Whether the sign-in address was typed to confirm; what is wrong is said."""
    if request.POST.get("typed", "").strip().casefold() == row.account.email.casefold():
        return True
    messages.error(request, "The address that you typed is another one. Nothing was changed.")
    return False


@require_POST
@for_roles(ADMIN)
def end(request: Any, member: UUID) -> HttpResponse:
    """End a membership."""
    row = _member(request, member)
    if not _typed(request, row):
        return HttpResponseRedirect(reverse("people:account", kwargs={"member": row.id}))
    try:
        services.end_membership(membership=row, by=request.actor)
        messages.info(request, f"The account of {row.account.name} is closed.")
    except services.AccountRefused as error:
        messages.error(request, str(error))
    return HttpResponseRedirect(reverse("people:account", kwargs={"member": row.id}))


@require_POST
@for_roles(ADMIN)
def password(request: Any, member: UUID) -> HttpResponse:
    """Replace a member's password; the new one is shown on this answer only."""
    row = _member(request, member)
    if not _typed(request, row):
        return HttpResponseRedirect(reverse("people:account", kwargs={"member": row.id}))
    try:
        value = services.give_temporary_password(membership=row, by=request.actor)
    except services.AccountRefused as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(reverse("people:account", kwargs={"member": row.id}))
    return _show(request, row, secret=_password(value))


@require_POST
@for_roles(ADMIN)
def issue_token(request: Any, member: UUID) -> HttpResponse:
    """Issue an API token; its secret is shown on this answer only."""
    row, form = _member(request, member), NewToken(request.POST)
    if row.ended_at is not None or not form.is_valid():
        return _show(request, row, token_form=form)
    made = services.issue_token(membership=row, name=form.cleaned_data["token_name"], by=request.actor)
    return _show(
        request,
        row,
        secret=Secret("API token", "Keep it like a password. We cannot show it again.", made.secret),
    )


@require_POST
@for_roles(ADMIN)
def revoke_token(request: Any, member: UUID, token: UUID) -> HttpResponse:
    """End an API token at once."""
    row = _member(request, member)
    found = ApiToken.objects.filter(id=token, membership=row).select_related("membership").first()
    if found is None:
        raise Http404("This person has no such token.")
    services.revoke_token(token=found, by=request.actor)
    messages.info(request, "The token does not work any more.")
    return HttpResponseRedirect(reverse("people:account", kwargs={"member": row.id}))
