"""`quality`: forms in and out as JSON, and plans."""

from pathlib import Path
from typing import Any
from uuid import UUID

import typer

from plainspoken.cli.organisations import chosen
from plainspoken.cli.output import answer, console, fail, table
from plainspoken.custody.actors import program
from plainspoken.custody.sessions import purpose

COMMAND_LINE = program("command-line")
PURPOSE = "quality.evaluate"
ORGANISATION = typer.Option(None, help="Short name of the organisation; needed where there are several.")
JSON = typer.Option(False, "--json", help="Answer as JSON.")
FILE = typer.Argument(..., help="A form as JSON.", dir_okay=False)
OUT = typer.Argument(..., help="Where to write it; - is standard output.")
FORM = typer.Option(None, "--form", help="The id or the title of the form; needed where there are several.")
DRAFT = typer.Option(False, "--draft", help="Keep it as a draft instead of putting it into use.")
PLAN = typer.Argument(None, help="The id of the plan; without it, every plan that has not ended.")


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="Evaluation forms and plans.", no_args_is_help=True)
    forms = typer.Typer(help="Forms in and out as JSON.", no_args_is_help=True)
    forms.command("list")(listed)
    forms.command("import")(load)
    forms.command("export")(write)
    plans = typer.Typer(help="Plans of evaluations.", no_args_is_help=True)
    plans.command("list")(planned)
    plans.command("run")(run)
    group.add_typer(forms, name="forms")
    group.add_typer(plans, name="plan")
    app.add_typer(group, name="quality")


def _in_use(organisation: UUID) -> list[Any]:
    from plainspoken.quality import queries

    with purpose(PURPOSE, organisation=organisation, by=COMMAND_LINE):
        return list(queries.published(organisation=organisation))


def listed(organisation: str | None = ORGANISATION, json: bool = JSON) -> None:
    """The forms in use."""
    rows = [
        {
            "form": row.form_id,
            "title": row.form.title,
            "version": row.number,
            "published_at": row.published_at,
        }
        for row in _in_use(chosen(organisation).id)
    ]
    answer(
        {"forms": rows},
        json=json,
        human=lambda: table("Forms in use", ("Form", "Version", "Id"), [(r["title"], r["version"], r["form"]) for r in rows]),
    )  # fmt: skip


def load(
    file: Path = FILE, draft: bool = DRAFT, organisation: str | None = ORGANISATION, json: bool = JSON
) -> None:
    """Take a form in. Every mistake is said with its place, and then nothing is kept."""
    from plainspoken.kernels.quality import FormErrors
    from plainspoken.quality.services import forming

    try:
        source = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        fail(f"{file} cannot be read as text. Check its path.")
    try:
        made = forming.load(
            organisation=chosen(organisation).id, source=source, publish_it=not draft, by=COMMAND_LINE
        )
    except FormErrors as error:
        fail("\n".join(str(one) for one in error.errors))
    found = {"form": made.form_id, "version": made.number, "state": made.state}
    answer(found, json=json, human=lambda: console.print(f"{made.form.title}: {made.state}.", markup=False))


def write(file: Path = OUT, form: str | None = FORM, organisation: str | None = ORGANISATION) -> None:
    """Write a form in use as JSON."""
    import json
    import sys

    from plainspoken.kernels.quality import to_json
    from plainspoken.quality.queries import form_of

    rows = [
        row for row in _in_use(chosen(organisation).id) if form in (None, str(row.form_id), row.form.title)
    ]
    if not rows:
        fail("No such form is in use. Look in `plainspoken quality forms list`.")
    if len(rows) > 1:
        fail("There are several forms. Name one with --form.")
    text = json.dumps(to_json(form_of(rows[0])), indent=2, ensure_ascii=False) + "\n"
    if str(file) == "-":
        sys.stdout.write(text)
    else:
        file.write_text(text, "utf-8")


def _plans(organisation: UUID) -> list[Any]:
    from plainspoken.quality.models import Plan

    with purpose(PURPOSE, organisation=organisation, by=COMMAND_LINE):
        rows = Plan.objects.filter(organisation_id=organisation, ended_at=None).select_related("form")
        return list(rows.order_by("made_at"))


def planned(organisation: str | None = ORGANISATION, json: bool = JSON) -> None:
    """Plans that have not ended."""
    rows = [
        {
            "plan": row.id,
            "form": row.form.title,
            "per_agent": row.per_agent,
            "days": row.days,
            "run_at": row.run_at,
        }
        for row in _plans(chosen(organisation).id)
    ]
    answer(
        {"plans": rows},
        json=json,
        human=lambda: table("Plans", ("Form", "Of each agent", "Days", "Id"), [(r["form"], r["per_agent"], r["days"], r["plan"]) for r in rows]),
    )  # fmt: skip


def run(plan: UUID | None = PLAN, organisation: str | None = ORGANISATION, json: bool = JSON) -> None:
    """Assign what plans choose now. Running again changes nothing until other calls come."""
    from plainspoken.quality.queries import NoSuchRow
    from plainspoken.quality.services import planning

    house = chosen(organisation).id
    assigned: dict[str, int] = {}
    for one in [plan] if plan else [row.id for row in _plans(house)]:
        try:
            assigned[str(one)] = planning.run(organisation=house, plan=one, by=COMMAND_LINE)
        except (NoSuchRow, planning.PlanRefused) as error:
            fail(str(error))
    total = sum(assigned.values())
    answer({"assigned": assigned}, json=json, human=lambda: console.print(f"{total} assigned."))
