"""Jobs: a conversation that arrived is written, redacted and indexed."""

from uuid import UUID

from django.db import connections
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from plainspoken.custody.actors import program

from . import services

WRITER = program("transcriber")


@app.task(
    name="transcripts.transcribe",
    retry=RetryStrategy(max_attempts=4, wait=60, exponential_wait=4),
    pass_context=False,
)
def transcribe(conversation: str, organisation: str) -> None:
    """Write one conversation; a failure shows as its state at once and is tried again later."""
    try:
        services.transcribe(conversation=UUID(conversation), organisation=UUID(organisation), by=WRITER)
    finally:
        # A worker runs each job in a thread of its own; what it opened is closed with it.
        connections.close_all()
