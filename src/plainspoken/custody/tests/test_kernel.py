"""Purpose sessions, row-level security, masks, keys, objects and the ledger on a real database."""

import threading
import time
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import DatabaseError, connection, connections, transaction

from plainspoken.custody import keys, ledger, objects, ports, purposes, sealing, subjects
from plainspoken.custody.actors import program
from plainspoken.custody.models import Decision, LedgerEntry, Organisation, Subject
from plainspoken.custody.organisations import create
from plainspoken.custody.places import places
from plainspoken.custody.purposes import Terms
from plainspoken.custody.sessions import PurposeRefused, purpose

ME = program("test")
NAMES = {
    "service.answer": Terms(needs_consent=False, maintenance=False, portal=False),
    "marketing.inform": Terms(needs_consent=True, maintenance=False, portal=False),
    "rights.intake": Terms(needs_consent=False, maintenance=False, portal=True),
    "rights.execute": Terms(needs_consent=False, maintenance=True, portal=False),
    "ingest.write": Terms(needs_consent=False, maintenance=True, portal=False),
    "security.audit": Terms(needs_consent=False, maintenance=False, portal=False),
    "quality.evaluate": Terms(needs_consent=False, maintenance=False, portal=False, open=False),
}


def organisation(slug: str = "larkfield") -> Organisation:
    row = create(slug=slug, name=slug.title(), home_region="eu-central")
    purposes.declare(organisation=row.id, terms=NAMES)
    return row


@pytest.fixture
def bare(database: str) -> Organisation:
    return organisation()


def sealed(bare: Organisation, wanted: int) -> int:
    """Seal until `wanted` entries are: a transaction in any database of the server delays a seal."""
    found, deadline = 0, time.monotonic() + 60
    while found < wanted and time.monotonic() < deadline:
        found += sealing.seal(organisation=bare.id)
        time.sleep(0.02)
    return found


def made(bare: Organisation) -> UUID:
    with purpose("ingest.write", organisation=bare.id, by=ME):
        return subjects.make(by=ME).id


def seen(bare: Organisation, name: str) -> list[UUID]:
    with purpose(name, organisation=bare.id, by=ME):
        return list(Subject.objects.values_list("id", flat=True))


def test_without_a_purpose_an_empty_table_is_an_error_too(bare: Organisation) -> None:
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        list(Subject.objects.all())


def test_a_purpose_outside_the_list_gets_an_error_from_an_empty_table_too(bare: Organisation) -> None:
    refused = 0
    for name in ("ingest.write", "service.answer", "rights.execute"):
        for where in (one for one in places() if one.governed and name not in one.purposes):
            rows = where.model_class._default_manager
            asked = [rows.first, rows.count]
            if not where.append_only:
                asked += [
                    lambda rows=rows: rows.all()._raw_delete(rows.db),
                    lambda rows=rows: rows.update(organisation=bare.id),
                ]
            for ask in asked:
                with (
                    pytest.raises(DatabaseError, match=f"The purpose {name} may not use {where.model}"),
                    purpose(name, organisation=bare.id, by=ME),
                ):
                    ask()
            refused += 1
    assert refused > 20


def test_a_plan_that_was_kept_for_another_purpose_shows_it_no_row(bare: Organisation) -> None:
    """The planner's answer is no part of a kept plan; the question in the plan is."""
    somebody = made(bare)
    with transaction.atomic(), connection.cursor() as cursor:
        with purpose("rights.execute", organisation=bare.id, by=ME):
            subjects.decide(
                subject=somebody,
                kind=Decision.Kind.RESTRICTION,
                purposes=["service.answer"],
                ground="x",
                by=ME,
            )
            cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
            cursor.execute("PREPARE kept AS SELECT count(*) FROM custody_decision")
            cursor.execute("EXECUTE kept")
            assert cursor.fetchone() == (1,)
        with (
            pytest.raises(DatabaseError, match=r"may not use custody\.Decision"),
            purpose("ingest.write", organisation=bare.id, by=ME),
        ):
            cursor.execute("EXECUTE kept")
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE kept")


def test_a_purpose_sees_only_its_organisation(bare: Organisation) -> None:
    other = organisation("other")
    mine, theirs = made(bare), made(other)
    assert seen(bare, "service.answer") == [mine]
    assert seen(other, "service.answer") == [theirs]


def test_undeclared_closed_and_foreign_purposes_are_refused(bare: Organisation) -> None:
    for name, message in (("nobody.knows", "declares no purpose"), ("quality.evaluate", "is closed")):
        with pytest.raises(PurposeRefused, match=message), purpose(name, organisation=bare.id, by=ME):
            pass
    with (
        pytest.raises(PurposeRefused, match="may not enter"),
        purpose("service.answer", organisation=bare.id, by=ME, role="portal"),
    ):
        pass
    with purpose("rights.intake", organisation=bare.id, by=ME, role="portal"), connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("plainspoken_portal",)


def test_another_nested_purpose_is_refused_and_the_same_one_is_reused(bare: Organisation) -> None:
    with purpose("ingest.write", organisation=bare.id, by=ME) as outer:
        with purpose("ingest.write", organisation=bare.id, by=ME) as inner:
            assert inner is outer
        with (
            pytest.raises(PurposeRefused, match="is in force"),
            purpose("service.answer", organisation=bare.id, by=ME),
        ):
            pass
    with transaction.atomic():
        with purpose("ingest.write", organisation=bare.id, by=ME):
            pass
        # Left on exit although the transaction goes on.
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            list(Subject.objects.all())


def test_the_database_refuses_a_second_purpose_too(bare: Organisation) -> None:
    with (
        pytest.raises(DatabaseError, match="is in force"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT custody_enter(%s, 'ingest.write')", [str(bare.id)])
        cursor.execute("SELECT custody_enter(%s, 'service.answer')", [str(bare.id)])


def test_restricting_hides_rows_from_that_purpose_alone_and_lifting_shows_them_again(
    bare: Organisation,
) -> None:
    subject = made(bare)
    with purpose("rights.execute", organisation=bare.id, by=ME):
        decision = subjects.decide(
            subject=subject,
            kind=Decision.Kind.RESTRICTION,
            purposes=["service.answer"],
            ground="contested",
            by=ME,
        )
    assert seen(bare, "service.answer") == []
    assert seen(bare, "ingest.write") == [subject]
    with purpose("rights.execute", organisation=bare.id, by=ME):
        subjects.lift(decision=decision, by=ME)
    assert seen(bare, "service.answer") == [subject]


def test_a_purpose_that_needs_consent_sees_nobody_without_it(bare: Organisation) -> None:
    willing, silent = made(bare), made(bare)
    with purpose("rights.execute", organisation=bare.id, by=ME):
        subjects.decide(
            subject=willing, kind=Decision.Kind.CONSENT, purposes=["marketing.inform"], ground="form", by=ME
        )
    assert seen(bare, "marketing.inform") == [willing]
    assert silent in seen(bare, "service.answer")


def test_an_update_cannot_move_a_row_to_another_organisation(bare: Organisation) -> None:
    other, subject = organisation("other"), made(bare)
    with (
        pytest.raises(DatabaseError, match="row-level security"),
        purpose("ingest.write", organisation=bare.id, by=ME),
    ):
        Subject.objects.filter(id=subject).update(organisation=other)


def test_a_row_may_not_name_a_subject_of_another_organisation(bare: Organisation) -> None:
    stranger = made(organisation("other"))
    with (
        pytest.raises(DatabaseError, match="another organisation"),
        purpose("rights.execute", organisation=bare.id, by=ME),
    ):
        from plainspoken.people.models import Identifier

        Identifier.objects.create(
            organisation=bare,
            subject_id=stranger,
            kind="name",
            value=b"x",
            blind=b"y",
            source="t",
            first_seen_at=bare.created_at,
        )


def test_an_insert_waits_for_a_decision_in_flight_and_takes_its_mask(bare: Organisation) -> None:
    """The race the design names: a decision is open in one transaction while a row about the subject arrives."""
    from plainspoken.people.models import Identifier

    subject = made(bare)
    decided, inserted = threading.Event(), threading.Event()

    def insert() -> None:
        try:
            decided.wait(5)
            with purpose("ingest.write", organisation=bare.id, by=ME):
                Identifier.objects.create(
                    organisation=bare,
                    subject_id=subject,
                    kind="name",
                    value=b"x",
                    blind=b"y",
                    source="t",
                    first_seen_at=bare.created_at,
                )
            inserted.set()
        finally:
            connections.close_all()

    thread = threading.Thread(target=insert)
    thread.start()
    with purpose("rights.execute", organisation=bare.id, by=ME):
        subjects.decide(
            subject=subject,
            kind=Decision.Kind.RESTRICTION,
            purposes=["service.answer"],
            ground="contested",
            by=ME,
        )
        decided.set()
        assert not inserted.wait(0.3), "the insert slipped past a decision in flight"
    thread.join(5)
    assert inserted.is_set()
    with purpose("ingest.write", organisation=bare.id, by=ME):
        assert Identifier.objects.get(subject_id=subject).closed_to != 0


def test_app_cannot_change_security(bare: Organisation) -> None:
    for statement in (
        "ALTER TABLE custody_subject DISABLE ROW LEVEL SECURITY",
        "DROP POLICY custody_read ON custody_subject",
        "INSERT INTO custody_purposegrant (role, purpose_id) VALUES ('plainspoken_portal', 'service.answer')",
        "UPDATE custody_purposestate SET open = true",
        "SET ROLE plainspoken_owner",
        "SET ROLE plainspoken_search",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_sealed_bytes_open_only_at_their_place(bare: Organisation) -> None:
    subject = made(bare)
    with purpose("ingest.write", organisation=bare.id, by=ME):
        sealer = keys.subject_sealer(subject)
        sealed = sealer.seal_text("Ada", context="a:1")
        assert b"Ada" not in sealed
        assert sealer.open_text(sealed, context="a:1") == "Ada"
        with pytest.raises(keys.Unreadable):
            sealer.open(sealed, context="a:2")
        with pytest.raises(keys.Unreadable):
            sealer.open(sealed[:-1] + bytes([sealed[-1] ^ 1]), context="a:1")


def test_every_holder_is_needed_and_destroying_one_ends_the_content(bare: Organisation) -> None:
    ada, bob = made(bare), made(bare)
    with purpose("ingest.write", organisation=bare.id, by=ME):
        row, sealer = keys.new_content_key(holders=[ada, bob])
        sealed = sealer.seal(b"words", context="w")
        assert keys.content_sealer(row).open(sealed, context="w") == b"words"
    assert keys.destroy(organisation=bare.id, subject=ada)
    assert not keys.destroy(organisation=bare.id, subject=ada), "the second time finds nothing"
    with purpose("ingest.write", organisation=bare.id, by=ME):
        with pytest.raises(ports.KeyGone):
            keys.content_sealer(row)
        with pytest.raises(ports.KeyGone):
            keys.subject_sealer(ada)
        assert keys.subject_sealer(bob)


def test_objects_read_any_range_and_show_any_change(bare: Organisation) -> None:
    data = bytes(i * 7 % 251 for i in range(200_000))
    subject = made(bare)
    with purpose("ingest.write", organisation=bare.id, by=ME):
        sealer = keys.subject_sealer(subject)
        name, size = objects.write([data[:1], data[1:70_000], data[70_000:]], sealer=sealer)
        assert size == objects.plain_size(name) == len(data)
        for start, end in (
            (0, 1),
            (65_535, 65_537),
            (131_072, 131_073),
            (199_990, 250_000),
            (0, None),
            (5, 5),
        ):
            assert b"".join(objects.read(name, sealer=sealer, start=start, end=end)) == data[start:end]
        empty, _ = objects.write([], sealer=sealer)
        assert b"".join(objects.read(empty, sealer=sealer)) == b""
        path = ports.object_store()._path(name)
        stored = path.read_bytes()
        assert data[:40] not in stored
        path.write_bytes(stored[:-70_000])
        with pytest.raises(keys.Unreadable):
            list(objects.read(name, sealer=sealer))


def test_an_object_written_in_a_failed_transaction_is_removed(bare: Organisation) -> None:
    subject = made(bare)
    with pytest.raises(RuntimeError), purpose("ingest.write", organisation=bare.id, by=ME):
        objects.write([b"lost"], sealer=keys.subject_sealer(subject))
        raise RuntimeError
    assert list(ports.object_store().names(prefix=str(bare.id))) == []


def test_the_ledger_refuses_values(bare: Organisation) -> None:
    with purpose("ingest.write", organisation=bare.id, by=ME):
        for value in ("Ada Lovelace", "ada@lark.example", ["a b"], None, {"a": 1}):
            with pytest.raises(ledger.ValueInLedger):
                ledger.enter(act="x", by=ME, detail={"v": value})  # type: ignore[dict-item]


def test_the_chain_is_sound_and_any_tampering_shows(bare: Organisation) -> None:
    for _ in range(5):
        made(bare)
        assert sealed(bare, 1) == 1
    sound = sealing.verify(organisation=bare.id)
    assert sound.sound and sound.entries == 5 and sound.batches == 5 and sound.pending == 0
    assert sealing.verify(organisation=bare.id, since=3).sound

    attacks = {
        "edit": "UPDATE custody_ledgerentry SET act = 'other' WHERE id = (SELECT entry_id FROM custody_ledgerleaf WHERE number = 2)",
        "reorder": "UPDATE custody_ledgerleaf SET number = CASE number WHEN 2 THEN -3 WHEN 3 THEN -2 END WHERE number IN (2, 3);"
        "UPDATE custody_ledgerleaf SET number = -number WHERE number < 0",
        "remove": "DELETE FROM custody_ledgerleaf WHERE number = 3",
        "cut tail": "DELETE FROM custody_ledgerbatch WHERE sequence = 5; DELETE FROM custody_ledgerleaf WHERE number = 5;",
        "cut all": "DELETE FROM custody_ledgerbatch; DELETE FROM custody_ledgerleaf;",
        "forge": "UPDATE custody_ledgerbatch SET root = '\\x00', head = '\\x00' WHERE sequence = 4",
    }
    for name, attack in attacks.items():
        assert _findings_after(attack, bare), name


def _findings_after(attack: str, bare: Organisation) -> bool:
    tables = ("custody_ledgerentry", "custody_ledgerleaf", "custody_ledgerbatch")
    with connections["owner"].cursor() as cursor:
        for table in tables:
            cursor.execute(f"CREATE TABLE keep_{table} AS SELECT * FROM {table}")
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(attack)
    found = not sealing.verify(organisation=bare.id).sound
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "DELETE FROM custody_ledgerbatch; DELETE FROM custody_ledgerleaf; DELETE FROM custody_ledgerentry"
        )
        for table in tables:
            cursor.execute(f"INSERT INTO {table} SELECT * FROM keep_{table}")
            cursor.execute(f"DROP TABLE keep_{table}")
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    assert sealing.verify(organisation=bare.id).sound
    return found


def test_a_live_change_of_the_ledger_is_refused_to_app_and_owner(bare: Organisation) -> None:
    made(bare)
    for alias in ("default", "owner"):
        for statement in ("UPDATE custody_ledgerentry SET act = 'x'", "DELETE FROM custody_ledgerentry"):
            with (
                pytest.raises(DatabaseError),
                transaction.atomic(using=alias),
                connections[alias].cursor() as cursor,
            ):
                if alias == "default":
                    cursor.execute("SELECT custody_enter(%s, 'security.audit')", [str(bare.id)])
                cursor.execute(statement)
        assert LedgerEntry.objects.using("owner").exclude(act="x").count() == 1


def test_entries_of_a_running_transaction_are_sealed_later_and_in_order(
    bare: Organisation, database: str
) -> None:
    made(bare)
    settings = connections["default"].settings_dict
    slow = psycopg.connect(
        host=settings["HOST"],
        port=settings["PORT"],
        dbname=database,
        user=settings["USER"],
        password=settings["PASSWORD"],
    )
    slow.execute("SELECT custody_enter(%s, 'ingest.write')", [str(bare.id)])
    slow.execute(
        "INSERT INTO custody_ledgerentry (id, organisation_id, at, act, purpose, by, about, detail, xid) VALUES"
        " (%s, %s, now(), 'slow', 'ingest.write', 'program:slow', '', '{}', pg_current_xact_id()::text::bigint)",
        [str(uuid4()), str(bare.id)],
    )
    made(bare)
    assert sealed(bare, 1) == 1 and sealing.seal(organisation=bare.id) == 0, (
        "nothing after the oldest running transaction is sealed"
    )
    slow.commit()
    slow.close()
    assert sealed(bare, 2) == 2
    assert sealing.verify(organisation=bare.id).sound


def test_fifty_writers_do_not_wait_for_one_lock(bare: Organisation) -> None:
    """All fifty hold their transactions open at once after entering an act: none could if they shared a lock."""
    gate = threading.Barrier(50, timeout=30)
    failures: list[BaseException] = []

    def write() -> None:
        try:
            with purpose("ingest.write", organisation=bare.id, by=ME):
                ledger.enter(act="work", by=ME)
                gate.wait()
        except BaseException as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=write) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failures
    assert sealed(bare, 50) == 50
