"""The main job: a contact centre governed from arrival to erasure, on the running system, and proved.

People of the demonstration act as people do: on the public pages, with the code from their mail, at the privacy desk.
"""

import hashlib
import io
import json
import re
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from django.db import connection

from plainspoken.config import running, setup
from plainspoken.config.service import prepare
from plainspoken.conversations.models import Conversation
from plainspoken.custody import clock, sealing
from plainspoken.custody.actors import program
from plainspoken.custody.models import Organisation
from plainspoken.custody.sessions import purpose
from plainspoken.demo import automatic, centre, coaching, quality, reports
from plainspoken.demo.script import Person, customer_who_will, staff
from plainspoken.demo.waiting import Waiting, waiting
from plainspoken.exchange import services as exchange
from plainspoken.people.models import ApiToken, Membership
from plainspoken.people.services import issue_token, revoke_token
from plainspoken.proofs.mailbox import Mailbox
from plainspoken.proofs.requesting import Asking, ask, decide
from plainspoken.proofs.world import Player, Somebody, World

JOB = program("main-job")
TOKEN = "main job"  # noqa: S105 - its name
VCONS = Path(__file__).resolve().parents[4] / "shared" / "data" / "vcon" / "calls"
PATIENCE = 420.0
GROUND = "accuracy-contested"


class NotDone(RuntimeError):
    """The main job could not be finished; the message says at which step and why."""


@dataclass
class Report:
    """What the main job did, step by step, with what was seen."""

    steps: list[tuple[str, str, float]] = field(default_factory=list)
    archive: dict[str, Any] = field(default_factory=dict)


Tell = Callable[[str, float, float], None]


Prove = Callable[[Organisation, str], dict[str, Any]]


def run(
    *, tell: Tell = lambda text, done, total: None, prove: Prove | None = None
) -> tuple[Report, dict[str, Any] | None]:
    """From arrival to erasure, then the proofs, if any, on the same server (they get its address); returns their run.

    Running it again starts from an organisation made anew.
    """
    report = Report()

    def step(name: str, act: Callable[[], str]) -> None:
        started = time.monotonic()
        tell(name, 0, 1)
        seen = act()
        report.steps.append((name, seen, round(time.monotonic() - started, 1)))

    step("Prepare the database", _prepared)
    step("Remove the last demonstration", _removed)
    made: list[Organisation] = []
    step("Found Larkfield Home", lambda: _founded(made))
    row = made[0]
    with Mailbox() as mailbox, running.server(fresh=True) as url:
        Organisation.objects.filter(id=row.id).update(smtp_url=mailbox.url)
        try:
            world = _world(row, url, mailbox)
            step("Let conversations in", lambda: _arrived(row))
            step("Transcribe, redact, index", lambda: _understood(row, tell))
            step("Evaluate and calibrate", lambda: _evaluated(row))
            step("Search", lambda: _searched(world))
            step("Access", lambda: _access(world, report))
            step("Erasure", lambda: _erasure(world))
            step("Restriction", lambda: _restriction(world))
            step("Leave requests open", lambda: _left_open(world))
        finally:
            _end_tokens(row)
            Organisation.objects.filter(id=row.id).update(smtp_url="")
        step("Seal and verify the ledger", lambda: _sealed(row))
        return report, prove(row, url) if prove else None


def _prepared() -> str:
    prepare()
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return f"PostgreSQL {cursor.fetchone()[0]}, migrated and governed"


def _removed() -> str:
    from plainspoken.config.demonstration import remove

    removed = remove()
    return f"{removed} rows" if removed else "there was none"


def _founded(made: list[Organisation]) -> str:
    made.append(centre.found(policy=setup.our_policy()))
    return f"{len(staff())} people, policy published"


def _arrived(row: Organisation) -> str:
    calls = centre.bring_in(organisation=row.id)
    chats = centre.bring_in_chats(organisation=row.id)
    text = f"{sum(a.created for a in calls)} calls with sound, {sum(a.created for a in chats)} chats"
    if VCONS.is_dir():
        results = [exchange.ingest(item, organisation=row.id, by=JOB) for item in exchange.found([VCONS])]
        refused = [r for r in results if r.status == "refused"]
        if refused:
            raise NotDone(f"{refused[0].path} was refused: {refused[0].reason}")
        text += f", {sum(r.status == 'created' for r in results)} vCon conversations"
    return text


def _evaluated(row: Organisation) -> str:
    by_rules = automatic.bring_in(organisation=row.id, by=JOB)
    version = quality.bring_in(organisation=row.id, by=JOB)
    coached = coaching.bring_in(organisation=row.id, version=version, by=JOB)
    reports.bring_in(organisation=row.id)
    return f"form {version.content['title']}, 9 evaluations, 1 disputed, 1 calibration, {by_rules} more by rules, 1 report; {coached}"


def _states(row: Organisation) -> dict[str, int]:
    with purpose("ingest.write", organisation=row.id, by=JOB):
        found: dict[str, int] = {}
        for state in Conversation.objects.values_list("state", flat=True):
            found[state] = found.get(state, 0) + 1
        return found


def _understood(row: Organisation, tell: Tell) -> str:
    deadline = time.monotonic() + PATIENCE
    while True:
        states = _states(row)
        total, ended = sum(states.values()), states.get("ready", 0) + states.get("failed", 0)
        tell("Transcribe, redact, index", ended, total)
        if ended == total:
            break
        if time.monotonic() > deadline:
            raise NotDone(
                f"{total - ended} conversations were not transcribed in {PATIENCE:.0f} s. Run `plainspoken doctor`."
            )
        time.sleep(0.3)
    if states.get("failed"):
        raise NotDone(f"{states['failed']} conversations could not be transcribed. Run `plainspoken doctor`.")
    return f"{states['ready']} conversations ready"


# ---- people act ---------------------------------------------------------------------------------------------------


def _world(row: Organisation, url: str, mailbox: Mailbox) -> World:
    """The staff as provers know them: with a token each, made for this job and revoked by its end."""
    cast = {"supervisor": "supervisor", "officer": "privacy_officer", "second": "administrator"}
    people = {}
    for key, role in cast.items():
        person = staff(role)[0]
        membership = Membership.objects.get(organisation_id=row.id, account__email=person.email)
        secret = issue_token(membership=membership, name=TOKEN, by=JOB).secret
        people[key] = Player(role=role, email=person.email, password=centre.PASSWORD, token=secret)
    return World(
        url=url, organisation=str(row.id), slug=row.slug, people=people, mailbox=mailbox,
        command=lambda arguments: (_ for _ in ()).throw(NotDone("The main job uses no command.")), folder=Path(),
    )  # fmt: skip


def _end_tokens(row: Organisation) -> None:
    """What was issued for this job ends with it."""
    with purpose("organisation.manage", organisation=row.id, by=JOB):
        mine = list(
            ApiToken.objects.filter(membership__organisation_id=row.id, name=TOKEN, revoked_at=None)
            .select_related("membership")
        )  # fmt: skip
    for token in mine:
        revoke_token(token=token, by=JOB)


def _somebody(person: Person) -> Somebody:
    return Somebody(name=person.name, email=person.email, phone=person.phone, account=person.account, word="")


def _searched(world: World) -> str:
    with world.api("supervisor") as api:
        answered = api.get("/conversations", params={"q": "refund", "purpose": "service.answer"})
    answered.raise_for_status()
    return f"“refund” is found in {answered.json()['found']} conversations"


def _asked(world: World, kind: str, person: Person, **more: str) -> Asking:
    asking = ask(world, kind, _somebody(person), **more)
    asking.prove()
    _wait(world, asking, lambda state: state not in ("received", "proving"))
    return asking


def _request(world: World, reference: str, who: str = "officer") -> dict[str, Any]:
    with world.api(who) as api:
        answered = api.get(f"/requests/{reference}")
    answered.raise_for_status()
    return dict(answered.json())


def _wait(world: World, asking: Asking, fine: Callable[[str], bool], seconds: float = 60.0) -> dict[str, Any]:
    seen = world.eventually(
        lambda: (r := _request(world, asking.reference)) and fine(r["state"]) and r, seconds=seconds
    )
    if not seen:
        raise NotDone(
            f"{asking.reference} stands at {_request(world, asking.reference)['state']}. Run `plainspoken doctor`."
        )
    return dict(seen)


def _decide(world: World, asking: Asking, **more: str) -> int:
    """The officer looks at the plan and decides; the second person agrees where one is needed."""
    with world.api("officer") as api:
        plan = _fine(api.get(f"/requests/{asking.reference}/plan"))
        decision = {"plan": plan["fingerprint"], "typed": asking.reference, **more}
        decided = _fine(api.post(f"/requests/{asking.reference}/execute", json=decision))
    if decided["second_person"]:
        with world.api("second") as api:
            again = _fine(api.get(f"/requests/{asking.reference}/plan"))
            _fine(api.post(f"/requests/{asking.reference}/approve", json={"plan": again["fingerprint"]}))
    _wait(world, asking, lambda state: state == "done", seconds=120)
    return int(plan["total"])


def _fine(answered: httpx.Response) -> dict[str, Any]:
    if answered.status_code >= 400:
        raise NotDone(f"{answered.request.url.path} answered {answered.status_code}: {answered.text[:200]}")
    return dict(answered.json())


def _access(world: World, report: Report) -> str:
    person = customer_who_will("access")
    asking = _asked(world, "access", person)
    _decide(world, asking)
    path = f"/privacy/{world.slug}/track/{asking.reference}/archive/"
    answered = world.eventually(lambda: (a := asking.browser.get(path)).status_code == 200 and a, seconds=30)
    if not answered:
        raise NotDone("The access archive could not be downloaded. Run `plainspoken doctor`.")
    report.archive = verified(answered.content)
    return f"{person.name}: archive of {report.archive['files']} files, {report.archive['size'] // 1024} kB, every digest verified"


def verified(content: bytes) -> dict[str, Any]:
    """Open an archive as its receiver would and compare every digest. Raises NotDone for one that does not hold."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        manifest = json.loads(archive.read(next(n for n in names if n.endswith("manifest.json"))))
        for name, item in manifest["signed"]["files"].items():
            if hashlib.sha256(archive.read(name)).hexdigest() != item["sha256"]:
                raise NotDone(f"{name} in the archive is not what its manifest says.")
    return {"files": len(names), "size": len(content), "names": names}


def _erasure(world: World) -> str:
    person = customer_who_will("erase")
    asking = _asked(world, "erase", person)
    total = _decide(world, asking)
    from plainspoken.config.residue import search

    values = [person.email, person.account]
    world.mailbox.wait(person.email, count=2)
    left = world.eventually(lambda: not list(search(values)), seconds=20)
    if not left:
        raise NotDone(f"Something of {person.name} is left: {next(iter(search(values)))}")
    return f"{person.name}: {total} items erased, key destroyed, every store searched: nothing left"


def _restriction(world: World) -> str:
    person = customer_who_will("restrict")
    before = _found(world)
    asking = _asked(world, "restrict", person, ground=GROUND)
    _decide(world, asking, ground=GROUND)
    gone = before - _found(world)
    some = "1 conversation" if gone == 1 else f"{gone} conversations"
    return f"{person.name}: {some} out of every use but storage and claims"


def _found(world: World) -> int:
    with world.api("supervisor") as api:
        return int(_fine(api.get("/conversations", params={"purpose": "service.answer"}))["found"])


def _left_open(world: World) -> str:
    """Three requests stay for whoever looks around: one unproved, one to decide, one for the second person."""
    for one in waiting():
        if one.days_ago is None:
            ask(world, one.kind, _somebody(one.person), details=one.details)
        else:
            _by_letter(world, one)
    return "one unproved, one to decide, one that waits for a second person"


def _by_letter(world: World, one: Waiting) -> None:
    """The officer enters a letter and sends a code; the person opens the mailed link and types it."""
    person = one.person
    letter = {
        "kind": one.kind, "channel": "letter", "received_at": str(one.received_at(clock.now(UUID(world.organisation)))),
        "name": person.name, "email": person.email, "phone": person.phone, "details": one.details,
    }  # fmt: skip
    with world.api("officer") as api:
        reference = _fine(api.post("/requests", json=letter))["reference"]
        _fine(api.post(f"/requests/{reference}/code"))
    asking = Asking(world=world, browser=world.visitor(), reference=reference, person=_somebody(person))
    link = re.search(r"https?://\S+(/privacy/\S+)", asking.mailed()[-1])
    if link is None:
        raise NotDone(f"The mail about {reference} names no link. Run `plainspoken doctor`.")
    asking.browser.get(link[1])
    asking.prove()
    _wait(world, asking, lambda state: state not in ("received", "proving"))
    if one.stage == "second":
        decided = decide(world, reference)
        if not _fine(decided)["second_person"]:
            raise NotDone(f"{reference} needs no second person by the policy in force.")


def _sealed(row: Organisation) -> str:
    sealing.seal(organisation=row.id)
    verdict = sealing.verify(organisation=row.id)
    if not verdict.sound:
        raise NotDone(f"The ledger is not sound: {verdict.findings[0].message}")
    return f"{verdict.entries} entries in {verdict.batches} batches, sound to the anchor"
