"""`proving`: make, shift and remove the organisations that proofs run in."""

from dataclasses import asdict
from uuid import UUID

import typer

from plainspoken.cli.organisations import chosen
from plainspoken.cli.output import USAGE, answer, console, fail


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="Organisations that proofs run in.", no_args_is_help=True)
    group.command()(start)
    group.command()(end)
    group.command()(clock)
    group.command()(failures)
    group.command()(tamper)
    group.command()(scan)
    group.command()(key)
    group.command()(named)
    app.add_typer(group, name="proving")


def start(
    smtp: str = typer.Option(..., help="Mail server that keeps the mails, as smtp://127.0.0.1:PORT."),
    organisation: str | None = typer.Option(None, help="Whose policy is proved."),
    json: bool = typer.Option(False, "--json"),
) -> None:
    """Make a proving organisation with the policy in force."""
    from plainspoken.config import proving

    made = proving.start(of=chosen(organisation), smtp_url=smtp)
    answer(asdict(made), json=json, human=lambda: console.print(f"Made {made.slug}."))


def end(slug: str, json: bool = typer.Option(False, "--json")) -> None:
    """Remove a proving organisation with everything in it."""
    from plainspoken.config import proving

    removed = proving.end(organisation=_proving(slug))
    answer({"removed": removed}, json=json, human=lambda: console.print(f"{removed} rows removed."))


def clock(
    slug: str,
    shift: str = typer.Option(..., help="How far from now, as P40D, PT2H or P0D."),
    json: bool = typer.Option(False, "--json"),
) -> None:
    """Let a proving organisation live in another time."""
    from plainspoken.custody.clock import now, wall
    from plainspoken.custody.organisations import shift_clock
    from plainspoken.kernels.policy import Duration

    try:
        ahead = Duration.parse(shift).add_to(wall()) - wall()
    except ValueError:
        fail(f"{shift} is no duration. Write it as P40D, P1M or PT2H.", code=USAGE)
    row = _proving(slug)
    shift_clock(organisation=row, by=ahead)
    answer(
        {"now": now(row)}, json=json, human=lambda: console.print(f"It is {now(row):%d %B %Y, %H:%M} there.")
    )


def failures(
    slug: str,
    host: str = typer.Option(..., help="Address of the sign-in page, as 127.0.0.1:8000."),
    older_by: str = typer.Option(..., help="How much older they become, as PT15M."),
    json: bool = typer.Option(False, "--json"),
) -> None:
    """Let the failed sign-ins of a proving organisation's accounts have happened earlier."""
    from plainspoken.config import proving
    from plainspoken.custody.clock import wall
    from plainspoken.kernels.policy import Duration

    try:
        by = Duration.parse(older_by).add_to(wall()) - wall()
    except ValueError:
        fail(f"{older_by} is no duration. Write it as PT15M or P1D.", code=USAGE)
    count = proving.age_failures(organisation=_proving(slug), host=host, by=by)
    answer({"failures": count}, json=json, human=lambda: console.print(f"{count} failures are older now."))


def _proving(slug: str) -> UUID:
    from plainspoken.custody.models import Organisation

    row = Organisation.objects.filter(slug=slug, kind=Organisation.Kind.PROVING).first()
    if row is None:
        fail(f"There is no proving organisation {slug}.", code=USAGE)
    return row.id


def tamper(slug: str, json: bool = typer.Option(False, "--json")) -> None:
    """Try to change a ledger entry of a proving organisation, as the application and as the owner; always rolled back."""
    from plainspoken.config import proving

    tried = proving.tamper(organisation=_proving(slug))
    answer(
        tried,
        json=json,
        human=lambda: console.print(f"Refused to: {', '.join(tried['refused']) or 'nobody'}."),
    )


def scan(slug: str, json: bool = typer.Option(False, "--json")) -> None:
    """What a role without a purpose can read: every governed table is asked, as the application."""
    from plainspoken.config import proving

    tried = proving.scan(organisation=_proving(slug))
    answer(
        tried,
        json=json,
        human=lambda: console.print(f"{tried['refused']} of {tried['asked']} tables refused."),
    )


def key(slug: str, subject: UUID, json: bool = typer.Option(False, "--json")) -> None:
    """Whether the keyring still has the key of a person of a proving organisation: here, destroyed or none."""
    from plainspoken.config import proving

    found = proving.key_of(organisation=_proving(slug), subject=subject)
    answer({"key": found}, json=json, human=lambda: console.print(f"The key: {found}."))


def named(slug: str, ids: list[UUID], json: bool = typer.Option(False, "--json")) -> None:
    """Tables with rows that name any of these pseudonyms or conversations, whatever their declarations say."""
    from plainspoken.config import proving

    _proving(slug)
    found = proving.named(ids=ids)
    answer(
        {"tables": found}, json=json, human=lambda: console.print(", ".join(found) or "No table names them.")
    )
