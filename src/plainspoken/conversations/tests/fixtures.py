"""A house of its own for each test, in one database a module: making a database takes longer than
most tests.
"""

from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from conftest import PASSWORD, POLICY
from django.test import Client

from plainspoken.conversations.tests.makers import ME, recogniser
from plainspoken.custody.models import Organisation
from plainspoken.custody.organisations import create
from plainspoken.people.models import Membership
from plainspoken.people.services import add_member
from plainspoken.policies.services import publish

Staff = Callable[..., tuple[Membership, Client]]


@pytest.fixture(autouse=True)
def no_real_recogniser() -> Iterator[None]:
    """Tests hear nothing unless they say what."""
    with recogniser({}):
        yield


@pytest.fixture
def house(module_database: str) -> Organisation:
    """A fresh organisation with our policy in force."""
    row = create(
        slug=f"house-{uuid4().hex[:8]}",
        name="Larkfield Home",
        home_region="EU (Frankfurt)",
        kind=Organisation.Kind.DEMO,
        time_zone="Europe/Berlin",
        phone_region="DE",
    )
    publish(organisation=row.id, source=POLICY.read_text("utf-8"), file=POLICY.name, by=ME)
    return row


@pytest.fixture
def staff(house: Organisation) -> Staff:
    """`staff("supervisor")` gives a member of the house and a browser in which they are signed in."""

    def make(role: str, login: str = "", name: str = "") -> tuple[Membership, Client]:
        member = add_member(
            organisation=house.id,
            email=f"{login or role}@{house.slug}.example",
            name=name or role.replace("_", " ").capitalize(),
            role=Membership.Role(role),
            by=ME,
            password=PASSWORD,
        )
        browser = Client()
        browser.force_login(member.account)
        return member, browser

    return make
