"""Founding an organisation, drafting its policy, addresses of databases."""

import pytest

from plainspoken.config import setup
from plainspoken.config.database import AddressError, settings_of, with_name
from plainspoken.custody.models import Organisation
from plainspoken.custody.organisations import OrganisationRefused
from plainspoken.kernels.policy import PolicyErrors, compile_policy
from plainspoken.people.models import Account, Membership
from plainspoken.policies.queries import policy_in_force

CONTROLLER = {
    "name": "Ötzi: Lampen & Söhne GmbH",
    "postal_address": "Am Graben 1, 6020 Innsbruck, Austria",
    "privacy_contact": "datenschutz@lampen.example",
    "privacy_officer": "Dr. Jo Niss",
    "telephone": "+43 512 555 0100",
    "representative": "none needed",
}


def test_a_drafted_policy_names_the_new_controller_everywhere_and_the_old_one_nowhere() -> None:
    text = setup.draft_policy(controller=CONTROLLER, title_name="Lampen")
    policy = compile_policy(text, file="draft")
    assert vars(policy.controller) == CONTROLLER
    assert "larkfield home" not in text.lower() and "privacy@larkfield" not in text
    assert len(policy.clauses) == 76


def found(**changes: str) -> Organisation:
    given = {
        "name": "Lampen",
        "slug": "lampen",
        "region": "AT",
        "time_zone": "Europe/Vienna",
        "language": "de",
        "phone_region": "at",
        "smtp_url": "",
        "policy": setup.draft_policy(controller=CONTROLLER, title_name="Lampen"),
        "admin_email": "Jo@Lampen.example",
        "admin_name": "Jo",
        "admin_password": "a long enough one",
    }
    return setup.found(**{**given, **changes})


def test_founding_gives_a_policy_in_force_and_one_administrator(database: str) -> None:
    row = found()
    assert policy_in_force(organisation=row.id).controller.name == CONTROLLER["name"]
    member = Membership.objects.get(organisation=row)
    assert (member.role, member.account.email) == ("administrator", "jo@lampen.example")
    assert member.account.check_password("a long enough one")
    assert row.phone_region == "AT"


def test_a_policy_that_does_not_compile_founds_nothing(database: str) -> None:
    with pytest.raises(PolicyErrors):
        found(policy="---\ntitle: x\n---\n")
    assert not Organisation.objects.exists() and not Account.objects.exists()


def test_a_taken_short_name_is_refused_and_changes_nothing(database: str) -> None:
    found()
    with pytest.raises(OrganisationRefused, match="lampen already"):
        found(admin_email="other@lampen.example")
    assert Organisation.objects.count() == Account.objects.count() == 1


def test_addresses() -> None:
    url = "postgresql://app:p%40ss@/plain?host=/run/x%20y&port=5433&sslmode=disable"
    settings = settings_of(url)
    assert (settings["NAME"], settings["USER"], settings["PASSWORD"]) == ("plain", "app", "p@ss")
    assert (settings["HOST"], settings["PORT"]) == ("/run/x y", "5433")
    assert settings["OPTIONS"] == {"sslmode": "disable"}
    assert settings_of(with_name(url, "oth er"))["NAME"] == "oth er"
    assert settings_of(with_name(url, "other"))["HOST"] == "/run/x y"
    with pytest.raises(AddressError):
        settings_of("mysql://x/y")
