"""`disclosures`: what left, what was refused, and asking the gate."""

import typer

from plainspoken.cli.organisations import chosen, subject_named
from plainspoken.cli.output import PROBLEM, answer, console, table
from plainspoken.custody.actors import program

COMMAND_LINE, AUDIT = program("command-line"), "security.audit"
ORGANISATION = typer.Option(None, help="Short name of the organisation; needed where there are several.")
JSON = typer.Option(False, "--json", help="Answer as JSON.")


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="What left, what was refused, and asking the gate.", no_args_is_help=True)
    group.command(name="list")(show)
    group.command(name="try")(attempt)
    app.add_typer(group, name="disclosures")


def show(
    outcome: str = typer.Option("", help="released, refused or failed."),
    last: int = typer.Option(50, min=1, max=1000),
    organisation: str | None = ORGANISATION,
    json: bool = JSON,
) -> None:
    """The newest decisions of the gate."""
    from plainspoken.custody.sessions import purpose
    from plainspoken.disclosures.models import Release

    row = chosen(organisation)
    with purpose(AUDIT, organisation=row.id, by=COMMAND_LINE):
        releases = Release.objects.filter(organisation_id=row.id)
        if outcome:
            releases = releases.filter(outcome=outcome)
        found = [
            {"at": r.at, "recipient": r.recipient, "purpose": r.purpose, "categories": r.categories,
             "outcome": r.outcome, "code": r.code, "parts": r.parts, "bytes": r.bytes}
            for r in releases.order_by("-at")[:last]
        ]  # fmt: skip
    answer(
        {"releases": found},
        json=json,
        human=lambda: table(
            "Decisions of the gate",
            ("When", "Recipient", "Purpose", "Outcome", "Parts"),
            [
                (f"{r['at']:%Y-%m-%d %H:%M}", r["recipient"], r["purpose"], r["outcome"], r["parts"])
                for r in found
            ],
        ),
    )


def attempt(
    person: str = typer.Argument(help="Whose data: an e-mail address or a pseudonym."),
    to: str = typer.Option(..., help="The recipient, by its name in the policy."),
    purpose: str = typer.Option(..., help="The purpose."),
    category: list[str] = typer.Option(..., help="A category; may be repeated."),
    organisation: str | None = ORGANISATION,
    json: bool = JSON,
) -> None:
    """Ask the gate. A refusal is recorded and ends with exit code 1; where it would pass, nothing is sent."""
    from plainspoken.disclosures.services import Delivered, Refused, can_release, release

    row = chosen(organisation)
    allowed, reason = can_release(organisation=row.id, recipient=to, purpose=purpose, categories=category), ""
    if not allowed:
        try:
            release(
                organisation=row.id, recipient=to, purpose=purpose, categories=category,
                subject=subject_named(row, person), deliver=lambda: Delivered(parts=0, bytes=0), by=COMMAND_LINE,
            )  # fmt: skip
            allowed = True
        except Refused as refused:
            reason = str(refused)
    answer(
        {"allowed": allowed, "reason": reason},
        json=json,
        human=lambda: console.print("The policy allows it. Nothing was sent." if allowed else reason),
    )
    if not allowed:
        raise typer.Exit(PROBLEM)
