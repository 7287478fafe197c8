"""`ingest`: take in recorded conversations from files and folders."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from plainspoken.cli.organisations import chosen
from plainspoken.cli.output import OK, PROBLEM, USAGE, answer, errors, fail, table
from plainspoken.custody.actors import program
from plainspoken.exchange import parcels, services
from plainspoken.exchange.services import Result

INGESTER = program("ingest")


def register(app: typer.Typer) -> None:
    app.command()(ingest)


def ingest(
    paths: Annotated[
        list[Path], typer.Argument(help="Sound, vCon, chat and mail files, or folders of them.")
    ],
    organisation: Annotated[str, typer.Option(help="Short name of the organisation.")] = "",
    point: Annotated[str, typer.Option(help="Collection point of the policy.")] = services.UPLOAD,
    json: Annotated[bool, typer.Option("--json", help="Answer as JSON.")] = False,
) -> None:
    """Take in conversations: WAV, MP3, Opus and the like with a .json beside each or a metadata.csv, vCon
    and chat files, and threads of mails (.eml, .mbox).

    Exit code 0 when all were taken in or were here already, 1 when some were refused, 2 when there was
    nothing.
    """
    house = chosen(organisation)
    letters = [path for path in _files(paths) if path.suffix.lower() in parcels.MAILS]
    items = [item for item in services.found(paths) if item.path not in letters]
    threads = list(parcels.mails(letters))
    if not items and not threads:
        fail("There is no sound and no vCon in what you named. Name a file or a folder of them.", code=USAGE)
    results: list[Result] = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=errors, disable=json) as progress:
        bar = progress.add_task("Taking in", total=len(items) + len(threads))
        for item in items:
            results.append(services.ingest(item, organisation=house.id, by=INGESTER, point=point))
            progress.advance(bar)
        for thread in threads:
            results += parcels.take(thread, organisation=house.id, by=INGESTER, point=point)
            progress.advance(bar)
    refused = sum(1 for one in results if one.status == "refused")
    answer(
        {
            "created": sum(1 for one in results if one.status == "created"),
            "known": sum(1 for one in results if one.status == "known"),
            "refused": refused,
            "files": [asdict(one) for one in results],
        },
        json=json,
        human=lambda: _show(results),
    )
    raise typer.Exit(PROBLEM if refused else OK)


def _files(paths: list[Path]) -> list[Path]:
    """The files named, and those of the folders named."""
    return [file for path in paths for file in (services.files_of(path) if path.is_dir() else [path])]


def _show(results: list[Result]) -> None:
    words = {"created": "taken in", "known": "here already", "refused": "refused"}
    table(
        f"{len(results)} files",
        ("File", "", "Conversation", "Why"),
        [(Path(one.path).name, words[one.status], one.reference, one.reason) for one in results],
    )
