"""The two people in everything that sources, uploads, call records and rules of what is kept take in."""

import base64
import json
from pathlib import Path
from typing import TYPE_CHECKING

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings

from plainspoken.conversations.tests.makers import wav
from plainspoken.exchange import sources, watching

if TYPE_CHECKING:
    from .planting import Planted

JSON, PART = "application/json", "application/offset+octet-stream"


def plant(planted: "Planted", folder: Path) -> None:
    """Files, uploads, call records, forms and the API, with somebody in each text."""
    with override_settings(SOURCE_FOLDERS=[str(folder.parent)]):
        _watched(planted, folder.with_name("watched"))
        _forms(planted, folder.with_name("watched"))
    _uploads(planted)
    _calls(planted)
    _api(planted)


def _watched(planted: "Planted", folder: Path) -> None:
    """A folder: one call taken, one refused, one thread of mails, each file named after somebody."""
    from .planting import ME

    who, ours = planted.customer, planted.worker
    folder.mkdir()
    row = sources.add(
        organisation=planted.house.id,
        given=sources.Given(kind="folder", title="Recorder", place=str(folder), settled_s=0, keep_days=0),
        by=ME,
    )
    (folder / f"{who.name} {who.account}.wav").write_bytes(wav(510.0, 530.0, seconds=12.0))
    facts = {**planted.facts("watched"), "words": planted.said}
    (folder / f"{who.name} {who.account}.json").write_text(json.dumps(facts))
    (folder / f"{who.email}.wav").write_bytes(b"no sound")
    mail = (
        f"From: {who.name} <{who.email}>\nTo: {ours.name} <{ours.email}>\nSubject: About {who.text}\n"
        f"Message-ID: <{who.word}@mail.example>\nDate: Tue, 24 Nov 2026 09:00:00 +0000\n\n{who.text}\n-- \n{who.phone}\n"
    )
    (folder / f"{who.word}.eml").write_text(mail)
    ran = watching.run(organisation=planted.house.id, source=row.id, by=ME)
    assert (ran.taken, ran.refused) == (2, 1), ran
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            path.unlink()
    sources.pause(organisation=planted.house.id, source=row.id, by=ME)


def _forms(planted: "Planted", folder: Path) -> None:
    """Forms of administrators, with somebody in every field: what names no folder, bucket or rule is refused."""
    admin, text = planted.browsers["admin"], planted.customer.text
    given = {"title": text, "place": f"/{text}", "settled_s": "0", "keep_days": "0"}
    planted.form("FolderForm", admin, "/sources/folders/", given, expect=422)
    bucket = dict.fromkeys(("title", "place", "endpoint", "region", "key", "secret"), text)
    planted.form(
        "BucketForm", admin, "/sources/buckets/", {f"bucket-{k}": v for k, v in bucket.items()}, expect=422
    )
    planted.sown |= {f"form:BucketForm.{name}" for name in bucket}
    rule = {
        "title": text[:80],
        "act": "leave-out",
        "queues": text,
        "words": text,
        "percent": text,
        "rest_for": text[:20],
    }
    planted.form("RuleForm", admin, "/sources/keeping/", rule, expect=422)


def _uploads(planted: "Planted") -> None:
    """One upload that is taken in, one that is refused, one that nobody finishes."""
    api, headers = Client(), planted.token("super")
    sound = wav(610.0, 630.0, seconds=12.0)
    for number, (data, part) in enumerate(
        ((sound, sound), (b"no sound", b"no sound"), (sound, sound[:9000]))
    ):
        facts = json.dumps({**planted.facts(f"parts {number}"), "words": planted.said})
        metadata = ",".join(
            f"{name} {base64.b64encode(value.encode()).decode()}"
            for name, value in (("filename", f"{planted.customer.email}.wav"), ("metadata", facts))
        )
        begun = api.post(
            "/api/uploads", headers={**headers, "Upload-Length": str(len(data)), "Upload-Metadata": metadata}
        )
        assert begun.status_code == 201, begun.content
        path = begun["Location"].removeprefix("http://testserver")
        sent = api.patch(path, part, content_type=PART, headers={**headers, "Upload-Offset": "0"})
        assert sent.status_code == (422 if number == 1 else 204), sent.content


def _calls(planted: "Planted") -> None:
    """A table of the telephone system with numbers and names in columns that are not ours."""
    from .planting import ME

    who = planted.customer
    lines = [f"watched {who.text}"[:200], who.text[:200]]
    table = "call_id,started_at,duration,queue,caller,name\n" + "".join(
        f'"{name}",2026-01-05T09:00:00+01:00,12,{"" if n else "Returns"},{who.phone},{who.name}\n'
        for n, name in enumerate(lines)
    )
    file = SimpleUploadedFile(f"{who.email}.csv", table.encode())
    answer = planted.browsers["admin"].post("/sources/calls/", {"table": file})
    assert answer.status_code == 200, answer.content
    planted.sown.add("form:CallsForm.table")
    planted.sown.add("post:typed")
    assert ME


def _api(planted: "Planted") -> None:
    """The API of administrators and the vCon that leaves, with somebody in each text."""
    text, headers = planted.customer.text, planted.token("admin")
    texts = {
        "/api/sources": {
            "title": text,
            "place": text,
            "endpoint": text,
            "region": text,
            "key": text,
            "secret": text,
        },
        "/api/keeping": {"title": text, "rest_for": text},
    }
    more = {"/api/sources": {"kind": "bucket"}, "/api/keeping": {"act": "sample", "percent": 10}}
    for path, given in texts.items():
        answer = Client().post(path, json.dumps({**given, **more[path]}), content_type=JSON, headers=headers)
        assert answer.status_code == 422, (path, answer.content)
        planted.sown |= {f"api:POST {path}:{name}" for name in given}
    planted.sown |= {"post:call_id", "post:started_at", "post:duration"}  # columns of the table
    calls = [{"call_id": text[:200], "started_at": "2026-01-06T09:00:00+01:00", "duration": 5, "queue": text}]
    assert (
        Client().post("/api/calls", json.dumps(calls), content_type=JSON, headers=headers).status_code == 200
    )


def leave(planted: "Planted") -> None:
    """The vCon that leaves, once everything is written."""
    text, path = planted.customer.text, f"/api/conversations/{planted._conversation()}/vcon"
    for name in ("recipient", "purpose"):
        answer = Client().get(path, {name: text}, headers=planted.token("super"))
        assert answer.status_code in (403, 422), answer.content
        planted.sown.add(f"api:GET /api/conversations/{{conversation}}/vcon:{name}")
