"""The copy of everything (GDPR Art. 15): written as a stream into the encrypted store, read again and
checked.

Only then does it count. It is sealed under its subject's key, so an erasure ends it too.
"""

import csv
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from plainspoken.custody import acts, clock, keys, ledger, objects, sealing
from plainspoken.custody.actors import Actor
from plainspoken.custody.models import Organisation, Subject
from plainspoken.custody.ports import object_store
from plainspoken.kernels.policy import Policy
from plainspoken.policies.queries import policy_in_force

from .. import claims, reading, zipping
from ..copies import PlaceCopy, csv_chunks, json_chunks
from ..models import Archive, Request
from ..zipping import Member, Names, Unsound, Written
from .frame import office

MEDIA = {"sound": ("audio/",), "words": ("text/", "application/json", "application/pdf")}
# A cell can hold all the words of a long conversation; the module's default would call that an error.
csv.field_size_limit(1 << 30)
MANIFEST, PAGE, DATA = "manifest.json", "index.html", "data.json"


@dataclass(frozen=True)
class Made:
    """An archive that was written and found whole."""

    stored: str
    size: int
    files: tuple[Written, ...]
    rows: dict[str, int]
    masked: int
    categories: tuple[str, ...]
    manifest: str


@contextmanager
def _one_moment() -> Iterator[None]:
    """All reads see the same moment. Nothing is written meanwhile, so that the ledger's sealer waits for
    nobody.
    """
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def build(*, organisation: UUID, request: UUID, by: Actor) -> UUID:
    """Write, check and register the archive of a request; returns its id. One that is there already is kept.

    Raises Unsound when what was written is not what is held; then nothing stays.
    """
    with office(organisation, by):
        there = Archive.objects.filter(request_id=request).order_by("-made_at").first()
        if there is not None:
            return there.id
    with _one_moment(), office(organisation, by):
        row = Request.objects.get(id=request)
        made = _write(row, policy=policy_in_force(organisation=organisation))
    try:
        return _register(organisation, request, made, by)
    except BaseException:
        object_store().delete(name=made.stored)
        raise


def _write(row: Request, *, policy: Policy) -> Made:
    assert row.subject_id is not None
    organisation = Organisation.objects.get(id=row.organisation_id)
    subject = Subject.objects.get(id=row.subject_id)
    now = clock.now(row.organisation_id)
    names = Names()
    held = acts.counts(subject.id)
    copies = [
        PlaceCopy(place, subject.id, names).scan(held=held[place.model]) for place in acts.personal_places()
    ]
    formats: tuple[str, ...] = policy.rule(row.clause).formats  # type: ignore[attr-defined]
    head = reading.Head(
        organisation=organisation.name,
        reference=row.reference,
        made_at=now.astimezone(ZoneInfo(organisation.time_zone)),
        rows=sum(copy.rows for copy in copies),
        places=sum(1 for copy in copies if copy.rows),
        masked=sum(copy.masked for copy in copies),
    )
    writer = _Writer(organisation.id, policy, Subject.Kind(subject.kind), formats, copies, head, names)
    sealer = keys.subject_sealer(subject.id)
    stored, size = objects.write(
        zipping.stream(writer.members(), at=now, written=writer.written), sealer=sealer
    )
    made = Made(
        stored=stored,
        size=size,
        files=tuple(writer.written),
        rows={copy.place.model: copy.rows for copy in copies},
        masked=head.masked,
        categories=tuple(
            sorted(
                {
                    c.category
                    for copy in copies
                    if copy.rows
                    for c in copy.place.columns.values()
                    if c.category
                }
            )
        ),
        manifest=writer.written[-1].sha256,
    )
    check(made, subject=subject.id, sealer=sealer)
    return made


@dataclass
class _Writer:
    """The members in order; the manifest comes last and names all before it."""

    organisation: UUID
    policy: Policy
    kind: Subject.Kind
    formats: tuple[str, ...]
    copies: list[PlaceCopy]
    head: reading.Head
    names: Names

    def __post_init__(self) -> None:
        self.written: list[Written] = []

    def members(self) -> Iterator[Member]:
        for fixed in (MANIFEST, PAGE, DATA, "README.txt", "style.css"):
            self.names.safe(fixed)
        if "html" in self.formats:
            yield Member(PAGE, self._page(), "text/html")
            yield Member("style.css", [reading.STYLE.encode()], "text/css")
        if "json" in self.formats:
            described = {
                "organisation": self.head.organisation,
                "reference": self.head.reference,
                "made_at": self.head.made_at.isoformat(),
                "rows": self.head.rows,
            }
            yield Member(DATA, json_chunks(self.copies, described, policy=self.policy, kind=self.kind))
        if "csv" in self.formats:
            for copy in self.copies:
                yield Member(copy.csv_name, csv_chunks(copy), "text/csv")
        for copy in self.copies:
            for name, one in copy.files(wanted=self._wanted):
                yield Member(name, one.read(), one.media_type)
        yield Member("README.txt", [reading.readme(self.head, formats=self.formats)])
        yield Member(MANIFEST, self._manifest())

    @property
    def _wanted(self) -> tuple[str, ...]:
        return tuple(kind for name in self.formats for kind in MEDIA.get(name, ()))

    def _page(self) -> Iterator[bytes]:
        others = [DATA] if "json" in self.formats else []
        if "csv" in self.formats:
            others += [copy.csv_name for copy in self.copies if copy.rows]
        return reading.page_chunks(
            self.copies, self.head, policy=self.policy, kind=self.kind, files=self._wanted, others=others
        )

    def _manifest(self) -> Iterator[bytes]:
        signed = {
            "organisation": self.head.organisation,
            "reference": self.head.reference,
            "made_at": self.head.made_at.isoformat(),
            "policy": self.policy.digest,
            "rows": {copy.place.model: copy.rows for copy in self.copies},
            "files": {one.name: {"sha256": one.sha256, "size": one.size} for one in self.written},
        }
        key = sealing.signing_key(self.organisation)
        manifest = {
            "signed": signed,
            "signature": key.sign(canonical(signed)).hex(),
            "public_key": key.public_key().public_bytes_raw().hex(),
        }
        yield json.dumps(manifest, indent=1, ensure_ascii=False).encode()


def canonical(signed: dict[str, Any]) -> bytes:
    """What is signed: sorted keys, no spaces, UTF-8."""
    return json.dumps(signed, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def check(made: Made, *, subject: UUID, sealer: keys.Sealer) -> None:
    """Open what was written, compare every file with its digest, and the rows with a count of their own.

    Raises Unsound.
    """
    archive = zipping.opened(size=made.size, read=lambda start, end: _range(made.stored, sealer, start, end))
    with archive:
        if sorted(archive.namelist()) != sorted(one.name for one in made.files):
            raise Unsound("The archive does not hold the files that were written.")
        for one in made.files:
            if zipping.digest_of(archive, one.name) != one.sha256:
                raise Unsound(f"The file {one.name} is not what was written.")
        in_json = _rows_in_json(archive) if DATA in archive.namelist() else None
        counted = acts.counts(subject)
        for place in acts.personal_places():
            held = counted[place.model]
            found = {made.rows[place.model]}
            if in_json is not None:
                found.add(in_json.get(place.model, 0))
            table = f"tables/{place.key}.csv"
            if table in archive.namelist():
                found.add(_rows_in_csv(archive, table))
            if found != {held}:
                raise Unsound(f"{place.title} holds {held} items, but the copy has {sorted(found)}.")


def _range(stored: str, sealer: keys.Sealer, start: int, end: int) -> bytes:
    return b"".join(objects.read(stored, sealer=sealer, start=start, end=end))


def _rows_in_json(archive: Any) -> dict[str, int]:
    """Rows a place, read line by line: each row is a line of its own, and each line must be JSON."""
    found: dict[str, int] = {}
    place = ""
    with archive.open(DATA) as member:
        for raw in io.TextIOWrapper(member, "utf-8"):
            line = raw.strip().rstrip(",")
            if line.startswith('{"place"'):
                place = str(json.loads(f"{line}]}}")["place"])
                found[place] = 0
            elif line.startswith('{"row"'):
                json.loads(line)
                found[place] += 1
    return found


def _rows_in_csv(archive: Any, name: str) -> int:
    with archive.open(name) as member:
        return sum(1 for _ in csv.reader(io.TextIOWrapper(member, "utf-8", newline=""))) - 1


def _register(organisation: UUID, request: UUID, made: Made, by: Actor) -> UUID:
    with office(organisation, by):
        row = Request.objects.select_for_update().get(id=request)
        assert row.subject_id is not None
        now = clock.now(organisation)
        within = policy_in_force(organisation=organisation).rule(row.clause).archive_expires_within  # type: ignore[attr-defined]
        archive = Archive(
            organisation_id=organisation,
            request=row,
            subject_id=row.subject_id,
            stored=made.stored,
            size=made.size,
            files=len(made.files),
            masked=made.masked,
            parts=_parts(made),
            categories=list(made.categories),
            manifest=made.manifest,
            made_at=now,
            expires_at=within.add_to(now),
        )
        archive.token_digest = claims.token_digest(claims.archive_token(archive))
        archive.save(force_insert=True)
        for place, rows in made.rows.items():
            if rows:
                ledger.enter_read(
                    place=place, rows=rows, by=by, subject=row.subject_id, about=f"request:{row.id}"
                )
        ledger.enter(
            act="archive.made",
            subject=row.subject_id,
            about=f"archive:{archive.id}",
            by=by,
            detail={"files": len(made.files), "rows": sum(made.rows.values()), "bytes": made.size},
        )
    return archive.id


def _parts(made: Made) -> list[str]:
    sound = sum(1 for one in made.files if one.name.endswith((".ogg", ".opus", ".wav", ".mp3")))
    parts = [f"{sum(made.rows.values())} items"]
    if sound:
        parts.append("1 sound file" if sound == 1 else f"{sound} sound files")
    return parts
