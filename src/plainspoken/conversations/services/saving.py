"""Searches that a member of staff keeps, for themselves or for everybody; sealed under their own key."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.http import QueryDict

from plainspoken.conversations.models import SavedSearch
from plainspoken.conversations.typed import cleaned
from plainspoken.custody import clock, keys, ledger
from plainspoken.custody.actors import Actor
from plainspoken.custody.acts import context
from plainspoken.people.models import Membership

from .noting import NotNoted

LONGEST_NAME, LONGEST_QUERY, MOST = 60, 1000, 50


@dataclass(frozen=True)
class Kept:
    """A saved search: `query` is the part of an address after the question mark."""

    id: UUID
    name: str
    query: str
    shared: bool
    own: bool
    used_at: datetime


def keep_search(*, member: Membership, name: str, query: str, shared: bool, by: Actor) -> SavedSearch:
    """Keep a search under a name. Raises NotNoted."""
    name = cleaned(name, most=LONGEST_NAME)
    if member.subject_id is None or not name or len(query) > LONGEST_QUERY:
        raise NotNoted("Give the search a short name.")
    if SavedSearch.objects.filter(subject_id=member.subject_id).count() >= MOST:
        raise NotNoted(f"You have {MOST} saved searches. Remove one first.")
    row = SavedSearch(
        organisation_id=member.organisation_id,
        subject_id=member.subject_id,
        shared=shared,
        used_at=clock.now(member.organisation_id),
    )
    sealer = keys.subject_sealer(member.subject_id)
    row.name = sealer.seal_text(name, context=context(row, "name"))
    row.query = sealer.seal_text(_clean(query), context=context(row, "query"))
    row.save(force_insert=True)
    ledger.enter(act="search.saved", about=f"search:{row.id}", by=by, detail={"shared": shared})
    return row


def _clean(query: str) -> str:
    """The query without numbers and addresses of people that somebody typed into it."""
    values = QueryDict(query, mutable=True)
    for name in ("page", "after"):
        values.pop(name, None)
    if words := values.get("q"):
        values["q"] = cleaned(words, most=LONGEST_QUERY)
    return values.urlencode()


def searches(*, member: Membership) -> Sequence[Kept]:
    """Saved searches that this member may run: their own, and those that others share. One whose key is gone is left
    out.
    """
    rows = SavedSearch.objects.filter(
        Q(shared=True) | Q(subject_id=member.subject_id), organisation_id=member.organisation_id
    )
    opened = (_opened(row, member.subject_id) for row in rows.order_by("-used_at", "id")[: 4 * MOST])
    return [kept for kept in opened if kept is not None]


def _opened(row: SavedSearch, own: UUID | None) -> Kept | None:
    """The search in words; None where the key of who saved it is gone."""
    try:
        sealer = keys.subject_sealer(row.subject_id)
        name = sealer.open_text(bytes(row.name), context=context(row, "name"))
        query = sealer.open_text(bytes(row.query), context=context(row, "query"))
    except keys.KeyGone:
        return None
    return Kept(row.id, name, query, row.shared, row.subject_id == own, row.used_at)


def search_named(*, search: UUID, organisation: UUID) -> Kept | None:
    """A saved search for work of the house that somebody who may use it asked for; None once it is gone.

    Inside a session. Being used keeps it, as running it does.
    """
    row = SavedSearch.objects.filter(id=search, organisation_id=organisation).first()
    if row is None:
        return None
    SavedSearch.objects.filter(id=search).update(used_at=clock.now(organisation))
    return _opened(row, None)


def used(*, search: UUID, member: Membership) -> Kept:
    """Somebody runs a saved search: it is kept for another while. Raises NotNoted."""
    for kept in searches(member=member):
        if kept.id == search:
            SavedSearch.objects.filter(id=search).update(used_at=clock.now(member.organisation_id))
            return kept
    raise NotNoted("There is no such search any more.")


def forget(*, search: UUID, member: Membership, by: Actor) -> None:
    """The one who saved a search removes it. Raises NotNoted."""
    mine = SavedSearch.objects.filter(id=search, subject_id=member.subject_id) if member.subject_id else None
    if mine is None or not mine.delete()[0]:
        raise NotNoted("There is no such search of yours any more.")
    ledger.enter(act="search.removed", about=f"search:{search}", by=by)
