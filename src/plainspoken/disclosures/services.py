"""The gate. Whatever leaves the house leaves through `release`, or is refused there; both are recorded."""

import threading
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from django.db import connection, connections

from plainspoken.custody import clock, ledger
from plainspoken.custody.actors import Actor
from plainspoken.custody.sessions import purpose as session_for
from plainspoken.policies.queries import policy_in_force, rule

from .models import Release

CLAUSE = "disclose.default-deny"
T = TypeVar("T")


class Refused(ValueError):
    """The policy does not allow this release. `code` is recipient, purpose or category."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


@dataclass(frozen=True)
class Delivered:
    """What left: how many parts (mails, files) and how many bytes."""

    parts: int
    bytes: int


def check_release(*, organisation: UUID, recipient: str, purpose: str, categories: Sequence[str]) -> None:
    """Raises Refused unless the published policy names the recipient, the purpose and every category."""
    known = rule(organisation=organisation, clause=CLAUSE).recipients
    if recipient not in known:
        raise Refused("recipient", f"The policy names no recipient {recipient}. Nothing was sent.")
    allowed = known[recipient]
    if purpose not in allowed.purposes:
        raise Refused("purpose", f"The policy lets nothing go to {recipient} to {purpose}. Nothing was sent.")
    others = sorted(set(categories) - set(allowed.categories))
    if others:
        raise Refused("category", f"The policy lets no {others[0]} go to {recipient}. Nothing was sent.")


def can_release(*, organisation: UUID, recipient: str, purpose: str, categories: Sequence[str]) -> bool:
    """Whether `check_release` would let it pass."""
    try:
        check_release(organisation=organisation, recipient=recipient, purpose=purpose, categories=categories)
    except Refused:
        return False
    return True


def release(
    *,
    organisation: UUID,
    recipient: str,
    purpose: str,
    categories: Sequence[str],
    subject: UUID | None,
    deliver: Callable[[], Delivered],
    by: Actor,
    about: str = "",
) -> Release:
    """Let data about `subject` go to `recipient`, or refuse; `deliver` does the sending and says how much
    left.

    Begun, released, failed and refused are each recorded in a transaction of their own: what a caller rolls
    back afterwards has left, or was refused, all the same. Raises Refused, and whatever `deliver` raises.
    """
    described = _Described(
        organisation=organisation,
        recipient=_named(recipient, rule(organisation=organisation, clause=CLAUSE).recipients),
        purpose=_named(purpose, policy_in_force(organisation=organisation).purposes),
        categories=tuple(sorted({_named(c, _categories(organisation)) for c in categories})),
        subject=subject,
        by=by,
        about=about,
    )
    try:
        check_release(organisation=organisation, recipient=recipient, purpose=purpose, categories=categories)
    except Refused as refused:
        code = refused.code
        apart(lambda: _record(described, Release.Outcome.REFUSED, code=code))
        raise
    apart(lambda: _enter(described, "begun"))
    try:
        delivered = deliver()
    except BaseException:
        apart(lambda: _record(described, Release.Outcome.FAILED, code="delivery"))
        raise
    return apart(lambda: _record(described, Release.Outcome.RELEASED, delivered=delivered))


# Stands for what the policy does not name: whoever asked may have typed anything there, somebody's name too.
UNNAMED = "unnamed"


def _named(value: str, known: Container[str]) -> str:
    return value if value in known else UNNAMED


def _categories(organisation: UUID) -> Container[str]:
    known: Container[str] = rule(organisation=organisation, clause="collect.categories").categories
    return known


@dataclass(frozen=True)
class _Described:
    organisation: UUID
    recipient: str
    purpose: str
    categories: tuple[str, ...]
    subject: UUID | None
    by: Actor
    about: str

    @property
    def session_purpose(self) -> str:
        """The purpose under which it is recorded: its own where the house knows it."""
        known = policy_in_force(organisation=self.organisation).purposes
        return self.purpose if self.purpose in known else "security.audit"


def _record(
    what: _Described, outcome: Release.Outcome, *, delivered: Delivered | None = None, code: str = ""
) -> Release:
    with session_for(what.session_purpose, organisation=what.organisation, by=what.by):
        row = Release(
            organisation_id=what.organisation,
            subject=what.subject,
            recipient=what.recipient,
            purpose=what.purpose,
            categories=list(what.categories),
            parts=delivered.parts if delivered else 0,
            bytes=delivered.bytes if delivered else 0,
            at=clock.now(what.organisation),
            outcome=outcome,
            code=code,
            by=str(what.by),
            about=what.about,
        )
        row.save(force_insert=True)
        _entry(what, str(outcome), about=f"release:{row.id}", code=code)
        return row


def _enter(what: _Described, step: str) -> None:
    with session_for(what.session_purpose, organisation=what.organisation, by=what.by):
        _entry(what, step, about=what.about)


def _entry(what: _Described, step: str, *, about: str, code: str = "") -> None:
    detail: dict[str, int | bool | str | list[str]] = {"categories": len(what.categories)}
    if ledger.CODE.match(what.recipient):
        detail["recipient"] = what.recipient
    if code:
        detail["code"] = code
    ledger.enter(act=f"disclosure.{step}", subject=what.subject, about=about, by=what.by, detail=detail)


def apart(work: Callable[[], T]) -> T:
    """Run database work in a transaction of its own, even inside another one (on a connection of its own)."""
    if not connection.in_atomic_block:
        return work()
    result: list[T] = []
    failure: list[BaseException] = []

    def run() -> None:
        try:
            result.append(work())
        except BaseException as error:  # noqa: BLE001 - handed to the caller below
            failure.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if failure:
        raise failure[0]
    return result[0]
