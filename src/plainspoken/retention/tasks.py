"""The daily purge."""

from uuid import UUID

from procrastinate.contrib.django import app

from plainspoken.custody.actors import program
from plainspoken.custody.models import Organisation

from . import services


@app.task(name="retention.purge", queue="upkeep")
def purge(*, organisation: str) -> None:
    """End what has reached its end in one organisation."""
    services.purge(organisation=UUID(organisation), by=program("purge"))


@app.periodic(cron="23 3 * * *", periodic_id="daily")
@app.task(name="retention.purge_all", queue="upkeep")
def purge_all(timestamp: int) -> None:
    """Each night, one job an organisation."""
    for organisation in Organisation.objects.exclude(kind=Organisation.Kind.PROVING).values_list(
        "id", flat=True
    ):
        app.configure_task(name="retention.purge", queueing_lock=f"retention.purge:{organisation}").defer(
            organisation=str(organisation)
        )
