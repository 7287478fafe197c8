"""The privacy desk: what is due next, and what will happen to whom. Before identity is proved nothing is
shown.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from plainspoken.custody import clock
from plainspoken.custody.models import LedgerEntry
from plainspoken.custody.ports import KeyGone
from plainspoken.people.models import Account, Membership
from plainspoken.people.queries import label
from plainspoken.policies.queries import policy_in_force, rule
from plainspoken.retention.queries import laws
from plainspoken.ui import shapes
from plainspoken.ui.shapes import Act, Choice

from . import answers, claims, plans
from .deeds import acts_of, post
from .kinds import law_text
from .models import Archive, Challenge, Request
from .plans import Plan
from .register import VERIFICATION, clock_of, days_text, deadline_of
from .states import CLOSED, UNPROVED, State

CHANNELS = {
    "page": "On the page",
    "email": "By e-mail",
    "letter": "By letter",
    "phone": "By telephone",
    "visit": "In person",
    "api": "By a program",
    "account": "Signed in",
}
STATE_WORDS = {
    State.RECEIVED: "not proved",
    State.PROVING: "waiting for the code",
    State.OPEN: "to decide",
    State.SECOND: "waits for a second person",
    State.RUNNING: "being carried out",
    State.DONE: "Done",
    State.REFUSED: "Refused",
    State.WITHDRAWN: "Withdrawn",
}
CASE_STATES = {
    State.RECEIVED: "unproved",
    State.PROVING: "unproved",
    State.OPEN: "open",
    State.SECOND: "second",
    State.RUNNING: "running",
    State.DONE: "done",
    State.REFUSED: "refused",
    State.WITHDRAWN: "refused",
}
GROUPS = (("late", "Late"), ("soon", "Due soon"), ("later", "Later"), ("closed", "Closed"))
MOST_CLOSED = 50
HISTORY = {
    "request.filed": "It arrived",
    "request.proving": "We asked for a proof",
    "request.code": "We sent a code",
    "request.wrong-code": "Somebody entered a wrong code",
    "request.open": "It is open",
    "request.matched": "Who asks was chosen",
    "request.second": "It was decided; a second person has to agree",
    "request.running": "It was started",
    "request.resumed": "It was run again",
    "request.done": "It is done",
    "request.refused": "It was refused",
    "request.withdrawn": "It was taken back",
    "request.extended": "It was extended",
    "request.untold": "No mail could go; the page says it",
    "request.plan-changed": "The plan changed before it started",
    "request.erased-after-hold": "The hold ended, and the rest was erased",
    "request.address": "An address was added",
    "restriction.announced": "We told the person that we lift it",
    "objection.announced": "We told the person that we go on, and why",
}


_STOPPED = "It stopped before its end. Run it again; it goes on where it was."


@dataclass(frozen=True)
class Item:
    """A request in the queue. `who` is empty before identity is proved."""

    url: str
    title: str
    who: str
    note: str
    due: date | None
    days_text: str
    state: str
    current: bool


@dataclass(frozen=True)
class Group:
    """Requests that are as urgent as one another."""

    key: str
    title: str
    items: Sequence[Item]


@dataclass(frozen=True)
class Queue:
    """The list on the left."""

    title: str
    total: int
    groups: Sequence[Group]
    tabs: Sequence[Choice] = ()
    file_url: str = ""
    empty: str = ""
    empty_note: str = ""

    @property
    def shown(self) -> int:
        """How many stand in the list now."""
        return sum(len(group.items) for group in self.groups)

    @property
    def first_note(self) -> str:
        """What the first of the list is."""
        due = any(group.items for group in self.groups if group.key != "closed")
        return "The first one is due next." if due else "All of these are closed."


@dataclass(frozen=True)
class Identity:
    """How far the proof is."""

    channel: str
    sent_at: datetime | None
    attempts_left: int | None
    act: Act | None


@dataclass(frozen=True)
class Entry:
    """A line of the history."""

    at: datetime
    text: str
    who: str


@dataclass(frozen=True)
class Shown:
    """The answer as it goes out."""

    summary: str
    html: SafeString


@dataclass(frozen=True)
class ArchiveShown:
    """The copy that was made. Nobody here opens it, so it has no address."""

    size: str
    expires: datetime
    parts: Sequence[str]
    url: str = ""


@dataclass(frozen=True)
class Case:
    """One request on the right."""

    reference: str
    title: str
    law: str
    clause: str
    received: datetime
    channel: str
    proved: str
    handler: str
    state: str
    state_text: str
    clock: shapes.Clock
    back_url: str
    plan: shapes.Plan | None = None
    answer: Shown | None = None
    history: Sequence[Entry] = ()
    acts: Sequence[Act] = ()
    note: str = ""
    receipt: shapes.Receipt | None = None
    archive: ArchiveShown | None = None
    identity: Identity | None = None
    details: str = ""
    reason: str = ""


def queue(*, member: Membership, tab: str = "", current: str = "") -> Queue:
    """Requests by due date. Administrators see only those that wait for a second person. Needs a session."""
    organisation = member.organisation_id
    now = clock.now(organisation)
    rows = Request.objects.filter(organisation_id=organisation)
    if member.role == Membership.Role.ADMINISTRATOR:
        rows = rows.filter(state=State.SECOND)
    titles = {clause.id: clause.title for clause in policy_in_force(organisation=organisation).clauses}
    found: dict[str, list[Item]] = {key: [] for key, _ in GROUPS}
    for row in rows.exclude(state__in=CLOSED):
        limit = deadline_of(row, now=now)
        found[limit.state(now)].append(
            _item(row, titles, limit.due, days_text(limit, now), limit.state(now), current)
        )
    for items in found.values():
        items.sort(key=lambda item: (item.due or date.max, item.url))
    for row in rows.filter(state__in=CLOSED).order_by("-closed_at")[:MOST_CLOSED]:
        found["closed"].append(_item(row, titles, _on(row), STATE_WORDS[State(row.state)], "closed", current))
    opened = sum(len(found[key]) for key, _ in GROUPS if key != "closed")
    kept = ("closed",) if tab == "closed" else ("late", "soon", "later") if tab == "open" else tuple(found)
    address = reverse("rights:desk")
    return Queue(
        title="Requests",
        total=opened + len(found["closed"]),
        groups=tuple(Group(key, title, found[key]) for key, title in GROUPS if key in kept),
        tabs=(
            Choice("", "All", url=address, current=not tab),
            Choice("open", "Open", opened, f"{address}?show=open", tab == "open"),
            Choice("closed", "Closed", len(found["closed"]), f"{address}?show=closed", tab == "closed"),
        ),
        empty=_empty(member, tab),
        empty_note="" if tab == "closed" else _empty_note(member),
        file_url=reverse("rights:file") if member.role == Membership.Role.PRIVACY_OFFICER else "",
    )


def _empty(member: Membership, tab: str) -> str:
    """What stands in place of a list."""
    if tab == "closed":
        return "No closed requests."
    if member.role == Membership.Role.ADMINISTRATOR:
        return "Nothing waits for a second person."
    return "No open requests. They arrive from the privacy centre."


def _empty_note(member: Membership) -> str:
    if member.role == Membership.Role.ADMINISTRATOR:
        return "When the privacy officer decides on an erasure, somebody else agrees here."
    return "Letters, calls and visits are entered with “File a request”."


def _on(row: Request) -> date | None:
    return row.closed_at.date() if row.closed_at else None


def _item(
    row: Request, titles: dict[str, str], due: date | None, days: str, state: str, current: str
) -> Item:
    proved = State(row.state) not in UNPROVED and row.subject_id is not None
    return Item(
        url=reverse("rights:case", kwargs={"reference": row.reference}),
        title=titles.get(row.clause, row.kind),
        who=label(row.subject_id, kind="Person") if proved and row.subject_id else "",
        note=f"{row.reference}, {STATE_WORDS[State(row.state)].lower()}",
        due=due,
        days_text=days,
        state=state,
        current=row.reference == current,
    )


def case(
    request: Request,
    *,
    member: Membership,
    plan: Plan | None,
    receipt: shapes.Receipt | None,
    stopped: bool = False,
) -> Case:
    """One request, as this member may see it. Needs a session that may read the ledger.

    `stopped`: it is being carried out, but no job does it any more.
    """
    state = State(request.state)
    policy = policy_in_force(organisation=request.organisation_id)
    unproved = state in UNPROVED
    sees_words = member.role == Membership.Role.PRIVACY_OFFICER and not unproved
    done = plans.from_json(request.outcome.get("plan", {})) if state in CLOSED else None
    if state == State.RUNNING:
        plan = plans.from_json(request.plan)
    return Case(
        reference=request.reference,
        title=policy.clause(request.clause).title,
        law=law_text(request.kind, request.law),
        clause=request.clause,
        received=request.received_at,
        channel=CHANNELS.get(request.channel, request.channel),
        proved=_proved(request),
        handler=_name(request.decided_by),
        state=CASE_STATES[state],
        state_text=STATE_WORDS[state],
        clock=clock_of(request),
        back_url=reverse("rights:desk"),
        plan=_plan(done or plan, request, done=bool(done), sees_words=sees_words),
        answer=_answer(request) if state in CLOSED and sees_words else None,
        history=_history(request, unproved=unproved),
        acts=acts_of(request, member, plan, stopped=stopped),
        note=_note(request, plan),
        receipt=receipt,
        archive=_archive(request),
        identity=_identity(request, member) if unproved else None,
        details=_details(request) if sees_words else "",
        reason=_STOPPED if stopped else plan.blocked[0] if plan and plan.blocked else "",
    )


def _plan(plan: Plan | None, request: Request, *, done: bool, sees_words: bool) -> shapes.Plan | None:
    if plan is None or not (done or plan.rows):
        return None
    about = request.subject_id if sees_words and request.kind == "erase" else None
    return plans.shown(plan, done=done, laws=laws(subject=about) if about else {})


def _proved(request: Request) -> str:
    if request.verified_at is None:
        return ""
    words = {
        "contact": "a code sent to the address",
        "sign-in": "their sign-in",
        "in-person": "a visit in person",
    }
    found = [words[proof] for proof in request.proofs if proof in words]
    return f"Proved by {' and '.join(found)}" if found else "Needs no proof"


def _details(request: Request) -> str:
    try:
        return claims.claim_of(request).details
    except KeyGone:
        return ""


def _answer(request: Request) -> Shown:
    try:
        words = claims.words_of(request)
    except KeyGone:
        words = {}
    answer = answers.answer_of(request, words=words)
    # Our words are escaped, and the kernel renders clauses without any HTML of the author's.
    return Shown(summary=answer.summary, html=mark_safe(answer.html()))  # noqa: S308


def _archive(request: Request) -> ArchiveShown | None:
    row = Archive.objects.filter(request=request).order_by("-made_at").first()
    if row is None:
        return None
    megabytes = row.size / 1_000_000
    size = f"{megabytes:.1f} MB" if megabytes >= 0.1 else f"{math.ceil(row.size / 1000)} kB"
    fetched = "not fetched yet" if not row.downloads else _times(row.downloads)
    return ArchiveShown(size=size, expires=row.expires_at, parts=(*row.parts, fetched))


def _times(number: int) -> str:
    return "fetched once" if number == 1 else f"fetched {number} times"


def _history(request: Request, *, unproved: bool) -> tuple[Entry, ...]:
    if unproved:
        return ()
    rows = LedgerEntry.objects.filter(
        organisation_id=request.organisation_id, about=f"request:{request.id}", act__in=HISTORY
    ).order_by("at")
    return tuple(Entry(at=row.at, text=HISTORY[row.act], who=_name(row.by)) for row in rows)


def _name(by: str) -> str:
    kind, _, identity = by.partition(":")
    if kind == "person":
        return (
            Account.objects.filter(id=UUID(identity)).values_list("name", flat=True).first()
            or "Somebody who left"
        )
    return {"program": "A program of ours", "visitor": "The person"}.get(kind, "")


def _identity(request: Request, member: Membership) -> Identity:
    last = Challenge.objects.filter(request=request).order_by("-sent_at").first()
    attempts = rule(organisation=request.organisation_id, clause=VERIFICATION).attempts
    left = None
    if last is not None:
        left = max(attempts - last.attempts, 0) if last.state == Challenge.State.OPEN else 0
    return Identity(
        channel="e-mail",
        sent_at=last.sent_at if last else None,
        attempts_left=left,
        act=post(request, "code", "Send a new code" if last else "Send a code", icon="send")
        if member.role == Membership.Role.PRIVACY_OFFICER
        else None,
    )


def _note(request: Request, plan: Plan | None) -> str:
    state = State(request.state)
    if state == State.OPEN and request.matches and request.subject_id is None:
        return "Several people have this address. Choose who asks."
    if state == State.OPEN and plan is not None and not plan.rows:
        return "Nothing about this person is held beyond this request."
    if state == State.SECOND:
        return f"{_name(request.decided_by)} decided. Somebody else has to agree."
    return ""
