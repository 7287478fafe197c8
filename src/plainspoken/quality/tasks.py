"""What runs by itself: rules score conversations, and evaluations become final when the agent's days are over."""

from uuid import UUID

from django.db import connections
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from plainspoken.custody.actors import program
from plainspoken.custody.models import Organisation
from plainspoken.custody.sessions import PurposeRefused, purpose

from .access import PURPOSE
from .services import automatic, evaluating

MOST_AT_ONCE = 500
# Below everything that somebody waits for.
LATER = -10


@app.task(name="quality.finish", queue="upkeep")
def finish(*, organisation: str) -> None:
    """Make final what is due in one organisation."""
    evaluating.finish_due(organisation=UUID(organisation), by=program("quality"))


@app.periodic(cron="41 2 * * *", periodic_id="nightly")
@app.task(name="quality.finish_all", queue="upkeep")
def finish_all(timestamp: int) -> None:
    """Each night, one job an organisation."""
    for organisation in Organisation.objects.exclude(kind=Organisation.Kind.PROVING).values_list(
        "id", flat=True
    ):
        app.configure_task(name="quality.finish", queueing_lock=f"quality.finish:{organisation}").defer(
            organisation=str(organisation)
        )


# ---- automatic evaluations ----


@app.task(name="quality.score", queue="scoring", priority=LATER)
def score(conversation: str, organisation: str) -> None:
    """Score one conversation; running again with the same rules changes nothing."""
    try:
        automatic.score(conversation=UUID(conversation), organisation=UUID(organisation))
    finally:
        # A worker runs each job in a thread of its own; what it opened is closed with it.
        connections.close_all()


@app.periodic(cron="*/5 * * * *", periodic_id="often")
@app.task(name="quality.score_unscored", queue="scoring", queueing_lock="quality.score_unscored")
def score_unscored(timestamp: int) -> None:
    """Queue what the rules in force have not scored: new conversations, and all of them after new rules."""
    for organisation in Organisation.objects.values_list("id", flat=True):
        queue_unscored(organisation)


def queue_unscored(organisation: UUID) -> int:
    """Queue a job for each conversation that is not scored yet; returns how many were not in the queue already."""
    try:
        with purpose(PURPOSE, organisation=organisation, by=automatic.SCORER):
            waiting = automatic.unscored(organisation, most=MOST_AT_ONCE)
    except PurposeRefused:
        # The policy of this organisation has no such purpose, or it is closed: nothing may be scored.
        return 0
    new = 0
    for key in waiting:
        try:
            app.configure_task(name="quality.score", queueing_lock=f"quality.score:{key}").defer(
                conversation=str(key), organisation=str(organisation)
            )
            new += 1
        except AlreadyEnqueued:
            continue
    return new
