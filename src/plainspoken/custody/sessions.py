"""Purpose sessions: personal data is touched inside `with purpose(...)`, or not at all.

Row-level security guards against our own mistakes, not against hostile code inside our process, which could
enter any purpose its database role holds.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal, TypeVar
from uuid import UUID, uuid4

from django.db import DatabaseError, connection, transaction

from . import ports
from .actors import Actor


class PurposeRefused(PermissionError):
    """The purpose is unknown, closed, not granted to this database role, or another one is in force."""


@dataclass
class Session:
    """What is in force: one purpose, one organisation, one actor; `id` groups the ledger's reads.

    `answers` keeps what is asked again and again and cannot change within one transaction.
    """

    purpose: str
    organisation: UUID
    by: Actor
    role: str
    clock_shift: timedelta = timedelta(0)
    id: UUID = field(default_factory=uuid4)
    written_objects: list[str] = field(default_factory=list)
    answers: dict[str, Any] = field(default_factory=dict)


Answer = TypeVar("Answer")
_current: ContextVar[Session | None] = ContextVar("purpose_session", default=None)

PORTAL = "plainspoken_portal"


def current() -> Session | None:
    """The session in force, or None."""
    return _current.get()


def required() -> Session:
    """The session in force. Raises PurposeRefused where there is none."""
    session = _current.get()
    if session is None:
        raise PurposeRefused(
            "Personal data is only touched for a purpose. Open one with `with purpose(...)`."
        )
    return session


def outside(ask: Callable[[], Answer]) -> Answer:
    """Call as if no session were in force: what depends on one raises PurposeRefused."""
    token = _current.set(None)
    try:
        return ask()
    finally:
        _current.reset(token)


@contextmanager
def purpose(
    name: str, *, organisation: UUID, by: Actor, role: Literal["app", "portal"] = "app"
) -> Iterator[Session]:
    """One transaction for one purpose. A nested call must name the same purpose and organisation.

    Raises PurposeRefused when the published policy has no such open purpose or the database role lacks it.
    Objects written inside are removed again if the transaction fails.
    """
    outer = _current.get()
    if outer is not None:
        if (outer.purpose, outer.organisation, outer.role) != (name, organisation, role):
            raise PurposeRefused(f"The purpose {outer.purpose} is in force. End it before {name} begins.")
        yield outer
        return
    session = Session(purpose=name, organisation=organisation, by=by, role=role)
    nested = connection.in_atomic_block
    try:
        with transaction.atomic():
            _enter(session)
            token = _current.set(session)
            try:
                yield session
            finally:
                _current.reset(token)
            if nested:
                _leave()
    except BaseException:
        for written in session.written_objects:
            ports.object_store().delete(name=written)
        raise


def _enter(session: Session) -> None:
    with connection.cursor() as cursor:
        try:
            if session.role == "portal":
                cursor.execute(f"SET LOCAL ROLE {PORTAL}")
            cursor.execute(
                "SELECT custody_enter(%s::uuid, %s::text)", [str(session.organisation), session.purpose]
            )
            session.clock_shift = cursor.fetchone()[0]
        except DatabaseError as error:
            if getattr(error.__cause__, "sqlstate", "").startswith("PS"):
                raise PurposeRefused(_message(error)) from error
            raise


def _leave() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT custody_leave()")


def _message(error: DatabaseError) -> str:
    diagnostic = getattr(error.__cause__, "diag", None)
    return str(getattr(diagnostic, "message_primary", None) or error)
