"""`backup` and `restore`."""

from dataclasses import asdict
from pathlib import Path

import typer

from plainspoken.cli.output import answer, console, fail


def register(app: typer.Typer) -> None:
    app.command()(backup)
    app.command()(restore)


def backup(
    into: Path = typer.Argument(help="Folder that receives the backup."),
    keys: Path | None = typer.Option(
        None, help="Another folder for a copy of the keyring; keep the two apart."
    ),
    json: bool = typer.Option(False, "--json"),
) -> None:
    """Back up database and objects, sealed; expired backups in the folder are removed."""
    from plainspoken.config import backups

    try:
        made = backups.backup(into=into, keys=keys)
    except backups.BackupRefused as error:
        fail(str(error))
    answer(
        asdict(made),
        json=json,
        human=lambda: console.print(
            f"Backed up to {made.folder}: {made.organisations} organisations, {made.objects} objects,"
            f" {made.database_bytes // 1024} kB of database. It ends on {made.expires_at[:10]}."
        ),
    )


def restore(
    folder: Path = typer.Argument(help="A folder that `plainspoken backup` made."),
    keys: Path | None = typer.Option(None, help="A copy of the keyring, when this machine has none."),
    rehearse: bool = typer.Option(
        False, "--rehearse", help="Restore beside the live data, report, remove it again."
    ),
    look_for: list[str] = typer.Option(
        [], "--look-for", help="With --rehearse: search the copy for these values."
    ),
    json: bool = typer.Option(False, "--json"),
) -> None:
    """Restore a backup; every erasure since is replayed before it serves."""
    from plainspoken.config import backups

    try:
        done = backups.restore(folder=folder, keys=keys, rehearse=rehearse, look_for=look_for)
    except backups.BackupRefused as error:
        fail(str(error))
    answer(
        asdict(done),
        json=json,
        human=lambda: console.print(
            f"{'Rehearsed' if rehearse else 'Restored'}: {sum(done.tables.values())} rows,"
            f" {done.objects} objects, {done.erasures_replayed} erasures replayed,"
            f" ledgers {'sound' if done.ledgers_sound else 'NOT sound'}."
        ),
    )
    if not done.ledgers_sound:
        fail("A ledger of the restored copy is not sound. Use another backup.")
