"""`up`, `doctor`, `upgrade`, `work`, `version`."""

from importlib.metadata import version as installed_version

import typer

from plainspoken.cli.organisations import chosen
from plainspoken.cli.output import answer, console, fail, table


def register(app: typer.Typer) -> None:
    app.command()(up)
    app.command()(doctor)
    app.command()(upgrade)
    app.command()(work)
    app.command()(version)


def version(json: bool = typer.Option(False, "--json")) -> None:
    """Which version this is."""
    found = installed_version("plainspoken")
    answer({"version": found}, json=json, human=lambda: console.print(found))


def up(
    host: str = typer.Option("127.0.0.1", help="Address to listen on."),
    port: int = typer.Option(8000, min=1, max=65535, help="Port to listen on."),
    workers: int = typer.Option(2, min=1, max=64, help="Web processes."),
) -> None:
    """Serve: database, web and worker in one, until Ctrl-C."""
    from plainspoken.config import service

    if not service.free(host, port):
        fail(f"Port {port} is taken. Stop what listens there, or choose another with --port.")
    service.prepare()
    raise typer.Exit(
        service.serve(
            host=host,
            port=port,
            workers=workers,
            announce=lambda url: console.print(f"Serving at {url} (Ctrl-C ends it)."),
        )
    )


def doctor(
    organisation: str | None = typer.Option(
        None, help="Only what this organisation's policy promises of its ledger and of backups."
    ),
    json: bool = typer.Option(False, "--json"),
) -> None:
    """What is configured, reachable, missing, and how to mend it. Exit 1 if anything is broken."""
    from plainspoken.config.health import checks, promises

    found = promises(chosen(organisation)) if organisation else checks()
    words = {"held": "[green]fine[/]", "broken": "[bold red]broken[/]", "unproved": "[yellow]not set up[/]"}
    answer(
        {"checks": [vars(check) for check in found]},
        json=json,
        human=lambda: table(
            "Health",
            ("What", "State", "Found", "How to mend it"),
            [(c.title, words[c.status], c.text, c.mend) for c in found],
        ),
    )
    raise typer.Exit(1 if any(c.status == "broken" for c in found) else 0)


def upgrade(json: bool = typer.Option(False, "--json")) -> None:
    """Apply migrations and the derived security. Safe to run again."""
    from django.core.management import call_command
    from django.db import connections
    from django.db.migrations.executor import MigrationExecutor

    from plainspoken.custody.govern import database_gaps, govern

    executor = MigrationExecutor(connections["owner"])
    waiting = [
        f"{m.app_label}.{m.name}" for m, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())
    ]
    call_command("migrate", database="owner", verbosity=0)
    statements = govern()
    gaps = [gap.message for gap in database_gaps()]
    answer(
        {"applied": waiting, "statements": statements, "gaps": gaps},
        json=json,
        human=lambda: console.print(
            f"{len(waiting)} migrations applied, {statements} statements of derived security, {len(gaps)} gaps."
        ),
    )
    if gaps:
        fail(f"The database does not match the declarations: {gaps[0]}")


def work(once: bool = typer.Option(False, "--once", help="Run what waits, then stop.")) -> None:
    """Run queued jobs."""
    from plainspoken.config.work import drain, serve

    if once:
        drain()
    else:
        serve()
