"""What runs by itself: mails of reports whose hour has come."""

from uuid import UUID

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from plainspoken.custody.models import Organisation

from .services import sending


@app.task(name="analytics.send_report", queue="mail", retry=RetryStrategy(max_attempts=6, exponential_wait=4))
def send_report(*, organisation: str, subscription: str) -> None:
    """Write the mail of one subscription; running again writes no second one."""
    sending.send(organisation=UUID(organisation), subscription=UUID(subscription))


@app.periodic(cron="*/5 * * * *", periodic_id="often")
@app.task(name="analytics.send_due", queue="upkeep", queueing_lock="analytics.send_due")
def send_due(timestamp: int) -> None:
    """Every five minutes, one job for each subscription that is due."""
    for organisation in Organisation.objects.exclude(kind=Organisation.Kind.PROVING).values_list(
        "id", flat=True
    ):
        queue_due(organisation)


def queue_due(organisation: UUID) -> int:
    """Queue a job for each subscription of an organisation that is due; returns how many were not queued already."""
    new = 0
    for key in sending.due(organisation):
        lock = f"analytics.send_report:{key}"
        try:
            app.configure_task(name="analytics.send_report", queueing_lock=lock, lock=lock).defer(
                organisation=str(organisation), subscription=str(key)
            )
            new += 1
        except AlreadyEnqueued:
            continue
    return new
