"""`transcribe`: write conversations again that failed, or that another recogniser heard."""

import typer

from plainspoken.cli.organisations import chosen
from plainspoken.cli.output import USAGE, answer, console, fail
from plainspoken.custody.actors import program

COMMAND_LINE = program("command-line")


def register(app: typer.Typer) -> None:
    app.command()(transcribe)


def transcribe(
    again: bool = typer.Option(False, "--again", help="Queue conversations once more."),
    older_than: str | None = typer.Option(
        None,
        "--older-than",
        metavar="MODEL",
        help="Those that another recogniser heard; '' is the one set up.",
    ),
    organisation: str | None = typer.Option(None, help="Short name of the organisation."),
    json: bool = typer.Option(False, "--json", help="Answer as JSON."),
) -> None:
    """Queue conversations to be written again: those that failed, or with --older-than those heard by another
    recogniser. The old words stay until the new ones are there.
    """
    from plainspoken.transcripts import services

    if not again:
        fail("Say --again, to queue conversations once more.", code=USAGE)
    house = chosen(organisation)
    if older_than is None:
        failed = services.again(organisation=house.id, by=COMMAND_LINE)
        answer(
            {"queued": failed.conversations},
            json=json,
            human=lambda: console.print(f"{failed.conversations} that failed wait to be written again."),
        )
        return
    done = services.hear_older_again(organisation=house.id, model=older_than, by=COMMAND_LINE)
    answer(
        vars(done),
        json=json,
        human=lambda: console.print(
            f"{done.queued} wait to be heard again, {done.waiting} waited already,"
            f" {done.left} are left since people decided on their words."
        ),
    )
