"""`models`: speech models on this machine."""

import typer

from plainspoken.cli.output import answer, console, errors, fail, table


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="Speech models on this machine.", no_args_is_help=True)
    group.command(name="list")(show)
    group.command()(fetch)
    group.command()(check)
    app.add_typer(group, name="models")


def show(json: bool = typer.Option(False, "--json")) -> None:
    """Which models are known, which is there, which is used."""
    from plainspoken.adapters.speech.models import SOURCES, available

    used = available()
    rows = [
        {"name": s.name, "there": s.folder.is_dir(), "used": used is not None and used.folder == s.folder,
         "sha256": s.digests["model.bin"], "licence": s.licence}
        for s in SOURCES.values()
    ]  # fmt: skip
    if used is not None and used.version in ("operator", "hub"):
        rows.append(
            {"name": used.name, "there": True, "used": True, "sha256": "", "licence": "yours to know"}
        )
    answer(
        {"models": rows},
        json=json,
        human=lambda: table(
            "Speech models",
            ("Name", "There", "Used", "SHA-256"),
            [
                (r["name"], "yes" if r["there"] else "no", "yes" if r["used"] else "", str(r["sha256"])[:16])
                for r in rows
            ],
        ),
    )


def fetch(
    name: str = typer.Argument("tiny.en", help="tiny.en, base, or an id of the hub."),
    json: bool = typer.Option(False, "--json"),
) -> None:
    """Bring a model; its files are compared with known digests before anything is put in place."""
    from plainspoken.adapters.speech import models

    try:
        with errors.status("Fetching", spinner="dots") as status:
            found = models.fetch(name, tell=status.update)
    except models.ModelError as error:
        fail(str(error))
    answer(
        {"name": found.name, "folder": found.folder},
        json=json,
        human=lambda: console.print(f"{found.name} is there."),
    )


def check(json: bool = typer.Option(False, "--json")) -> None:
    """Compare the model in use with its known digests. Exit 1 if it differs or none is there."""
    from plainspoken.adapters.speech import models

    found = models.available()
    if found is None:
        fail("There is no speech model. Run `plainspoken models fetch tiny.en`.")
    wrong = models.check(found)
    answer(
        {"name": found.name, "problems": wrong},
        json=json,
        human=lambda: console.print("\n".join(wrong) or f"{found.name} is what it should be."),
    )
    raise typer.Exit(1 if wrong else 0)
