"""`retention`: what is due, the purge, holds."""

from datetime import date
from typing import Any
from uuid import UUID

import typer

from plainspoken.cli.organisations import chosen, subject_named
from plainspoken.cli.output import answer, console, fail, table
from plainspoken.custody.actors import program

COMMAND_LINE = program("command-line")
ORGANISATION = typer.Option(None, help="Short name of the organisation; needed where there are several.")
JSON = typer.Option(False, "--json", help="Answer as JSON.")
SUBJECT = typer.Argument(..., help="The person: a pseudonym or an e-mail address.")
REASON = typer.Option(..., help="claims, legal-obligation or hold.")
LAW = typer.Option(..., help="The law or the order behind it.")
UNTIL = typer.Option(None, help="Last day of the hold (YYYY-MM-DD); without it, until it is lifted.")
HOLD = typer.Argument(..., help="The id of the hold.")


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="What is due, the purge, and holds.", no_args_is_help=True)
    for command in (due, purge, rewrite, hold, lift, holds):
        group.command()(command)
    app.add_typer(group, name="retention")


def due(organisation: str | None = ORGANISATION, json: bool = JSON) -> None:
    """What has reached its end, place by place, without what is held or restricted."""
    from plainspoken.retention import queries

    row = chosen(organisation)
    found = queries.due(organisation=row.id, by=COMMAND_LINE)
    rows = [
        {
            "place": d.place,
            "title": d.title,
            "rule": d.rule,
            "before": d.before,
            "rows": d.rows,
            "left": d.left,
        }
        for d in found
    ]
    answer(
        {"due": rows},
        json=json,
        human=lambda: table(
            "Due now",
            ("Where", "Rule", "Older than", "Rows", ""),
            [(d.title, d.rule, f"{d.before:%Y-%m-%d %H:%M}", d.rows, d.left) for d in found],
        ),
    )


def purge(organisation: str | None = ORGANISATION, json: bool = JSON) -> None:
    """End what is due, now instead of at night. What is held or restricted stays."""
    from plainspoken.retention import services

    done = services.purge(organisation=chosen(organisation).id, by=COMMAND_LINE)
    found = {
        "id": done.id,
        "at": done.at,
        "counts": done.counts,
        "left": done.left,
        "objects_removed": done.objects_removed,
        "held": done.held,
        "restricted": done.restricted,
    }
    answer(found, json=json, human=lambda: _tell(done))


def _tell(done: Any) -> None:
    if done.counts:
        table("Ended", ("Where", "Rows"), sorted(done.counts.items()))
    else:
        console.print("Nothing was due.")
    console.print(
        f"Stored objects removed: {done.objects_removed}."
        f" People left alone: {done.held} held, {done.restricted} restricted."
    )
    for place, rows in sorted(done.left.items()):
        console.print(
            f"{place}: {rows} rows are over their time and stay, because nothing there is ever removed."
        )


def rewrite(json: bool = JSON) -> None:
    """Write anew the tables from which people were erased, now instead of at night. Each is locked meanwhile."""
    from plainspoken.retention import rewriting

    done = rewriting.rewrite(everything=True)
    answer(
        {"tables": [vars(one) for one in done]},
        json=json,
        human=lambda: table(
            "Written anew" if done else "No table waits",
            ("Table", "Locked for ms", "Bytes before", "Bytes after", "Left because"),
            [(one.table, one.took_ms, one.before, one.after, one.left) for one in done],
        ),
    )
    if any(one.left for one in done):
        raise typer.Exit(1)


def hold(
    subject: str = SUBJECT,
    reason: str = REASON,
    law: str = LAW,
    until: str | None = UNTIL,
    organisation: str | None = ORGANISATION,
    json: bool = JSON,
) -> None:
    """Keep everything about a person, against purge and erasure."""
    from plainspoken.retention import services

    try:
        last = date.fromisoformat(until) if until else None
    except ValueError:
        fail(f"{until} is no day. Write it as 2026-12-31.")
    row = chosen(organisation)
    made = services.place_hold(
        organisation=row.id,
        subject=subject_named(row, subject),
        reason=reason,
        law=law,
        until=last,
        by=COMMAND_LINE,
    )
    answer({"hold": made.id}, json=json, human=lambda: console.print(f"Held. The hold's id is {made.id}."))


def lift(hold: UUID = HOLD, organisation: str | None = ORGANISATION, json: bool = JSON) -> None:
    """End a hold. An erasure that waited for it goes on."""
    from plainspoken.retention import services

    services.lift_hold(organisation=chosen(organisation).id, hold=hold, by=COMMAND_LINE)
    answer({"lifted": hold}, json=json, human=lambda: console.print("The hold is lifted."))


def holds(organisation: str | None = ORGANISATION, json: bool = JSON) -> None:
    """Holds in force."""
    from plainspoken.custody.sessions import purpose
    from plainspoken.retention import queries

    row = chosen(organisation)
    with purpose("rights.execute", organisation=row.id, by=COMMAND_LINE):
        found = [
            {
                "id": h.id,
                "subject": h.subject_id,
                "reason": h.reason,
                "law": queries.law_of(h),
                "until": h.until,
            }
            for h in queries.active_holds(organisation=row.id).order_by("placed_at")
        ]
    answer(
        {"holds": found},
        json=json,
        human=lambda: table(
            "Holds",
            ("Id", "Person", "Reason", "Law", "Until"),
            [(h["id"], h["subject"], h["reason"], h["law"], h["until"]) for h in found],
        ),
    )
