"""Ledger entries as receipts."""

from uuid import UUID

from django.urls import NoReverseMatch, reverse

from plainspoken.custody.actors import Actor
from plainspoken.custody.models import LedgerEntry
from plainspoken.custody.sealing import leaf_hash
from plainspoken.custody.sessions import purpose
from plainspoken.ui.shapes import Receipt

AUDIT = "security.audit"


def receipt_of(entry: UUID, *, organisation: UUID, by: Actor, text: str = "") -> Receipt | None:
    """The receipt of an entry: its number, time and hash; None until the sealer has numbered it."""
    with purpose(AUDIT, organisation=organisation, by=by):
        row = LedgerEntry.objects.select_related("leaf").filter(id=entry, leaf__isnull=False).first()
    if row is None:
        return None
    return Receipt(
        number=row.leaf.number,
        at=row.at,
        digest=leaf_hash(row).hex(),
        text=text,
        check_url=_check_url(row.leaf.number),
    )


def _check_url(number: int) -> str:
    try:
        return f"{reverse('custody:ledger')}?entry={number}"
    except NoReverseMatch:
        return ""
