"""Times that `security.safeguards` promises, as `doctor` sees them, and the failed sign-ins that a proof ages."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from typer.testing import CliRunner

from plainspoken.cli.main import build
from plainspoken.config import backups, health
from plainspoken.custody.actors import program
from plainspoken.custody.models import Organisation
from plainspoken.custody.organisations import create, shift_clock
from plainspoken.people.services import add_member
from plainspoken.policies.services import publish
from plainspoken.policies.tests.texts import ours

PASSWORD = "a quiet larch by the river"
ME = program("test")


def run(*arguments: str) -> Any:
    return CliRunner().invoke(build(), list(arguments))


@pytest.fixture
def proving(house: Organisation) -> Organisation:
    row = create(slug="proving-times", name="Proving", home_region="EU", kind=Organisation.Kind.PROVING)
    publish(organisation=row.id, source=ours(), file="p.md", by=ME)
    return row


def manifest(folder: Path, at: datetime) -> Path:
    """A backup as far as `doctor` looks at it."""
    folder.mkdir(parents=True)
    made = backups.Backup(
        folder=str(folder), created_at=at.isoformat(), expires_at=at.isoformat(), product="1",
        organisations=1, database_bytes=0, objects=0,
    )  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(made.__dict__))
    return folder


def test_a_backup_that_is_gone_leaves_the_one_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proof makes a backup and throws it away; the last real one must still count."""
    monkeypatch.setattr(backups.settings, "DATA", tmp_path)
    monkeypatch.setattr(backups, "read_manifest", _there)
    first, second = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)
    assert backups.last_backup() is None
    backups._remember(first, manifest(tmp_path / "real", first))
    backups._remember(second, manifest(tmp_path / "proof", second))
    assert backups.last_backup() == second
    (tmp_path / "proof" / "manifest.json").unlink()
    assert backups.last_backup() == first
    (tmp_path / "last-backup.json").write_text(
        json.dumps({"at": first.isoformat(), "folder": str(tmp_path / "real")})
    )
    assert backups.last_backup() == first, "as versions before wrote it"


def _there(folder: Path) -> None:
    if not (folder / "manifest.json").exists():
        raise backups.BackupRefused("It is gone.")


def test_doctor_tells_what_one_organisation_promises_by_its_own_clock(
    proving: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "last_backup", lambda: datetime.now(UTC) - timedelta(hours=1))

    def backed_up(*more: str) -> str:
        found = json.loads(run("doctor", *more, "--json").stdout)["checks"]
        return next(check["status"] for check in found if check["title"] == "Backups")

    assert backed_up("--organisation", proving.slug) == "held"
    shift_clock(organisation=proving.id, by=timedelta(days=4))
    assert backed_up("--organisation", proving.slug) == "broken"
    assert backed_up() == "held", "time in a proof is not the time of everybody"
    found = json.loads(run("doctor", "--organisation", proving.slug, "--json").stdout)["checks"]
    assert [check["title"] for check in found] == ["Ledger", "Backups"]


def test_failed_sign_ins_can_be_made_older_for_a_proof_alone(
    proving: Organisation, house: Organisation
) -> None:
    cache.clear()
    for row, email in ((proving, "a@proving.example"), (house, "b@larkfield.example")):
        add_member(organisation=row.id, email=email, name="A", role="supervisor", by=ME, password=PASSWORD)  # type: ignore[arg-type]

    def enters(email: str, password: str = PASSWORD) -> bool:
        answered = Client().post("/account/login/", {"login": email, "password": password})
        return bool(answered.status_code == 302)

    for email in ("a@proving.example", "b@larkfield.example"):
        for _ in range(10):
            enters(email, "wrong one, quite wrong")
        assert not enters(email)
    aged = ("proving", "failures", proving.slug, "--host", "testserver", "--json", "--older-by")
    assert json.loads(run(*aged, "PT1M").stdout)["failures"] > 0
    assert not enters("a@proving.example")
    assert json.loads(run(*aged, "PT16M").stdout)["failures"] > 0
    assert enters("a@proving.example") and not enters("b@larkfield.example")
    assert run("proving", "failures", house.slug, "--host", "x", "--older-by", "PT1H").exit_code != 0
    assert run(*aged, "soon").exit_code != 0
