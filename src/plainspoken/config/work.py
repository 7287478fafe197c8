"""Running queued jobs: until none is left (demo, tests, proofs), or for as long as the service runs."""

import asyncio
import gc
from contextlib import AbstractContextManager, suppress
from typing import cast

from procrastinate import App
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector


def _connected() -> AbstractContextManager[App]:
    """The job application with a connector that listens by itself."""
    return app.replace_connector(cast(DjangoConnector, app.connector).get_worker_connector())


def drain() -> None:
    """Run every job that is ready, then return. Raises nothing for failed jobs: their state is in the job table."""
    with _connected() as worker:
        worker.run_worker(
            wait=False, install_signal_handlers=False, listen_notify=False, delete_jobs="successful"
        )
    gc.collect()  # A job's thread keeps its database connection until it is collected.


# Somebody waits for these: a code, an answer, a right. They never wait behind long calls that are being written.
PROMPT = ["mail", "rights"]


def serve(*, concurrency: int = 1) -> None:
    """Run jobs until the process is told to stop: so many of any kind at once, and one more of those in PROMPT."""
    with _connected() as worker:
        asyncio.run(_serve(worker, concurrency))


async def _serve(worker: App, concurrency: int) -> None:
    async with worker.open_async():
        both = [
            asyncio.create_task(worker.run_worker_async(concurrency=concurrency, delete_jobs="successful")),
            asyncio.create_task(
                worker.run_worker_async(
                    name="prompt", queues=PROMPT, install_signal_handlers=False, delete_jobs="successful"
                )
            ),
        ]
        # The first stops when the process is told to; if either breaks, the process ends and is started again.
        ended, others = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        for one in others:
            one.cancel()
            with suppress(asyncio.CancelledError):
                await one
        for one in ended:
            one.result()
