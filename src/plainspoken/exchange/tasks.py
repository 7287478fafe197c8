"""Jobs: looking into sources, finishing uploads, comparing with the telephone system, ending what was not sampled."""

from uuid import UUID

from django.db import connections
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from plainspoken.custody.actors import program
from plainspoken.custody.models import Organisation
from plainspoken.custody.sessions import PurposeRefused

from . import keeping, reconciling, sources, uploads, watching

WATCHER = program("watcher")


@app.task(name="exchange.run_source", queue="sources", priority=-1)
def run_source(source: str, organisation: str) -> None:
    """Look into one source; where there is more, again at once."""
    try:
        ran = watching.run(organisation=UUID(organisation), source=UUID(source), by=WATCHER)
        if ran.more:
            look_into(organisation=UUID(organisation), source=UUID(source))
    except sources.NoSuchSource:
        # It was ended after this look was planned.
        return
    finally:
        connections.close_all()


@app.task(name="exchange.finish_upload", retry=RetryStrategy(max_attempts=4, wait=30, exponential_wait=4))
def finish_upload(upload: str, organisation: str) -> None:
    """Take in an upload that is whole, where its last request did not."""
    try:
        uploads.finish(organisation=UUID(organisation), upload=UUID(upload), by=WATCHER, wait=True)
    except uploads.NoUpload:
        # Its sender ended it.
        return
    finally:
        connections.close_all()


@app.periodic(cron="*/10 * * * *", periodic_id="every-ten-minutes")
@app.task(name="exchange.keep_up", queue="upkeep", queueing_lock="exchange.keep_up")
def keep_up(timestamp: int) -> None:
    """Judge call records anew, end what was not sampled, end uploads that nobody finished."""
    for organisation in Organisation.objects.values_list("id", flat=True):
        try:
            uploads.clear(organisation=organisation, by=WATCHER)
            reconciling.judge(organisation=organisation, by=WATCHER)
            keeping.end_rest(organisation=organisation, by=WATCHER)
        except PurposeRefused:
            # One that is being founded or removed right now has no open purpose.
            continue


def look_into(*, organisation: UUID, source: UUID) -> bool:
    """Plan a look into a source; False where one is planned already."""
    try:
        app.configure_task(
            name="exchange.run_source", lock=f"source:{source}", queueing_lock=f"source:{source}"
        ).defer(source=str(source), organisation=str(organisation))
    except AlreadyEnqueued:
        return False
    return True


def plan_looks() -> int:
    """Plan a look into every source whose time has come; returns how many."""
    count = 0
    for organisation in Organisation.objects.values_list("id", flat=True):
        try:
            found = sources.due(organisation=organisation, by=WATCHER)
        except PurposeRefused:
            continue
        count += sum(look_into(organisation=organisation, source=one) for one in found)
    return count
