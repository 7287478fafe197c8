"""People and roles, sign-in, and where `/` leads."""

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from plainspoken.custody.actors import program
from plainspoken.custody.models import LedgerEntry, Organisation
from plainspoken.custody.organisations import create
from plainspoken.custody.sessions import purpose
from plainspoken.people import sign_in
from plainspoken.people.models import Account, ApiToken, Membership
from plainspoken.people.services import add_member
from plainspoken.policies import services

ME = program("test")
PASSWORD = "a quiet larch by the river"
Staff = Callable[..., tuple[Any, Client]]


def entries(house: Organisation, act: str) -> int:
    with purpose("security.audit", organisation=house.id, by=ME):
        return LedgerEntry.objects.filter(act=act).count()


@pytest.mark.parametrize(
    ("role", "status"),
    [("agent", 403), ("supervisor", 403), ("analyst", 403), ("privacy_officer", 403), ("administrator", 200)],
)
def test_only_administrators_see_people(house: Organisation, staff: Staff, role: str, status: int) -> None:
    assert Client().get("/people/").status_code == 302
    member, browser = staff(role)
    assert browser.get("/people/").status_code == status
    assert browser.get("/people/add/").status_code == status
    assert browser.get("/people/teams/").status_code == status
    assert browser.get(f"/people/{member.id}/").status_code == status
    if status == 403:
        for path in ("end", "password", "tokens"):
            assert (
                browser.post(f"/people/{member.id}/{path}/", {"typed": member.account.email}).status_code
                == 403
            )
        member.refresh_from_db()
        assert member.ended_at is None and member.account.check_password(PASSWORD)


def test_the_list_narrows_by_role_and_name_and_looking_is_entered(house: Organisation, staff: Staff) -> None:
    staff("agent", name="Ada Larch")
    staff("supervisor", name="Bea Beech")
    _, browser = staff("administrator", name="Cas Cedar")
    text = browser.get("/people/").content.decode()
    assert all(name in text for name in ("Ada Larch", "Bea Beech", "Cas Cedar"))
    agents = browser.get("/people/?role=agent").content.decode()
    assert "Ada Larch" in agents and "Bea Beech" not in agents
    named = browser.get("/people/?q=beech").content.decode()
    assert "Bea Beech" in named and "Ada Larch" not in named
    assert entries(house, "read") == 3


def test_other_organisations_people_are_not_there(house: Organisation, staff: Staff) -> None:
    other = create(slug="other", name="Other", home_region="EU")
    services.publish(organisation=other.id, source=_source(house), file="p.md", by=ME)
    stranger = add_member(
        organisation=other.id, email="s@other.example", name="Stranger Sam", role="agent", by=ME
    )  # type: ignore[arg-type]
    _, browser = staff("administrator")
    assert "Stranger Sam" not in browser.get("/people/").content.decode()
    assert browser.get(f"/people/{stranger.id}/").status_code == 404
    assert browser.post(f"/people/{stranger.id}/end/", {"typed": "s@other.example"}).status_code == 404
    assert browser.get(f"/people/{uuid4()}/").status_code == 404


def _source(house: Organisation) -> str:
    from plainspoken.policies import queries

    return queries.version_in_force(organisation=house.id).source


def test_adding_somebody_shows_their_first_password_once(house: Organisation, staff: Staff) -> None:
    _, browser = staff("administrator")
    answer = browser.post(
        "/people/add/", {"name": "New Nia", "email": "nia@larkfield.example", "role": "agent"}
    )
    text = answer.content.decode()
    secret = re.search(r'data-copy-text="([a-z0-9-]{19})"', text)
    assert secret, text[-2000:]
    member = Membership.objects.get(account__email="nia@larkfield.example")
    assert member.account.check_password(secret.group(1))
    assert secret.group(1) not in browser.get(f"/people/{member.id}/").content.decode()
    signed = Client().post("/account/login/", {"login": "nia@larkfield.example", "password": secret.group(1)})
    assert signed.status_code == 302
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"name": "", "email": "x@larkfield.example", "role": "agent"}, "Write the name."),
        ({"name": "X", "email": "nowhere", "role": "agent"}, "Write it as name@place.example."),
        ({"name": "X", "email": "x@larkfield.example", "role": "king"}, "Choose one of the roles."),
        ({"name": "X", "email": "administrator@larkfield.example", "role": "agent"}, "is a member already"),
    ],
)
def test_what_is_wrong_with_a_new_person_is_said_and_nothing_is_kept(
    house: Organisation, staff: Staff, given: dict[str, str], says: str
) -> None:
    _, browser = staff("administrator")
    before = Account.objects.count()
    answer = browser.post("/people/add/", given)
    assert answer.status_code == 422 and says in answer.content.decode()
    assert Account.objects.count() == before


def test_changing_a_role_changes_what_is_offered(house: Organisation, staff: Staff) -> None:
    member, theirs = staff("agent")
    _, browser = staff("administrator")
    assert theirs.get("/datamap/").status_code == 403
    answer = browser.post(f"/people/{member.id}/", {"role": "privacy_officer"}, follow=True)
    assert "is privacy officer now" in answer.content.decode()
    assert theirs.get("/datamap/").status_code == 200
    assert entries(house, "member.role") == 1


def test_the_last_administrator_stays(house: Organisation, staff: Staff) -> None:
    member, browser = staff("administrator")
    answer = browser.post(f"/people/{member.id}/", {"role": "agent"})
    assert answer.status_code == 422 and "last administrator" in answer.content.decode()
    ended = browser.post(f"/people/{member.id}/end/", {"typed": member.account.email}, follow=True)
    assert "last administrator" in ended.content.decode()
    member.refresh_from_db()
    assert member.role == "administrator" and member.ended_at is None


def test_closing_an_account_needs_its_address_typed_and_ends_everything(
    house: Organisation, staff: Staff
) -> None:
    member, theirs = staff("agent")
    _, browser = staff("administrator")
    made = browser.post(f"/people/{member.id}/tokens/", {"token_name": "sync"}).content.decode()
    secret = re.search(r'data-copy-text="(ps_[^"]+)"', made)
    assert secret
    bearer = {"Authorization": f"Bearer {secret.group(1)}"}
    assert Client().get("/api/promises", headers=bearer).status_code == 200
    browser.post(f"/people/{member.id}/end/", {"typed": "somebody@else.example"})
    member.refresh_from_db()
    assert member.ended_at is None
    browser.post(f"/people/{member.id}/end/", {"typed": member.account.email.upper()})
    member.refresh_from_db()
    assert member.ended_at is not None
    assert theirs.get("/promises/").status_code == 403
    assert Client().get("/api/promises", headers=bearer).status_code == 401
    assert "This membership has ended." in browser.get(f"/people/{member.id}/").content.decode()


def test_tokens_are_shown_once_and_revoked_at_once(house: Organisation, staff: Staff) -> None:
    member, _ = staff("supervisor")
    _, browser = staff("administrator")
    text = browser.post(f"/people/{member.id}/tokens/", {"token_name": "sync"}).content.decode()
    secret = re.search(r'data-copy-text="(ps_[^"]+)"', text)
    assert secret
    assert secret.group(1) not in browser.get(f"/people/{member.id}/").content.decode()
    bearer = {"Authorization": f"Bearer {secret.group(1)}"}
    assert Client().get("/api/policy", headers=bearer).status_code == 200
    token = ApiToken.objects.get()
    browser.post(f"/people/{member.id}/tokens/{token.id}/revoke/")
    assert Client().get("/api/policy", headers=bearer).status_code == 401
    assert entries(house, "token.issued") == 1 and entries(house, "token.revoked") == 1
    assert browser.post(f"/people/{member.id}/tokens/{uuid4()}/revoke/").status_code == 404
    nameless = browser.post(f"/people/{member.id}/tokens/", {"token_name": ""})
    assert nameless.status_code == 422 and "Say what it is for." in nameless.content.decode()


def test_a_temporary_password_ends_every_session(house: Organisation, staff: Staff) -> None:
    member, theirs = staff("agent")
    _, browser = staff("administrator")
    assert theirs.get("/promises/").status_code == 200
    wrong = browser.post(f"/people/{member.id}/password/", {"typed": ""}, follow=True)
    assert "Nothing was changed." in wrong.content.decode()
    text = browser.post(f"/people/{member.id}/password/", {"typed": member.account.email}).content.decode()
    assert re.search(r'data-copy-text="[a-z0-9-]{19}"', text)
    assert theirs.get("/promises/").status_code == 302
    member.account.refresh_from_db()
    assert not member.account.check_password(PASSWORD)


def test_no_administrator_gets_into_another_organisation_by_a_password(
    house: Organisation, staff: Staff
) -> None:
    other = create(slug="other", name="Other", home_region="EU")
    services.publish(organisation=other.id, source=_source(house), file="p.md", by=ME)
    member, _ = staff("agent")
    add_member(organisation=other.id, email=member.account.email, name="A", role="administrator", by=ME)  # type: ignore[arg-type]
    _, browser = staff("administrator")
    text = browser.post(
        f"/people/{member.id}/password/", {"typed": member.account.email}, follow=True
    ).content.decode()
    assert "another organisation too" in text
    member.account.refresh_from_db()
    assert member.account.check_password(PASSWORD)


# ---- sign-in and `/` ----


@pytest.mark.parametrize(
    ("role", "leads"),
    [
        ("agent", "/conversations/"),
        ("supervisor", "/conversations/"),
        ("analyst", "/quality/work/"),
        ("privacy_officer", "/promises/"),
        ("administrator", "/health/"),
    ],
)
def test_the_root_leads_to_the_first_page_of_a_role(
    house: Organisation, staff: Staff, role: str, leads: str
) -> None:
    answer = staff(role)[1].get("/")
    assert answer.status_code == 302
    assert answer["Location"].startswith(leads)


def test_visitors_are_led_to_the_privacy_centre(house: Organisation) -> None:
    assert Client().get("/")["Location"] == "/privacy/"


def test_signing_in_and_out(house: Organisation, staff: Staff) -> None:
    staff("agent")
    browser = Client()
    page = browser.get("/account/login/").content.decode()
    assert 'name="login"' in page and 'name="password"' in page and "Sign in" in page
    wrong = browser.post("/account/login/", {"login": "agent@larkfield.example", "password": "not this one"})
    assert wrong.status_code == 200 and browser.get("/promises/").status_code == 302
    right = browser.post("/account/login/", {"login": "agent@larkfield.example", "password": PASSWORD})
    assert right.status_code == 302 and right["Location"] == "/"
    assert browser.get("/promises/").status_code == 200
    assert browser.get("/account/logout/").status_code == 200
    browser.post("/account/logout/")
    assert browser.get("/promises/").status_code == 302


def test_signing_in_leads_back_to_the_page_that_asked(house: Organisation, staff: Staff) -> None:
    staff("agent")
    browser = Client()
    page = browser.get("/account/login/?next=/promises/").content.decode()
    assert 'name="next" value="/promises/"' in page
    form = {"login": "agent@larkfield.example", "password": PASSWORD, "next": "/promises/"}
    assert browser.post("/account/login/", form)["Location"] == "/promises/"
    away = form | {"next": "https://elsewhere.example/"}
    assert Client().post("/account/login/", away)["Location"] == "/"


def test_demo_sign_ins_show_only_where_there_is_a_demonstration(house: Organisation) -> None:
    logins = (sign_in.DemoLogin("Agent", "agent@demo.example", "shown to all"),)
    sign_in.ask_demo(lambda: logins)
    try:
        assert "agent@demo.example" in Client().get("/account/login/").content.decode()
        Organisation.objects.update(kind=Organisation.Kind.LIVE)
        assert "agent@demo.example" not in Client().get("/account/login/").content.decode()
    finally:
        sign_in._ask_demo.clear()


def test_changing_ones_own_password(house: Organisation, staff: Staff) -> None:
    member, browser = staff("agent")
    page = browser.get("/account/password/change/")
    assert page.status_code == 200 and "Change the password" in page.content.decode()
    new = "another quiet larch by the lake"
    browser.post("/account/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    member.account.refresh_from_db()
    assert member.account.check_password(new)
    assert browser.get("/promises/").status_code == 200
    assert Client().get("/account/password/change/").status_code == 302


@pytest.mark.parametrize("path", ["signup/", "password/reset/", "email/", "reauthenticate/"])
def test_what_we_do_not_offer_is_not_there(house: Organisation, path: str) -> None:
    assert Client().get(f"/account/{path}").status_code == 404


def test_teams_are_set_for_everybody_at_once(house: Organisation, staff: Staff) -> None:
    agent, _ = staff("agent")
    analyst, _ = staff("analyst")
    _, browser = staff("administrator")
    ended, _ = staff("supervisor", login="gone")
    Membership.objects.filter(id=ended.id).update(ended_at=ended.since)
    given = {f"team-{agent.id}": "  North   team ", f"team-{analyst.id}": "", f"team-{ended.id}": "North"}
    assert browser.post("/people/teams/", given).status_code == 302
    assert Membership.objects.get(id=agent.id).team == "North team"
    assert Membership.objects.get(id=ended.id).team == "", "who left is in no team any more"
    assert entries(house, "member.team") == 1
    browser.post("/people/teams/", given)
    assert entries(house, "member.team") == 1, "what did not change is not entered"
    assert browser.post("/people/teams/", {f"team-{agent.id}": "x" * 61}).status_code == 422
    assert '<option value="North team">' in browser.get("/people/teams/").content.decode()
