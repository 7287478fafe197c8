"""The daily purge."""

import logging
from uuid import UUID

from procrastinate.contrib.django import app

from plainspoken.custody.actors import program
from plainspoken.custody.models import Organisation

from . import rewriting, services

log = logging.getLogger(__name__)


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


@app.periodic(cron="41 4 * * *", periodic_id="daily")
@app.task(name="retention.rewrite", queue="upkeep", lock="retention.rewrite")
def rewrite(timestamp: int) -> None:
    """Each night, write anew the tables from which people were erased, where half of the promised time is over."""
    left = [done for done in rewriting.rewrite() if done.left]
    for done in left:
        log.warning("%s was not written anew (%s); the next night tries again", done.table, done.left)
