"""`models`: speech models on this machine. Exit codes: 0 done, 1 a problem, 2 a wrong call."""

from typing import Any

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

from plainspoken.cli.output import answer, console, errors, fail, table

NONE = "There is no speech model. Run `plainspoken models fetch tiny.en`."


def register(app: typer.Typer) -> None:
    """Add `models` to the command line."""
    group = typer.Typer(help="Speech models on this machine.", no_args_is_help=True)
    group.command(name="list")(show)
    group.command()(fetch)
    group.command()(check)
    app.add_typer(group, name="models")


def show(json: bool = typer.Option(False, "--json", help="Answer as JSON.")) -> None:
    """Which models are known, which are there, which one is used."""
    from plainspoken.adapters.speech import models

    try:
        used = models.available()
    except models.ModelError as error:
        used = None
        errors.print(str(error), style="bold red", markup=False)
    rows: list[dict[str, Any]] = [
        {
            "name": source.name,
            "there": source.folder.is_dir(),
            "used": used is not None and used.folder == source.folder,
            "sha256": source.digest,
            "megabytes": round(sum(wheel.size for wheel in source.wheels) / 1e6),
            "licence": source.licence,
            "folder": source.folder,
        }
        for source in models.SOURCES.values()
    ]
    others = {
        model.folder: model for model in [*models.fetched(), *([used] if used and not used.known else [])]
    }
    rows += [
        {
            "name": model.name,
            "there": True,
            "used": used is not None and used.folder == folder,
            "sha256": models.digest(folder / "model.bin"),
            "megabytes": None,
            "licence": "not known to us",
            "folder": folder,
        }
        for folder, model in others.items()
    ]
    answer({"models": rows}, json=json, human=lambda: _table(rows))


def _table(rows: list[dict[str, Any]]) -> None:
    table(
        "Speech models",
        ("Name", "There", "Used", "Download", "SHA-256"),
        [
            (
                row["name"],
                "yes" if row["there"] else "no",
                "yes" if row["used"] else "",
                f"{row['megabytes']} MB" if row["megabytes"] else "",
                row["sha256"][:12],
            )
            for row in rows
        ],
    )


def fetch(
    name: str = typer.Argument("tiny.en", help="tiny.en, base, or a hub id such as owner/name."),
    json: bool = typer.Option(False, "--json", help="Answer as JSON."),
) -> None:
    """Bring a model. Files of known models are compared with their digests before anything is put in
    place."""
    from plainspoken.adapters.speech import models

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    try:
        with Progress(*columns, console=errors, transient=True) as progress:
            task = progress.add_task("Starting", total=None)

            def tell(text: str, done: int, total: int) -> None:
                progress.update(task, description=text, completed=done, total=total or None)

            found = models.fetch(name, tell=tell)
    except models.ModelError as error:
        fail(str(error))

    def human() -> None:
        console.print(f"{found.name} is there.")
        if not found.known:
            console.print(f"To use it, set {models.ENVIRONMENT}={found.folder}", soft_wrap=True)

    answer({"name": found.name, "version": found.version, "folder": found.folder}, json=json, human=human)


def check(json: bool = typer.Option(False, "--json", help="Answer as JSON.")) -> None:
    """Compare the model in use with its known digests. Exit 1 when it differs or none is there."""
    from plainspoken.adapters.speech import models

    try:
        found = models.available()
    except models.ModelError as error:
        fail(str(error))
    if found is None:
        fail(NONE)

    def human() -> None:
        said = "is what it should be" if found.known else "is there; we know no digest of it"
        console.print(f"{found.name} {said}.")

    answer({"name": found.name, "version": found.version, "known": found.known}, json=json, human=human)
