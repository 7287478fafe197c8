"""Running queued jobs: until none is left (demo, tests, proofs), or for as long as the service runs."""

import gc
from contextlib import AbstractContextManager
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


def serve(*, concurrency: int = 1) -> None:
    """Run jobs until the process is told to stop."""
    with _connected() as worker:
        worker.run_worker(wait=True, concurrency=concurrency, delete_jobs="successful")
