"""Houses with a backup, for tests of backups and restores."""

import os
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from conftest import POLICY

from plainspoken.config import backups
from plainspoken.config.database import with_name
from plainspoken.conversations.models import Conversation, Participation
from plainspoken.conversations.tests.makers import arrived, recogniser, written
from plainspoken.custody import keys, sealing
from plainspoken.custody.actors import program
from plainspoken.custody.acts import context
from plainspoken.custody.models import Organisation
from plainspoken.custody.organisations import create
from plainspoken.custody.sessions import purpose
from plainspoken.policies.services import publish

ME = program("invariants")


def _at_home(database: str, folder: Path, patch: pytest.MonkeyPatch) -> Organisation:
    """A house in the database in use, which the environment names as a process of its own would find it."""
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
        patch.setenv(name, with_name(os.environ[name], database))
    for name in ("keyring", "objects", "anchors"):
        patch.setenv(f"PLAINSPOKEN_{name.upper()}", str(folder / name))
    row = create(
        slug="larkfield",
        name="Larkfield Home",
        home_region="EU",
        kind=Organisation.Kind.DEMO,
        phone_region="DE",
    )
    publish(organisation=row.id, source=POLICY.read_text("utf-8"), file=POLICY.name, by=ME)
    with recogniser({}):
        written(row, arrived(row))
    sealing.seal(organisation=row.id)
    return row


@dataclass(frozen=True)
class Home:
    """A house, its folder, and a backup of it with its keys."""

    house: Organisation
    folder: Path
    made: backups.Backup
    old: Path
    counts: dict[str, int]


def made_home(database: str, folder: Path, patch: pytest.MonkeyPatch) -> Home:
    house = _at_home(database, folder, patch)
    before = counts()
    made = backups.backup(into=folder / "backups", keys=folder / "keys")
    return Home(house, folder, made, next((folder / "keys").glob("keyring-*.tar")), before)


def customer(house: Organisation) -> UUID:
    with purpose("rights.execute", organisation=house.id, by=ME):
        found = Participation.objects.filter(role="customer").values_list("subject_id", flat=True)[0]
    assert found is not None
    return found


def counts() -> dict[str, int]:
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as owner:
        tables = owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        return {t: owner.execute(f'SELECT count(*) FROM "{t}"').fetchone()[0] for (t,) in tables}  # type: ignore[index]


def databases() -> set[str]:
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as owner:
        rows = owner.execute("SELECT datname FROM pg_database WHERE datname LIKE '%restore%'").fetchall()
    return {name for (name,) in rows}


def sealed_words(house: Organisation) -> str:
    """Something that only the customer's key opens."""
    with purpose("rights.execute", organisation=house.id, by=ME):
        row = Conversation.objects.select_related("content_key").exclude(source_id=None).get()
        assert row.content_key is not None
        opened = keys.content_sealer(row.content_key)
        return opened.open_text(bytes(row.source_id or b""), context=context(row, "source_id"))
