"""Who listened to somebody's conversations, or read their scores, and why: from the ledger of reads."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import CharField, Q, Value
from django.db.models.functions import Cast, Concat

from plainspoken.conversations import looks
from plainspoken.conversations.models import Conversation, Participation
from plainspoken.conversations.queries import reference
from plainspoken.custody.actors import Actor
from plainspoken.custody.models import LedgerEntry
from plainspoken.people.models import Membership
from plainspoken.policies.queries import policy_in_force
from plainspoken.quality.models import Evaluation

MOST = 2000
CONVERSATION, EVALUATION = "conversation:", "evaluation:"
ROLES = dict(Membership.Role.choices)


@dataclass(frozen=True)
class Visit:
    """One visit: when it began, who (name and role), for which purpose in plain words, what they took, of what.

    conversation: None for scores whose evaluation is gone.
    """

    at: datetime
    who: str
    role: str
    program: bool
    purpose: str
    why: str
    took: str
    conversation: UUID | None
    reference: str


def visits(
    *,
    organisation: UUID,
    agent: UUID,
    since: datetime,
    until: datetime,
    reader: Actor,
    programs: bool = False,
) -> list[Visit]:
    """Visits of others in [since, until), newest first; at most 2 000 reads are looked at. Their own are left out.

    Inside a purpose session that may read the ledger. `programs`: also what our own programs read.
    """
    rows = LedgerEntry.objects.filter(
        Q(about__in=_conversations(agent)) | Q(about__in=_evaluations(agent)),
        organisation_id=organisation,
        act__in=looks.ACTS,
        at__gte=since,
        at__lt=until,
    ).exclude(by=str(reader))
    if not programs:
        rows = rows.filter(by__startswith="person:")
    found = looks.told(list(rows.order_by("-at")[:MOST]), reader)
    return list(_visits(found, organisation))


def _named(prefix: str) -> Concat:
    return Concat(Value(prefix), Cast("pk", CharField()))


def _conversations(agent: UUID) -> object:
    mine = Participation.objects.filter(subject_id=agent, role=Participation.Role.AGENT)
    key = Concat(Value(CONVERSATION), Cast("conversation_id", CharField()))
    return mine.order_by().annotate(about=key).values("about")


def _evaluations(agent: UUID) -> object:
    rows = Evaluation.objects.filter(agent_id=agent)
    return rows.order_by().annotate(about=_named(EVALUATION)).values("about")


def _visits(found: list[looks.Look], organisation: UUID) -> Iterator[Visit]:
    roles = _roles(organisation, {one.by for one in found})
    titles = {name: one.title for name, one in policy_in_force(organisation=organisation).purposes.items()}
    of_evaluation = _of_evaluations([one.about for one in found])
    for one in found:
        scores = one.about.startswith(EVALUATION)
        key = of_evaluation.get(one.about) if scores else UUID(one.about.removeprefix(CONVERSATION))
        yield Visit(
            at=one.at,
            who=one.name,
            role="A program" if one.program else roles.get(one.by, "Former member of staff"),
            program=one.program,
            purpose=one.purpose,
            why=titles.get(one.purpose_name, one.purpose_name),
            took="read your score" if scores else one.took,
            conversation=key,
            reference=reference(key) if key else "",
        )


def _of_evaluations(about: list[str]) -> dict[str, UUID]:
    keys = {one.removeprefix(EVALUATION) for one in about if one.startswith(EVALUATION)}
    rows = Evaluation.objects.filter(id__in=keys).values_list("id", "conversation_id")
    return {f"{EVALUATION}{key}": conversation for key, conversation in rows}


def _roles(organisation: UUID, actors: set[str]) -> dict[str, str]:
    accounts = {one.partition(":")[2] for one in actors if one.startswith("person:")}
    rows = Membership.objects.filter(organisation_id=organisation, account_id__in=accounts)
    return {f"person:{key}": ROLES[role] for key, role in rows.values_list("account_id", "role")}


def still_there(visits: list[Visit]) -> set[UUID]:
    """The conversations that can still be opened for the purpose in force."""
    keys = {one.conversation for one in visits if one.conversation}
    return set(Conversation.objects.filter(id__in=keys, erased_at=None).values_list("id", flat=True))
