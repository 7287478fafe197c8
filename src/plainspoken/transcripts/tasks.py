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


@app.task(
    name="transcripts.pause",
    retry=RetryStrategy(max_attempts=6, wait=20, exponential_wait=3),
    pass_context=False,
)
def pause(conversation: str, organisation: str) -> None:
    """Silence the pauses of a call that were told after it had arrived."""
    try:
        services.pause(conversation=UUID(conversation), organisation=UUID(organisation), by=WRITER)
    finally:
        connections.close_all()


@app.task(
    name="transcripts.hear_again",
    retry=RetryStrategy(max_attempts=4, wait=60, exponential_wait=4),
    pass_context=False,
)
def hear_again(conversation: str, organisation: str, model: str) -> None:
    """Hear one conversation again with another recogniser; until then, and if it fails, the old words stay."""
    try:
        services.hear_again(
            conversation=UUID(conversation), organisation=UUID(organisation), model=model, by=WRITER
        )
    finally:
        connections.close_all()
