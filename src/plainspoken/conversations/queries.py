"""Reads about conversations: which ones a member may see, for what, and what a page shows of them."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from plainspoken.custody import keys
from plainspoken.custody.models import Subject
from plainspoken.custody.places import place
from plainspoken.custody.sessions import required
from plainspoken.people.models import Membership
from plainspoken.people.queries import label, name
from plainspoken.policies.collection import closed_to
from plainspoken.policies.queries import policy_in_force, purposes_for
from plainspoken.ui.shell import Purpose
from plainspoken.ui.wording import when

from . import ports, searching
from .models import Conversation, Participation
from .ports import Found, Wanted

Role = Membership.Role
REVEAL = "conversation.reveal"
FORMER = "Former member of staff"
STEP = 500  # rows that a search by words gives at once
COUNTED = 10_000  # where counting a list stops


class NotForThis(PermissionError):
    """The member's role may not read conversations for the purpose named."""


# ---- who may read what ----


def reading_purposes(membership: Membership) -> tuple[Purpose, ...]:
    """The purposes for which this member may read single conversations, by the published policy; the
    first is usual.
    """
    if membership.role == Role.ADMINISTRATOR:
        return ()
    policy = policy_in_force(organisation=membership.organisation_id)
    allowed = place("transcripts.Turn").purposes
    return tuple(
        choice
        for choice in purposes_for(membership.role, organisation=membership.organisation_id)
        if choice.name in allowed
        and choice.name != REVEAL
        and not policy.purposes[choice.name].maintenance
        and policy.purposes[choice.name].group_of_at_least is None
    )


def chosen_purpose(membership: Membership, asked: str) -> tuple[Purpose, tuple[Purpose, ...]]:
    """The purpose asked for, or the usual one, and all of the member's. Raises NotForThis."""
    purposes = reading_purposes(membership)
    if not purposes:
        raise NotForThis("Your role may not read conversations.")
    if not asked:
        return purposes[0], purposes
    for purpose in purposes:
        if purpose.name == asked:
            return purpose, purposes
    raise NotForThis("Your role may not read conversations for this purpose. Choose one from the list.")


def may_reveal(membership: Membership) -> bool:
    """Whether the published policy lets this role ask to see what was removed."""
    return any(
        p.name == REVEAL for p in purposes_for(membership.role, organisation=membership.organisation_id)
    )


def visible_to(membership: Membership) -> "QuerySet[Conversation]":
    """Conversations a member may read under the purpose in force: agents their own, administrators none.

    Which rows the purpose itself may see is decided by the database.
    """
    rows = collected_for(
        Conversation.objects.filter(organisation_id=membership.organisation_id, erased_at=None)
    )
    if membership.role == Role.ADMINISTRATOR:
        return rows.none()
    if membership.role == Role.AGENT:
        return rows.filter(_spoken_by(membership.subject_id))
    return rows


def collected_for(rows: "QuerySet[Conversation]") -> "QuerySet[Conversation]":
    """Those of the conversations whose collection point names the purpose in force (collect.points)."""
    closed = _closed_points()
    return rows.exclude(point__in=closed) if closed else rows


def _closed_points() -> tuple[str, ...]:
    session = required()
    closed = closed_to(session.purpose, organisation=session.organisation)
    return tuple(point for point in closed if point.startswith("conversation."))


def _spoken_by(subject: UUID | None) -> Q:
    if subject is None:
        return Q(pk__in=[])
    own = Participation.objects.filter(subject_id=subject, role=Participation.Role.AGENT)
    return Q(id__in=own.values("conversation_id"))


def bounded(wanted: Wanted, membership: Membership) -> Wanted | None:
    """The same search within what the member may see; None where they may see nothing of it."""
    if membership.role == Role.ADMINISTRATOR:
        return None
    wanted = replace(wanted, not_from=_closed_points())
    if membership.role == Role.AGENT:
        if membership.subject_id is None or wanted.agent not in (None, membership.subject_id):
            return None
        return replace(wanted, agent=membership.subject_id)
    return wanted


def listed(wanted: Wanted, membership: Membership) -> Found:
    """Conversations that match, in order: by their words where words are wanted, else newest first.

    Counting stops at COUNTED, and sooner where it is asked who said the words. Raises searching.QueryError.
    """
    within = bounded(searching.understood(wanted), membership)
    if within is None:
        return Found((), 0, {})
    if within.has_words:
        return ports.words().search(within)
    rows = _filtered(visible_to(membership), within)
    page = _after(rows, within).order_by("-started_at", "id").values_list("id", flat=True)
    ids = tuple(page[within.offset : within.offset + within.limit])
    counted = rows.order_by()[: COUNTED + 1].count()
    return Found(ids, min(counted, COUNTED), {}, more_than=counted > COUNTED)


def _after(rows: "QuerySet[Conversation]", wanted: Wanted) -> "QuerySet[Conversation]":
    """Those from where a page begins."""
    if wanted.after is None:
        return rows
    at, key = wanted.after
    return rows.filter(started_at__lte=at).exclude(Q(started_at=at, id__lte=key))


def _filtered(rows: "QuerySet[Conversation]", wanted: Wanted) -> "QuerySet[Conversation]":
    if wanted.queue:
        rows = rows.filter(queue=wanted.queue)
    if wanted.kind:
        rows = rows.filter(kind=wanted.kind)
    if wanted.since:
        rows = rows.filter(started_at__gte=wanted.since)
    if wanted.until:
        rows = rows.filter(started_at__lt=wanted.until)
    if wanted.agent:
        rows = rows.filter(_spoken_by(wanted.agent))
    if wanted.participant:
        taking_part = Participation.objects.filter(subject_id=wanted.participant)
        rows = rows.filter(id__in=taking_part.values("conversation_id"))
    if wanted.silence_over is not None:
        rows = rows.filter(silence_s__gt=wanted.silence_over)
    if wanted.talk_over is not None:
        rows = rows.filter(talk_over_s__gt=wanted.talk_over)
    if wanted.longer is not None:
        rows = rows.filter(duration_s__gt=wanted.longer)
    if wanted.shorter is not None:
        rows = rows.filter(duration_s__lt=wanted.shorter)
    if wanted.by_score:
        rows = rows.filter(id__in=scored(wanted))
    return rows


def scored(wanted: Wanted) -> "QuerySet[Conversation, UUID]":
    """Ids of the conversations whose evaluations say what is wanted. Raises ports.ScoresHidden."""
    provider = ports.scores()
    if provider is None:
        return Conversation.objects.none().values_list("id", flat=True)
    found: QuerySet[Conversation, UUID] = provider.matching(
        human=wanted.human, automatic=wanted.automatic, agent=wanted.agent
    )
    return found


def matching(wanted: Wanted, *, most: int) -> list[UUID]:
    """Every conversation that matches for the purpose in force, the newest first, as far as `most`; by words in steps.

    For work of the whole house, so no member's own view bounds it. Raises searching.QueryError, ports.ScoresHidden.
    """
    wanted = replace(
        searching.understood(wanted), not_from=_closed_points(), sort="newest", offset=0, after=None
    )
    rows = collected_for(Conversation.objects.filter(organisation_id=required().organisation, erased_at=None))
    if not wanted.has_words:
        found = _filtered(rows, wanted).order_by("-started_at", "id")
        return list(found.values_list("id", flat=True)[:most])
    ids: list[UUID] = []
    while len(ids) < most:
        step = list(ports.words().search(replace(wanted, limit=STEP)).conversations)
        ids += step
        if len(step) < STEP:
            break
        last = rows.get(id=step[-1])
        wanted = replace(wanted, after=(last.started_at, last.id))
    return ids[:most]


# ---- what a page shows ----


@dataclass(frozen=True)
class Listed:
    """One row of a list. `agent` and `customer` are what people are called where names are not needed.

    `speakers`: what to call whoever speaks in a hit, by their place among the people.
    """

    id: UUID
    title: str
    kind: str
    started: datetime
    duration_s: float | None
    queue: str
    agent: str
    customer: str
    removed: int
    state: str
    reason: str
    policy_version: int
    speakers: Mapping[int, str]


def rows_of(ids: Iterable[UUID]) -> list[Listed]:
    """The rows of a list, in the order of the ids; ids that the purpose may not see are left out."""
    ids = list(ids)
    found = Conversation.objects.in_bulk(ids)
    people = _people(ids)
    summaries = ports.words().summaries(ids)
    calls = {s.subject_id: s for rows in people.values() for s in rows if s.role == Participation.Role.AGENT}
    names = agent_names([subject for subject in calls if subject])
    result = []
    for key in ids:
        row = found.get(key)
        if row is None:
            continue
        summary = summaries.get(key)
        result.append(
            Listed(
                id=row.id,
                title=title_of(row, summary.title if summary else ""),
                kind=row.kind,
                started=row.started_at,
                duration_s=row.duration_s,
                queue=row.queue,
                agent=", ".join(_called(p, names) for p in people[key] if p.role == Participation.Role.AGENT),
                customer=", ".join(
                    _called(p, names) for p in people[key] if p.role == Participation.Role.CUSTOMER
                ),
                removed=summary.removed if summary else 0,
                state=row.state,
                reason=row.reason,
                policy_version=row.policy_version,
                speakers={p.position: _speaker(p, names) for p in people[key]},
            )
        )
    return result


def _people(ids: Collection[UUID]) -> dict[UUID, list[Participation]]:
    people: dict[UUID, list[Participation]] = {key: [] for key in ids}
    for row in Participation.objects.filter(conversation_id__in=ids).order_by("position"):
        people[row.conversation_id].append(row)
    return people


def _called(row: Participation, names: Mapping[UUID, str]) -> str:
    if row.subject_id is None:
        return FORMER if row.role == Participation.Role.AGENT else ""
    if row.role == Participation.Role.CUSTOMER:
        return label(row.subject_id)
    return names.get(row.subject_id, FORMER)


def _speaker(row: Participation, names: Mapping[UUID, str]) -> str:
    return _called(row, names) if row.role == Participation.Role.AGENT else "Customer"


def title_of(row: Conversation, subject_line: str) -> str:
    """What a conversation is called: its redacted subject line or opening, else its queue and when it began."""
    if subject_line:
        return subject_line
    kind = row.get_kind_display()
    if row.queue:
        return f"{row.queue} {kind.lower()}, {when(row.started_at, 'time')}"
    return f"{kind}, {when(row.started_at, 'datetime')}"


def reference(conversation: UUID) -> str:
    """A short name of a conversation for people to say: C-1A2B-3C4D."""
    digits = conversation.hex.upper()
    return f"C-{digits[:4]}-{digits[4:8]}"


def agent_names(subjects: Collection[UUID]) -> dict[UUID, str]:
    """Names of members of staff: of their accounts, else as they came with a conversation."""
    found: dict[UUID, str] = {}
    members = Membership.objects.filter(subject_id__in=subjects).select_related("account")
    for member in members:
        if member.subject_id:
            found[member.subject_id] = member.account.name
    for subject in set(subjects) - set(found):
        try:
            called = name(subject=subject)
        except keys.KeyGone:
            called = None
        found[subject] = called or label(subject, kind="Agent")
    return found


def agents(membership: Membership) -> dict[UUID, str]:
    """Members of staff who took part in conversations that this member may see, by name."""
    taking_part = Participation.objects.filter(
        role=Participation.Role.AGENT,
        subject__isnull=False,
        conversation_id__in=visible_to(membership).values("id"),
    )
    ids = list(taking_part.order_by().values_list("subject_id", flat=True).distinct()[:500])
    return dict(sorted(agent_names(ids).items(), key=lambda item: item[1]))


def queues(membership: Membership) -> list[str]:
    """Queues of conversations that this member may see."""
    rows = visible_to(membership).exclude(queue="").order_by("queue")
    return list(rows.values_list("queue", flat=True).distinct()[:200])


def customers_of(conversation: UUID) -> list[UUID]:
    """Data subjects who took part as customers."""
    rows = Participation.objects.filter(conversation_id=conversation, role=Participation.Role.CUSTOMER)
    return [subject for subject in rows.values_list("subject_id", flat=True) if subject]


def is_staff(subject: UUID) -> bool:
    """Whether the subject is a member of staff here."""
    return Subject.objects.filter(id=subject, kind=Subject.Kind.STAFF).exists()
