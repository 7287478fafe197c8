"""`residue`: is a value still in any store, in any spelling?"""

from dataclasses import asdict

import typer

from plainspoken.cli.output import answer, console, table


def register(app: typer.Typer) -> None:
    app.command()(residue)


def residue(
    values: list[str] = typer.Argument(help="Names, addresses, numbers to look for."),
    json: bool = typer.Option(False, "--json"),
) -> None:
    """Search every table, object and log for values in every spelling. Exit 1 if any is found."""
    from plainspoken.config.residue import search

    hits = list(search(values))
    answer(
        {"hits": [asdict(hit) for hit in hits]},
        json=json,
        human=lambda: (
            table("Found", ("Where", "Value", "Times"), [(h.place, h.value + 1, h.count) for h in hits])
            if hits
            else console.print("Nothing of these values is left in clear.")
        ),
    )
    raise typer.Exit(1 if hits else 0)
