"""A house as the previous version left it: loaded, upgraded, and nothing is lost or left open."""

import gzip
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from conftest import _drop, use_database
from django.core.management import call_command
from django.test import override_settings

from plainspoken.adapters import postgres
from plainspoken.config.database import with_name
from plainspoken.custody import ports, sealing
from plainspoken.custody.actors import program
from plainspoken.custody.govern import database_gaps
from plainspoken.custody.models import Organisation
from plainspoken.custody.sessions import purpose
from plainspoken.retention.models import Hold
from plainspoken.retention.queries import law_of

DATA = Path(__file__).resolve().parents[1] / "data"
DUMPS = sorted(DATA.glob("previous-*.dump.gz"))
ME = program("invariants")


@dataclass(frozen=True)
class Previous:
    """A loaded database with its keyring, and how many rows each table had before the upgrade."""

    name: str
    rows: dict[str, int]
    environment: dict[str, str]


def _counts(url: str) -> dict[str, int]:
    with psycopg.connect(url) as owner:
        tables = owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        return {t: owner.execute(f'SELECT count(*) FROM "{t}"').fetchone()[0] for (t,) in tables}  # type: ignore[index]


@pytest.fixture(params=DUMPS, ids=lambda path: path.name.removesuffix(".dump.gz"))
def previous(request: pytest.FixtureRequest, template_database: str, tmp_path: Path) -> Iterator[Previous]:
    dump: Path = request.param
    name = f"test_upgrade_{uuid4().hex[:8]}"
    owner = os.environ["DATABASE_OWNER_URL"]
    url = postgres.create_database(owner_url=owner, name=name)
    with gzip.open(dump) as source:
        postgres.load(owner_url=url, source=source)  # type: ignore[arg-type]
    with tarfile.open(dump.with_name(dump.name.replace(".dump.gz", ".keyring.tar"))) as archive:
        archive.extractall(tmp_path / "keyring", filter="data")
    environment = {
        **os.environ,
        "DATABASE_URL": with_name(os.environ["DATABASE_URL"], name),
        "DATABASE_OWNER_URL": with_name(owner, name),
        "PLAINSPOKEN_KEYRING": str(tmp_path / "keyring"),
        "PLAINSPOKEN_OBJECTS": str(tmp_path / "objects"),
        "PLAINSPOKEN_ANCHORS": str(tmp_path / "anchors"),
    }
    use_database(name)
    folders = {f"{part.upper()}_FOLDER": tmp_path / part for part in ("keyring", "objects", "anchors")}
    with override_settings(**folders):
        ports.forget_adapters()
        yield Previous(name, _counts(url), environment)
    ports.forget_adapters()
    use_database("nowhere")
    _drop(name)


def test_there_is_a_previous_version_to_upgrade_from() -> None:
    assert DUMPS, "Run scripts/make_previous_dump.py."


def test_the_previous_version_upgrades(previous: Previous) -> None:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("plainspoken")), "upgrade", "--json"],
        env=previous.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["gaps"] == []
    assert list(database_gaps()) == []
    call_command("migrate", database="owner", check_unapplied=True, verbosity=0)
    after = _counts(previous.environment["DATABASE_OWNER_URL"])
    grown = {"django_migrations", "auth_permission", "django_content_type"}
    lost = {t: (n, after.get(t)) for t, n in previous.rows.items() if after.get(t) != n and t not in grown}
    assert lost == {}
    row = Organisation.objects.get(slug="larkfield")
    verdict = sealing.verify(organisation=row.id)
    assert verdict.sound and verdict.entries > 5, verdict.findings
    with purpose("service.answer", organisation=row.id, by=ME):
        from plainspoken.people.queries import identifiers
        from plainspoken.transcripts.models import Turn

        assert [turn.text for turn in Turn.objects.order_by("ordinal")][1:] == ["My blue kettle leaks."]
        customer = Turn.objects.exclude(participation=None).order_by("-ordinal")[0].participation
        assert customer is not None and customer.subject_id is not None
        assert ("email", "ada@lovelace.example") in list(identifiers(subject=customer.subject_id))


def test_the_law_of_a_hold_that_stood_in_clear_is_sealed(previous: Previous) -> None:
    """With the key of the person whom it is about, so that it ends with them."""
    with psycopg.connect(previous.environment["DATABASE_OWNER_URL"]) as owner:
        owner.execute(
            "INSERT INTO retention_hold (id, organisation_id, closed_to, open_to, subject_id, reason, law, placed_at,"
            " placed_by) SELECT gen_random_uuid(), organisation_id, 0, 0, id, 'claims', 'Case of Ada', now(), 'x'"
            " FROM custody_subject WHERE kind = 'customer' LIMIT 1"
        )
    call_command("migrate", "retention", database="owner", verbosity=0)
    with psycopg.connect(previous.environment["DATABASE_OWNER_URL"]) as owner:
        (told,) = owner.execute("SELECT string_agg(to_jsonb(h)::text, ' ') FROM retention_hold h").fetchone()  # type: ignore[misc]
    assert "Ada" not in told and b"Case of Ada".hex() not in told
    with purpose("rights.execute", organisation=Organisation.objects.get(slug="larkfield").id, by=ME):
        assert law_of(Hold.objects.get(placed_by="x")) == "Case of Ada"


def test_twin_what_an_upgrade_left_open_is_found(previous: Previous) -> None:
    """A migration that makes a table and declares nothing, or drops a policy, does not pass unseen."""
    with psycopg.connect(previous.environment["DATABASE_OWNER_URL"]) as owner:
        owner.execute("CREATE TABLE left_over (name text)")
        owner.execute("ALTER TABLE transcripts_turn ADD COLUMN mood text")
        owner.execute("DROP POLICY custody_read ON people_identifier")
    messages = " ".join(gap.message for gap in database_gaps())
    for named in ("left_over", "transcripts_turn.mood", "people_identifier"):
        assert named in messages
    done = subprocess.run(
        [str(Path(sys.executable).with_name("plainspoken")), "upgrade", "--json"],
        env=previous.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1 and "does not match the declarations" in done.stderr
