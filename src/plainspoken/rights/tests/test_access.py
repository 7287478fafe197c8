"""The copy: complete by raw SQL, readable by zipfile, provable by its signature, and gone when it is over."""

import csv
import hashlib
import io
import json
import tracemalloc
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from plainspoken.custody import acts, clock, ports
from plainspoken.custody.places import Acts, Copied, CopiedFile, OrganisationRows, Place, personal
from plainspoken.custody.sessions import purpose
from plainspoken.rights import queries, services
from plainspoken.rights.models import Archive
from plainspoken.rights.services import GoneLink, archiving
from plainspoken.rights.zipping import Names, Unsound, safe_part

from .steps import (
    ME,
    POLICY,
    WEB,
    decided,
    everything_in,
    officer,
    outbox,
    policy_with,
    proved,
    republish,
    request_of,
    rows,
    somebody,
    stored_files,
    work,
)


def answered(house, staff, *, email="ada@post.example", **more):
    request = proved(house, "access", email=email, **more)
    decided(house, request.reference, officer(staff))
    work()
    return request


def fetched(house, request) -> zipfile.ZipFile:
    case = queries.track(organisation=house.id, reference=request.reference, token=request.token)
    assert case is not None and case.archive is not None
    found = services.download(
        organisation=house.id, reference=request.reference, token=case.archive.token, by=WEB
    )
    data = b"".join(found.chunks)
    assert len(data) == found.size == case.archive.size
    return zipfile.ZipFile(io.BytesIO(data))


def test_the_copy_holds_what_raw_sql_finds_in_every_form(house, staff) -> None:
    subject = somebody(
        house, email="ada@post.example", name="Ada Quill", phone="+49 69 1234567", account="ACC-1"
    )
    somebody(house, email="other@post.example", name="Otto Other")
    request = answered(house, staff, details="all of it")
    copy = fetched(house, request)
    assert copy.testzip() is None
    data = json.loads(copy.read("data.json"))
    by_place = {one["place"]: one for one in data["places"]}
    # The oracle: every table with a subject column, as the owner counts it.
    for table, place in (("people_identifier", "people.Identifier"), ("rights_request", "rights.Request")):
        (held,) = rows(f"SELECT count(*) FROM {table} WHERE subject_id = %s", subject)[0]
        assert len(by_place[place]["rows"]) == held > 0
        table_rows = list(csv.reader(io.StringIO(copy.read(f"tables/{place.lower()}.csv").decode())))
        assert len(table_rows) == held + 1
    said = copy.read("data.json").decode()
    page = copy.read("index.html").decode()
    for value in ("Ada Quill", "ada@post.example", "+49 69 1234567", "ACC-1", "all of it"):
        assert value in said and value in page
    for text in (said, page):
        assert "Otto" not in text and "other@post.example" not in text
    identifiers = by_place["people.Identifier"]
    assert identifiers["retention"] == "2 years" and identifiers["source"] and identifiers["grounds"]
    assert "answer you and carry out your order" in identifiers["purposes"]
    assert "you" in identifiers["recipients"]


def test_every_declared_place_is_in_the_copy_and_named_when_empty(house, staff) -> None:
    somebody(house, email="ada@post.example")
    copy = fetched(house, answered(house, staff))
    data = json.loads(copy.read("data.json"))
    assert {one["place"] for one in data["places"]} == {place.model for place in acts.personal_places()}
    page = copy.read("index.html").decode()
    for place in acts.personal_places():
        assert place.title.replace("'", "&#x27;") in page


def test_the_page_works_offline_and_has_nothing_inline(house, staff) -> None:
    name = '<script src="//evil.example/x.js"></script>" onload="x'
    somebody(house, email="ada@post.example", name=name)
    copy = fetched(house, answered(house, staff))
    page = copy.read("index.html").decode()
    assert (
        "<script" not in page and " onload=" not in page.replace("&quot; onload", "") and "style=" not in page
    )
    assert "&lt;script" in page
    assert 'href="style.css"' in page and copy.read("style.css")
    assert "http://" not in page.split("What you can ask next")[0]


def test_the_manifest_has_every_digest_and_our_signature(house, staff) -> None:
    somebody(house, email="ada@post.example")
    copy = fetched(house, answered(house, staff))
    manifest = json.loads(copy.read("manifest.json"))
    files = manifest["signed"]["files"]
    assert set(files) == set(copy.namelist()) - {"manifest.json"}
    for name, told in files.items():
        content = copy.read(name)
        assert hashlib.sha256(content).hexdigest() == told["sha256"] and len(content) == told["size"]
    signed = json.dumps(
        manifest["signed"], sort_keys=True, separators=(",", ":"), ensure_ascii=False
    ).encode()
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(manifest["public_key"]))
    key.verify(bytes.fromhex(manifest["signature"]), signed)
    with pytest.raises(InvalidSignature):
        key.verify(bytes.fromhex(manifest["signature"]), signed.replace(b"R-", b"S-"))
    assert "README.txt" in copy.namelist()


def test_nothing_of_it_lies_open_on_disk_or_in_the_database(house, staff, database) -> None:
    somebody(house, email="ada@post.example", name="Canarietta Quill")
    request = answered(house, staff)
    kept = everything_in(database)
    assert b"Canarietta" not in kept and request.token.encode() not in kept
    files = stored_files()
    assert files
    for content in files.values():
        assert b"Canarietta" not in content and b"PK\x03\x04" not in content


def test_the_link_is_secret_ends_in_time_and_leaves_a_release(house, staff) -> None:
    somebody(house, email="ada@post.example")
    request = answered(house, staff)
    case = queries.track(organisation=house.id, reference=request.reference, token=request.token)
    for reference, token in (
        (request.reference, "guess"),
        (request.reference, ""),
        (request.reference, request.token),
        ("R-2026-9999", case.archive.token),
    ):
        with pytest.raises(GoneLink):
            services.download(organisation=house.id, reference=reference, token=token, by=WEB)
    fetched(house, request)
    released = rows(
        "SELECT recipient, purpose, outcome, bytes, parts FROM disclosures_release"
        " WHERE starts_with(about, 'archive:')"
    )
    (size, files) = rows("SELECT size, files FROM rights_archive")[0]
    assert released == [("data-subject", "rights.execute", "released", size, files)]
    assert rows("SELECT downloads FROM rights_archive") == [(1,)]
    with purpose("rights.execute", organisation=house.id, by=ME):
        Archive.objects.update(expires_at=clock.now(house.id) - timedelta(seconds=1))
    with pytest.raises(GoneLink):
        services.download(
            organisation=house.id, reference=request.reference, token=case.archive.token, by=WEB
        )
    assert (
        queries.track(organisation=house.id, reference=request.reference, token=request.token).archive is None
    )


def test_the_mail_leads_to_the_page_and_holds_no_data(house, staff) -> None:
    somebody(house, email="ada@post.example", name="Ada Quill", account="ACC-1")
    request = answered(house, staff)
    letter = outbox(house)[0]
    assert request.token in letter.text and request.reference in letter.title
    assert "ACC-1" not in letter.text and "Ada Quill" not in letter.text
    assert "1 month" in letter.text and "14 days" in letter.text, "the clause itself, filled from its rule"


def test_running_the_job_again_makes_no_second_copy(house, staff) -> None:
    somebody(house, email="ada@post.example")
    request = proved(house, "access", email="ada@post.example")
    row = decided(house, request.reference, officer(staff))
    for _ in range(2):
        services.execute(organisation=house.id, request=row.id, by=ME)
    assert rows("SELECT count(*) FROM rights_archive") == [(1,)]
    work()
    assert rows("SELECT count(*) FROM rights_archive") == [(1,)]
    assert len(stored_files()) == 1


def test_a_run_that_dies_after_writing_goes_on_and_leaves_no_stray_object(house, staff, monkeypatch) -> None:
    somebody(house, email="ada@post.example")
    request = proved(house, "access", email="ada@post.example")
    row = decided(house, request.reference, officer(staff))
    kept = archiving._register

    def die(*args, **kwargs):
        raise RuntimeError("killed")

    monkeypatch.setattr(archiving, "_register", die)
    with pytest.raises(RuntimeError):
        services.execute(organisation=house.id, request=row.id, by=ME)
    assert request_of(house, request.reference).state == "running" and stored_files() == {}
    monkeypatch.setattr(archiving, "_register", kept)
    services.execute(organisation=house.id, request=row.id, by=ME)
    assert request_of(house, request.reference).state == "done"
    assert fetched(house, request).testzip() is None


# ---- places with files, many rows and masks ----


def a_place(copy, count) -> Place:
    return Place(
        model="conversations.Sample",
        title="Sample conversations",
        scope=OrganisationRows(),
        columns={"words": personal("words")},
        purposes=("service.answer",),
        source="conversation.upload",
        retention="conversation.words",
        acts=Acts(copy=copy, count=count, plan=None, erase=None),
    )


@pytest.fixture
def with_place(monkeypatch):
    def add(copy, count) -> None:
        real = acts.personal_places()
        extra = a_place(copy, count)
        monkeypatch.setattr(acts, "personal_places", lambda: (*real, extra))

    return add


def sample(subject: UUID) -> Iterator[Copied]:
    yield Copied(
        row="c1",
        values={"words": "=HYPERLINK(1)", "queue": "Returns"},
        masked={"agent": "about somebody else (GDPR Art. 15(4))"},
        files=(
            CopiedFile("../../etc/passwd", "text/plain", lambda: iter([b"hello ", b"there"])),
            CopiedFile("sound.ogg", "audio/ogg", lambda: iter([b"OggS" * 1000])),
            CopiedFile("sound.ogg", "audio/ogg", lambda: iter([b"second"])),
            CopiedFile("C:\\x\x00y.txt", "text/plain", lambda: iter([b"odd"])),
        ),
    )


def test_files_are_there_under_safe_names_and_masks_have_their_reason(house, staff, with_place) -> None:
    somebody(house, email="ada@post.example")
    with_place(sample, lambda subject: 1)
    copy = fetched(house, answered(house, staff))
    found = [name for name in copy.namelist() if name.startswith("conversations/")]
    assert len(found) == 4 and len({name.casefold() for name in copy.namelist()}) == len(copy.namelist())
    for name in copy.namelist():
        assert ".." not in name and not name.startswith("/") and "\\" not in name and "\x00" not in name
    assert copy.read("conversations/c1/sound.ogg") == b"OggS" * 1000
    assert copy.read("conversations/c1/sound-2.ogg") == b"second"
    row = next(
        p for p in json.loads(copy.read("data.json"))["places"] if p["place"] == "conversations.Sample"
    )["rows"][0]
    assert row["masked"] == {"agent": "about somebody else (GDPR Art. 15(4))"}
    assert row["values"]["words"] == "=HYPERLINK(1)", "data.json has it exactly"
    assert set(row["files"]) == set(found)
    table = list(csv.DictReader(io.StringIO(copy.read("tables/conversations.sample.csv").decode())))
    assert table[0]["words"] == "'=HYPERLINK(1)" and "Art. 15(4)" in table[0]["masked"]
    page = copy.read("index.html").decode()
    assert (
        "masked: about somebody else (GDPR Art. 15(4))" in page
        and 'href="conversations/c1/sound.ogg"' in page
    )
    assert copy.getinfo("conversations/c1/sound.ogg").compress_type == zipfile.ZIP_STORED


@pytest.mark.parametrize(
    ("formats", "there", "missing"),
    [
        ("[json]", ["data.json"], ["index.html", "tables/", ".ogg", ".txt"]),
        ("[csv, html]", ["tables/", "index.html"], ["data.json", ".ogg"]),
        ("[json, sound]", [".ogg"], ["passwd"]),
        ("[json, words]", ["passwd"], [".ogg"]),
    ],
)
def test_the_published_formats_are_those_in_the_copy(
    house, staff, with_place, formats, there, missing
) -> None:
    text = POLICY.read_text("utf-8")
    head, tail = text.split("kind: access\n")
    republish(
        house,
        f"{head}kind: access\n"
        + tail.replace("formats: [json, csv, html, sound, words]", f"formats: {formats}", 1),
    )
    somebody(house, email="ada@post.example")
    with_place(sample, lambda subject: 1)
    names = [name for name in fetched(house, answered(house, staff)).namelist() if name != "README.txt"]
    for part in there:
        assert any(part in name for name in names)
    for part in missing:
        assert not any(part in name for name in names)


def test_the_copy_waits_as_long_as_the_rule_says(house, staff) -> None:
    somebody(house, email="ada@post.example")
    with policy_with(house, ("archive_expires_within: P14D", "archive_expires_within: P3D")):
        answered(house, staff)
    (made, expires) = rows("SELECT made_at, expires_at FROM rights_archive")[0]
    assert expires - made == timedelta(days=3)


def test_a_copy_that_misses_a_row_is_no_copy(house, staff, with_place) -> None:
    somebody(house, email="ada@post.example")
    with_place(sample, lambda subject: 2)
    request = proved(house, "access", email="ada@post.example")
    row = decided(house, request.reference, officer(staff))
    with pytest.raises(Unsound, match="Sample conversations holds 2 items, but the copy has \\[1\\]"):
        services.execute(organisation=house.id, request=row.id, by=ME)
    assert request_of(house, request.reference).state == "running"
    assert rows("SELECT count(*) FROM rights_archive") == [(0,)] and stored_files() == {}


def test_a_changed_byte_on_the_disk_is_found_before_it_counts(house, staff, monkeypatch) -> None:
    somebody(house, email="ada@post.example")
    request = proved(house, "access", email="ada@post.example")
    row = decided(house, request.reference, officer(staff))
    real = archiving.check

    def tamper(made, **more):
        path = ports.object_store()._path(made.stored)
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
        return real(made, **more)

    monkeypatch.setattr(archiving, "check", tamper)
    with pytest.raises(ValueError):
        services.execute(organisation=house.id, request=row.id, by=ME)
    assert rows("SELECT count(*) FROM rights_archive") == [(0,)]


def test_a_large_copy_is_made_in_little_memory(house, staff, with_place) -> None:
    """60 MB of sound and 4,000 rows of 2 kB: the peak stays far below what is written."""
    piece = bytes(range(256)) * 256

    def many(subject: UUID) -> Iterator[Copied]:
        for number in range(4000):
            files = (
                (CopiedFile("s.ogg", "audio/ogg", lambda: (piece for _ in range(240))),) if number < 4 else ()
            )
            yield Copied(row=f"r{number}", values={"words": f"{number} " + "w" * 2000}, files=files)

    somebody(house, email="ada@post.example")
    with_place(many, lambda subject: 4000)
    request = proved(house, "access", email="ada@post.example")
    row = decided(house, request.reference, officer(staff))
    tracemalloc.start()
    services.execute(organisation=house.id, request=row.id, by=ME)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    (size,) = rows("SELECT size FROM rights_archive")[0]
    assert size > 60_000_000
    assert peak < 20_000_000, f"{peak / 1e6:.0f} MB"


def test_names_are_safe_and_each_is_given_once() -> None:
    names = Names()
    given = [names.safe("a", "b.txt"), names.safe("a", "B.TXT"), names.safe("a", "b.txt")]
    assert given == ["a/b.txt", "a/B-2.TXT", "a/b-3.txt"]
    for odd in ("..", "/", "", "\x00", ".hidden", "a/b", "x" * 500 + ".ogg", "\u202egpj.exe", "con\n"):
        part = safe_part(odd)
        assert part and "/" not in part and not part.startswith(".") and "\n" not in part and len(part) <= 100
        assert "\u202e" not in part
