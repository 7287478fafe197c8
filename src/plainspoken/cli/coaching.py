"""`coaching`: the team, one agent, one goal."""

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
MEMBER = typer.Argument(
    ..., help="The id of the agent's membership, as `plainspoken coaching list` shows it."
)
GOAL = typer.Argument(..., help="The id of the goal.")


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="Coaching: the team, what to work on, goals.", no_args_is_help=True)
    group.command("list")(listed)
    group.command("agent")(agent)
    group.command("goal")(goal)
    group.command("keep-up")(keep_up)
    app.add_typer(group, name="coaching")


def listed(organisation: str | None = ORGANISATION, json: bool = JSON) -> None:
    """Every agent, by name, with open and late goals."""
    from plainspoken.coaching import queries
    from plainspoken.coaching.services import goals
    from plainspoken.custody import clock, ledger

    house = chosen(organisation).id
    with purpose(PURPOSE, organisation=house, by=COMMAND_LINE):
        rows = queries.overview(organisation=house, now=clock.now(house), today=goals.today(house))
        ledger.enter_read(place="coaching.Goal", rows=sum(one.goals for one in rows), by=COMMAND_LINE)
    found = [
        {
            "member": one.member.id,
            "name": one.member.account.name,
            "goals": one.goals,
            "late": one.late,
            "next_session": one.next,
        }
        for one in rows
    ]
    answer(
        {"agents": found},
        json=json,
        human=lambda: table("Agents", ("Agent", "Goals", "Late", "Id"), [(r["name"], r["goals"], r["late"], r["member"]) for r in found]),
    )  # fmt: skip


def agent(member: UUID = MEMBER, organisation: str | None = ORGANISATION, json: bool = JSON) -> None:
    """What one agent should work on, and their goals."""
    from plainspoken.coaching import queries, working
    from plainspoken.coaching.api import goal_of, work_of
    from plainspoken.coaching.models import Goal
    from plainspoken.coaching.services import goals
    from plainspoken.custody import clock, ledger

    house = chosen(organisation).id
    with purpose(PURPOSE, organisation=house, by=COMMAND_LINE):
        try:
            subject = queries.agent(organisation=house, member=member).subject_id
        except queries.NoSuchRow as error:
            fail(str(error))
        now = clock.now(house)
        found = working.to_work_on(organisation=house, agent=subject, now=now)  # type: ignore[arg-type]
        rows = list(Goal.objects.filter(agent_id=subject).select_related("form").order_by("-proposed_at"))
        measured = queries.measured(rows, now=now, today=goals.today(house))
        ledger.enter_read(place="coaching.Goal", rows=len(rows), by=COMMAND_LINE, subject=subject)
    shown = {
        "work": [work_of(item) for one in found for item in one.work],
        "goals": [goal_of(one) for one in measured],
    }
    answer(shown, json=json, human=lambda: _tell(found, shown))


def _tell(found: Any, shown: dict[str, list[dict[str, Any]]]) -> None:
    for one in found:
        if not one.enough:
            console.print(f"{one.made_by}: needs 3 evaluations, has {one.evaluations}.", markup=False)
    table(
        "To work on",
        ("Question", "By", "Now", "Of", "Change"),
        [
            (r["text"], r["made_by"], f"{r['now']['rate']:.0%}", r["now"]["evaluations"], r["verdict"])
            for r in shown["work"]
        ],
    )
    table(
        "Goals",
        ("Question", "Target", "Until", "State", "Id"),
        [(r["text"], f"{r['target']} %", r["due_on"], r["state"], r["id"]) for r in shown["goals"]],
    )


def goal(goal: UUID = GOAL, organisation: str | None = ORGANISATION, json: bool = JSON) -> None:
    """One goal: before, since, and what the difference says."""
    from plainspoken.coaching import queries
    from plainspoken.coaching.api import goal_of
    from plainspoken.coaching.services import goals
    from plainspoken.coaching.shapes import difference
    from plainspoken.custody import clock, ledger

    house = chosen(organisation).id
    with purpose(PURPOSE, organisation=house, by=COMMAND_LINE):
        try:
            row = queries.goal(organisation=house, id=goal, by=COMMAND_LINE)
        except queries.NoSuchRow as error:
            fail(str(error))
        (found,) = queries.measured([row], now=clock.now(house), today=goals.today(house))
        ledger.enter_read(
            place="coaching.Goal", rows=1, by=COMMAND_LINE, subject=row.agent_id, about=f"goal:{row.id}"
        )
    said = difference(found.change, after="since") if found.change else "It has not started."
    answer(
        {"goal": goal_of(found), "says": said},
        json=json,
        human=lambda: console.print(f"{found.question}: {row.state}. {said}", markup=False),
    )


def keep_up(organisation: str | None = ORGANISATION, json: bool = JSON) -> None:
    """Start agreed goals whose day has come, and decide those whose day is over; each night this runs by itself."""
    from plainspoken.coaching.services import goals

    changed = goals.keep_up(organisation=chosen(organisation).id, by=COMMAND_LINE)
    answer({"changed": changed}, json=json, human=lambda: console.print(f"{changed} goals changed."))
