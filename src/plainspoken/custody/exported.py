"""The ledger as a file that somebody else can keep and check, without this system."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from .models import LedgerBatch, LedgerLeaf
from .sealing import GENESIS, SEALER, hash_of, head_of, leaf_content, merkle_root, signing_key
from .sessions import purpose

FORMAT = "plainspoken-ledger-1"


def export(*, organisation: UUID) -> dict[str, Any]:
    """Every sealed entry, batch by batch, with the public key that signed them."""
    with purpose("security.audit", organisation=organisation, by=SEALER):
        batches = list(LedgerBatch.objects.filter(organisation_id=organisation).order_by("sequence"))
        return {
            "format": FORMAT,
            "organisation": str(organisation),
            "public_key": signing_key(organisation).public_key().public_bytes_raw().hex(),
            "batches": [_batch(row) for row in batches],
        }


def _batch(row: LedgerBatch) -> dict[str, Any]:
    leaves = (
        LedgerLeaf.objects.filter(
            organisation_id=row.organisation_id, number__gte=row.first, number__lt=row.first + row.size
        )
        .order_by("number")
        .select_related("entry")
    )
    return {
        "sequence": row.sequence,
        "first": row.first,
        "size": row.size,
        "horizon": row.horizon,
        "sealed_at": row.sealed_at.isoformat(),
        "previous": bytes(row.previous).hex(),
        "signature": bytes(row.signature).hex(),
        "entries": [leaf_content(leaf.entry) for leaf in leaves],
    }


def check(copy: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with an exported copy, in sentences. Works without a database."""
    if copy.get("format") != FORMAT:
        yield "This is no exported ledger of ours."
        return
    public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(copy["public_key"]))
    previous, expected = GENESIS, 1
    for item in copy["batches"]:
        head = _head(copy["organisation"], item)
        if item["sequence"] != expected:
            yield f"Batch {expected} is missing."
        if bytes.fromhex(item["previous"]) != previous:
            yield f"Batch {item['sequence']} does not follow the one before it."
        try:
            public.verify(bytes.fromhex(item["signature"]), head)
        except InvalidSignature:
            yield f"Batch {item['sequence']} or an entry in it was changed."
        previous, expected = head, item["sequence"] + 1


def _head(organisation: str, item: Mapping[str, Any]) -> bytes:
    """The signed head, made from the entries themselves: a changed entry gives another root, and another head."""
    leaves = [hash_of(entry) for entry in item["entries"]]
    return head_of(
        LedgerBatch(
            organisation_id=UUID(organisation),
            sequence=item["sequence"],
            first=item["first"],
            size=len(leaves),
            horizon=item["horizon"],
            sealed_at=datetime.fromisoformat(item["sealed_at"]),
            root=merkle_root(leaves) if leaves else b"",
            previous=bytes.fromhex(item["previous"]),
        )
    )
