"""What a crash leaves is cleared at start and by age; what somebody works on stays."""

import os
import time
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.test import override_settings
from procrastinate.contrib.django import app

from plainspoken.config import leftovers, service, tasks
from plainspoken.custody import ports
from plainspoken.custody.models import Organisation


def aged(path: Path, by: float) -> Path:
    moment = time.time() - by
    os.utime(path, (moment, moment))
    return path


def test_uploads_that_a_crash_left_go_and_one_that_arrives_stays(house: Organisation, tmp_path: Path) -> None:
    folder = tmp_path / "uploads"
    folder.mkdir()
    with override_settings(FILE_UPLOAD_TEMP_DIR=str(folder)):
        arriving = Path(TemporaryUploadedFile("next.wav", "audio/wav", 9, None).temporary_file_path())
        assert not arriving.exists(), "Django removes what it closes"
        left, fresh = arriving, folder / f"{arriving.stem}x.wav"
        for path in (left, fresh):
            path.write_bytes(b"a voice")
        aged(left, 16 * 60)
        assert leftovers.clear() == 1
        assert list(folder.iterdir()) == [fresh]


def test_drafts_of_objects_that_a_crash_left_go_and_objects_stay(house: Organisation) -> None:
    store = ports.object_store()
    name = f"{house.id}/{uuid4()}"
    store.put(name=name, chunks=[b"sealed"])
    folder = store._path(name).parent  # type: ignore[attr-defined]
    old, new = folder / f".{uuid4()}.draft", folder / f".{uuid4()}.draft"
    for path in (old, new):
        path.write_bytes(b"half")
    aged(old, 7 * 3600)
    aged(store._path(name), 9 * 3600)  # type: ignore[attr-defined]
    assert list(store.names(prefix=str(house.id))) == [name]
    assert leftovers.clear() == 1
    assert not old.exists() and new.exists() and store.read(name=name, offset=0, length=6) == b"sealed"


def test_it_runs_each_hour_and_at_start(house: Organisation, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []
    monkeypatch.setattr(leftovers, "clear", lambda: ran.append("cleared"))
    for name in ("call_command", "collect"):
        monkeypatch.setattr(service, name, lambda *_, **__: None)
    service.prepare()
    tasks.clear_leftovers(0)
    assert ran == ["cleared", "cleared"]
    periodic = {task.task.name: task.cron for task in app.periodic_registry.periodic_tasks.values()}
    assert periodic["config.clear_leftovers"] == "7 * * * *"
