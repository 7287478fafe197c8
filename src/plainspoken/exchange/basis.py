"""The lawful basis that comes with a vCon (draft-howe-vcon-lawful-basis): read, kept, and obeyed in and out.

Several together count as the strictest of them: every one must grant, and the first that expires ends all. What
nobody granted is denied.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

NAME = "lawful_basis"
# A grant of one of these lets a conversation leave; a purpose of ours may be granted by its own name.
SHARING = ("sharing", "share", "disclosure", "export", "transfer")


class NotLawful(ValueError):
    """The basis cannot be read, has expired or grants nothing; the message says which. `code` in one word."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


@dataclass(frozen=True)
class Basis:
    """What all lawful bases of a conversation together allow. `granted`: purposes that every one of them grants
    (lower case); `bodies` as they came."""

    granted: frozenset[str]
    expires: datetime | None
    bodies: tuple[Mapping[str, Any], ...]


def of(attachments: Sequence[Mapping[str, Any]]) -> Basis | None:
    """The basis among a vCon's attachments; None where none came. Raises NotLawful for one that cannot be read."""
    bodies = [
        _body(one)
        for one in attachments
        if NAME in (one.get("type"), one.get("purpose")) or NAME in _names(one.get("extensions"))
    ]
    return merged(bodies) if bodies else None


def merged(bodies: Sequence[Mapping[str, Any]]) -> Basis:
    """The strictest of several: what all grant, until the first of them ends."""
    granted: frozenset[str] | None = None
    expires: datetime | None = None
    for body in bodies:
        grants = body.get("purpose_grants")
        # A basis without a list of purposes names none: it speaks of the whole conversation.
        own = _granted(grants) if grants is not None else frozenset(["*"])
        granted = own if granted is None else _both(granted, own)
        ends = _moment(body.get("expiration"))
        expires = ends if expires is None else min(expires, ends or expires)
    return Basis(granted or frozenset(), expires, tuple(bodies))


def check_in(basis: Basis, *, now: datetime) -> None:
    """Raises NotLawful unless the conversation may be taken in: nothing expired, and every grant is one."""
    _not_expired(basis, now)
    refused = any(
        grant.get("granted") is not True
        for body in basis.bodies
        for grant in _list(body.get("purpose_grants"))
    )
    if refused or not basis.granted:
        raise NotLawful("denied", "The lawful basis of this vCon grants nothing. Ask for a grant.")


def check_out(basis: Basis, *, purpose: str, now: datetime) -> None:
    """Raises NotLawful unless the conversation may leave for this purpose."""
    _not_expired(basis, now)
    if not basis.granted & {"*", purpose.lower(), *SHARING}:
        raise NotLawful(
            "denied", "The lawful basis that came with this conversation grants no sharing. Ask for a grant."
        )


def _not_expired(basis: Basis, now: datetime) -> None:
    if basis.expires is not None and basis.expires <= now:
        raise NotLawful("expired", "The lawful basis of this vCon has expired. Ask for a new one.")


def _both(one: frozenset[str], other: frozenset[str]) -> frozenset[str]:
    if "*" in one:
        return other
    return one if "*" in other else one & other


def _granted(grants: object) -> frozenset[str]:
    found = _list(grants)
    return frozenset(
        str(one["purpose"]).strip().lower()
        for one in found
        if one.get("granted") is True and one.get("purpose")
    )


def _list(value: object) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _names(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _body(attachment: Mapping[str, Any]) -> Mapping[str, Any]:
    body = attachment.get("body")
    if isinstance(body, str):
        try:
            body = json.loads(body)
        except (ValueError, RecursionError):
            body = None
    if not isinstance(body, dict):
        raise NotLawful(
            "unreadable", "The lawful basis of this vCon cannot be read. Correct it and send again."
        )
    return body


def _moment(value: object) -> datetime | None:
    if value in (None, ""):
        return None
    try:
        found = datetime.fromisoformat(str(value).strip())
    except ValueError:
        raise NotLawful(
            "unreadable",
            "The end of the lawful basis of this vCon is no time. Write it as RFC 3339, such as 2026-11-24T09:42:00Z.",
        ) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
