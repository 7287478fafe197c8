"""Jobs of requests. They carry ids only."""

from uuid import UUID

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from plainspoken.custody import clock
from plainspoken.custody.actors import program
from plainspoken.custody.models import Organisation
from plainspoken.custody.ports import keyring

from . import services
from .services import closing

OFFICE = program("rights")
# Short breaks: most of what stops an execution is a database or a disk that comes back.
PATIENTLY = RetryStrategy(max_attempts=6, exponential_wait=4)


@app.task(name="rights.execute", queue="rights", retry=PATIENTLY)
def execute(*, organisation: str, request: str) -> None:
    """Carry a decided request out; run again, it goes on where it stopped."""
    services.execute(organisation=UUID(organisation), request=UUID(request), by=OFFICE)


@app.task(name="rights.after_hold", queue="rights", retry=PATIENTLY)
def after_hold(*, organisation: str, subject: str) -> None:
    """Erase what waited for a hold to end."""
    services.after_hold(organisation=UUID(organisation), subject=UUID(subject), by=OFFICE)


@app.task(name="rights.forget_key", queue="rights", retry=PATIENTLY)
def forget_key(*, organisation: str, name: str) -> None:
    """Destroy the key of a request whose person is known by now; everything is sealed under theirs."""
    if name.startswith("request/"):
        keyring().destroy(organisation=UUID(organisation), name=name, at=clock.now(UUID(organisation)))


@app.task(name="rights.tidy", queue="upkeep")
def tidy(*, organisation: str) -> None:
    """Close requests that nobody proved in time, and blank what closed unproved."""
    closing.tidy(organisation=UUID(organisation), by=OFFICE)


@app.periodic(cron="47 2 * * *", periodic_id="daily")
@app.task(name="rights.tidy_all", queue="upkeep")
def tidy_all(timestamp: int) -> None:
    """Each night, one job an organisation."""
    for organisation in Organisation.objects.exclude(kind=Organisation.Kind.PROVING).values_list(
        "id", flat=True
    ):
        app.configure_task(name="rights.tidy").defer(organisation=str(organisation))
