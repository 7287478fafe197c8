"""What a conversation may be used for and how long it is kept, by the published policy and the row's
masks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from plainspoken.custody import clock
from plainspoken.custody.models import Purpose
from plainspoken.custody.places import place
from plainspoken.custody.sessions import required
from plainspoken.people.models import Identifier
from plainspoken.policies.collection import closed_to
from plainspoken.policies.queries import policy_in_force, rule
from plainspoken.retention.queries import held, law_of
from plainspoken.ui.wording import capitalised, purpose_short

from .models import Conversation
from .services import Party

KINDS = {"name": "name", "phone": "telephone", "email": "e-mail", "account": "account"}


@dataclass(frozen=True)
class Use:
    """A purpose as the page lists it. `state`: open, now (the reader's own), grouped (groups only),
    closed.
    """

    title: str
    note: str
    state: Literal["open", "now", "grouped", "closed"]


@dataclass(frozen=True)
class Kept:
    """How long something is kept, in days of its time."""

    title: str
    until: date
    passed_days: int
    total_days: int


def uses(row: Conversation, *, now: str) -> list[Use]:
    """Every purpose of the policy that may use conversations, and whether it may use this one."""
    policy = policy_in_force(organisation=row.organisation_id)
    bits = dict(Purpose.objects.values_list("name", "bit"))
    allowed = place("conversations.Conversation").purposes
    found = []
    for name, item in policy.purposes.items():
        if name not in allowed or item.maintenance or name not in bits:
            continue
        bit = 1 << bits[name]
        title = capitalised(purpose_short(name, item.title))
        if row.point in closed_to(name, organisation=row.organisation_id):
            found.append(Use(title, "not what it was collected for", "closed"))
        elif row.closed_to & bit:
            found.append(Use(title, "the person said no", "closed"))
        elif item.needs_consent and not row.open_to & bit:
            found.append(Use(title, "needs consent", "closed"))
        elif name == now:
            found.append(Use(title, "you, now", "now"))
        elif item.group_of_at_least:
            found.append(Use(title, f"in groups of {item.group_of_at_least} or more", "grouped"))
        else:
            found.append(Use(title, _ground(item.basis.get("customer", "")), "open"))
    return found


def _ground(name: str) -> str:
    return name.replace("-", " ")


def kept(row: Conversation, *, sound: bool, words: bool) -> list[Kept]:
    """Until when sound, words and facts are kept."""
    periods = rule(organisation=row.organisation_id, clause="retain.as-needed").periods
    wanted = [("Sound", "conversation.sound", sound), ("Words", "conversation.words", words),
              ("Facts", "conversation.facts", True)]  # fmt: skip
    today = clock.now(row.organisation_id)
    return [
        _kept(title, row.started_at, periods[key].add_to(row.started_at), today)
        for title, key, there in wanted
        if there
    ]


def _kept(title: str, start: datetime, end: datetime, today: datetime) -> Kept:
    total = max(1, (end - start).days)
    return Kept(title, end.date(), passed_days=min(total, max(0, (today - start).days)), total_days=total)


def hold(people: Sequence[Party]) -> str:
    """The sentence about a legal hold on anybody who took part; empty where none is, or the purpose
    may not know.
    """
    session = required()
    if session.purpose not in place("retention.Hold").purposes:
        return ""
    for person in people:
        found = held(organisation=session.organisation, subject=person.subject) if person.subject else None
        if found is not None:
            return f"On hold: {found.get_reason_display().lower()} ({law_of(found)})."
    return ""


def person_note(person: Party) -> str:
    """What the panel says of somebody: their role, and by what they are known, never the values."""
    role = "Agent" if person.role == "agent" else "Customer"
    if person.subject is None:
        return f"{role}, erased"
    kinds = (
        Identifier.objects.filter(subject_id=person.subject).order_by("kind").values_list("kind", flat=True)
    )
    known = [KINDS[kind] for kind in KINDS if kind in set(kinds)]
    return f"{role}, known by {', '.join(known)}" if known else f"{role}, not known by name"
