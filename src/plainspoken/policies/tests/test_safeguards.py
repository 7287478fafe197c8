"""Sign-in limits and idle sessions follow `security.safeguards`."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client

from plainspoken.custody.actors import program
from plainspoken.custody.models import Organisation
from plainspoken.custody.organisations import create, shift_clock
from plainspoken.people.services import add_member
from plainspoken.people.sign_in import DEFAULT_FAILURES, failures_allowed
from plainspoken.policies import services
from plainspoken.policies.safeguards import idle_after

from .texts import changed, ours

ME = program("test")
PASSWORD = "a quiet larch by the river"
Staff = Callable[..., tuple[Any, Client]]


def safeguards(**fields: str) -> str:
    """Our text with other numbers in the rule of security.safeguards."""
    text = ours()
    start = text.index("```rule safeguards")
    end = text.index("```", start + 3)
    block = text[start:end]
    for name, value in fields.items():
        line = next(part for part in block.splitlines() if part.startswith(f"{name}:"))
        block = block.replace(line, f"{name}: {value}")
    return text[:start] + block + text[end:]


def sign_in(email: str, password: str) -> Any:
    return Client().post("/account/login/", {"login": email, "password": password})


def fails(email: str) -> bool:
    """Whether a sign-in with the right password does not succeed."""
    return sign_in(email, PASSWORD).status_code != 302


def test_the_strictest_published_rule_counts(house: Organisation) -> None:
    ours_attempts, ours_seconds = failures_allowed()
    services.publish(
        organisation=house.id,
        source=safeguards(sign_in_attempts="3", lock_out_for="PT2H"),
        file="p.md",
        by=ME,
    )
    assert failures_allowed() == (3, 7200)
    other = create(slug="other", name="Other", home_region="EU")
    services.publish(
        organisation=other.id,
        source=safeguards(sign_in_attempts="2", lock_out_for="PT1H"),
        file="p.md",
        by=ME,
    )
    assert failures_allowed() == (2, 7200)
    assert (ours_attempts, ours_seconds) != (2, 7200)


def test_before_any_policy_there_is_a_limit_too(database: str) -> None:
    assert failures_allowed() == DEFAULT_FAILURES


@pytest.mark.parametrize("attempts", [2, 4])
def test_wrong_passwords_lock_out_after_the_published_number(
    house: Organisation, staff: Staff, attempts: int
) -> None:
    staff("agent")
    services.publish(
        organisation=house.id, source=safeguards(sign_in_attempts=str(attempts)), file="p.md", by=ME
    )
    cache.clear()
    for _ in range(attempts - 1):
        sign_in("agent@larkfield.example", "wrong one, quite wrong")
    assert not fails("agent@larkfield.example")
    cache.clear()
    for _ in range(attempts):
        sign_in("agent@larkfield.example", "wrong one, quite wrong")
    assert fails("agent@larkfield.example")


def test_counters_name_nobody(house: Organisation, staff: Staff) -> None:
    staff("agent")
    sign_in("agent@larkfield.example", "wrong one, quite wrong")
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key FROM people_throttle")
        keys = [row[0] for row in cursor.fetchall()]
    assert keys
    for key in keys:
        assert len(key) == 64 and set(key) <= set("0123456789abcdef"), key


@pytest.fixture
def proving(database: str) -> Organisation:
    row = create(slug="proving-one", name="Proving", home_region="EU", kind=Organisation.Kind.PROVING)
    services.publish(organisation=row.id, source=safeguards(idle_sign_out_after="PT20M"), file="p.md", by=ME)
    return row


def test_an_idle_session_ends_and_a_used_one_goes_on(proving: Organisation) -> None:
    member = add_member(
        organisation=proving.id,
        email="a@x.example",
        name="A",
        role="supervisor",
        by=ME,
        password=PASSWORD,  # type: ignore[arg-type]
    )
    assert idle_after(proving.id) == timedelta(minutes=20)
    browser = Client()
    browser.force_login(member.account)
    assert browser.get("/promises/").status_code == 200
    for minutes in (15, 30, 45):
        shift_clock(organisation=proving.id, by=timedelta(minutes=minutes))
        assert browser.get("/promises/").status_code == 200, minutes
    shift_clock(organisation=proving.id, by=timedelta(minutes=66))
    answer = browser.get("/promises/")
    assert answer.status_code == 302 and "/account/login/" in answer["Location"]
    assert browser.get("/promises/").status_code == 302


def test_the_idle_time_is_the_published_one(proving: Organisation) -> None:
    services.publish(
        organisation=proving.id, source=safeguards(idle_sign_out_after="PT5M"), file="p.md", by=ME
    )
    member = add_member(
        organisation=proving.id,
        email="a@x.example",
        name="A",
        role="supervisor",
        by=ME,
        password=PASSWORD,  # type: ignore[arg-type]
    )
    browser = Client()
    browser.force_login(member.account)
    browser.get("/promises/")
    shift_clock(organisation=proving.id, by=timedelta(minutes=6))
    assert browser.get("/promises/").status_code == 302


def test_our_text_says_something(house: Organisation) -> None:
    assert changed(("sign_in_attempts", "sign_in_attempts")) == ours()
