"""`demo`: the main job on a fictional contact centre; serve it; remove it."""

import time
from multiprocessing import forkserver
from typing import Any

import typer
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from plainspoken.cli import prove
from plainspoken.cli.output import PROBLEM, answer, console, errors, fail, table
from plainspoken.custody.models import Organisation


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="A fictional contact centre.", no_args_is_help=True)
    group.command()(run)
    group.command()(serve)
    group.command()(remove)
    app.add_typer(group, name="demo")


def run(
    proofs: bool = typer.Option(True, help="Prove the promises at the end."),
    json: bool = typer.Option(False, "--json"),
) -> None:
    """From arrival to erasure, then the proofs. Exit 1 if a promise is broken or a step fails."""
    from plainspoken.config import mainjob, proof
    from plainspoken.config.speech import ensure_model
    from plainspoken.proofs import commands

    started = time.monotonic()
    # The process that commands are forked from takes seconds to import everything; it does so meanwhile.
    commands.server()
    forkserver.ensure_running()
    with Progress(
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        console=errors, transient=True, disable=json,
    ) as progress:  # fmt: skip
        task = progress.add_task("Looking for the speech model", total=1)
        model = ensure_model()

        def tell(text: str, done: float, total: float) -> None:
            progress.update(task, description=text, completed=done, total=total)

        def prove_all(row: Organisation, url: str) -> dict[str, Any]:
            progress.stop()
            clauses = proof.known(organisation=row.id, clauses=[])
            return prove.carry_out(row, clauses, quiet=json, url=url)

        try:
            report, proved = mainjob.run(tell=tell, prove=prove_all if proofs else None)
        except mainjob.NotDone as error:
            fail(str(error))
    steps = [("Speech model", model, 0.0), *report.steps]
    seconds = round(time.monotonic() - started, 1)

    def human() -> None:
        table("What was done", ("Step", "Seen", "Seconds"), steps)
        if proved:
            prove.show(proved)
        console.print(f"Done in {seconds} s. See it: `make run`, then http://localhost:8000.")

    answer({"steps": steps, "proof": proved, "seconds": seconds}, json=json, human=human)
    if proved and any(clause["status"] == "broken" for clause in proved["clauses"]):
        raise typer.Exit(PROBLEM)


def serve(host: str = typer.Option("127.0.0.1"), port: int = typer.Option(8000, min=1, max=65535)) -> None:
    """Serve the demonstration and print the sign-in of each role."""
    from plainspoken.config import service
    from plainspoken.demo import centre

    if centre.existing() is None:
        fail("There is no demonstration yet. Run `make demo` first.")
    if not service.free(host, port):
        fail(f"Port {port} is taken. Stop what listens there, or choose another with --port.")
    service.prepare()

    def announce(url: str) -> None:
        table(
            f"Larkfield Home at {url}",
            ("Role", "Sign in as", "Password"),
            [(s.role, s.login, s.password) for s in centre.sign_ins()],
        )
        console.print(f"The privacy centre is at {url}/privacy/{centre.SLUG}/.")
        console.print("Ctrl-C ends it.")

    raise typer.Exit(service.serve(host=host, port=port, announce=announce))


def remove(json: bool = typer.Option(False, "--json")) -> None:
    """Remove the demonstration: keys, rows, objects, accounts."""
    from plainspoken.config import demonstration

    removed = demonstration.remove()
    answer({"removed": removed}, json=json, human=lambda: console.print(f"{removed} rows removed."))
