"""`ledger`: check the chain, seal what waits, show what happened."""

from json import dumps, loads
from pathlib import Path
from typing import Any

import typer

from plainspoken.cli.organisations import chosen
from plainspoken.cli.output import PROBLEM, answer, console, fail, table
from plainspoken.custody.actors import program

COMMAND_LINE, AUDIT = program("command-line"), "security.audit"
ORGANISATION = typer.Option(None, help="Short name of the organisation; needed where there are several.")
JSON = typer.Option(False, "--json", help="Answer as JSON.")
SINCE = typer.Option(0, min=0, help="Check from this batch on, as an earlier check reported it.")
FILE = typer.Option(None, help="Check an exported copy instead of the live ledger.")
LAST = typer.Option(20, min=1, max=1000, help="How many entries, newest first.")
ACT = typer.Option("", help="Only entries of this act, such as request.filed.")


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="The ledger: check the chain, seal, show.", no_args_is_help=True)
    for command in (verify, seal, show, export):
        group.command()(command)
    app.add_typer(group, name="ledger")


def verify(
    organisation: str | None = ORGANISATION, since: int = SINCE, file: Path | None = FILE, json: bool = JSON
) -> None:
    """Check every entry, batch, signature and anchor. Exit 1 if anything was changed, removed or
    reordered.
    """
    from plainspoken.custody import sealing

    if file is not None:
        _verify_file(file, json=json)
        return

    row = chosen(organisation)
    verdict = sealing.verify(organisation=row.id, since=since)
    found = {
        "organisation": row.slug,
        "sound": verdict.sound,
        "entries": verdict.entries,
        "batches": verdict.batches,
        "pending": verdict.pending,
        "head": verdict.head,
        "since": since,
        "findings": [
            {"batch": one.sequence, "entry": one.number, "message": one.message} for one in verdict.findings
        ],
    }
    answer(found, json=json, human=lambda: _tell(found))
    if not verdict.sound:
        raise typer.Exit(PROBLEM)


def _verify_file(file: Path, *, json: bool) -> None:
    from plainspoken.custody.exported import check

    try:
        wrong = list(check(loads(file.read_text("utf-8"))))
    except (OSError, ValueError, KeyError, TypeError) as error:
        fail(f"{file} cannot be read as an exported ledger ({type(error).__name__}). Export it again.")
    answer(
        {"sound": not wrong, "findings": wrong},
        json=json,
        human=lambda: console.print("The copy is sound." if not wrong else "\n".join(wrong)),
    )
    if wrong:
        raise typer.Exit(PROBLEM)


def export(into: Path, organisation: str | None = ORGANISATION, json: bool = JSON) -> None:
    """Write the sealed ledger to a file that somebody else can check with `ledger verify --file`."""
    from plainspoken.custody.exported import export as exported

    copy = exported(organisation=chosen(organisation).id)
    draft = into.with_name(f".{into.name}.draft")
    draft.write_text(dumps(copy, indent=1), "utf-8")
    draft.rename(into)
    entries = sum(len(batch["entries"]) for batch in copy["batches"])
    answer(
        {"file": into, "entries": entries},
        json=json,
        human=lambda: console.print(f"{entries} entries written to {into}."),
    )


def _tell(found: dict[str, Any]) -> None:
    if found["sound"]:
        console.print(f"The chain is sound: {found['entries']} entries in {found['batches']} batches.")
    else:
        findings = [(one["batch"], one["entry"], one["message"]) for one in found["findings"]]
        table("The chain is broken", ("Batch", "Entry", "What is wrong"), findings)
    console.print(f"Head {found['head']}. Waiting for their first seal: {found['pending']}.")


def seal(organisation: str | None = ORGANISATION, json: bool = JSON) -> None:
    """Seal what waits, now instead of within the second."""
    from plainspoken.custody import sealing

    row = chosen(organisation)
    sealed = sealing.seal(organisation=row.id)
    answer({"sealed": sealed}, json=json, human=lambda: console.print(f"{sealed} entries sealed."))


def show(
    organisation: str | None = ORGANISATION, last: int = LAST, act: str = ACT, json: bool = JSON
) -> None:
    """The newest entries: who did what, when, for which purpose. No values stand in it."""
    from plainspoken.custody.models import LedgerEntry
    from plainspoken.custody.sessions import purpose

    row = chosen(organisation)
    with purpose(AUDIT, organisation=row.id, by=COMMAND_LINE):
        entries = LedgerEntry.objects.filter(organisation_id=row.id).select_related("leaf")
        if act:
            entries = entries.filter(act=act)
        found = [_described(entry) for entry in entries.order_by("-at", "-id")[:last]]
    answer(
        {"entries": found},
        json=json,
        human=lambda: table(
            "Ledger",
            ("Number", "When", "Act", "By", "Purpose", "About"),
            [
                (e["number"], f"{e['at']:%Y-%m-%d %H:%M:%S}", e["act"], e["by"], e["purpose"], e["about"])
                for e in found
            ],
        ),
    )


def _described(entry: Any) -> dict[str, Any]:
    leaf = getattr(entry, "leaf", None)
    return {
        "number": leaf.number if leaf else None,
        "id": entry.id,
        "at": entry.at,
        "act": entry.act,
        "by": entry.by,
        "purpose": entry.purpose,
        "subject": entry.subject,
        "about": entry.about,
        "detail": entry.detail,
    }
