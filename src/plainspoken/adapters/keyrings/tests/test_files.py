"""Destroying a key costs the same however many were destroyed before, and a crash at any point leaves it whole."""

import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from plainspoken.adapters.keyrings import files
from plainspoken.adapters.keyrings.files import FileKeyring
from plainspoken.custody.ports import KeyGone

HOUSE = UUID("11111111-1111-4111-8111-111111111111")
AT = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def keyring(tmp_path: Path) -> FileKeyring:
    return FileKeyring(tmp_path / "keyring")


def names(keyring: FileKeyring) -> list[str]:
    return [gone.name for gone in keyring.destroyed(organisation=HOUSE)]


def tombstones(keyring: FileKeyring) -> Path:
    return keyring.folder / str(HOUSE) / "destroyed.jsonl"


def test_a_destroyed_key_is_gone_for_good_and_named_once(keyring: FileKeyring) -> None:
    keyring.create(organisation=HOUSE, name="a")
    assert keyring.destroy(organisation=HOUSE, name="a", at=AT) is True
    assert keyring.destroy(organisation=HOUSE, name="a", at=AT) is False
    assert keyring.destroy(organisation=HOUSE, name="never made", at=AT) is False
    for name in ("a", "never made"):
        with pytest.raises(KeyGone):
            keyring.create(organisation=HOUSE, name=name)
    assert names(keyring) == ["a", "never made"]
    assert len(tombstones(keyring).read_text().splitlines()) == 2


def test_destroying_reads_only_the_end_of_the_list(
    keyring: FileKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring.create(organisation=HOUSE, name="first")
    keyring.destroy(organisation=HOUSE, name="first", at=AT)
    line = tombstones(keyring).read_bytes()
    tombstones(keyring).write_bytes(line * 100_000)
    monkeypatch.setattr(FileKeyring, "destroyed", lambda *_, **__: pytest.fail("the whole list was read"))
    read: list[int] = []
    pread = files.os.pread
    monkeypatch.setattr(files.os, "pread", lambda h, n, at: read.append(n) or pread(h, n, at))
    keyring.create(organisation=HOUSE, name="b")
    assert keyring.destroy(organisation=HOUSE, name="b", at=AT)
    assert read == [files.TAIL]
    assert json.loads(tombstones(keyring).read_bytes()[len(line) * 100_000 :])["name"] == "b"


def test_a_crash_between_tombstone_and_key_is_made_good(
    keyring: FileKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = keyring.create(organisation=HOUSE, name="a")

    def crash(*_: object) -> None:
        raise OSError("power cut")

    with monkeypatch.context() as patch:
        patch.setattr(files, "_overwrite", crash)
        with pytest.raises(OSError, match="power cut"):
            keyring.destroy(organisation=HOUSE, name="a", at=AT)
    assert keyring.get(organisation=HOUSE, name="a") == key
    assert keyring.destroy(organisation=HOUSE, name="a", at=AT) is True
    assert names(keyring) == ["a"]


@pytest.mark.parametrize("cut", [1, 5, 30])
def test_a_line_that_was_cut_off_is_no_tombstone_and_does_not_spoil_the_next(
    keyring: FileKeyring, cut: int
) -> None:
    for name in ("a", "b", "c"):
        keyring.create(organisation=HOUSE, name=name)
    keyring.destroy(organisation=HOUSE, name="a", at=AT)
    whole = tombstones(keyring).read_bytes()
    tombstones(keyring).write_bytes(whole + whole.replace(b'"a"', b'"b"')[:-cut])
    assert names(keyring) == ["a"], "b's key is still there: its destroying comes again"
    keyring.destroy(organisation=HOUSE, name="c", at=AT)
    assert names(keyring) == ["a", "c"]
    assert keyring.destroy(organisation=HOUSE, name="b", at=AT) is True
    assert names(keyring) == ["a", "c", "b"]
