"""Uploads in parts: they go on after a cut, keep nothing in clear, and end in one conversation."""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.test import Client, override_settings

from plainspoken.conversations.models import Conversation
from plainspoken.conversations.tests.fixtures import Staff
from plainspoken.conversations.tests.makers import ME, wav
from plainspoken.custody import objects, ports
from plainspoken.custody.models import Organisation
from plainspoken.custody.sessions import purpose
from plainspoken.exchange import uploads
from plainspoken.exchange.models import Upload, UploadPart
from plainspoken.people.services import issue_token

SOUND = wav(200.0, 300.0, seconds=6.0)


class Tus:
    """A client as the protocol describes one."""

    def __init__(self, member: Any) -> None:
        self.headers = {
            "Authorization": f"Bearer {issue_token(membership=member, name='t', by=ME).secret}",
            "Tus-Resumable": "1.0.0",
        }
        self.http = Client()

    def begin(self, length: int, facts: object = None, **more: str) -> Any:
        metadata = base64.b64encode(json.dumps(facts or {}).encode()).decode()
        headers = {
            **self.headers,
            "Upload-Length": str(length),
            "Upload-Metadata": f"filename YS53YXY=,metadata {metadata}",
            **more,
        }
        return self.http.post("/api/uploads", headers=headers)

    def send(self, path: str, offset: int, data: bytes, **more: str) -> Any:
        headers = {**self.headers, "Upload-Offset": str(offset), **more}
        return self.http.patch(path, data, content_type="application/offset+octet-stream", headers=headers)

    def offset(self, path: str) -> int:
        answer = self.http.head(path, headers=self.headers)
        assert answer.status_code == 200 and answer["Cache-Control"] == "no-store"
        return int(answer["Upload-Offset"])

    def result(self, path: str) -> Any:
        return self.http.get(path, headers=self.headers).json()


@pytest.fixture
def tus(staff: Staff, tmp_path: Path) -> Any:
    with override_settings(FILE_UPLOAD_TEMP_DIR=str(tmp_path)):
        yield Tus(staff("supervisor")[0])


def path_of(answer: Any) -> str:
    assert answer.status_code == 201, answer.content
    return str(answer["Location"]).removeprefix("http://testserver")


def test_parts_become_one_conversation(house: Organisation, tus: Tus) -> None:
    path = path_of(tus.begin(len(SOUND), {"source_id": "u1", "queue": "Orders"}))
    for start in range(0, len(SOUND), 40_000):
        answer = tus.send(path, start, SOUND[start : start + 40_000])
        assert answer.status_code == 204 and answer["Upload-Offset"] == str(min(start + 40_000, len(SOUND)))
    done = tus.result(path)
    assert done["state"] == "taken" and done["created"]
    with purpose("ingest.write", organisation=house.id, by=ME):
        row = Conversation.objects.get(id=done["conversation"])
        assert row.queue == "Orders" and not UploadPart.objects.exists()
        assert Upload.objects.get().metadata is None
    assert list(Path(settings.FILE_UPLOAD_TEMP_DIR).iterdir()) == []


class Cut:
    """A body whose line breaks after some bytes."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def read(self, size: int, /) -> bytes:
        piece, self.data = self.data[:size], self.data[size:]
        if not piece:
            raise OSError("connection reset")
        return piece


def test_after_a_cut_it_goes_on_from_what_was_received(house: Organisation, tus: Tus) -> None:
    path = path_of(tus.begin(len(SOUND)))
    key = UUID(path.rpartition("/")[2])
    uploads.append(
        organisation=house.id,
        upload=key,
        offset=0,
        body=Cut(SOUND[:50_000]),
        size=len(SOUND),
        checksum="",
        by=ME,
    )
    assert tus.offset(path) == 50_000
    assert tus.send(path, 0, SOUND).status_code == 409
    assert tus.send(path, 50_000, SOUND[50_000:]).status_code == 204
    assert tus.result(path)["state"] == "taken"


def test_whoever_dies_before_taking_it_in_is_followed_by_the_job(
    house: Organisation, tus: Tus, monkeypatch: pytest.MonkeyPatch
) -> None:
    from plainspoken.exchange.tasks import finish_upload

    class Killed(BaseException):
        pass

    def die(**_: Any) -> None:
        raise Killed

    path = path_of(tus.begin(len(SOUND)))
    with monkeypatch.context() as patch:
        patch.setattr(uploads, "finish", die)
        with pytest.raises(Killed):
            tus.send(path, 0, SOUND)
    assert tus.result(path)["state"] == "open" and tus.offset(path) == len(SOUND)
    from procrastinate.contrib.django.models import ProcrastinateJob

    job = ProcrastinateJob.objects.get(task_name="exchange.finish_upload", args__organisation=str(house.id))
    for _ in range(2):
        finish_upload(**job.args)
    assert tus.result(path)["state"] == "taken"
    with purpose("ingest.write", organisation=house.id, by=ME):
        assert Conversation.objects.filter(organisation=house).count() == 1


def test_checksums_decide_before_anything_is_kept(tus: Tus) -> None:
    path = path_of(tus.begin(len(SOUND)))
    wrong = base64.b64encode(hashlib.sha256(b"x").digest()).decode()
    right = base64.b64encode(hashlib.sha256(SOUND).digest()).decode()
    assert tus.send(path, 0, SOUND, **{"Upload-Checksum": f"sha256 {wrong}"}).status_code == 460
    assert tus.offset(path) == 0
    assert tus.send(path, 0, SOUND, **{"Upload-Checksum": "crc32 AAAA"}).status_code == 400
    assert tus.send(path, 0, SOUND, **{"Upload-Checksum": f"sha256 {right}"}).status_code == 204


def test_nothing_lies_in_clear_and_the_end_destroys_the_key(house: Organisation, tus: Tus) -> None:
    path = path_of(tus.begin(len(SOUND), {"customer_name": "Ada Lovelace"}))
    tus.send(path, 0, SOUND[:60_000])
    with purpose("ingest.write", organisation=house.id, by=ME):
        row, part = Upload.objects.get(), UploadPart.objects.get()
        stored = ports.object_store().read(name=part.stored, offset=0, length=200_000)
        assert SOUND[1000:1100] not in stored and b"Ada" not in bytes(row.metadata or b"")
        sealer = uploads._sealer(row)
        assert b"".join(objects.read(part.stored, sealer=sealer)) == SOUND[:60_000]
    assert tus.http.delete(path, headers=tus.headers).status_code == 204
    assert tus.http.head(path, headers=tus.headers).status_code == 404
    assert not list(ports.object_store().names(prefix=str(house.id)))
    with pytest.raises(ports.KeyGone):
        ports.keyring().get(organisation=house.id, name=f"upload/{row.id}")


def test_a_refused_sound_says_why(tus: Tus) -> None:
    path = path_of(tus.begin(8))
    answer = tus.send(path, 0, b"no sound")
    assert answer.status_code == 422 and answer.json()["code"] == "sound-unreadable"
    assert tus.send(path, 8, b"x").status_code == 409


@pytest.mark.parametrize(
    ("length", "metadata", "status"),
    [
        ("x", "", 400),
        ("0", "", 413),
        (str(3 << 30), "", 413),
        ("5", "metadata %%%", 400),
        ("5", "metadata W10=", 400),
    ],
)
def test_what_cannot_begin(tus: Tus, length: str, metadata: str, status: int) -> None:
    answer = tus.http.post(
        "/api/uploads", headers={**tus.headers, "Upload-Length": length, "Upload-Metadata": metadata}
    )
    assert answer.status_code == status and answer.json()["error"].endswith(".")


def test_limits_of_parts(tus: Tus) -> None:
    path = path_of(tus.begin(10))
    assert tus.send(path, 0, b"x" * 11).status_code == 413
    assert (
        tus.http.patch(
            path, b"x", content_type="text/plain", headers={**tus.headers, "Upload-Offset": "0"}
        ).status_code
        == 415
    )
    options = tus.http.options("/api/uploads", headers=tus.headers)
    assert options["Tus-Extension"] == "creation,expiration,checksum,termination" and options["Tus-Max-Size"]


def test_expired_ones_end(house: Organisation, tus: Tus) -> None:
    from datetime import timedelta

    path = path_of(tus.begin(100))
    tus.send(path, 0, b"x" * 50)
    with purpose("ingest.write", organisation=house.id, by=ME):
        later = Upload.objects.get().expires_at + timedelta(seconds=1)
    assert uploads.clear(organisation=house.id, by=ME) == 0
    assert uploads.clear(organisation=house.id, by=ME, now=later) == 1
    assert not list(ports.object_store().names(prefix=str(house.id)))


def test_who_may_not_send_begins_nothing(staff: Staff, tus: Tus) -> None:
    officer = Tus(staff("privacy_officer")[0])
    assert officer.begin(10).status_code == 403
    assert Client().post("/api/uploads", headers={"Upload-Length": "5"}).status_code == 401


def test_when_the_queue_is_long_senders_come_back_later(tus: Tus) -> None:
    with override_settings(QUEUE_LIMIT=0):
        answer = tus.begin(10)
        assert (
            answer.status_code == 503
            and answer["Retry-After"] == "60"
            and "Send it again" in answer.json()["error"]
        )
    assert tus.begin(10).status_code == 201
