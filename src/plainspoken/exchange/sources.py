"""Sources of an organisation: folders and buckets that are looked into by themselves. Kept, paused, ended, listed."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from plainspoken.custody import clock, keys, ledger
from plainspoken.custody.actors import Actor
from plainspoken.custody.acts import context
from plainspoken.custody.sessions import purpose, required

from .models import Source, SourceItem

PURPOSE = "organisation.manage"
SETTLED_S, EVERY_S, KEEP_DAYS = 10, 15, 7
MOST = 50
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[^\0\n]{0,300})?\Z")
_ENDPOINT = re.compile(r"https?://[A-Za-z0-9._:\[\]-]{1,200}/?\Z")


class SourceRefused(ValueError):
    """The source cannot be kept so; the message says what to change. `field` is what is wrong."""

    def __init__(self, sentence: str, *, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


class NoSuchSource(LookupError):
    """There is no such source in this organisation."""


@dataclass(frozen=True)
class Given:
    """What an administrator says of a source.

    settled_s: a file that has not changed for so long is whole. keep_days: how long files that were taken stay in the
    folder `done` (0: they are deleted at once). key, secret: credentials of a bucket.
    """

    kind: str
    title: str
    place: str
    settled_s: int = SETTLED_S
    every_s: int = EVERY_S
    keep_days: int = KEEP_DAYS
    endpoint: str = ""
    region: str = ""
    key: str = ""
    secret: str = field(default="", repr=False)


def add(*, organisation: UUID, given: Given, by: Actor) -> Source:
    """Keep a source; it is looked into from now on. Raises SourceRefused."""
    place = _checked(given)
    row = Source(
        organisation_id=organisation,
        kind=given.kind,
        title=" ".join(given.title.split())[:80] or place[-80:],
        place=place,
        settings={
            "settled_s": given.settled_s,
            "every_s": given.every_s,
            "keep_days": given.keep_days,
            "endpoint": given.endpoint.rstrip("/"),
            "region": given.region.strip(),
        },
        made_by=str(by),
    )
    try:
        with purpose(PURPOSE, organisation=organisation, by=by):
            if Source.objects.filter(organisation_id=organisation).count() >= MOST:
                raise SourceRefused(f"There are {MOST} sources already. End one first.")
            row.made_at = clock.now(organisation)
            if given.key:
                text = json.dumps({"key": given.key.strip(), "secret": given.secret.strip()})
                row.secret = _sealer().seal_text(text, context=context(row, "secret"))
            with transaction.atomic():
                row.save(force_insert=True)
            ledger.enter(act="source.added", about=f"source:{row.id}", by=by, detail={"kind": row.kind})
    except IntegrityError as error:
        raise SourceRefused("This place is a source already. Choose another one.", field="place") from error
    return row


def _checked(given: Given) -> str:
    """The place as it is kept. Raises SourceRefused."""
    for name, value, least, most in (
        ("settled_s", given.settled_s, 0, 3600),
        ("every_s", given.every_s, 5, 86_400),
        ("keep_days", given.keep_days, 0, 90),
    ):
        if not least <= value <= most:
            raise SourceRefused(f"{name} must be between {least} and {most}. Correct it.", field=name)
    if given.kind == Source.Kind.FOLDER:
        return _folder(given.place)
    if given.kind != Source.Kind.BUCKET:
        raise SourceRefused("A source is a folder or a bucket. Choose one of them.", field="kind")
    place = given.place.strip().removeprefix("s3://").strip("/")
    if not _BUCKET.match(place) or ".." in place:
        raise SourceRefused("Write a bucket as name/prefix, such as calls/recorded.", field="place")
    if given.endpoint and not _ENDPOINT.match(given.endpoint):
        raise SourceRefused(
            "The endpoint must be an address such as https://s3.example.org.", field="endpoint"
        )
    if bool(given.key.strip()) != bool(given.secret.strip()):
        raise SourceRefused("A key needs its secret, and a secret its key. Give both or none.", field="key")
    return place


def _folder(named: str) -> str:
    """Only what the operator has opened: whoever may add a source could read any file of the server else."""
    path = Path(named.strip()).expanduser()
    roots = [Path(root).resolve() for root in settings.SOURCE_FOLDERS]
    if not path.is_absolute():
        raise SourceRefused("Write the whole path of the folder, from the root on.", field="place")
    found = path.resolve()
    if not any(found == root or found.is_relative_to(root) for root in roots):
        opened = ", ".join(str(root) for root in roots)
        raise SourceRefused(
            f"Folders below {opened} may be watched. Choose one there, or set PLAINSPOKEN_SOURCES.",
            field="place",
        )
    if not found.is_dir():
        raise SourceRefused("There is no such folder on this server. Make it first.", field="place")
    return str(found)


def _sealer() -> keys.Sealer:
    return keys.organisation_sealer("sources")


def secret_of(row: Source) -> Mapping[str, str]:
    """The credentials of a source, opened, in the session in force."""
    if row.secret is None:
        return {}
    found: dict[str, str] = json.loads(_sealer().open_text(bytes(row.secret), context=context(row, "secret")))
    return found


def pause(*, organisation: UUID, source: UUID, by: Actor) -> None:
    """Look into it no more, until `resume`. What it took stays."""
    _state(organisation, source, Source.State.PAUSED, "source.paused", by)


def resume(*, organisation: UUID, source: UUID, by: Actor) -> None:
    """Look into it again."""
    _state(organisation, source, Source.State.ON, "source.resumed", by)


def _state(organisation: UUID, source: UUID, state: Source.State, act: str, by: Actor) -> None:
    with purpose(PURPOSE, organisation=organisation, by=by):
        row = one(source)
        if row.state != state:
            row.state = state
            row.save(update_fields=["state"])
            ledger.enter(act=act, about=f"source:{row.id}", by=by)


def remove(*, organisation: UUID, source: UUID, by: Actor) -> None:
    """End a source with its credentials. Files in its place, and conversations from it, stay."""
    with purpose(PURPOSE, organisation=organisation, by=by):
        row = one(source)
        ledger.enter(act="source.removed", about=f"source:{row.id}", by=by)
        row.delete()


def one(source: UUID) -> Source:
    """A source of the organisation in force. Raises NoSuchSource."""
    row = Source.objects.filter(organisation_id=required().organisation, id=source).first()
    if row is None:
        raise NoSuchSource("There is no such source here. Look in the list of sources.")
    return row


@dataclass(frozen=True)
class Refusals:
    """Files of a source that were refused for one reason."""

    code: str
    text: str
    count: int


WHY = {
    "undeclared": "The facts hold something that the policy does not take. Leave it out.",
    "missing": "A fact that the policy needs is missing. Add it.",
    "wrong": "A fact is not as it should be. The reason beside the file says which.",
    "sound-unreadable": "The sound is broken or in a format we do not read.",
    "sound-too-large": "The sound is larger than we take. Cut it into parts.",
    "vcon": "The vCon is not valid. The reason beside the file says where.",
    "mail": "The mailbox cannot be read. Export it again.",
    "legs": "The legs of a call do not belong together. Check their times.",
    "empty": "There is neither sound nor words.",
    "unreadable": "The file cannot be read. The reason beside the file says why.",
    "left-out": "A rule of yours leaves these conversations out.",
    "too-large": "The file is larger than we take. Cut it into parts.",
}


def refusals(row: Source) -> list[Refusals]:
    """Why files of a source were refused, most first. No file is named: names can hold numbers of people."""
    from django.db.models import Count

    found = SourceItem.objects.filter(source=row, state=SourceItem.State.REFUSED).values("code")
    counted = found.annotate(count=Count("id")).order_by("-count")
    return [Refusals(one["code"], WHY.get(one["code"], WHY["unreadable"]), one["count"]) for one in counted]


def due(*, organisation: UUID, by: Actor) -> list[UUID]:
    """Sources whose next look has come."""
    with purpose("ingest.write", organisation=organisation, by=by):
        now = clock.now(organisation)
        return [
            row.id
            for row in Source.objects.filter(organisation_id=organisation, state=Source.State.ON)
            if row.run_at is None
            or row.run_at <= now - timedelta(seconds=int(row.settings.get("every_s", EVERY_S)))
        ]


def described(row: Source) -> dict[str, Any]:
    """A source for programs, without its credentials."""
    return {
        "id": str(row.id),
        "kind": row.kind,
        "title": row.title,
        "place": row.place,
        "state": row.state,
        "run_at": row.run_at,
        "run_state": row.run_state,
        "problem": row.run_problem,
        "taken": row.taken,
        "known": row.known,
        "refused": row.refused,
        "signed_in": row.secret is not None,
        **{
            name: row.settings.get(name)
            for name in ("settled_s", "every_s", "keep_days", "endpoint", "region")
        },
    }
