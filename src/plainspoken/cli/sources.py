"""`sources` and `calls`: where conversations come from, and whether all of them came."""

from pathlib import Path
from uuid import UUID

import typer

from plainspoken.cli.organisations import chosen
from plainspoken.cli.output import PROBLEM, USAGE, answer, console, fail, table
from plainspoken.custody.actors import program

COMMAND_LINE, MANAGE = program("command-line"), "organisation.manage"
ORGANISATION = typer.Option(None, help="Short name of the organisation; needed where there are several.")
JSON = typer.Option(False, "--json", help="Answer as JSON.")
SOURCE = typer.Argument(help="The id of the source, or how it begins.")


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="Folders and buckets that conversations come from.", no_args_is_help=True)
    group.command()(add)
    group.command(name="list")(show)
    group.command()(run)
    group.command()(pause)
    group.command()(resume)
    group.command()(end)
    app.add_typer(group, name="sources")
    compared = typer.Typer(
        help="Recordings against the telephone system's call records.", no_args_is_help=True
    )
    compared.command(name="load")(load)
    compared.command(name="list")(calls)
    app.add_typer(compared, name="calls")


def add(
    place: str = typer.Argument(help="A folder, or a bucket as s3://name/prefix."),
    title: str = typer.Option("", help="What people call it."),
    settled: int = typer.Option(10, help="Seconds without a change, after which a file is whole."),
    every: int = typer.Option(15, help="Seconds between two looks."),
    keep_days: int = typer.Option(
        7, help="Days that taken files stay in the folder done; 0 deletes them at once."
    ),
    endpoint: str = typer.Option("", help="Address of a bucket that is not Amazon's."),
    region: str = typer.Option("", help="Region of a bucket."),
    key: str = typer.Option("", envvar="PLAINSPOKEN_SOURCE_KEY", help="Key of a bucket."),
    secret: str = typer.Option(
        "", envvar="PLAINSPOKEN_SOURCE_SECRET", help="Secret of the key; better by the environment."
    ),
    organisation: str | None = ORGANISATION,
    json: bool = JSON,
) -> None:
    """Look into a folder or a bucket from now on."""
    from plainspoken.exchange import sources

    kind = "bucket" if place.startswith("s3://") else "folder"
    try:
        row = sources.add(
            organisation=chosen(organisation).id,
            given=sources.Given(
                kind=kind, title=title, place=place if kind == "bucket" else str(Path(place).absolute()),
                settled_s=settled, every_s=every, keep_days=keep_days, endpoint=endpoint, region=region, key=key,
                secret=secret,
            ),
            by=COMMAND_LINE,
        )  # fmt: skip
    except sources.SourceRefused as error:
        fail(str(error))
    answer(
        sources.described(row),
        json=json,
        human=lambda: console.print(f"{row.title} is looked into: {row.id}"),
    )


def show(organisation: str | None = ORGANISATION, json: bool = JSON) -> None:
    """Sources, how their last look went, and what they brought."""
    from plainspoken.custody.sessions import purpose
    from plainspoken.exchange import sources
    from plainspoken.exchange.models import Source

    house = chosen(organisation)
    with purpose(MANAGE, organisation=house.id, by=COMMAND_LINE):
        found = [
            sources.described(row)
            for row in Source.objects.filter(organisation_id=house.id).order_by("made_at")
        ]
    answer(
        {"sources": found},
        json=json,
        human=lambda: table(
            "Sources",
            ("Id", "Name", "Place", "State", "Last look", "Taken", "Refused", "Problem"),
            [
                (
                    s["id"][:8],
                    s["title"],
                    s["place"],
                    s["state"],
                    s["run_state"],
                    s["taken"],
                    s["refused"],
                    s["problem"],
                )
                for s in found
            ],
        ),
    )


def run(source: str = SOURCE, organisation: str | None = ORGANISATION, json: bool = JSON) -> None:
    """Look into a source now, until nothing more has settled. Exit code 1 when it failed or something was refused."""
    from plainspoken.exchange import watching

    house = chosen(organisation)
    key = _named(house.id, source)
    ran = watching.run(organisation=house.id, source=key, by=COMMAND_LINE)
    done = {"taken": ran.taken, "known": ran.known, "refused": ran.refused}
    while ran.more:
        ran = watching.run(organisation=house.id, source=key, by=COMMAND_LINE)
        done = {name: count + getattr(ran, name) for name, count in done.items()}
    answer(
        {"state": ran.state, **done, "unsettled": ran.unsettled, "problem": ran.problem},
        json=json,
        human=lambda: console.print(
            f"{done['taken']} taken in, {done['known']} here already, {done['refused']} refused,"
            f" {ran.unsettled} still being written. {ran.problem}".rstrip()
        ),
    )
    raise typer.Exit(PROBLEM if ran.state == "failed" or done["refused"] else 0)


def pause(source: str = SOURCE, organisation: str | None = ORGANISATION) -> None:
    """Look into a source no more, until `resume`."""
    from plainspoken.exchange import sources

    house = chosen(organisation)
    sources.pause(organisation=house.id, source=_named(house.id, source), by=COMMAND_LINE)
    console.print("It is paused.")


def resume(source: str = SOURCE, organisation: str | None = ORGANISATION) -> None:
    """Look into a source again."""
    from plainspoken.exchange import sources

    house = chosen(organisation)
    sources.resume(organisation=house.id, source=_named(house.id, source), by=COMMAND_LINE)
    console.print("It is looked into again.")


def end(source: str = SOURCE, organisation: str | None = ORGANISATION) -> None:
    """End a source with its credentials. Files in its place and conversations stay."""
    from plainspoken.exchange import sources

    house = chosen(organisation)
    sources.remove(organisation=house.id, source=_named(house.id, source), by=COMMAND_LINE)
    console.print("It has ended.")


def load(
    file: Path = typer.Argument(help="A CSV table with call_id, started_at and duration."),
    organisation: str | None = ORGANISATION,
    json: bool = JSON,
) -> None:
    """Compare recordings with the telephone system's call records. Exit code 1 when recordings need somebody."""
    from plainspoken.exchange import reconciling

    house = chosen(organisation)
    try:
        done = reconciling.load_csv(organisation=house.id, text=file.read_text("utf-8-sig"), by=COMMAND_LINE)
    except (OSError, UnicodeDecodeError, reconciling.RecordsRefused) as error:
        fail(
            str(error)
            if isinstance(error, reconciling.RecordsRefused)
            else f"{file} cannot be read as text in UTF-8.",
            code=USAGE,
        )
    reconciling.judge(organisation=house.id, by=COMMAND_LINE)
    found = reconciling.summary(organisation=house.id, by=COMMAND_LINE)
    answer(
        {
            "new": done.new,
            "known": done.known,
            "wrong": done.wrong,
            "counts": found.counts,
            "open": found.open,
        },
        json=json,
        human=lambda: table(
            f"{done.new} new calls, {len(done.wrong)} lines not understood",
            ("What became of calls", "How many"),
            [(reconciling.VERDICTS[name], count) for name, count in sorted(found.counts.items())],
        ),
    )
    raise typer.Exit(PROBLEM if found.problems else 0)


def calls(
    state: str = typer.Option(
        "missing", help="missing, silent, one-sided, truncated, in-error, duplicate, found…"
    ),
    organisation: str | None = ORGANISATION,
    json: bool = JSON,
) -> None:
    """Calls of one verdict, newest first."""
    from plainspoken.exchange import reconciling

    if state not in reconciling.VERDICTS:
        fail(f"A state is one of {', '.join(reconciling.VERDICTS)}.", code=USAGE)
    rows = reconciling.listed(organisation=chosen(organisation).id, verdict=state, by=COMMAND_LINE, most=1000)
    answer(
        {"calls": [vars(row) for row in rows]},
        json=json,
        human=lambda: table(
            reconciling.VERDICTS[state],
            ("Call", "Seconds", "Queue", "Conversation", "More"),
            [
                (f"{r.started_at:%Y-%m-%d %H:%M}", f"{r.duration_s:.0f}", r.queue, r.reference, r.detail)
                for r in rows
            ],
        ),
    )


def _named(organisation: UUID, named: str) -> UUID:
    """A source by its id, or by how its id begins where that is one alone."""
    from plainspoken.custody.sessions import purpose
    from plainspoken.exchange.models import Source

    with purpose(MANAGE, organisation=organisation, by=COMMAND_LINE):
        found = [
            key
            for key in Source.objects.filter(organisation_id=organisation).values_list("id", flat=True)
            if str(key).startswith(named.lower())
        ]
    if len(found) != 1:
        fail("No single source has this id. Look in `plainspoken sources list`.", code=USAGE)
    return found[0]
