"""`requests`: the register of requests, from filing to the answer."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typer

from plainspoken.cli.organisations import chosen
from plainspoken.cli.output import USAGE, answer, console, fail, table
from plainspoken.custody.actors import Actor, person, program

COMMAND_LINE, OFFICE = program("command-line"), "rights.execute"
ORGANISATION = typer.Option(None, help="Short name of the organisation; needed where there are several.")
JSON = typer.Option(False, "--json", help="Answer as JSON.")
REFERENCE = typer.Argument(..., help="The number of the request, such as R-2026-0001.")
ACTING = typer.Option(
    None, "--as", help="Sign-in address of the member who acts; needed for the second person."
)
DETAILS = typer.Option(None, help="A text file with what they wrote.")
TEXT = typer.Argument(..., help="A text file with the answer.")
REASON = typer.Option(..., help="The reasons; the person reads them.")


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="Requests of people about their data.", no_args_is_help=True)
    commands = (
        show,
        file,
        code,
        verify,
        plan,
        execute,
        approve,
        refuse,
        extend,
        answer_by_hand,
        lift,
        states,
    )
    for command in commands:
        group.command(name="answer" if command is answer_by_hand else None)(command)
    group.command(name="list")(listed)
    app.add_typer(group, name="requests")


def _by(organisation: Any, acting: str | None) -> Actor:
    """The member of this address, or the command line itself."""
    if acting is None:
        return COMMAND_LINE
    from plainspoken.people.models import Membership

    member = Membership.objects.filter(
        organisation=organisation, account__email=acting.lower(), ended_at=None
    ).first()
    if member is None:
        fail(f"Nobody here signs in as {acting}. Check the address.", code=USAGE)
    return person(member.account_id)


def _described(row: Any) -> dict[str, Any]:
    from plainspoken.rights.queries import clock_of, deadline_of

    return {
        "reference": row.reference,
        "kind": row.kind,
        "law": row.law,
        "state": row.state,
        "received_at": row.received_at,
        "due": deadline_of(row).due,
        "clock": clock_of(row).headline,
        "outcome": row.outcome,
    }


def _one(row: Any, *, json: bool) -> None:
    found = _described(row)
    answer(found, json=json, human=lambda: console.print(f"{row.reference}: {row.state}. {found['clock']}."))


def listed(organisation: str | None = ORGANISATION, json: bool = JSON) -> None:
    """Every request, newest first, without what people told us."""
    from plainspoken.custody import ledger
    from plainspoken.custody.sessions import purpose
    from plainspoken.rights.models import Request

    house = chosen(organisation)
    with purpose(OFFICE, organisation=house.id, by=COMMAND_LINE):
        rows = Request.objects.filter(organisation=house).order_by("-received_at")
        found = [_described(row) for row in rows]
        ledger.enter_read(place="rights.Request", rows=len(found), by=COMMAND_LINE)
    answer(
        {"requests": found},
        json=json,
        human=lambda: table(
            "Requests",
            ("Number", "What", "Law", "State", "Due", "Clock"),
            [(r["reference"], r["kind"], r["law"], r["state"], r["due"], r["clock"]) for r in found],
        ),
    )


def show(reference: str = REFERENCE, organisation: str | None = ORGANISATION, json: bool = JSON) -> None:
    """One request, without what the person told us."""
    from plainspoken.custody import ledger
    from plainspoken.custody.sessions import purpose
    from plainspoken.rights.queries import find

    house = chosen(organisation)
    with purpose(OFFICE, organisation=house.id, by=COMMAND_LINE):
        row = find(organisation=house.id, reference=reference)
        ledger.enter_read(place="rights.Request", rows=1, by=COMMAND_LINE, subject=row.subject_id)
        _one(row, json=json)


def file(
    kind: str = typer.Argument(..., help="access, erase, restrict, or another right of the policy."),
    law: str = typer.Option("gdpr", help="gdpr, uk-gdpr, ccpa, or another law of the policy."),
    email: str = typer.Option("", help="Where the code goes."),
    name: str = typer.Option("", help="The name they gave."),
    phone: str = typer.Option("", help="The number they gave."),
    details: Path | None = DETAILS,
    ground: str = typer.Option("", help="The ground of a restriction."),
    channel: str = typer.Option("letter", help="letter, email, phone or visit."),
    received: str | None = typer.Option(None, help="Day of receipt (YYYY-MM-DD); default: now."),
    organisation: str | None = ORGANISATION,
    json: bool = JSON,
) -> None:
    """Enter a request that came to us. Its clock runs from the day of receipt."""
    from plainspoken.rights import services

    house = chosen(organisation)
    try:
        day = datetime.fromisoformat(received) if received else None
    except ValueError:
        fail(f"{received} is no day. Write it as 2026-11-24.", code=USAGE)
    words = details.read_text("utf-8") if details else ""
    filed = services.file(
        organisation=house.id,
        kind=kind,
        law=law,
        claim=services.Claim(name=name, email=email, phone=phone, details=words),
        ground=ground,
        channel=channel,
        received_at=day.replace(tzinfo=UTC) if day else None,
        by=COMMAND_LINE,
    )
    answer(
        {"reference": filed.reference}, json=json, human=lambda: console.print(f"Filed as {filed.reference}.")
    )


def code(reference: str = REFERENCE, organisation: str | None = ORGANISATION, json: bool = JSON) -> None:
    """Send a new code to the address of the request."""
    from plainspoken.rights import services

    sent = services.send_code(organisation=chosen(organisation).id, reference=reference, by=COMMAND_LINE)
    answer(
        {"sent_to": sent.sent_to, "expires_at": sent.expires_at, "attempts_left": sent.attempts_left},
        json=json,
        human=lambda: console.print(f"A code is on its way to {sent.sent_to}."),
    )


def verify(
    reference: str = REFERENCE,
    code: str = typer.Argument(..., help="The code from the mail."),
    organisation: str | None = ORGANISATION,
    json: bool = JSON,
) -> None:
    """Enter a code for somebody. Exit 1 if it is not the one."""
    from plainspoken.rights import services

    verdict = services.verify(
        organisation=chosen(organisation).id, reference=reference, code=code, by=COMMAND_LINE
    )
    answer(
        {"outcome": verdict.outcome, "attempts_left": verdict.attempts_left},
        json=json,
        human=lambda: console.print(f"The code is {verdict.outcome}."),
    )
    if not verdict.verified:
        raise typer.Exit(1)


def plan(reference: str = REFERENCE, organisation: str | None = ORGANISATION, json: bool = JSON) -> None:
    """What would happen now, place by place. `execute` and `approve` need its fingerprint."""
    from plainspoken.rights import services

    made = services.plan(organisation=chosen(organisation).id, reference=reference, by=COMMAND_LINE)
    rows = [(r.title, r.verb, r.count, sum(k.count for k in r.kept)) for r in made.rows]

    def human() -> None:
        table("Plan", ("Where", "What", "Items", "Kept"), rows)
        console.print(f"{made.total} items. Fingerprint {made.fingerprint}.")
        for reason in made.blocked:
            console.print(reason)

    answer({**made.as_json(), "total": made.total, "kept": made.kept}, json=json, human=human)


def execute(
    reference: str = REFERENCE,
    plan: str = typer.Option(..., help="The fingerprint of the plan that was looked at."),
    typed: str = typer.Option("", help="The request's number again; an erasure needs it."),
    ground: str = typer.Option("", help="The ground of a restriction."),
    acting: str | None = ACTING,
    organisation: str | None = ORGANISATION,
    json: bool = JSON,
) -> None:
    """Decide to carry a request out. The worker does it, once a second person agreed where the policy says
    so.
    """
    from plainspoken.rights import services

    house = chosen(organisation)
    row = services.decide(
        organisation=house.id,
        reference=reference,
        plan_seen=plan,
        typed=typed,
        ground=ground,
        by=_by(house, acting),
    )
    _one(row, json=json)


def approve(
    reference: str = REFERENCE,
    plan: str = typer.Option(..., help="The fingerprint of the plan that was looked at."),
    acting: str | None = ACTING,
    organisation: str | None = ORGANISATION,
    json: bool = JSON,
) -> None:
    """Agree as the second person."""
    from plainspoken.rights import services

    house = chosen(organisation)
    row = services.approve(organisation=house.id, reference=reference, plan_seen=plan, by=_by(house, acting))
    _one(row, json=json)


def refuse(
    reference: str = REFERENCE,
    reason: str = REASON,
    acting: str | None = ACTING,
    organisation: str | None = ORGANISATION,
) -> None:
    """Refuse a request, with reasons."""
    from plainspoken.rights import services

    house = chosen(organisation)
    services.refuse(organisation=house.id, reference=reference, reason=reason, by=_by(house, acting))
    console.print(f"{reference} is refused, and the person is told.")


def extend(
    reference: str = REFERENCE,
    reason: str = REASON,
    acting: str | None = ACTING,
    organisation: str | None = ORGANISATION,
) -> None:
    """Take longer, once, with a reason."""
    from plainspoken.rights import services

    house = chosen(organisation)
    services.extend(organisation=house.id, reference=reference, reason=reason, by=_by(house, acting))
    console.print(f"{reference} is extended, and the person is told.")


def answer_by_hand(
    reference: str = REFERENCE,
    text: Path = TEXT,
    acting: str | None = ACTING,
    organisation: str | None = ORGANISATION,
) -> None:
    """Answer by hand what no program carries out."""
    from plainspoken.rights import services

    house = chosen(organisation)
    services.answer(
        organisation=house.id, reference=reference, text=text.read_text("utf-8"), by=_by(house, acting)
    )
    console.print(f"{reference} is answered.")


def lift(
    reference: str = REFERENCE,
    acting: str | None = ACTING,
    organisation: str | None = ORGANISATION,
    json: bool = JSON,
) -> None:
    """Lift a restriction: the first call tells the person, a later one lifts."""
    from plainspoken.rights import services

    house = chosen(organisation)
    lifted = services.lift_restriction(organisation=house.id, reference=reference, by=_by(house, acting))
    text = (
        "The restriction is lifted."
        if lifted
        else "We tell the person first. Lift it once the mail has gone."
    )
    answer({"lifted": lifted}, json=json, human=lambda: console.print(text))


def states() -> None:
    """The states of a request, as the documentation shows them."""
    from plainspoken.rights.states import diagram

    typer.echo(diagram())
