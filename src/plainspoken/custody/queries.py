"""Reads of the ledger for people: entries by act, person, place and day, with their number and seal."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from .models import LedgerBatch, LedgerEntry
from .sealing import leaf_hash
from .sessions import required

A_PAGE = 50


@dataclass(frozen=True)
class Wanted:
    """What a reader looks for; empty fields do not narrow. `text` is a number, a reference or an id."""

    text: str = ""
    act: str = ""
    start: datetime | None = None
    end: datetime | None = None

    @property
    def narrow(self) -> bool:
        return bool(self.text or self.act or self.start or self.end)


@dataclass(frozen=True)
class Entry:
    """An entry with its place in the chain: `number` and `batch` are None until it is sealed."""

    id: UUID
    number: int | None
    at: datetime
    act: str
    by: str
    purpose: str
    subject: UUID | None
    about: str
    detail: dict[str, Any]
    digest: str
    batch: int | None = None


@dataclass(frozen=True)
class Found:
    """A page of entries, newest first, and how many there are in all."""

    entries: Sequence[Entry]
    total: int
    acts: Sequence[tuple[str, int]] = field(default_factory=tuple)


def entries(wanted: Wanted, *, page: int = 1, size: int = A_PAGE) -> Found:
    """Entries of the organisation in force that match, newest first. Needs a purpose that may read the
    ledger.
    """
    rows = _matching(wanted)
    first = (max(page, 1) - 1) * size
    return Found(
        entries=[
            _entry(row) for row in rows.select_related("leaf").order_by("-at", "-id")[first : first + size]
        ],
        total=rows.count(),
        acts=list(_own().values_list("act").annotate(n=Count("id")).order_by("act")),
    )


def entry(number: int) -> Entry | None:
    """One sealed entry by its number, with the batch that sealed it."""
    row = _own().select_related("leaf").filter(leaf__number=number).first()
    if row is None:
        return None
    batch = (
        LedgerBatch.objects.filter(organisation_id=required().organisation, first__lte=number)
        .order_by("-first")
        .values_list("sequence", flat=True)
        .first()
    )
    return _entry(row, batch)


def _own() -> "QuerySet[LedgerEntry]":
    return LedgerEntry.objects.filter(organisation_id=required().organisation)


def _matching(wanted: Wanted) -> "QuerySet[LedgerEntry]":
    rows = _own()
    if wanted.act:
        rows = rows.filter(act=wanted.act)
    if wanted.start:
        rows = rows.filter(at__gte=wanted.start)
    if wanted.end:
        rows = rows.filter(at__lt=wanted.end)
    return rows.filter(_text(wanted.text)) if wanted.text else rows


def _text(text: str) -> Q:
    """A number, an id, or a reference within `about` or `by`. Nothing else is in the ledger to be found."""
    if text.isascii() and text.isdigit() and len(text) < 18:
        return Q(leaf__number=int(text)) | Q(about__endswith=f":{text}")
    try:
        given = UUID(text)
    except ValueError:
        return Q(about__icontains=text) | Q(by__icontains=text) | Q(act__icontains=text)
    return (
        Q(id=given)
        | Q(subject=given)
        | Q(request=given)
        | Q(about__endswith=str(given))
        | Q(by__endswith=str(given))
    )


def _entry(row: LedgerEntry, batch: int | None = None) -> Entry:
    leaf = getattr(row, "leaf", None)
    return Entry(
        id=row.id,
        number=leaf.number if leaf else None,
        at=row.at,
        act=row.act,
        by=row.by,
        purpose=row.purpose,
        subject=row.subject,
        about=row.about,
        detail=row.detail,
        digest=leaf_hash(row).hex(),
        batch=batch,
    )
