"""Backups: equal to what they were made of, refused when they are not whole, and never half written."""

import errno
import json
import os
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import _fresh
from django.conf import settings
from django.test import override_settings

from plainspoken.config import backups
from plainspoken.config.backups import BackupRefused
from plainspoken.custody import ports

from .homes import Home, counts, databases, made_home, sealed_words


@pytest.fixture(scope="module")
def home(template_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """One that tests leave as it is."""
    folder = tmp_path_factory.mktemp("home")
    fresh = _fresh(template_database, folder)
    with pytest.MonkeyPatch.context() as patch:
        yield made_home(next(fresh), folder, patch)
    fresh.close()


@pytest.fixture
def copy(home: Home, tmp_path: Path) -> Path:
    """The backup, to be harmed."""
    return Path(shutil.copytree(home.made.folder, tmp_path / "copy"))


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
def test_a_backup_that_is_not_whole_is_refused_in_one_sentence(home: Home, copy: Path, harm: Any) -> None:
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
