"""Keys and sealing: AES-256-GCM with random nonces, wrapped key by key (NIST SP 800-38D).

organisation's key -> subject's key -> content key of a conversation. The first two live in the keyring outside
the database; content keys are stored wrapped, under every holder in turn.
"""

import hashlib
import hmac
import os
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from . import clock
from .models import ContentKey
from .ports import KeyGone, keyring
from .sessions import required

NONCE = 12


class Unreadable(ValueError):
    """The sealed bytes do not belong to this key and place, or were changed."""


@dataclass(frozen=True)
class Sealer:
    """One 32-byte key. `context` binds sealed bytes to their place, so that they cannot be moved to another."""

    key: bytes

    def seal(self, plaintext: bytes, *, context: str) -> bytes:
        nonce = os.urandom(NONCE)
        return nonce + AESGCM(self.key).encrypt(nonce, plaintext, context.encode())

    def open(self, sealed: bytes, *, context: str) -> bytes:
        """Raises Unreadable for changed bytes, another key or another place."""
        try:
            return AESGCM(self.key).decrypt(bytes(sealed[:NONCE]), bytes(sealed[NONCE:]), context.encode())
        except InvalidTag as error:
            raise Unreadable(f"What is sealed at {context} cannot be opened with this key.") from error

    def seal_text(self, text: str, *, context: str) -> bytes:
        return self.seal(text.encode(), context=context)

    def open_text(self, sealed: bytes, *, context: str) -> str:
        return self.open(sealed, context=context).decode()


def subject_sealer(subject: UUID) -> Sealer:
    """The sealer of a subject of the organisation in force; the key is made at first use. Raises KeyGone."""
    return Sealer(keyring().create(organisation=required().organisation, name=f"subject/{subject}"))


def organisation_sealer(name: str = "rows") -> Sealer:
    """The sealer for what belongs to no known subject (a request before its person is known)."""
    return Sealer(keyring().create(organisation=required().organisation, name=name))


def is_destroyed(*, organisation: UUID, subject: UUID) -> bool:
    try:
        return keyring().get(organisation=organisation, name=f"subject/{subject}") is None
    except KeyGone:
        return True


def destroy(*, organisation: UUID, subject: UUID) -> bool:
    """Destroy a subject's key for good; every copy of what it sealed, in any backup, is unreadable from now on."""
    return keyring().destroy(organisation=organisation, name=f"subject/{subject}", at=clock.now(organisation))


def new_content_key(*, holders: Sequence[UUID]) -> tuple[ContentKey, Sealer]:
    """A data key for one conversation, wrapped under each holder's key in turn (at least one holder)."""
    if not holders:
        raise ValueError("A content key needs at least one holder.")
    session = required()
    row = ContentKey(organisation_id=session.organisation, holders=sorted(set(holders)))
    data_key = os.urandom(32)
    wrapped = data_key
    for holder in row.holders:
        wrapped = subject_sealer(holder).seal(wrapped, context=f"content-key:{row.id}")
    row.wrapped = wrapped
    row.save(force_insert=True)
    return row, Sealer(data_key)


def content_sealer(row: ContentKey) -> Sealer:
    """Open a content key. Raises KeyGone when any holder's key was destroyed."""
    wrapped = bytes(row.wrapped)
    for holder in reversed(row.holders):
        wrapped = subject_sealer(holder).open(wrapped, context=f"content-key:{row.id}")
    return Sealer(wrapped)


def blind_index(kind: str, normalised: str) -> bytes:
    """Keyed HMAC-SHA-256 of a normalised identifier: equal values are found, values are not told."""
    key = keyring().create(organisation=required().organisation, name="index")
    return hmac.new(key, f"{kind}\0{normalised}".encode(), hashlib.sha256).digest()


def subject_proof(subject: UUID, value: str) -> bytes:
    """HMAC of a value under the subject's key: provable while the key lives, meaningless afterwards."""
    return hmac.new(subject_sealer(subject).key, value.encode(), hashlib.sha256).digest()


__all__ = [
    "KeyGone",
    "Sealer",
    "Unreadable",
    "blind_index",
    "content_sealer",
    "destroy",
    "is_destroyed",
    "new_content_key",
    "organisation_sealer",
    "subject_proof",
    "subject_sealer",
]
