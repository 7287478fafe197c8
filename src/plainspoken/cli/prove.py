"""`policy prove`: act on the running system as a person would, for every clause, and say what held."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from plainspoken.cli.organisations import chosen
from plainspoken.cli.output import USAGE, answer, console, errors, fail, table
from plainspoken.custody.models import Organisation

WORDS = {"held": "[green]held[/]", "broken": "[bold red]broken[/]", "unproved": "[yellow]unproved[/]"}


def register(app: typer.Typer) -> None:
    from plainspoken.cli.policy import group

    group.command()(prove)


def prove(
    clauses: list[str] = typer.Argument(None, help="Clauses to prove; all when none is named."),
    organisation: str | None = typer.Option(None, help="Whose promises."),
    json: bool = typer.Option(False, "--json"),
) -> None:
    """Prove clauses on the running system. Exit 1 if any is broken. Unproved is said, never counted as held."""
    from plainspoken.config import proof

    row = chosen(organisation)
    try:
        wanted = proof.known(organisation=row.id, clauses=clauses or [])
    except proof.UnknownClause as error:
        fail(str(error), code=USAGE)
    run = carry_out(row, wanted, quiet=json)
    answer(run, json=json, human=lambda: show(run))
    raise typer.Exit(1 if any(c["status"] == "broken" for c in run["clauses"]) else 0)


def carry_out(
    row: Organisation, wanted: Sequence[str], *, quiet: bool, url: str | None = None
) -> dict[str, Any]:
    """Prove with a progress display, on the server at `url` or one found or started; the run is signed and recorded."""
    from plainspoken.config import proof
    from plainspoken.proofs.commands import command

    with (
        Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TimeElapsedColumn(),
            console=errors,
            disable=quiet,
            transient=True,
        ) as progress,
        tempfile.TemporaryDirectory() as folder,
    ):
        task = progress.add_task("Starting", total=len(wanted))

        def tell(clause: str) -> None:
            progress.update(task, description=f"Proving {clause}", advance=1)

        return proof.prove(
            organisation=row, clauses=wanted, folder=Path(folder), command=command, tell=tell, url=url
        )


def show(run: dict[str, Any]) -> None:
    """The clauses that were tried or broke, then the counts."""
    tried = [c for c in run["clauses"] if c["status"] != "unproved"]
    table(
        f"Policy version {run['policy_version']}",
        ("Clause", "State", "Last observation", "Seconds"),
        [(c["id"], WORDS[c["status"]], c["evidence"][-1]["text"], c["seconds"]) for c in tried],
    )
    counts = {s: sum(c["status"] == s for c in run["clauses"]) for s in WORDS}
    console.print(
        f"{counts['held']} held, {counts['broken']} broken, {counts['unproved']} unproved."
        f" Ledger head {run['ledger_head'][:16]}…, signed."
    )
