"""A centre with planted evaluations: agents in teams, queues, people and rules, over sixteen weeks, by a seed."""

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from plainspoken.conversations.models import Conversation, Participation
from plainspoken.custody import clock
from plainspoken.custody.actors import Actor, person, program
from plainspoken.custody.models import Organisation, Subject
from plainspoken.custody.sessions import purpose
from plainspoken.kernels.quality.tests.forms import SERVICE
from plainspoken.people.models import Membership
from plainspoken.people.services import add_member
from plainspoken.quality.models import Answer, Dispute, Evaluation, FormVersion
from plainspoken.quality.services import forming

ME = program("test")
QUEUES = ("Returns", "Orders", "Billing", "Delivery", "")
TEAMS = {"Ada": "North", "Bo": "North", "Cai": "South", "Dee": "South", "Eli": "West", "Fay": ""}


@dataclass
class Planted:
    """What was planted, as plain values: the oracle counts these and never asks the database."""

    house: Organisation
    version: FormVersion
    agents: dict[str, Membership]
    staff: dict[str, Membership]
    evaluations: list[dict[str, Any]] = field(default_factory=list)
    answers: list[dict[str, Any]] = field(default_factory=list)
    disputes: list[dict[str, Any]] = field(default_factory=list)

    def actor(self, who: str) -> Actor:
        return person(self.staff[who].account_id)


def member(house: Organisation, role: str, name: str, team: str = "") -> Membership:
    return add_member(
        organisation=house.id,
        email=f"{name.lower()}@{house.slug}.example",
        name=f"{name} Stone",
        role=Membership.Role(role),
        team=team,
        by=ME,
        region="DE",
    )


def staffed(house: Organisation) -> Planted:
    """People and a form in use, and nothing evaluated."""
    agents = {name: member(house, "agent", name, team) for name, team in TEAMS.items()}
    staff = {"sue": member(house, "supervisor", "Sue"), "ann": member(house, "analyst", "Ann")}
    version = forming.begin(organisation=house.id, content=SERVICE, by=ME)
    version = forming.publish(organisation=house.id, form=version.form_id, by=ME)
    return Planted(house, version, agents, staff)


def planted(house: Organisation, *, count: int = 400, seed: int = 7) -> Planted:
    """`count` conversations of the last sixteen weeks, each evaluated by a person, rules, both, or rules twice."""
    there, chance = staffed(house), random.Random(seed)
    now = clock.now(house.id)
    with purpose("ingest.write", organisation=house.id, by=ME):
        customers = Subject.objects.bulk_create(
            Subject(organisation=house, kind=Subject.Kind.CUSTOMER, created_at=now) for _ in range(90)
        )
        rows: dict[type[Any], list[Any]] = {
            Conversation: [],
            Participation: [],
            Evaluation: [],
            Answer: [],
            Dispute: [],
        }
        for number in range(count):
            _one(there, chance, now, customers, rows, number)
        for model, made in rows.items():
            model.objects.bulk_create(made, batch_size=2000)
    return there


def _one(
    there: Planted, chance: random.Random, now: datetime, customers: list[Subject], rows: dict[type[Any], list[Any]],
    number: int,
) -> None:  # fmt: skip
    happened = now - timedelta(minutes=chance.randrange(60, 112 * 24 * 60))
    name = chance.choice(list(TEAMS))
    call = Conversation(
        organisation=there.house, kind=chance.choice(["call", "call", "chat"]), point="conversation.folder", policy_version=1,
        started_at=happened, duration_s=60.0, queue=chance.choice(QUEUES), state="ready", arrived_at=happened,
    )  # fmt: skip
    customer = chance.choice(customers)
    rows[Conversation].append(call)
    for position, (role, subject) in enumerate(
        (("agent", there.agents[name].subject), ("customer", customer))
    ):
        rows[Participation].append(
            Participation(
                organisation=there.house, conversation=call, subject=subject, role=role, position=position
            )
        )
    for made_by, later in chance.choice(
        [[("person", 1)], [("automatic", 0)], [("person", 2), ("automatic", 0)], [("automatic", 0), ("automatic", 3)],
         [("person", 1), ("person", 4)]]
    ):  # fmt: skip
        _evaluated(
            there,
            chance,
            rows,
            call,
            name,
            customer,
            made_by,
            happened + timedelta(hours=1, days=later),
            number,
        )


def _evaluated(
    there: Planted, chance: random.Random, rows: dict[type[Any], list[Any]], call: Conversation, name: str,
    customer: Subject, made_by: str, at: datetime, number: int,
) -> None:  # fmt: skip
    who = chance.choice(["sue", "ann"])
    # One draft at most of a conversation, as the database has it.
    first = not there.evaluations or there.evaluations[-1]["conversation"] != call.id
    draft = made_by == "person" and chance.random() < 0.05 and first
    released = None if draft or chance.random() < 0.1 else at + timedelta(hours=2)
    read = released + timedelta(hours=chance.randrange(1, 90)) if released and chance.random() < 0.6 else None
    row = Evaluation(
        id=uuid4(), organisation=there.house, conversation=call, agent=there.agents[name].subject, version=there.version,
        made_by=made_by, evaluator=str(there.actor(who)) if made_by == "person" else "program:scorer",
        rules=f"v{len(rows[Evaluation])}" if made_by == "automatic" else "",
        state="draft" if draft else "released" if released else "submitted",
        percent=None if draft else round(chance.uniform(20, 100), 3), passed=None if draft else chance.random() < 0.7,
        fatal=["verified"] if chance.random() < 0.2 else [], made_at=at, submitted_at=None if draft else at + timedelta(minutes=30),
        released_at=released, acknowledged_at=read,
    )  # fmt: skip
    rows[Evaluation].append(row)
    there.evaluations.append(
        {"id": row.id, "conversation": call.id, "agent": name, "subject": row.agent_id, "team": TEAMS[name],
         "made_by": made_by, "evaluator": row.evaluator, "draft": draft, "percent": row.percent, "passed": row.passed,
         "fatal": bool(row.fatal), "made": at, "submitted": row.submitted_at, "released": released, "read": read,
         "happened": call.started_at, "queue": call.queue, "kind": call.kind, "customer": customer.id}
    )  # fmt: skip
    values = {"greeting": chance.choice(["yes", "no"]), "verified": chance.choice(["yes", "no", None]),
              "solved": str(chance.randrange(1, 6)), "explained": chance.choice(["well", "half", "rude", ""])}  # fmt: skip
    for question, value in values.items():
        if value == "":
            continue
        rows[Answer].append(
            Answer(organisation=there.house, evaluation=row, question=question, value=value or "", not_applicable=value is None)
        )  # fmt: skip
        there.answers.append({"evaluation": row.id, "question": question, "value": value})
    if released and chance.random() < 0.3:
        decided = chance.random() < 0.7
        overturned = chance.random() < 0.4
        before = "no" if values["greeting"] == "yes" else "yes"
        rows[Dispute].append(
            Dispute(
                organisation=there.house, evaluation=row, stage="dispute", made_at=released, decide_until=released,
                decided_at=released if decided else None, outcome=("overturned" if overturned else "upheld") if decided else "",
                changes={"greeting": [before, values["greeting"]]} if decided and overturned else {},
            )
        )  # fmt: skip
        there.disputes.append(
            {"evaluation": row.id, "decided": decided, "overturned": overturned, "before": before}
        )


def noon(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), tzinfo=UTC) + timedelta(hours=12)


def subject_of(there: Planted, name: str) -> UUID:
    found = there.agents[name].subject_id
    assert found is not None
    return found
