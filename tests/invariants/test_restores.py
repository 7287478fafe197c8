"""Restores: what a destroyed key sealed stays shut, an unsound ledger stays out, and the restored house goes on."""

import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from conftest import POLICY, _drop, use_database
from django.conf import settings

from plainspoken.adapters import postgres
from plainspoken.config import backups
from plainspoken.config.backups import BackupRefused
from plainspoken.custody import ports
from plainspoken.custody.keys import KeyGone
from plainspoken.custody.models import Organisation
from plainspoken.rights.services import erasing

from .homes import ME, Home, counts, customer, made_home, sealed_words


@pytest.fixture
def own(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """One that a test may change."""
    return made_home(database, tmp_path, monkeypatch)


# ---- keys that were destroyed ----


def erased(house: Organisation) -> UUID:
    subject = customer(house)
    erasing.everywhere(organisation=house.id, subject=subject, by=ME)
    return subject


def loaded(made: backups.Backup) -> str:
    """The backup's database as it was, before anything is replayed."""
    name = f"loaded_{uuid4().hex[:8]}"
    url = postgres.create_database(owner_url=os.environ["DATABASE_OWNER_URL"], name=name)
    backups._load(Path(made.folder) / backups.NAME, url)
    return name


def test_what_a_destroyed_key_sealed_stays_unreadable_in_a_backup_even_with_the_old_keyring(
    own: Home, database: str
) -> None:
    assert sealed_words(own.house) == "call-1"
    subject = erased(own.house)
    done = backups.restore(folder=Path(own.made.folder), keys=own.old, rehearse=True, look_for=["Lovelace"])
    assert done.erasures_replayed == 1 and done.ledgers_sound and done.found == []
    assert done.tables["transcripts_turn"] == 0 and done.tables["conversations_receivedwords"] == 0
    ports.forget_adapters()
    with pytest.raises(KeyGone):
        ports.keyring().get(organisation=own.house.id, name=f"subject/{subject}")
    name = loaded(own.made)
    try:
        use_database(name)
        with pytest.raises(KeyGone):
            sealed_words(own.house)
        _bring_back_without_tombstones(own.old)
        assert sealed_words(own.house) == "call-1", "the twin: only the tombstones keep it shut"
    finally:
        use_database(database)
        _drop(name)


def _bring_back_without_tombstones(old: Path) -> None:
    """What an old copy of the keyring does where nobody remembers what was destroyed."""
    for path in Path(settings.KEYRING_FOLDER).glob("*/destroyed.jsonl"):
        path.unlink()
    with tarfile.open(old) as tar:
        tar.extractall(settings.KEYRING_FOLDER, filter="data")
    ports.forget_adapters()


def test_a_ledger_that_is_not_sound_does_not_take_the_live_ones_place(own: Home) -> None:
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as owner:
        owner.execute("ALTER TABLE custody_ledgerentry DISABLE TRIGGER USER")
        owner.execute(
            "UPDATE custody_ledgerentry SET detail = '{}'"
            " WHERE id = (SELECT entry_id FROM custody_ledgerleaf ORDER BY number LIMIT 1)"
        )
    folder = Path(backups.backup(into=own.folder / "others").folder)
    before = counts()
    with pytest.raises(BackupRefused, match="not sound"):
        backups.restore(folder=folder)
    assert counts() == before


# ---- for real ----

LIFE = """
import json, sys
from pathlib import Path
from plainspoken.config.boot import boot
boot()
from plainspoken.config import backups, service
from plainspoken.custody import sealing
from plainspoken.custody.models import Organisation
act, folder = sys.argv[1], Path(sys.argv[2])
if act == "live":
    from django.core.management import call_command
    from plainspoken.custody.govern import govern
    from plainspoken.custody.actors import program
    from plainspoken.custody.organisations import create
    from plainspoken.policies.services import publish
    call_command("migrate", database="owner", verbosity=0); govern()
    row = create(slug="larkfield", name="Larkfield Home", home_region="EU", kind="demo", phone_region="DE")
    publish(organisation=row.id, source=Path(sys.argv[3]).read_text("utf-8"), file="p.md", by=program("t"))
    sealing.seal(organisation=row.id)
    made = backups.backup(into=folder)
    from plainspoken.people.services import add_member
    add_member(organisation=row.id, email="later@larkfield.example", name="Later", role="agent", by=program("t"))
    sealing.seal(organisation=row.id)
    answer = {"folder": made.folder}
elif act == "restore":
    done = backups.restore(folder=folder)
    answer = {"database": done.database, "sound": done.ledgers_sound}
else:
    row = Organisation.objects.get(slug="larkfield")
    sealing.seal(organisation=row.id)
    verdict = sealing.verify(organisation=row.id)
    from django.test import Client
    from django.conf import settings
    settings.ALLOWED_HOSTS = ["*"]
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    from plainspoken.people.models import Account
    answer = {
        "sound": verdict.sound, "entries": verdict.entries, "findings": [f.message for f in verdict.findings],
        "page": Client().get("/privacy/larkfield/").status_code, "later": Account.objects.count(),
    }
print(json.dumps(answer))
"""


@pytest.fixture
def apart() -> Iterator[Path]:
    """A data folder with a server of its own; not below a folder that other users may not pass."""
    folder = Path(tempfile.mkdtemp(prefix="plainspoken-restore-"))
    folder.chmod(0o755)
    yield folder
    postgres.stop(data=folder / "data")
    shutil.rmtree(folder, ignore_errors=True)


def lived(apart: Path, *arguments: str) -> dict[str, Any]:
    left_out = ("DATABASE_", "PLAINSPOKEN_")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(left_out)}
    done = subprocess.run(
        [sys.executable, "-c", LIFE, *arguments],
        env={**environment, "PLAINSPOKEN_DATA": str(apart / "data")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def test_a_real_restore_serves_and_its_ledger_goes_on_from_its_own_anchors(apart: Path) -> None:
    made = lived(apart, "live", str(apart / "backups"), str(POLICY))
    before = lived(apart, "look", "-")
    assert before["sound"] and before["later"] == 1
    done = lived(apart, "restore", made["folder"])
    assert done == {"database": "live", "sound": True}
    after = lived(apart, "look", "-")
    assert after["sound"], after["findings"]
    assert after["page"] == 200 and after["later"] == 0 and after["entries"] < before["entries"]
    aside = sorted(path.name for path in (apart / "data" / "anchors").iterdir())
    assert any("before-" in name for name in aside) and any(name.endswith(".jsonl") for name in aside)
