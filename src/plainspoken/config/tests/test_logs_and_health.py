"""Logs without personal values, health that tells the truth, errors in plain words."""

import json
import logging
import sys
from pathlib import Path

import pytest
from django.db import OperationalError, connections
from django.test import Client

from plainspoken.config import health
from plainspoken.config.api import api
from plainspoken.config.logs import JsonLines
from plainspoken.custody.models import Organisation

CANARY = "ada.byron@canary.example"


def line(message: str, *args: object, error: bool = False) -> dict[str, object]:
    info = None
    if error:
        try:
            raise ValueError(f"no such person: {CANARY}")
        except ValueError:
            info = sys.exc_info()
    record = logging.LogRecord("plainspoken.x", logging.ERROR, "x.py", 1, message, args, info)
    return dict(json.loads(JsonLines().format(record)))


def test_arguments_and_texts_of_exceptions_are_not_logged() -> None:
    found = line("mail to %s failed", CANARY, error=True)
    assert CANARY not in json.dumps(found)
    assert found["message"] == "mail to %s failed" and found["error"] == "ValueError"
    assert found["where"]


def test_a_request_with_personal_data_leaves_no_trace_in_the_log(
    house: Organisation, caplog: pytest.LogCaptureFixture
) -> None:
    lines: list[str] = []
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    handler.emit = lambda record: lines.append(handler.format(record))  # type: ignore[method-assign]
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        Client(raise_request_exception=False).get(
            f"/conversations/?q={CANARY}", headers={"user-agent": CANARY}
        )
        Client().post(f"/api/vcons?x={CANARY}", data=CANARY, content_type="text/plain")
        Client().get(f"/nowhere/{CANARY}")
    finally:
        root.removeHandler(handler)
    assert CANARY not in "\n".join(lines)


def test_alive_and_ready(house: Organisation) -> None:
    assert Client().get("/healthz").json() == {"status": "alive"}
    assert Client().get("/readyz").status_code == 200


def test_not_ready_when_a_migration_waits(house: Organisation) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'policies'")
    answered = Client().get("/readyz")
    assert answered.status_code == 503
    assert "plainspoken upgrade" in answered.json()["text"]


def test_each_check_has_a_way_to_go_red(
    house: Organisation, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(health.settings, "DATA", tmp_path)

    def state(title: str) -> str:
        return next(c.status for c in health.checks() if c.title == title)

    assert state("Row-level security") == "held"
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE people_identifier DISABLE ROW LEVEL SECURITY")
    assert state("Row-level security") == "broken"

    assert state("Keyring") == "held"
    health.Path(health.settings.KEYRING_FOLDER).chmod(0o755)
    assert state("Keyring") == "broken"

    assert state("Disk") == "held"
    monkeypatch.setattr(health, "LEAST_FREE", 1 << 60)
    assert state("Disk") == "broken"

    assert state("Backups") == "unproved"
    assert state("Organisations") == "held"

    def explode() -> tuple[health.Status, str, str]:
        raise RuntimeError(CANARY)

    monkeypatch.setattr(health, "PROBES", (("Odd", explode),))
    (check,) = health.checks()
    assert check.status == "broken" and CANARY not in check.text


def test_errors_of_the_api_say_what_to_do(house: Organisation, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Client().get("/api/conversations").status_code == 401
    assert "error" in Client().get("/api/nowhere").json()
    request = Client().get("/healthz").wsgi_request
    for error, status, words in (
        (OSError(28, "No space left on device"), 507, "disk is full"),
        (OperationalError("gone"), 503, "does not answer"),
    ):
        answered = api.on_exception(request, error)
        assert answered.status_code == status and words in json.loads(answered.content)["error"]
    with pytest.raises(OSError, match="odd"):
        api.on_exception(request, OSError(5, "odd"))


def test_security_headers(house: Organisation) -> None:
    answered = Client().get("/account/login/")
    policy = answered["Content-Security-Policy"]
    assert (
        "unsafe-inline" not in policy
        and "default-src 'none'" in policy
        and "frame-ancestors 'none'" in policy
    )
    assert answered["X-Frame-Options"] == "DENY" and answered["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answered["Cache-Control"]
