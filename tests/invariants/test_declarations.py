"""Everything is declared, and the database is as the declarations say: each check with a twin that goes red."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from conftest import POLICY
from django.db import DatabaseError, connection, connections, models, transaction

from plainspoken.custody import ddl, govern, places
from plainspoken.custody.actors import program
from plainspoken.custody.models import Governed, Organisation
from plainspoken.custody.organisations import create
from plainspoken.custody.places import OwnSubject, Place, personal
from plainspoken.custody.sessions import PurposeRefused, purpose
from plainspoken.policies.queries import policy_in_force
from plainspoken.policies.services import publish

ME = program("invariants")


@pytest.fixture(scope="module")
def larkfield(module_database: str) -> Organisation:
    """An organisation with our policy, in a database that these tests leave as it is."""
    row = create(slug="larkfield", name="Larkfield Home", home_region="EU (Frankfurt)", phone_region="DE")
    publish(organisation=row.id, source=POLICY.read_text("utf-8"), file=POLICY.name, by=ME)
    return row


class _Undone(Exception):
    """Ends a change that must not stay."""


@contextmanager
def changed(*statements: str) -> Iterator[None]:
    """The database with these statements applied by its owner, for as long as this lasts."""
    try:
        with transaction.atomic(using="owner"):
            with connections["owner"].cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
            yield
            raise _Undone
    except _Undone:
        pass


def gaps() -> list[str]:
    return [gap.message for gap in govern.database_gaps()]


# ---- code and database against the declarations ----


def test_every_model_and_column_is_declared_and_the_database_is_as_declared(larkfield: Organisation) -> None:
    assert list(govern.code_gaps()) == []
    assert gaps() == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("ALTER TABLE people_identifier ADD COLUMN nickname text", "people_identifier.nickname is not declared"),
        ("CREATE TABLE shadow_copy (name text)", "The table shadow_copy is not declared"),
        ("ALTER TABLE rights_request DISABLE ROW LEVEL SECURITY", "Row-level security is off on rights_request"),
        (
            "ALTER TABLE rights_request NO FORCE ROW LEVEL SECURITY",
            "Row-level security is off on rights_request",
        ),
        ("DROP POLICY custody_read ON transcripts_turn", "The policies of transcripts_turn are not those"),
        (
            "CREATE POLICY open_door ON transcripts_turn USING (true)",
            "The policies of transcripts_turn are not those",
        ),
        (
            "DROP POLICY custody_read ON transcripts_turn;"
            " CREATE POLICY custody_read ON transcripts_turn FOR SELECT TO plainspoken_purpose USING (true)",
            "The policies of transcripts_turn are not those",
        ),
        ("GRANT SELECT ON transcripts_turn TO plainspoken_app", "transcripts_turn is open to plainspoken_app"),
        (
            "GRANT UPDATE ON custody_ledgerentry TO plainspoken_purpose",
            "custody_ledgerentry is open to plainspoken_purpose",
        ),
        (
            "GRANT SELECT ON conversations_recording TO plainspoken_portal",
            "conversations_recording is open to plainspoken_portal",
        ),
        ("GRANT SELECT ON people_identifier TO PUBLIC", "people_identifier is open to"),
        ("DROP TRIGGER custody_take ON people_identifier", "people_identifier lacks the trigger custody_take"),
        (
            "ALTER TABLE people_identifier DISABLE TRIGGER custody_take",
            "people_identifier lacks the trigger custody_take",
        ),
        (
            "DROP TRIGGER custody_fixed ON custody_ledgerentry",
            "custody_ledgerentry lacks the trigger custody_fixed",
        ),
        ("CREATE VIEW names AS SELECT * FROM people_identifier", "names is not declared"),
    ],
)  # fmt: skip
def test_twin_what_is_changed_in_the_database_is_found(
    larkfield: Organisation, change: str, message: str
) -> None:
    with changed(change):
        assert any(message in gap for gap in gaps()), gaps()
    assert gaps() == []


def test_twin_an_undeclared_model_or_column_is_found(
    larkfield: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = dict(places._places)
    without = {key: value for key, value in everything.items() if key != "transcripts.turn"}
    monkeypatch.setattr(places, "_places", without)
    assert [gap.place for gap in govern.code_gaps()] == ["transcripts.turn"]
    assert any("The table transcripts_turn is not declared" in gap for gap in gaps())
    turn = everything["transcripts.turn"]
    fewer = {name: column for name, column in turn.columns.items() if name != "text"}
    monkeypatch.setattr(places, "_places", {**without, turn.key: replace(turn, columns=fewer)})
    assert [gap.message for gap in govern.code_gaps()] == [
        "The column transcripts.Turn.text is not declared. Say what it holds."
    ]


def test_twin_a_new_model_fails_the_check_of_django(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.apps import apps
    from django.core.checks import run_checks

    class Sticker(models.Model):
        text = models.TextField()

        class Meta:
            app_label = "people"

    try:
        found = [error.msg for error in run_checks() if error.id == "custody.E001"]
        assert found == ["The model people.Sticker is not declared. Add a Place to its declarations.py."]
    finally:
        del apps.all_models["people"]["sticker"]
        apps.clear_cache()
    assert not [error for error in run_checks() if error.id == "custody.E001"]
    assert issubclass(Governed, models.Model)


def test_a_declaration_names_only_what_the_policy_knows(larkfield: Organisation) -> None:
    policy = policy_in_force(organisation=larkfield.id)
    categories = set(policy.rule("collect.categories").categories)  # type: ignore[attr-defined]
    periods = {*policy.rule("retain.as-needed").periods, "with-parent"}  # type: ignore[attr-defined]

    def strangers(declared: tuple[Place, ...]) -> set[str]:
        return (
            {c.category for p in declared for c in p.columns.values() if c.category} - categories
            | {name for p in declared for name in p.purposes} - set(policy.purposes)
            | {p.retention for p in declared} - periods
        )

    assert strangers(places.places()) == set()
    invented = Place(
        model="people.Identifier",
        title="",
        columns={"value": personal("horoscope")},
        scope=OwnSubject(),
        purposes=("fortune.tell",),
        retention="eternity",
    )
    assert strangers((invented,)) == {"horoscope", "fortune.tell", "eternity"}


# ---- who may touch what ----


def governed() -> list[Place]:
    return [place for place in places.places() if place.governed]


def _refused(statement: str, *parameters: Any) -> str:
    """The message with which the database refuses a statement; empty where it does not."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, parameters)
    except DatabaseError as error:
        return str(error)
    return ""


def test_every_governed_table_refuses_the_application_without_a_purpose_even_when_empty(
    larkfield: Organisation,
) -> None:
    assert len(governed()) > 20
    for place in governed():
        for statement in (
            f"SELECT count(*) FROM {place.table}",
            f"SELECT 1 FROM {place.table} LIMIT 0",
            f"DELETE FROM {place.table}",
            f"UPDATE {place.table} SET organisation_id = organisation_id",
            f"INSERT INTO {place.table} DEFAULT VALUES",
        ):
            assert "permission denied" in _refused(statement), statement


def test_twin_a_grant_opens_a_table_and_is_seen(larkfield: Organisation) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"GRANT SELECT ON people_identifier TO {ddl.APP}")
    try:
        assert "permission denied" not in _refused("SELECT count(*) FROM people_identifier")
    finally:
        govern.govern()
    assert "permission denied" in _refused("SELECT count(*) FROM people_identifier")


def test_a_purpose_outside_the_list_of_a_place_is_refused(larkfield: Organisation) -> None:
    """Of an empty table nothing is shown, and nothing is asked; `test_places` asks where every place has rows."""
    known = policy_in_force(organisation=larkfield.id).purposes
    with connections["owner"].cursor() as cursor:
        filled = {}
        for place in governed():
            cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {place.table})")
            filled[place.table] = cursor.fetchone()[0]
    tried = 0
    for name in known:
        try:
            with purpose(name, organisation=larkfield.id, by=ME):
                for place in governed():
                    said = _refused(f"SELECT 1 FROM {place.table}")
                    if name in place.purposes:
                        assert said == "", (name, place.model)
                    elif filled[place.table]:
                        assert f"may not use {place.model}" in said, (name, place.model)
                        tried += 1
        except PurposeRefused as error:
            assert "closed" in str(error)
    assert tried


def test_twin_a_policy_that_lets_everything_through_is_seen(larkfield: Organisation) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "DROP POLICY custody_read ON custody_ledgerentry;"
            f" CREATE POLICY custody_read ON custody_ledgerentry FOR SELECT TO {ddl.PURPOSE} USING (true)"
        )
    try:
        with purpose("organisation.manage", organisation=larkfield.id, by=ME):
            assert _refused("SELECT 1 FROM custody_ledgerentry") == ""
    finally:
        govern.govern()
    with purpose("organisation.manage", organisation=larkfield.id, by=ME):
        assert "may not use" in _refused("SELECT 1 FROM custody_ledgerentry")


def test_the_public_pages_see_only_what_is_declared_for_them(larkfield: Organisation) -> None:
    with purpose("rights.intake", organisation=larkfield.id, by=ME, role="portal"):
        for place in places.places():
            said = _refused(f"SELECT 1 FROM {place.table}")
            if not place.portal:
                # The planner may refuse the purpose before the executor asks for the grant; there is none.
                assert "permission denied" in said or "may not use" in said, (place.model, said)
                assert not _granted(place.table), place.model
            else:
                assert said == "" or "may not use" in said, (place.model, said)
        for place in places.places():
            if place.portal == "r":
                assert "permission denied" in _refused(f"DELETE FROM {place.table}"), place.model


def _granted(table: str) -> bool:
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT has_any_column_privilege(%s, %s, 'SELECT')", [ddl.PORTAL, table])
        return bool(cursor.fetchone()[0])


def test_twin_a_table_that_is_opened_to_the_public_pages_is_seen(larkfield: Organisation) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"GRANT SELECT ON people_account TO {ddl.PORTAL}")
    try:
        with purpose("rights.intake", organisation=larkfield.id, by=ME, role="portal"):
            assert _refused("SELECT 1 FROM people_account") == "" and _granted("people_account")
    finally:
        govern.govern()
    with purpose("rights.intake", organisation=larkfield.id, by=ME, role="portal"):
        assert "permission denied" in _refused("SELECT 1 FROM people_account")


def test_nobody_bypasses_row_level_security_and_nobody_else_owns_a_table(larkfield: Organisation) -> None:
    given = connections["owner"].settings_dict
    with psycopg.connect(
        host=given["HOST"],
        port=given["PORT"],
        dbname=given["NAME"],
        user=given["USER"],
        password=given["PASSWORD"],
    ) as line:
        roles = line.execute(
            "SELECT rolname FROM pg_roles WHERE rolname LIKE 'plainspoken%' AND (rolsuper OR rolbypassrls)"
        ).fetchall()
        owners = line.execute(
            "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'"
        ).fetchall()
    assert roles == [] and owners == [(ddl.OWNER,)]
