"""`report`: saved reports, as a table, as JSON, or as a file that passes the disclosure gate."""

from pathlib import Path
from typing import Any
from uuid import UUID

import typer

from plainspoken.cli.organisations import chosen
from plainspoken.cli.output import USAGE, answer, console, fail, table
from plainspoken.custody.actors import program
from plainspoken.custody.sessions import purpose

COMMAND_LINE = program("command-line")
ORGANISATION = typer.Option(None, help="Short name of the organisation; needed where there are several.")
JSON = typer.Option(False, "--json", help="Answer as JSON.")
NAME = typer.Argument(..., help="The name or the id of a report that is shared.")
CSV = typer.Option(None, "--csv", help="Write it there as CSV.", dir_okay=False)
PARQUET = typer.Option(None, "--parquet", help="Write it there as Parquet.", dir_okay=False)


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="Saved reports of quality.", no_args_is_help=True)
    group.command("list")(listed)
    group.command("run")(run)
    app.add_typer(group, name="report")


def _reports(organisation: UUID) -> list[Any]:
    from plainspoken.analytics import access, queries

    usual = access.usual_purpose(COMMAND_LINE, organisation=organisation)
    with purpose(usual, organisation=organisation, by=COMMAND_LINE):
        return queries.reports(COMMAND_LINE, organisation=organisation)


def listed(organisation: str | None = ORGANISATION, json: bool = JSON) -> None:
    """The reports that are shared."""
    from plainspoken.analytics import wording

    rows = [
        {
            "report": one.id,
            "name": one.name,
            "title": wording.title(one.definition),
            "purpose": one.definition.purpose,
        }
        for one in _reports(chosen(organisation).id)
    ]
    answer(
        {"reports": rows},
        json=json,
        human=lambda: table(
            "Reports", ("Name", "Counts", "Id"), [(r["name"], r["title"], r["report"]) for r in rows]
        ),
    )


def run(
    name: str = NAME,
    csv: Path | None = CSV,
    parquet: Path | None = PARQUET,
    organisation: str | None = ORGANISATION,
    json: bool = JSON,
) -> None:
    """Count a report now. People are under pseudonyms; a file leaves through the disclosure gate."""
    from plainspoken.analytics import queries, results
    from plainspoken.analytics.services import exporting
    from plainspoken.custody import ledger

    if csv and parquet:
        fail("Choose --csv or --parquet, not both.", code=USAGE)
    house = chosen(organisation).id
    found = [one for one in _reports(house) if name in (one.name, str(one.id))]
    if len(found) != 1:
        fail(
            str(
                queries.NoSuchReport(
                    f"{len(found) or 'No'} reports are named {name}. Look in `plainspoken report list`."
                )
            )
        )
    kept = found[0]
    if (path := csv or parquet) is not None:
        format = "csv" if csv else "parquet"
        data = exporting.export(organisation=house, report=kept.id, format=format, by=COMMAND_LINE)
        try:
            path.write_bytes(data)
        except OSError:
            fail(f"{path} cannot be written. Check the folder and its rights.")
        written = {"report": kept.id, "file": path, "bytes": len(data)}
        answer(
            written,
            json=json,
            human=lambda: console.print(f"{path} is written, {len(data)} bytes.", markup=False),
        )
        return
    with purpose(kept.definition.purpose, organisation=house, by=COMMAND_LINE):
        result = results.run(kept.definition)
        ledger.enter_read(
            place="quality.Evaluation", rows=result.counted, by=COMMAND_LINE, about=f"report:{kept.id}"
        )
    answer(exporting.as_json(result), json=json, human=lambda: _shown(kept.name, result))


def _shown(name: str, result: Any) -> None:
    from plainspoken.analytics import presenting, wording

    titles = [column.title or wording.MEASURES[result.definition.measure] for column in result.columns]
    lines = [
        (line.title, *(f"{cell.value}  {cell.rests_on}" for cell in line.cells))
        for line in presenting.lines(result)
    ]
    table(f"{name}, {presenting.days(result.span)}", (wording.ROWS[result.definition.rows], *titles), lines)
