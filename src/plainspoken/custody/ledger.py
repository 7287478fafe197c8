"""Entering acts in the ledger, in the transaction of the act. No values, no plain digests of values.

Writers never wait for one another: an entry is one insert; order and seals come later (`sealing`).
"""

import json
import re
from collections.abc import Mapping
from uuid import UUID, uuid4

from django.db import connection

from . import clock
from .actors import Actor
from .sessions import required

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,79}\Z")
Detail = Mapping[str, "int | bool | str | list[str]"]


class ValueInLedger(ValueError):
    """A detail of an entry looks like a value rather than a count, a code or an id."""


def enter(
    *,
    act: str,
    by: Actor,
    subject: UUID | None = None,
    about: str = "",
    detail: Detail | None = None,
    proof: bytes | None = None,
) -> UUID:
    """Enter an act under the purpose in force; returns the entry's id.

    act: a dotted code. about: "place:row id". detail: counts, codes and ids only (raises ValueInLedger).
    """
    session = required()
    detail = dict(detail or {})
    for name, value in detail.items():
        _check(name, value)
    entry = uuid4()
    with connection.cursor() as cursor:
        # No RETURNING: most purposes may add entries but not read them.
        cursor.execute(
            "INSERT INTO custody_ledgerentry (id, organisation_id, at, act, purpose, by, subject, about, proof,"
            " detail, request, xid) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s,"
            " pg_current_xact_id()::text::bigint)",
            [
                str(entry),
                str(session.organisation),
                clock.now(session.organisation),
                act,
                session.purpose,
                str(by),
                str(subject) if subject else None,
                about,
                proof,
                json.dumps(detail),
                str(session.id),
            ],
        )
    return entry


def enter_read(*, place: str, rows: int, by: Actor, subject: UUID | None = None, about: str = "") -> UUID:
    """Enter that rows of a place were read; entries of one page or call share the session's id."""
    return enter(act="read", by=by, subject=subject, about=about, detail={"place": place, "rows": rows})


def _check(name: str, value: object) -> None:
    if isinstance(value, bool | int):
        return
    texts = value if isinstance(value, list) else [value]
    for text in texts:
        if not isinstance(text, str) or "@" in text or (text and not CODE.match(text)):
            raise ValueInLedger(f"The ledger keeps counts, codes and ids; {name} holds something else.")
