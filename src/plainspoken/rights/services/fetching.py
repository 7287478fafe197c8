"""Fetching a copy: the link's secret, the gate, then the bytes."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db.models import F

from plainspoken.custody import clock, keys, ledger, objects
from plainspoken.custody.actors import Actor
from plainspoken.custody.ports import KeyGone
from plainspoken.disclosures.services import Delivered, release

from .. import claims
from ..models import Archive
from .frame import intake

RECIPIENT = "data-subject"


class GoneLink(LookupError):
    """The link is wrong, or the copy it led to is over."""


@dataclass(frozen=True)
class Download:
    """A file to send: its name, its size in bytes, and its bytes in chunks."""

    name: str
    media_type: str
    size: int
    chunks: Iterator[bytes]


def download(*, organisation: UUID, reference: str, token: str, by: Actor) -> Download:
    """The copy behind a link, through the disclosure gate. Raises GoneLink, Refused."""
    with intake(organisation, by):
        archive = (
            Archive.objects.select_for_update()
            .filter(
                request__reference=reference.strip().upper(),
                request__organisation_id=organisation,
                token_digest=claims.token_digest(token),
                expires_at__gt=clock.now(organisation),
            )
            .first()
        )
        if archive is None:
            raise GoneLink("This link leads nowhere any more. Ask for a new copy.")
        try:
            sealer = keys.subject_sealer(archive.subject_id)
        except KeyGone:
            raise GoneLink("The copy was erased with everything else.") from None
        Archive.objects.filter(id=archive.id).update(downloads=F("downloads") + 1)
        ledger.enter(act="archive.fetched", subject=archive.subject_id, about=f"archive:{archive.id}", by=by)
    release(
        organisation=organisation,
        recipient=RECIPIENT,
        purpose="rights.execute",
        categories=archive.categories,
        subject=archive.subject_id,
        deliver=lambda: Delivered(parts=archive.files, bytes=archive.size),
        by=by,
        about=f"archive:{archive.id}",
    )
    return Download(
        name=f"{reference.strip().upper()}.zip",
        media_type="application/zip",
        size=archive.size,
        chunks=objects.read(archive.stored, sealer=sealer),
    )
