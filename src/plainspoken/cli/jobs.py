"""`jobs`: what waits, runs or failed, and running failed ones again."""

from datetime import UTC, datetime

import typer

from plainspoken.cli.output import answer, console, table

STATES = ("todo", "doing", "failed")


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="Background work: what waits, runs or failed.", no_args_is_help=True)
    group.command(name="list")(show)
    group.command()(retry)
    app.add_typer(group, name="jobs")


def show(json: bool = typer.Option(False, "--json")) -> None:
    """Jobs that wait, run or failed, by task. They carry ids only."""
    from procrastinate.contrib.django.models import ProcrastinateJob

    rows = ProcrastinateJob.objects.filter(status__in=STATES).order_by("task_name", "id")
    found = [
        {"id": row.id, "task": row.task_name, "state": row.status, "attempts": row.attempts, "args": row.args}
        for row in rows[:1000]
    ]
    answer(
        {"jobs": found},
        json=json,
        human=lambda: (
            table(
                "Jobs",
                ("Id", "Task", "State", "Attempts"),
                [(j["id"], j["task"], j["state"], j["attempts"]) for j in found],
            )
            if found
            else console.print("Nothing waits, runs or failed.")
        ),
    )


def retry(json: bool = typer.Option(False, "--json")) -> None:
    """Run failed jobs again. Each is made so that a second run does no harm."""
    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.models import ProcrastinateJob

    failed = list(ProcrastinateJob.objects.filter(status="failed").values_list("id", flat=True))
    for job in failed:
        app.job_manager.retry_job_by_id(job, retry_at=datetime.now(UTC))
    answer({"retried": failed}, json=json, human=lambda: console.print(f"{len(failed)} jobs will run again."))
