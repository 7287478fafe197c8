"""Backups: equal when nothing was erased, unreadable where a key was destroyed, refused when they are not whole."""

import errno
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from conftest import POLICY, _drop, _fresh, use_database
from django.conf import settings
from django.test import override_settings

from plainspoken.adapters import postgres
from plainspoken.config import backups
from plainspoken.config.backups import BackupRefused
from plainspoken.config.database import with_name
from plainspoken.conversations.models import Conversation, Participation
from plainspoken.conversations.tests.makers import arrived, recogniser, written
from plainspoken.custody import keys, ports, sealing
from plainspoken.custody.actors import program
from plainspoken.custody.keys import KeyGone
from plainspoken.custody.models import Organisation
from plainspoken.custody.organisations import create
from plainspoken.custody.sessions import purpose
from plainspoken.policies.services import publish
from plainspoken.rights.services import erasing

ME = program("invariants")
EMAIL = "ada@lovelace.example"


def _at_home(database: str, folder: Path, patch: pytest.MonkeyPatch) -> Organisation:
    """A house in the database in use, which the environment names as a process of its own would find it."""
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
        patch.setenv(name, with_name(os.environ[name], database))
    for name in ("keyring", "objects", "anchors"):
        patch.setenv(f"PLAINSPOKEN_{name.upper()}", str(folder / name))
    row = create(
        slug="larkfield", name="Larkfield Home", home_region="EU", kind=Organisation.Kind.DEMO, phone_region="DE"
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


def _home(database: str, folder: Path, patch: pytest.MonkeyPatch) -> Home:
    house = _at_home(database, folder, patch)
    before = counts()
    made = backups.backup(into=folder / "backups", keys=folder / "keys")
    return Home(house, folder, made, next((folder / "keys").glob("keyring-*.tar")), before)


@pytest.fixture
def own(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """One that a test may change."""
    return _home(database, tmp_path, monkeypatch)


@pytest.fixture(scope="module")
def home(template_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """One that tests leave as it is."""
    folder = tmp_path_factory.mktemp("home")
    fresh = _fresh(template_database, folder)
    with pytest.MonkeyPatch.context() as patch:
        yield _home(next(fresh), folder, patch)
    fresh.close()


@pytest.fixture
def copy(home: Home, tmp_path: Path) -> Path:
    """The backup, to be harmed."""
    return Path(shutil.copytree(home.made.folder, tmp_path / "copy"))


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
        from plainspoken.custody.acts import context

        opened = keys.content_sealer(row.content_key)
        return opened.open_text(bytes(row.source_id or b""), context=context(row, "source_id"))


# ---- equal ----


def test_a_restored_copy_equals_what_was_backed_up(home: Home) -> None:
    assert home.made.organisations == 1
    assert home.made.objects == sum(1 for p in (home.folder / "objects").rglob("*") if p.is_file()) > 0
    done = backups.restore(folder=Path(home.made.folder), rehearse=True, look_for=["Lovelace"])
    assert done.tables == home.counts == counts() and done.objects == home.made.objects
    assert done.erasures_replayed == 0 and done.ledgers_sound and done.found == []
    assert not list(settings.DATA.glob("restore-*"))
    fewer = {**counts(), "transcripts_turn": counts()["transcripts_turn"] - 1}
    assert done.tables != fewer, "the twin: a row less is seen"


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


# ---- what is not whole ----


def _cut(folder: Path) -> None:
    path = folder / backups.NAME
    path.write_bytes(path.read_bytes()[:-1000])


def _changed(folder: Path) -> None:
    path = folder / backups.NAME
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


def _changed_with_its_digest(folder: Path) -> None:
    """Somebody who can write the manifest too: the seal itself shows it."""
    _changed(folder)
    _trust(folder)


def _cut_with_its_digest(folder: Path) -> None:
    _cut(folder)
    _trust(folder)


def _trust(folder: Path) -> None:
    manifest = folder / "manifest.json"
    said = json.loads(manifest.read_text())
    said["digests"] = {part: backups._digest(folder / part) for part in backups.PARTS}
    manifest.write_text(json.dumps(said))


def _objects_cut(folder: Path) -> None:
    path = folder / "objects.tar"
    path.write_bytes(path.read_bytes()[:700])


def _no_manifest(folder: Path) -> None:
    (folder / "manifest.json").unlink()


def _no_objects(folder: Path) -> None:
    (folder / "objects.tar").unlink()


@pytest.mark.parametrize(
    "harm",
    [_cut, _changed, _cut_with_its_digest, _changed_with_its_digest, _objects_cut, _no_manifest, _no_objects],
)
def test_a_backup_that_is_not_whole_is_refused_in_one_sentence(
    home: Home, copy: Path, harm: Any
) -> None:
    harm(copy)
    before, there = counts(), databases()
    with pytest.raises(BackupRefused) as refused:
        backups.restore(folder=copy)
    text = str(refused.value)
    assert text.endswith(".") and "\n" not in text and text.count(". ") <= 1
    assert counts() == before and databases() == there and not list(settings.DATA.glob("restore-*"))


def test_a_backup_or_a_keyring_of_another_installation_is_refused(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "root.key").write_bytes(os.urandom(32))
    with tarfile.open(tmp_path / "foreign.tar", "w") as tar:
        tar.add(foreign, arcname=".")
    root = (home.folder / "keyring" / "root.key").read_bytes()
    with pytest.raises(BackupRefused, match="another installation"):
        backups.restore(folder=Path(home.made.folder), keys=tmp_path / "foreign.tar")
    assert (home.folder / "keyring" / "root.key").read_bytes() == root
    assert sealed_words(home.house) == "call-1"
    with override_settings(KEYRING_FOLDER=tmp_path / "elsewhere"):
        ports.forget_adapters()
        with pytest.raises(BackupRefused, match="cannot be read with this keyring"):
            backups.restore(folder=Path(home.made.folder), rehearse=True)
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


# ---- writing ----


def test_a_full_disk_leaves_no_half_backup(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, into = backups.objects.encrypt, tmp_path / "full"

    def full(*args: Any, **more: Any) -> Iterator[bytes]:
        yield next(real(*args, **more))
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(backups.objects, "encrypt", full)
        with pytest.raises(BackupRefused, match="no space left"):
            backups.backup(into=into)
    assert list(into.iterdir()) == []
    assert Path(backups.backup(into=into).folder).is_dir(), "the twin: with room it is written"


def test_keys_and_backup_lie_apart(home: Home, tmp_path: Path) -> None:
    into = tmp_path / "apart"
    for keyring in (into, into / "keys", into / ".." / "apart" / "deep"):
        with pytest.raises(BackupRefused, match="apart"):
            backups.backup(into=into, keys=keyring)
    with pytest.raises(BackupRefused, match="apart"):
        backups.backup(into=tmp_path / "keys" / "data", keys=tmp_path / "keys")
    assert not into.exists()


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
