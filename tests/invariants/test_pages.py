"""Every page: who may open it is said, and opening it writes nothing but the ledger of reads."""

import hashlib
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from conftest import PASSWORD, POLICY
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import URLPattern, URLResolver, get_resolver, path, reverse

from plainspoken.analytics import stopping
from plainspoken.analytics.definitions import Definition
from plainspoken.analytics.services import saving, subscribing
from plainspoken.conversations.tests.makers import arrived, recogniser, written
from plainspoken.custody.actors import person, program
from plainspoken.custody.models import Organisation
from plainspoken.custody.organisations import create
from plainspoken.custody.sessions import purpose
from plainspoken.kernels.reporting import Every
from plainspoken.people.access import for_roles
from plainspoken.people.models import Membership
from plainspoken.people.services import add_member, issue_token
from plainspoken.policies.services import publish
from plainspoken.retention.services import place_hold
from plainspoken.rights import services as rights

from .stores import line

ME = program("invariants")
ROLES = ("agent", "supervisor", "analyst", "privacy_officer", "administrator")
# Opened by anybody, each for a reason. A view that is neither guarded nor here fails.
PUBLIC = {
    "healthz": "Machines ask whether the process lives.",
    "readyz": "Machines ask whether requests can be served.",
    "account_login": "Sign-in comes before any role.",
    "account_logout": "Ends what there is.",
    "account_inactive": "Says that an account is closed.",
    "account_change_password": "allauth's own guard: signed in.",
    "policies:notice": "Everybody may read the notice.",
    "policies:changes": "Everybody may read what changed in it.",
    "portal:centre": "The privacy centre.",
    "portal:request": "Anybody may ask.",
    "portal:find": "From a number to its page.",
    "portal:withdraw": "Guarded by the secret of the request.",
    "portal:track": "Guarded by the secret of the request.",
    "portal:archive": "Guarded by the secret of the request.",
    "portal:verify": "Guarded by the secret of the request.",
    "portal:again": "Guarded by the secret of the request.",
    "portal:security_txt": "RFC 9116.",
    "analytics:stop": "Guarded by the signature in the address; it ends one mail and shows nothing.",
    "people:home": "Sends everybody to their first page.",
}
PUBLIC_API = {"GET /api/openapi.json": "The document says what there is, not what it holds."}
# What may change when a page is only opened.
WRITTEN_BY_READING = {
    "custody_ledgerentry": "Reads are entered.",
    "custody_ledgerleaf": "The sealer numbers entries.",
    "custody_ledgerbatch": "The sealer numbers entries.",
    "django_session": "Signing in, and when somebody was last seen.",
    "people_throttle": "How often an address tried.",
    "disclosures_release": "What leaves by the API is recorded by the gate.",
}


# ---- which pages there are ----


def pages(
    patterns: Any = None, before: str = "", names: tuple[str, ...] = ()
) -> Iterator[tuple[str, str, Any, Any]]:
    """(name, route, callback, converters) of every page but the API's."""
    for one in get_resolver().url_patterns if patterns is None else patterns:
        route = before + str(one.pattern)
        if isinstance(one, URLResolver):
            if one.namespace != "api-1":
                inner = (*names, one.namespace) if one.namespace else names
                yield from pages(one.url_patterns, route, inner)
        elif isinstance(one, URLPattern):
            yield ":".join((*names, one.name or "?")), route, one.callback, one.pattern.converters


def unguarded(found: Iterator[tuple[str, str, Any, Any]]) -> set[str]:
    return {name for name, _, callback, _ in found if not getattr(callback, "roles", None)}


def test_every_page_says_who_may_open_it() -> None:
    assert unguarded(pages()) == set(PUBLIC)


def test_every_operation_of_the_api_is_guarded() -> None:
    from plainspoken.config.api import api

    assert api.auth, "the whole API asks who is there"
    open_ones = {
        f"{method} {prefix}{route}"
        for prefix, router in api._routers
        for route, view in router.path_operations.items()
        for operation in view.operations
        for method in operation.methods
        if operation.auth_param is None
    }
    from plainspoken.policies import api as policies_api

    said = set(open_ones)
    assert said <= {"GET /notice"}, said
    assert policies_api.router


def test_twin_a_page_without_a_guard_is_found() -> None:
    def naked(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    guarded = for_roles("agent")(naked)
    found = pages([path("a/", naked, name="naked"), path("b/", guarded, name="guarded")])
    assert unguarded(found) == {"naked"}


# ---- opening writes nothing ----


@pytest.fixture(scope="module")
def larkfield(module_database: str) -> Organisation:
    row = create(
        slug="larkfield",
        name="Larkfield Home",
        home_region="EU (Frankfurt)",
        kind=Organisation.Kind.DEMO,
        phone_region="DE",
    )
    publish(organisation=row.id, source=POLICY.read_text("utf-8"), file=POLICY.name, by=ME)
    return row


@pytest.fixture(scope="module")
def arguments(larkfield: Organisation) -> dict[str, Any]:
    """Something real for each part of an address."""
    with recogniser({}):
        conversation = arrived(larkfield)
        written(larkfield, conversation)
    filed = rights.file(
        organisation=larkfield.id,
        kind="access",
        claim=rights.Claim(email="ada@lovelace.example", name="Ada Lovelace"),
        by=ME,
    )
    member = browsers(larkfield)["agent"][0]
    token = issue_token(membership=member, name="t", by=ME)
    with purpose("rights.execute", organisation=larkfield.id, by=ME):
        from plainspoken.conversations.models import Participation

        customer = Participation.objects.filter(role="customer").values_list("subject_id", flat=True)[0]
    assert isinstance(customer, UUID)
    hold = place_hold(
        organisation=larkfield.id, subject=customer, reason="claims", law="§ 1", until=None, by=ME
    )
    supervisor = browsers(larkfield)["supervisor"][0]
    who = person(supervisor.account_id)
    report = saving.save(organisation=larkfield.id, name="R", definition=Definition(), shared=True, by=who)
    subscription = subscribing.subscribe(
        organisation=larkfield.id, report=report.id, member=supervisor.id, every=Every.WEEK, hour=8, by=who
    )
    return {
        "conversation": conversation.id,
        "organisation": larkfield.slug,
        "kind": "access",
        "reference": filed.reference,
        "act": "decide",
        "member": member.id,
        "token": token.token.id,
        "hold": hold.id,
        "entry": uuid4(),
        "source": uuid4(),
        "rule": uuid4(),
        "upload": uuid4(),
        "verdict": "missing",
        "number": 1,
        "ordinal": 0,
        "name": "clip",
        "report": report.id,
        "format": "csv",
        "secret": stopping.secret_of(f"{larkfield.id}/{subscription.id}"),
        "subscription": subscription.id,
        "delivery": uuid4(),
        **{
            part: uuid4()
            for part in (
                "clip",
                "comment",
                "evaluation",
                "form",
                "goal",
                "note",
                "plan",
                "search",
                "session",
                "share",
                "thanks",
            )
        },
    }


_browsers: dict[UUID, dict[str, tuple[Membership, Client]]] = {}


def browsers(house: Organisation) -> dict[str, tuple[Membership, Client]]:
    """A member of each role, signed in."""
    if house.id not in _browsers:
        made = _browsers[house.id] = {}
        for role in ROLES:
            member = add_member(
                organisation=house.id,
                email=f"{role}@pages.example",
                name=role,
                role=Membership.Role(role),
                by=ME,
                password=PASSWORD,
            )
            browser = Client()
            browser.force_login(member.account)
            made[role] = (member, browser)
    return _browsers[house.id]


def contents() -> dict[str, str]:
    """A digest of every table that opening a page must not change."""
    found = {}
    with line() as owner:
        tables = owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        for (table,) in tables:
            if table in WRITTEN_BY_READING:
                continue
            rows = owner.execute(f'SELECT t::text FROM "{table}" t ORDER BY 1').fetchall()
            found[table] = hashlib.sha256(repr(rows).encode()).hexdigest()
    return found


def changed_by(open_page: Callable[[], Any]) -> set[str]:
    before = contents()
    open_page()
    after = contents()
    return {table for table in before if before[table] != after[table]}


def addresses(arguments: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, route, _, converters in pages():
        missing = set(converters) - set(arguments)
        assert not missing, f"{route} needs {missing}: say with what it is opened"
        yield name, reverse(name, kwargs={key: arguments[key] for key in converters})


def api_addresses(arguments: dict[str, Any]) -> Iterator[str]:
    from plainspoken.config.api import api

    for route, operations in api.get_openapi_schema()["paths"].items():
        if "get" in operations:
            yield route.format(**arguments)


@pytest.mark.parametrize("role", ["nobody", *ROLES])
def test_opening_any_page_writes_nothing_but_the_ledger_of_reads(
    larkfield: Organisation, arguments: dict[str, Any], role: str
) -> None:
    browser = Client() if role == "nobody" else browsers(larkfield)[role][1]
    opened: dict[str, int] = {}

    def open_all() -> None:
        for name, address in addresses(arguments):
            answer = browser.get(address)
            opened[name] = answer.status_code
            # A streamed answer does its work while it is read.
            b"".join(answer.streaming_content) if answer.streaming else answer.content
        for address in api_addresses(arguments):
            answer = browser.get(address)
            opened[address] = answer.status_code
            b"".join(answer.streaming_content) if answer.streaming else answer.content

    changed = changed_by(open_all)
    assert changed == set(), {name: code for name, code in opened.items() if code < 300}
    assert not {name: code for name, code in opened.items() if code >= 500 and name != "readyz"}
    if role != "nobody":
        assert sum(code == 200 for code in opened.values()) > 10


def test_twin_a_page_that_writes_is_found(larkfield: Organisation, arguments: dict[str, Any]) -> None:
    from plainspoken.conversations.models import Conversation

    def writing(request: HttpRequest) -> HttpResponse:
        with purpose("ingest.write", organisation=larkfield.id, by=ME):
            Conversation.objects.update(queue="Visited")
        return HttpResponse()

    urls = type("Urls", (), {"urlpatterns": [path("w/", writing)]})
    with override_settings(ROOT_URLCONF=urls):
        assert changed_by(lambda: Client().get("/w/")) == {"conversations_conversation"}
