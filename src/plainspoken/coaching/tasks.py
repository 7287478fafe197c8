"""What runs by itself: each night, agreed goals start and those whose day is over are decided."""

from uuid import UUID

from procrastinate.contrib.django import app

from plainspoken.custody.actors import program
from plainspoken.custody.models import Organisation
from plainspoken.custody.sessions import PurposeRefused

from .services import goals


@app.task(name="coaching.keep_up", queue="upkeep")
def keep_up(*, organisation: str) -> None:
    """What the day brings in one organisation."""
    try:
        goals.keep_up(organisation=UUID(organisation), by=program("coaching"))
    except PurposeRefused:
        # The policy of this organisation has no such purpose, or it is closed: nothing may be measured.
        return


@app.periodic(cron="52 2 * * *", periodic_id="nightly")
@app.task(name="coaching.keep_up_all", queue="upkeep")
def keep_up_all(timestamp: int) -> None:
    """Each night, one job an organisation."""
    rows = Organisation.objects.exclude(kind=Organisation.Kind.PROVING)
    for organisation in rows.values_list("id", flat=True):
        app.configure_task(name="coaching.keep_up", queueing_lock=f"coaching.keep_up:{organisation}").defer(
            organisation=str(organisation)
        )
