"""`export`: take conversations out, through the disclosure gate."""

import sys
from pathlib import Path
from uuid import UUID

import typer

from plainspoken.cli.organisations import chosen
from plainspoken.cli.output import USAGE, console, fail
from plainspoken.custody.actors import program
from plainspoken.custody.models import Organisation

COMMAND_LINE = program("command-line")


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="Take conversations out, through the disclosure gate.", no_args_is_help=True)
    group.command()(vcon)
    group.callback()(_export)
    app.add_typer(group, name="export")


def _export() -> None:
    """Take conversations out, through the disclosure gate."""


def vcon(
    conversation: str = typer.Argument(help="Its id, or its reference such as C-1A2B-3C4D."),
    to: str = typer.Option("own-systems", help="The recipient, by its name in the policy."),
    purpose: str = typer.Option("service.answer", help="The purpose."),
    sound: bool = typer.Option(True, help="With the silenced sound of a call."),
    out: Path | None = typer.Option(None, help="The file to write; without one, standard output."),
    organisation: str | None = typer.Option(None, help="Short name of the organisation."),
) -> None:
    """One conversation as a vCon: redacted, valid by the draft's schema, with its lawful basis. What leaves is recorded."""
    from plainspoken.disclosures.services import Refused
    from plainspoken.exchange import exporting

    house = chosen(organisation)
    try:
        made = exporting.export_vcon(
            organisation=house.id,
            conversation=_named(house, conversation, purpose),
            by=COMMAND_LINE,
            recipient=to,
            purpose=purpose,
            sound=sound,
        )
    except (exporting.NothingToExport, exporting.BasisForbids, Refused) as error:
        fail(str(error))
    if out is None:
        sys.stdout.write(made.data.decode() + "\n")
    else:
        out.write_bytes(made.data)
        console.print(f"{out} holds the vCon {made.uuid}.")


def _named(house: Organisation, named: str, purpose: str) -> UUID:
    """A conversation by id or by the reference that pages show."""
    from plainspoken.conversations.models import Conversation
    from plainspoken.custody.sessions import purpose as session_for

    digits = named.strip().upper().removeprefix("C-").replace("-", "")
    try:
        if len(digits) == 32:
            return UUID(digits)
        low, high = UUID(digits.ljust(32, "0")), UUID(digits.ljust(32, "F"))
    except ValueError:
        fail("This is neither an id nor a reference such as C-1A2B-3C4D.", code=USAGE)
    with session_for(purpose, organisation=house.id, by=COMMAND_LINE):
        found = list(
            Conversation.objects.filter(organisation_id=house.id, id__gte=low, id__lte=high).values_list(
                "id", flat=True
            )[:2]
        )
    if len(found) != 1:
        fail("No single conversation has this reference. Give its id.", code=USAGE)
    return found[0]
