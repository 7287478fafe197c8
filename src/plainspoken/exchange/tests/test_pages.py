"""Pages of administrators: what they show, what they refuse, and that nobody else opens them."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings
from procrastinate.contrib.django.models import ProcrastinateJob

from plainspoken.conversations.tests.fixtures import Staff
from plainspoken.conversations.tests.makers import ME
from plainspoken.custody.models import Organisation
from plainspoken.custody.sessions import purpose
from plainspoken.exchange import watching
from plainspoken.exchange.models import KeepingRule, Source

PAGES = ("/sources/", "/sources/calls/", "/sources/keeping/")
RECORDS = b"call_id,started_at,duration,queue\nx1,2026-01-05T09:00:00+01:00,5,Returns\nx2,soon,5,Returns\n"


@pytest.fixture
def admin(staff: Staff) -> Any:
    return staff("administrator")[1]


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_only_administrators_open_them(staff: Staff) -> None:
    for role in ("agent", "supervisor", "privacy_officer"):
        browser = staff(role)[1]
        for path in PAGES:
            assert browser.get(path).status_code == 403, (role, path)


def test_a_folder_is_added_run_paused_and_ended(house: Organisation, admin: Any, tmp_path: Path) -> None:
    assert "No sources yet." in text(admin.get("/sources/"))
    given = {"title": "Recorder", "place": str(tmp_path), "settled_s": "0", "keep_days": "7"}
    with override_settings(SOURCE_FOLDERS=[str(tmp_path)]):
        wrong = admin.post("/sources/folders/", {**given, "place": "/etc"})
        assert wrong.status_code == 422 and "may be watched" in text(wrong)
        assert admin.post("/sources/folders/", given).status_code == 302
    with purpose("organisation.manage", organisation=house.id, by=ME):
        source = Source.objects.get(organisation=house)
    assert "Not looked into yet" in text(admin.get("/sources/"))
    (tmp_path / "broken.wav").write_bytes(b"no sound")
    watching.run(organisation=house.id, source=source.id, by=ME)
    seen = text(admin.get("/sources/"))
    assert "Works" in seen and "The sound is broken or in a format we do not read." in seen
    base = f"/sources/{source.id}"
    for _ in range(2):
        assert admin.post(f"{base}/run/").status_code == 302
    assert (
        ProcrastinateJob.objects.filter(task_name="exchange.run_source", args__source=str(source.id)).count()
        == 1
    )
    admin.post(f"{base}/pause/")
    assert "Paused" in text(admin.get("/sources/"))
    admin.post(f"{base}/resume/")
    admin.post(f"{base}/end/", {"typed": "no"})
    assert "Recorder" in text(admin.get("/sources/"))
    admin.post(f"{base}/end/", {"typed": "END"})
    assert "No sources yet." in text(admin.get("/sources/"))


def test_a_buckets_secret_is_never_shown(house: Organisation, admin: Any) -> None:
    given = {f"bucket-{name}": value for name, value in {
        "title": "B", "place": "calls/day", "endpoint": "https://s3.example.org", "region": "x", "key": "AKIA",
        "secret": "very-secret",
    }.items()}  # fmt: skip
    wrong = admin.post("/sources/buckets/", {**given, "bucket-place": "A B"})
    assert wrong.status_code == 422 and "very-secret" not in text(wrong)
    assert admin.post("/sources/buckets/", given).status_code == 302
    page = text(admin.get("/sources/"))
    assert "calls/day" in page.replace("<wbr>", "") and "very-secret" not in page and "AKIA" not in page


def test_calls_are_compared_looked_at_and_taken_out(house: Organisation, admin: Any) -> None:
    page = text(admin.post("/sources/calls/", {"table": SimpleUploadedFile("c.csv", RECORDS)}))
    assert (
        "1 call is new" in page
        and "Line 3: Its started_at is no time" in page
        and "1 recording needs somebody" in page
    )
    assert "1 recording needs somebody" in text(admin.get("/sources/"))
    assert "1 call<" in text(admin.get("/health/")), "and in the bar of every page"
    rows = list(csv.reader(io.StringIO(admin.post("/sources/calls/export/").content.decode())))
    assert rows[1][4] == "missing"
    assert admin.post("/sources/calls/missing/looked/").status_code == 302
    assert "Calls compared</h1>" in text(admin.get("/sources/calls/"))
    for wrong in (b"\xff\xfe", b"nothing\n1\n"):
        assert admin.post("/sources/calls/", {"table": SimpleUploadedFile("c.csv", wrong)}).status_code == 422


def test_rules_are_added_said_in_a_sentence_and_ended(house: Organisation, admin: Any) -> None:
    wrong = admin.post("/sources/keeping/", {"title": "All", "act": "leave-out"})
    assert wrong.status_code == 422 and "leave everything out" in text(wrong)
    admin.post("/sources/keeping/", {"title": "Complaints", "act": "keep", "words": "complaint, complain"})
    admin.post(
        "/sources/keeping/", {"title": "A tenth", "act": "sample", "percent": "10", "rest_for": "p30d"}
    )
    page = text(admin.get("/sources/keeping/"))
    assert "where somebody says complaint or complain stay as long as the policy says." in page
    assert "Of all other conversations, 10 % stay. The rest ends after 30 days." in page
    with purpose("organisation.manage", organisation=house.id, by=ME):
        rule = KeepingRule.objects.get(title="A tenth")
    admin.post(f"/sources/keeping/{rule.id}/end/")
    assert "A tenth" not in text(admin.get("/sources/keeping/"))
