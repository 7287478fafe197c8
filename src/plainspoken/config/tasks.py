"""Jobs that only the top of the house can do: proving, and clearing what crashes left."""

import tempfile
from pathlib import Path
from uuid import UUID

from procrastinate.contrib.django import app

from plainspoken.config import leftovers, proof
from plainspoken.custody.actors import Actor
from plainspoken.custody.models import Organisation
from plainspoken.proofs.commands import command


@app.task(name="config.prove", queue="proofs", lock="proofs")
def prove(organisation: str, clauses: list[str], by: str = "") -> None:
    """Prove clauses of an organisation on the running system; no clause means all. The run is signed and recorded."""
    row = Organisation.objects.get(id=UUID(organisation))
    kind, _, name = by.partition(":")
    actor = Actor(kind="person" if kind == "person" else "program", id=name or "prover")
    with tempfile.TemporaryDirectory() as folder:
        proof.prove(
            organisation=row,
            clauses=proof.known(organisation=row.id, clauses=clauses),
            folder=Path(folder),
            command=command,
            by=actor,
        )


@app.periodic(cron="7 * * * *", periodic_id="hourly")
@app.task(name="config.clear_leftovers", queue="upkeep")
def clear_leftovers(timestamp: int) -> None:
    """Each hour, remove uploads and drafts that a crash left."""
    leftovers.clear()
