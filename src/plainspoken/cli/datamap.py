"""`datamap`: where personal data is, and whether everything is declared."""

from dataclasses import asdict

import typer

from plainspoken.cli.organisations import chosen
from plainspoken.cli.output import PROBLEM, answer, console, errors, table

ORGANISATION = typer.Option(None, help="Whose policy names the categories; needed where there are several.")


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="Where personal data is, and whether everything is declared.")
    group.callback(invoke_without_command=True)(datamap)
    group.command()(check)
    app.add_typer(group, name="datamap")


def datamap(
    context: typer.Context,
    organisation: str | None = ORGANISATION,
    json: bool = typer.Option(False, "--json", help="Answer as JSON."),
    markdown: bool = typer.Option(False, "--markdown", help="As the document docs/reference/data-map.md."),
) -> None:
    """Every place that can hold personal data: whose, what, how long, and what erasing does there."""
    if context.invoked_subcommand is not None:
        return
    from plainspoken.custody.datamap import document, held
    from plainspoken.policies import queries
    from plainspoken.policies.datamap import said

    words = said(queries.policy_in_force(organisation=chosen(organisation).id))
    if markdown:
        typer.echo(document(words), nl=False)
        return
    rows = held(words)

    def human() -> None:
        lines = [
            (row.title, row.model, row.whose, row.personal_fields, row.retention, row.erasing) for row in rows
        ]
        table(f"{len(rows)} places", ("Place", "Model", "Whose", "Fields", "Kept", "Erasing does"), lines)

    answer({"places": [asdict(row) for row in rows]}, json=json, human=human)


def check(
    organisation: str | None = ORGANISATION,
    scratch: str = typer.Option(
        "", help="SQL to apply to a scratch database that is checked instead, then dropped."
    ),
    json: bool = typer.Option(False, "--json"),
) -> None:
    """Compare declarations with the code, the database and the published policy. Exit 1 if anything
    is undeclared.
    """
    from plainspoken.config.scratch import gaps, like_the_live_one
    from plainspoken.custody.govern import code_gaps, database_gaps
    from plainspoken.policies import coverage, queries

    policy = queries.policy_in_force(organisation=chosen(organisation).id)
    database = gaps(like_the_live_one, sql=scratch) if scratch else database_gaps()
    found = [*code_gaps(), *database, *coverage.gaps(policy), *coverage.unknown_purposes(policy)]

    def human() -> None:
        for gap in found:
            errors.print(gap.message, markup=False, soft_wrap=True)
        if not found:
            console.print("Every column, file and relation is declared, and the policy knows every name.")

    answer({"gaps": [asdict(gap) for gap in found]}, json=json, human=human)
    if found:
        raise typer.Exit(PROBLEM)
