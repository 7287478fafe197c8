"""Sealing and verifying the ledger.

A sealer takes the entries of finished transactions in (transaction id, entry id) order, hashes them into a Merkle
tree (RFC 9162 section 2.1), chains and signs its root, and anchors the head outside the database. An edit, a removal,
another order or a cut tail shows. What this cannot show: an entry removed before its first seal (at most the
policy's `ledger_sealed_within` after it was written).
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.db import connection
from django.db.models import Max

from . import clock
from .actors import program
from .models import LedgerBatch, LedgerEntry, LedgerLeaf
from .ports import anchors, keyring
from .sessions import purpose

GENESIS = b"\0" * 32
SEALER = program("sealer")
AT_ONCE = 5000


@dataclass(frozen=True)
class Finding:
    """What is wrong with the chain, where, in one sentence."""

    sequence: int
    number: int | None
    message: str


@dataclass(frozen=True)
class Verdict:
    """`head` is the hex of the last sound head; `pending` entries wait for their first seal."""

    entries: int
    batches: int
    pending: int
    head: str
    findings: tuple[Finding, ...]

    @property
    def sound(self) -> bool:
        return not self.findings


def signing_key(organisation: UUID) -> Ed25519PrivateKey:
    """The organisation's signing key, from the keyring."""
    return Ed25519PrivateKey.from_private_bytes(keyring().create(organisation=organisation, name="ledger"))


def leaf_content(entry: LedgerEntry) -> dict[str, Any]:
    """What of an entry is sealed: everything."""
    return {
        "id": str(entry.id),
        "organisation": str(entry.organisation_id),
        "at": entry.at.astimezone(UTC).isoformat(),
        "act": entry.act,
        "purpose": entry.purpose,
        "by": entry.by,
        "subject": str(entry.subject) if entry.subject else None,
        "about": entry.about,
        "proof": bytes(entry.proof).hex() if entry.proof else None,
        "detail": entry.detail,
        "request": str(entry.request) if entry.request else None,
        "xid": entry.xid,
    }


def hash_of(content: Mapping[str, Any]) -> bytes:
    """SHA-256 of 0x00 and the canonical JSON (RFC 9162: leaves and nodes never collide)."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(b"\0" + canonical.encode()).digest()


def leaf_hash(entry: LedgerEntry) -> bytes:
    """The hash of an entry as it stands in a batch."""
    return hash_of(leaf_content(entry))


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """The Merkle tree hash of RFC 9162 section 2.1.1 over leaf hashes (at least one)."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    return hashlib.sha256(b"\1" + merkle_root(leaves[:split]) + merkle_root(leaves[split:])).digest()


def head_of(batch: LedgerBatch) -> bytes:
    """What is signed: every field that orders and fixes the batch."""
    header = (
        f"{batch.organisation_id}:{batch.sequence}:{batch.first}:{batch.size}:{batch.horizon}:"
        f"{batch.sealed_at.astimezone(UTC).isoformat()}:"
    ).encode()
    return hashlib.sha256(header + bytes(batch.root) + bytes(batch.previous)).digest()


def seal(*, organisation: UUID) -> int:
    """Seal what is ready; returns the number of entries sealed. A second sealer at the same time does nothing."""
    sealed = 0
    while True:
        batch = _seal_batch(organisation)
        if batch is None:
            return sealed
        anchors().append(organisation=organisation, sequence=batch.sequence, head=bytes(batch.head).hex())
        sealed += batch.size
        if batch.size < AT_ONCE:
            return sealed


def _seal_batch(organisation: UUID) -> LedgerBatch | None:
    with purpose("security.audit", organisation=organisation, by=SEALER):
        if not _only_sealer(organisation):
            return None
        last = LedgerBatch.objects.filter(organisation_id=organisation).order_by("-sequence").first()
        entries = list(_unsealed(organisation, since=last.horizon if last else 0)[:AT_ONCE])
        if not entries:
            return None
        first = last.first + last.size if last else 1
        leaves = [
            LedgerLeaf(entry=entry, organisation_id=organisation, number=first + index, hash=leaf_hash(entry))
            for index, entry in enumerate(entries)
        ]
        batch = LedgerBatch(
            organisation_id=organisation,
            sequence=last.sequence + 1 if last else 1,
            first=first,
            size=len(leaves),
            # Everything up to the batch's last transaction but one is sealed; the next search starts there.
            horizon=entries[-1].xid,
            root=merkle_root([bytes(leaf.hash) for leaf in leaves]),
            previous=bytes(last.head) if last else GENESIS,
            sealed_at=clock.wall(),
        )
        batch.head = head_of(batch)
        batch.signature = signing_key(organisation).sign(batch.head)
        LedgerLeaf.objects.bulk_create(leaves)
        batch.save(force_insert=True)
        return batch


def _only_sealer(organisation: UUID) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 7))", [f"ledger:{organisation}"]
        )
        return bool(cursor.fetchone()[0])


def _unsealed(organisation: UUID, *, since: int):  # type: ignore[no-untyped-def]
    """Entries of transactions that are finished for everybody: below the oldest one still running."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        oldest = cursor.fetchone()[0]
    return LedgerEntry.objects.filter(
        organisation_id=organisation, xid__gte=since, xid__lt=oldest, leaf__isnull=True
    ).order_by("xid", "id")


def anchor_again(*, organisation: UUID) -> None:
    """Anchor the last head once more, after the anchors were set aside by a restore."""
    with purpose("security.audit", organisation=organisation, by=SEALER):
        last = LedgerBatch.objects.filter(organisation_id=organisation).order_by("-sequence").first()
    if last is not None:
        anchors().append(organisation=organisation, sequence=last.sequence, head=bytes(last.head).hex())


def verify(*, organisation: UUID, since: int = 0) -> Verdict:
    """Check the chain from batch `since` on (0: from the start) against entries, signatures and anchors."""
    with purpose("security.audit", organisation=organisation, by=SEALER):
        findings: list[Finding] = []
        public = signing_key(organisation).public_key()
        # Sealing goes on meanwhile. What must be in a batch is read before the batches are.
        anchored = list(anchors().all(organisation=organisation))
        top = _last_leaf(organisation)
        batches = list(
            LedgerBatch.objects.filter(organisation_id=organisation, sequence__gte=since).order_by("sequence")
        )
        previous = bytes(batches[0].previous) if since > 1 and batches else GENESIS
        expected, number = (since or 1), (batches[0].first if batches else 1)
        for batch in batches:
            findings += _check_batch(batch, expected, number, previous, public)
            expected, number, previous = batch.sequence + 1, batch.first + batch.size, bytes(batch.head)
        findings += _check_anchors(anchored, {b.sequence: bytes(b.head).hex() for b in batches}, since)
        findings += _check_strays(organisation, since, (number, top), batches)
        pending = LedgerEntry.objects.filter(organisation_id=organisation, leaf__isnull=True).count()
        return Verdict(
            entries=sum(b.size for b in batches),
            batches=len(batches),
            pending=pending,
            head=previous.hex(),
            findings=tuple(findings),
        )


def _check_batch(
    batch: LedgerBatch, expected: int, number: int, previous: bytes, public: Ed25519PublicKey
) -> Iterator[Finding]:
    def wrong(message: str, leaf: int | None = None) -> Finding:
        return Finding(sequence=batch.sequence, number=leaf, message=message)

    if batch.sequence != expected:
        yield wrong(f"Batch {expected} is missing.")
    if batch.first != number:
        yield wrong(f"The batch starts at entry {batch.first}, not at {number}.")
    if bytes(batch.previous) != previous:
        yield wrong("The batch does not follow the one before it.")
    leaves = list(
        LedgerLeaf.objects.filter(
            organisation_id=batch.organisation_id,
            number__gte=batch.first,
            number__lt=batch.first + batch.size,
        )
        .order_by("number")
        .select_related("entry")
    )
    if [leaf.number for leaf in leaves] != list(range(batch.first, batch.first + batch.size)):
        yield wrong("Entries of the batch are missing.")
    hashes = []
    for leaf in leaves:
        hashes.append(leaf_hash(leaf.entry))
        if hashes[-1] != bytes(leaf.hash):
            yield wrong(f"Entry {leaf.number} was changed after it was sealed.", leaf.number)
    if hashes and merkle_root(hashes) != bytes(batch.root):
        yield wrong("The entries do not make the batch's root.")
    if head_of(batch) != bytes(batch.head):
        yield wrong("The batch was changed after it was sealed.")
    try:
        public.verify(bytes(batch.signature), bytes(batch.head))
    except InvalidSignature:
        yield wrong("The signature of the batch is not ours.")


def _last_leaf(organisation: UUID) -> int:
    """The highest number given to an entry so far; 0 before the first."""
    last = LedgerLeaf.objects.filter(organisation_id=organisation).aggregate(top=Max("number"))["top"]
    return int(last or 0)


def _check_anchors(
    anchored: Sequence[tuple[int, str]], heads: dict[int, str], since: int
) -> Iterator[Finding]:
    for sequence, head in anchored:
        if sequence < since:
            continue
        if sequence not in heads:
            yield Finding(sequence=sequence, number=None, message=f"Batch {sequence} is anchored but gone.")
        elif heads[sequence] != head:
            yield Finding(
                sequence=sequence, number=None, message=f"Batch {sequence} differs from its anchor."
            )


def _check_strays(
    organisation: UUID, since: int, beyond: tuple[int, int], batches: Sequence[LedgerBatch]
) -> Iterator[Finding]:
    """Leaves beyond the last batch belong to no seal: the batch that held them was removed.

    `beyond`: the first number after the last batch, and the last number there was before batches were read.
    """
    next_number, _ = beyond
    strays = LedgerLeaf.objects.filter(organisation_id=organisation, number__range=beyond).count()
    if strays and (batches or not since):
        last = batches[-1].sequence if batches else 0
        yield Finding(sequence=last, number=next_number, message=f"{strays} entries lost their batch.")


def sealed_at(*, organisation: UUID) -> datetime | None:
    """When the last batch was sealed."""
    return (
        LedgerBatch.objects.filter(organisation_id=organisation)
        .order_by("-sequence")
        .values_list("sealed_at", flat=True)
        .first()
    )
