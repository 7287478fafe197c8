"""Access and erasure: the walk over the data map against statements written by hand, and whole requests."""

import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from statistics import median
from typing import TypeVar
from uuid import UUID

from procrastinate.contrib.django import app

from plainspoken.custody import acts
from plainspoken.custody.actors import program
from plainspoken.custody.sessions import purpose
from plainspoken.disclosures import queries as disclosures
from plainspoken.rights import services

from . import baseline
from .loading import rows
from .measured import Person
from .measuring import Figure, Line, pairs
from .store import ME

T = TypeVar("T")
CODE = re.compile(r"Your code is (\d+)")
SECOND = program("bench-second")


class NotTheSame(AssertionError):
    """Ours and the baseline do not find the same rows, so their times must not be compared."""


def access(organisation: UUID, subject: UUID) -> dict[str, int]:
    """Count everywhere and copy where there is something, as an access request does; returns how many rows."""
    with purpose("rights.execute", organisation=organisation, by=ME):
        held = acts.counts(subject)
        found = {
            place.model: sum(1 for _ in acts.copy(place, subject)) if held[place.model] else 0
            for place in acts.personal_places()
        }
    if held != found:
        raise NotTheSame(f"The places count {held} and copy {found}.")
    return found


def erase(organisation: UUID, subject: UUID) -> None:
    """Plan, and erase where there is something, as an erasure does."""
    with purpose("rights.execute", organisation=organisation, by=ME):
        for place in acts.needed(acts.plans(subject)):
            acts.erase(place, subject, by=ME)


def access_line(organisation: UUID, people: Sequence[Person], *, count: int, held: int) -> Line:
    """An access request's reads, for one person after another."""
    same(organisation, people[0].subject)
    mine, theirs = _in_turn(people), _in_turn(people)
    about = sum(baseline.fetch(organisation, people[0].subject).values())
    return pairs(
        "Access",
        ours=lambda: access(organisation, next(mine)),
        baseline=lambda: baseline.fetch(organisation, next(theirs)),
        describe=(
            f"count at all {len(acts.personal_places())} places and copy, under row-level security, opened",
            f"{len(baseline.WHERE)} SELECTs by indexed keys, as the owner, not opened",
        ),
        count=count,
        goal=5.0,
        note=f"{about} rows of one person among {held:,}. The baseline neither counts nor decrypts.",
    )


def same(organisation: UUID, subject: UUID) -> None:
    """Raises NotTheSame where ours and the baseline differ at any place."""
    ours, theirs = access(organisation, subject), baseline.fetch(organisation, subject)
    wrong = [name for name in ours if ours[name] != theirs.get(name, 0)]
    if wrong or set(ours) - set(theirs) - set(baseline.NOWHERE):
        raise NotTheSame(f"Ours and the baseline differ at {', '.join(wrong) or 'a place without baseline'}.")


def erasure_line(organisation: UUID, people: Sequence[Person], *, count: int, held: int) -> Line:
    """The reads and writes of an erasure; each turn takes two people, one for each way."""
    mine, theirs = _in_turn(people[0::2]), _in_turn(people[1::2])
    return pairs(
        "Erasure",
        ours=lambda: erase(organisation, next(mine)),
        baseline=lambda: baseline.erase(next(theirs)),
        describe=(
            "plan at all places and erase where something is, in one session, with the removal of stored objects",
            f"{len(baseline.DELETES) + 1} statements by indexed keys in one transaction, as the owner",
        ),
        count=count,
        warm=1,
        goal=5.0,
        note=(
            f"Of one person among {held:,} rows. Ours asks once what is where, acts where something is, and checks"
            " what still needs a key. The baseline leaves stored sound and words alone."
        ),
    )


def needed(count: int) -> int:
    """How many people an erasure line uses up."""
    return 2 * (count + 1)


def _in_turn(people: Sequence[Person]) -> Iterator[UUID]:
    while True:
        yield from (person.subject for person in people)


# ---- whole requests ----


def whole(organisation: UUID, people: Sequence[Person], kind: str) -> Figure:
    """A request from its filing to its answer, without the times in which it waits for people and mail."""
    seconds = [_request(organisation, person, kind) for person in people]
    done = {
        "access": "file, code, proof, plan, decide, execute: the archive is written and checked",
        "erase": "file, code, proof, plan, decide, agree, execute: a step a place, the key, another look",
    }
    return Figure(
        f"{kind.capitalize()} request, whole",
        round(median(seconds) * 1000, 1),
        "ms",
        done[kind],
        note=f"Median of {len(seconds)}.",
    )


def _request(organisation: UUID, person: Person, kind: str) -> float:
    clock = _Stopwatch()
    claim = services.Claim(email=person.email, name=person.name)
    filed = clock(lambda: services.file(organisation=organisation, kind=kind, claim=claim, by=ME))
    reference = filed.reference
    clock(
        lambda: services.send_code(organisation=organisation, reference=reference, by=ME, token=filed.token)
    )
    code = _code(organisation)
    clock(
        lambda: services.verify(
            organisation=organisation, reference=reference, code=code, by=ME, token=filed.token
        )
    )
    plan = clock(lambda: services.plan(organisation=organisation, reference=reference, by=ME))
    request = clock(
        lambda: services.decide(
            organisation=organisation, reference=reference, plan_seen=plan.fingerprint, by=ME, typed=reference
        )
    )
    if request.state == "second":
        clock(
            lambda: services.approve(
                organisation=organisation, reference=reference, plan_seen=plan.fingerprint, by=SECOND
            )
        )
    done = clock(lambda: services.execute(organisation=organisation, request=request.id, by=ME))
    if done.state != "done":
        raise NotTheSame(f"The request {reference} is {done.state}, not done.")
    return clock.seconds


class _Stopwatch:
    """Runs calls and adds up how long they took."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self, call: Callable[[], T]) -> T:
        started = time.perf_counter()
        try:
            return call()
        finally:
            self.seconds += time.perf_counter() - started


def _code(organisation: UUID) -> str:
    """Send the mails that wait, and read the newest code in the demonstration's outbox."""
    waiting = "SELECT id, args FROM procrastinate_jobs WHERE status = 'todo' AND task_name = %s ORDER BY id"
    for job, arguments in rows(waiting, "disclosures.send"):
        rows("DELETE FROM procrastinate_jobs WHERE id = %s RETURNING id", job)
        app.tasks["disclosures.send"].func(**json.loads(arguments))
    with purpose("security.audit", organisation=organisation, by=ME):
        letters = [mail.letter for mail in disclosures.outbox(organisation=organisation) if mail.letter]
    return next(found[1] for letter in letters if (found := CODE.search(letter.text)))
