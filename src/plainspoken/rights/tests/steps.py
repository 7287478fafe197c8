"""What the tests of rights, retention and disclosures share: people, mails, jobs, and a look from outside."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from django.conf import settings
from django.db import connections
from procrastinate.contrib.django import app

from plainspoken.custody.actors import Actor, person, program, visitor
from plainspoken.custody.models import Organisation, Subject
from plainspoken.custody.sessions import purpose
from plainspoken.disclosures import queries as disclosures
from plainspoken.disclosures.messages import Letter
from plainspoken.people.models import Identifier
from plainspoken.people.resolution import Given, resolve
from plainspoken.policies.services import publish
from plainspoken.rights import services
from plainspoken.rights.models import Request

ME = program("test")
WEB = visitor("page")
POLICY = Path(__file__).resolve().parents[4] / "policies" / "plainspoken.md"
CODE = re.compile(r"Your code is (\d+)")


def owner() -> Any:
    """A connection as the owner: sees every row of every organisation, whatever row-level security says."""
    given = connections["owner"].settings_dict
    return psycopg.connect(
        host=given["HOST"],
        port=given["PORT"],
        dbname=given["NAME"],
        user=given["USER"],
        password=given["PASSWORD"],
        autocommit=True,
    )


def rows(sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """Rows as the owner sees them."""
    with owner() as line:
        return line.execute(sql, parameters).fetchall()


def work(*, only: str = "") -> int:
    """Run queued jobs here and now, in order, until none is left; what a job raises is raised. Returns how
    many.
    """
    count = 0
    while True:
        waiting = rows("SELECT id, task_name, args FROM procrastinate_jobs WHERE status = 'todo' ORDER BY id")
        waiting = [job for job in waiting if not only or job[1] == only]
        if not waiting:
            return count
        for identity, name, arguments in waiting:
            with owner() as line:
                line.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [identity])
            app.tasks[name].func(**arguments)
            count += 1


def somebody(house: Organisation, *, email: str, name: str = "", phone: str = "", account: str = "") -> UUID:
    """A customer whom we hold."""
    given = [
        Given(kind, value)
        for kind, value in (
            (Identifier.Kind.EMAIL, email),
            (Identifier.Kind.NAME, name),
            (Identifier.Kind.PHONE, phone),
            (Identifier.Kind.ACCOUNT, account),
        )
        if value
    ]
    with purpose("ingest.write", organisation=house.id, by=ME):
        return resolve(given=given, region="DE", source="conversation.upload", by=ME).id


def outbox(house: Organisation) -> list[Letter]:
    """What the demonstration's outbox holds, newest first."""
    with purpose("security.audit", organisation=house.id, by=ME):
        return [mail.letter for mail in disclosures.outbox(organisation=house.id) if mail.letter]


def last_code(house: Organisation) -> str:
    """The code of the newest mail that has one."""
    return next(found[1] for letter in outbox(house) if (found := CODE.search(letter.text)))


def filed(house: Organisation, kind: str, *, email: str, by: Actor = WEB, **more: Any) -> services.Filed:
    """A request from the public page."""
    claim = services.Claim(email=email, name=more.pop("name", ""), details=more.pop("details", ""))
    return services.file(organisation=house.id, kind=kind, claim=claim, by=by, **more)


def code_for(house: Organisation, request: services.Filed) -> str:
    """Ask for a code, let the mail go, read it."""
    services.send_code(organisation=house.id, reference=request.reference, by=WEB, token=request.token)
    work(only="disclosures.send")
    return last_code(house)


def proved(house: Organisation, kind: str, *, email: str, **more: Any) -> services.Filed:
    """A request whose person has proved themselves; its token is the one after the proof."""
    request = filed(house, kind, email=email, **more)
    verdict = services.verify(
        organisation=house.id,
        reference=request.reference,
        code=code_for(house, request),
        by=WEB,
        token=request.token,
    )
    assert verdict.verified and verdict.token
    work(only="rights.forget_key")
    return services.Filed(reference=request.reference, token=verdict.token)


def officer(staff: Any, login: str = "privacy_officer") -> Actor:
    """A privacy officer as an actor."""
    member, _ = staff("privacy_officer", login)
    return person(member.account_id)


def decided(house: Organisation, reference: str, by: Actor, **more: Any) -> Request:
    """Look at the plan and decide."""
    made = services.plan(organisation=house.id, reference=reference, by=by)
    return services.decide(
        organisation=house.id, reference=reference, plan_seen=made.fingerprint, by=by, **more
    )


def erased(house: Organisation, staff: Any, *, email: str) -> services.Filed:
    """An erasure from filing to its answer."""
    request = proved(house, "erase", email=email)
    decided(house, request.reference, officer(staff, f"a-{request.reference}"), typed=request.reference)
    made = services.plan(organisation=house.id, reference=request.reference, by=ME)
    services.approve(
        organisation=house.id,
        reference=request.reference,
        plan_seen=made.fingerprint,
        by=officer(staff, f"b-{request.reference}"),
    )
    work()
    return request


def request_of(house: Organisation, reference: str) -> Request:
    """The row."""
    with purpose("rights.execute", organisation=house.id, by=ME):
        return Request.objects.get(organisation=house, reference=reference)


@contextmanager
def policy_with(house: Organisation, *changes: tuple[str, str]) -> Iterator[None]:
    """Publish our policy with text replaced (each must occur), as an operator would."""
    text = POLICY.read_text("utf-8")
    for old, new in changes:
        assert old in text, f"the policy does not say {old!r}"
        text = text.replace(old, new)
    republish(house, text)
    yield


def republish(house: Organisation, text: str) -> None:
    """Publish a text; people count as told of what is material, long enough ago."""
    from datetime import timedelta

    from plainspoken.custody import clock

    notified = clock.now(house.id) - timedelta(days=60)
    publish(organisation=house.id, source=text, file="changed.md", by=ME, notified=notified, told=1)


def everything_in(database: str) -> bytes:
    """Every row of every table as text, as the owner sees it: an oracle that knows no declaration."""
    found = []
    with owner() as line:
        for (table,) in line.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        ).fetchall():
            found += [str(row[0]) for row in line.execute(f'SELECT t::text FROM "{table}" t').fetchall()]
    assert found, database
    return "\n".join(found).encode()


def stored_files() -> dict[str, bytes]:
    """Every stored object as it lies on the disk."""
    folder = Path(settings.OBJECTS_FOLDER)
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def subject_row(house: Organisation, subject: UUID) -> Subject:
    with purpose("rights.execute", organisation=house.id, by=ME):
        return Subject.objects.get(id=subject)


def sealed(house: Organisation, *, within_s: float = 60) -> None:
    """Seal until nothing waits: a transaction of any other database of the same server may hold a seal up."""
    import time

    from plainspoken.custody import sealing

    end = time.monotonic() + within_s
    while sealing.verify(organisation=house.id).pending and time.monotonic() < end:
        sealing.seal(organisation=house.id)
        time.sleep(0.1)
