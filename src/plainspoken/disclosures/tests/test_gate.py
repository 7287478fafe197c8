"""The gate: what the policy does not name does not leave, and every decision survives whatever the caller
does.
"""

import pytest
from django.db import DatabaseError, connections, transaction

from plainspoken.custody.models import Decision
from plainspoken.custody.sessions import purpose
from plainspoken.custody.subjects import decide
from plainspoken.disclosures import queries
from plainspoken.disclosures.services import Delivered, Refused, can_release, release
from plainspoken.rights.tests.steps import ME, policy_with, rows, somebody

SENT: list[str] = []


def send(
    house,
    *,
    recipient="data-subject",
    aim="rights.execute",
    categories=("email", "name"),
    subject=None,
    deliver=None,
):
    return release(
        organisation=house.id,
        recipient=recipient,
        purpose=aim,
        categories=categories,
        subject=subject,
        deliver=deliver or (lambda: SENT.append("x") or Delivered(parts=2, bytes=99)),
        by=ME,
    )


@pytest.fixture(autouse=True)
def _nothing_sent():
    SENT.clear()


def test_what_the_policy_names_goes_and_is_recorded(house) -> None:
    subject = somebody(house, email="ada@post.example")
    row = send(house, subject=subject)
    assert SENT == ["x"] and row.outcome == "released" and (row.parts, row.bytes) == (2, 99)
    assert rows(
        "SELECT recipient, purpose, categories, parts, bytes, outcome, subject FROM disclosures_release"
    ) == [("data-subject", "rights.execute", ["email", "name"], 2, 99, "released", subject)]
    acts = [
        act
        for (act,) in rows(
            "SELECT act FROM custody_ledgerentry WHERE starts_with(act, 'disclosure.') ORDER BY at"
        )
    ]
    assert acts == ["disclosure.begun", "disclosure.released"]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"recipient": "broker"}, "recipient"),
        ({"recipient": "Data-Subject"}, "recipient"),
        ({"aim": "marketing.inform"}, "purpose"),
        ({"aim": "no.such"}, "purpose"),
        ({"categories": ("email", "password")}, "category"),
        ({"recipient": "proving-recipient", "aim": "policy.prove", "categories": ("phone",)}, "category"),
        ({"recipient": "x" * 300 + " y@z.example"}, "recipient"),
    ],
)
def test_everything_else_is_refused_recorded_and_not_sent(house, given, code) -> None:
    with pytest.raises(Refused) as refused:
        send(house, **given)
    assert refused.value.code == code and SENT == []
    assert rows("SELECT outcome, code, parts, bytes FROM disclosures_release") == [("refused", code, 0, 0)]
    assert rows("SELECT count(*) FROM custody_ledgerentry WHERE act = 'disclosure.refused'") == [(1,)]


def test_a_refusal_survives_the_callers_rollback(house) -> None:
    subject = somebody(house, email="ada@post.example")
    with pytest.raises(Refused), purpose("rights.execute", organisation=house.id, by=ME):
        # The strongest lock on the person that there is must not hold up the record.
        decide(
            subject=subject, kind=Decision.Kind.RESTRICTION, purposes=["service.answer"], ground="x", by=ME
        )
        send(house, recipient="broker", subject=subject)
    assert rows("SELECT count(*) FROM custody_decision") == [(0,)]
    assert rows("SELECT outcome, subject FROM disclosures_release") == [("refused", subject)]


def test_what_left_is_recorded_even_if_the_caller_rolls_back(house) -> None:
    with (
        pytest.raises(RuntimeError),
        transaction.atomic(),
        purpose("rights.execute", organisation=house.id, by=ME),
    ):
        send(house)
        raise RuntimeError
    assert rows("SELECT outcome FROM disclosures_release") == [("released",)]


def test_a_delivery_that_fails_is_recorded_as_failed_after_it_was_begun(house) -> None:
    def broken() -> Delivered:
        raise OSError("line is down")

    with pytest.raises(OSError):
        send(house, deliver=broken)
    assert rows("SELECT outcome, code FROM disclosures_release") == [("failed", "delivery")]
    acts = [
        a
        for (a,) in rows(
            "SELECT act FROM custody_ledgerentry WHERE starts_with(act, 'disclosure.') ORDER BY at"
        )
    ]
    assert acts == ["disclosure.begun", "disclosure.failed"]


def test_releases_are_never_changed_or_removed(house) -> None:
    send(house)
    for alias in ("default", "owner"):
        for statement in (
            "UPDATE disclosures_release SET recipient = 'x'",
            "DELETE FROM disclosures_release",
        ):
            if alias == "owner" and statement.startswith("DELETE"):
                continue  # the owner may remove a demonstration whole
            with (
                pytest.raises(DatabaseError),
                transaction.atomic(using=alias),
                connections[alias].cursor() as cursor,
            ):
                if alias == "default":
                    cursor.execute("SELECT custody_enter(%s, 'rights.execute')", [str(house.id)])
                cursor.execute(statement)


def test_publishing_another_list_changes_what_leaves(house) -> None:
    asked = {"recipient": "proving-recipient", "purpose": "policy.prove", "categories": ("name",)}
    assert can_release(organisation=house.id, **asked)
    name = "    purposes: [policy.prove]\n    categories: [name, email, words]\n"
    with policy_with(house, (name, "    purposes: [policy.prove]\n    categories: [email]\n")):
        assert not can_release(organisation=house.id, **asked)
        assert can_release(organisation=house.id, **{**asked, "categories": ("email",)})
    with policy_with(house, (name, "    purposes: [security.audit]\n    categories: [name]\n")):
        assert not can_release(organisation=house.id, **asked)
    with policy_with(house, ("  proving-recipient:\n", "  somebody-else:\n")):
        assert not can_release(organisation=house.id, **asked)


def test_the_page_shows_the_register_and_what_went_where(house, staff) -> None:
    for _ in range(3):
        send(house)
    with pytest.raises(Refused):
        send(house, recipient="broker")
    with purpose("security.audit", organisation=house.id, by=ME):
        found = {row.name: row for row in queries.recipients(organisation=house.id)}
    assert found["data-subject"].released == 3 and found["data-subject"].last is not None
    assert found["authority"].released == 0
    for role, status in (
        ("privacy_officer", 200),
        ("administrator", 200),
        ("agent", 403),
        ("supervisor", 403),
    ):
        _, browser = staff(role)
        page = browser.get("/recipients")
        assert page.status_code == status
        if status == 200:
            assert "The gate refused 1 release in the last 30 days." in page.content.decode()
            assert "data-subject" in page.content.decode()


def test_nobody_else_sends() -> None:
    """Sockets and SMTP are opened below `adapters` alone (the layers' linter says the same of imports)."""
    import ast
    from pathlib import Path

    source = Path(__file__).resolve().parents[2]
    opened = {"smtplib", "socket", "ssl", "urllib.request", "http.client", "ftplib", "requests", "httpx"}
    guilty = []
    for path in source.rglob("*.py"):
        part = path.relative_to(source).parts
        if part[0] in ("adapters", "proofs", "cli", "config") or "tests" in part or "migrations" in part:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            guilty += [f"{path.name}: {name}" for name in names if name in opened]
    assert guilty == []
