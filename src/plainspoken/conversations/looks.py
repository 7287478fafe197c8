"""Who looked at a conversation, from the ledger."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from plainspoken.custody.actors import Actor
from plainspoken.custody.models import LedgerEntry
from plainspoken.custody.places import place
from plainspoken.custody.sessions import required
from plainspoken.people.models import Account
from plainspoken.policies.queries import policy_in_force
from plainspoken.ui.wording import purpose_short

TOGETHER = timedelta(minutes=30)  # looks of one person for one purpose within this are one look
MOST = 200
SHOWN = 12
ACTS = {"read": "read", "conversation.reveal": "saw removed words"}


@dataclass(frozen=True)
class Look:
    """One visit: who, when it began, for what, what they took. `about` is what the ledger says it was of."""

    at: datetime
    name: str
    you: bool
    program: bool
    purpose: str
    took: str
    by: str = ""
    purpose_name: str = ""
    about: str = ""


def can_tell() -> bool:
    """Whether the purpose in force may read the ledger."""
    return required().purpose in place("custody.LedgerEntry").purposes


def at(conversation: UUID, *, reader: Actor) -> list[Look]:
    """The last visits to a conversation, newest first; empty where the purpose may not read the ledger."""
    if not can_tell():
        return []
    rows = LedgerEntry.objects.filter(
        organisation_id=required().organisation, about=f"conversation:{conversation}", act__in=ACTS
    ).order_by("-at")[:MOST]
    visits = list(_visits(list(rows)))[:SHOWN]
    return _named(visits, reader)


def told(rows: list[LedgerEntry], reader: Actor) -> list[Look]:
    """Visits made of entries of the ledger, which come newest first; those of different things stay apart."""
    return _named(list(_visits(rows)), reader)


def note() -> str:
    """What stands below the list."""
    if not can_tell():
        return "This purpose may not see who looked."
    return "Every look is in the ledger."


def _visits(rows: list[LedgerEntry]) -> Iterator[list[LedgerEntry]]:
    """Entries of one person and purpose, close in time, newest first."""
    open_: dict[tuple[str, str, str], list[LedgerEntry]] = {}
    visits: list[list[LedgerEntry]] = []
    for row in rows:
        key = (row.by, row.purpose, row.about)
        visit = open_.get(key)
        if visit and visit[-1].at - row.at <= TOGETHER:
            visit.append(row)
        else:
            visit = [row]
            open_[key] = visit
            visits.append(visit)
    yield from visits


def _named(visits: list[list[LedgerEntry]], reader: Actor) -> list[Look]:
    titles = {
        name: purpose_short(name, p.title)
        for name, p in policy_in_force(organisation=required().organisation).purposes.items()
    }
    accounts = {visit[0].by.partition(":")[2] for visit in visits if visit[0].by.startswith("person:")}
    names = {
        str(key): name for key, name in Account.objects.filter(id__in=accounts).values_list("id", "name")
    }
    found = []
    for visit in visits:
        kind, _, key = visit[0].by.partition(":")
        found.append(
            Look(
                at=visit[-1].at,
                name=names.get(key, "Somebody who left") if kind == "person" else key,
                you=visit[0].by == str(reader),
                program=kind == "program",
                purpose=titles.get(visit[0].purpose, visit[0].purpose),
                took=_took(visit),
                by=visit[0].by,
                purpose_name=visit[0].purpose,
                about=visit[0].about,
            )
        )
    return found


def _took(visit: list[LedgerEntry]) -> str:
    if any(row.act == "conversation.reveal" for row in visit):
        return ACTS["conversation.reveal"]
    if any(row.detail.get("place") == "conversations.PlayCopy" for row in visit):
        return "listened"
    return ACTS["read"]
