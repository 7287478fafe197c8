"""Carrying out a proof: a running server, a proving organisation, a mailbox; then the signed, recorded result."""

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import asdict
from pathlib import Path
from threading import Lock
from typing import Any
from uuid import UUID

from plainspoken.config import proving, running
from plainspoken.custody import sealing
from plainspoken.custody.actors import Actor, program
from plainspoken.custody.models import Organisation
from plainspoken.policies import queries as policies
from plainspoken.policies import services
from plainspoken.proofs.mailbox import Mailbox
from plainspoken.proofs.registry import Result, run
from plainspoken.proofs.world import CommandLine, Player, World

PROVER = program("prover")
# So many clauses are proved side by side: provers mostly wait for the server, its jobs and its mail.
LANES = 3


class UnknownClause(LookupError):
    """The policy in force has no clause of that id."""


def known(*, organisation: UUID, clauses: Sequence[str]) -> list[str]:
    """The named clauses, or all of the policy in force in its order. Raises UnknownClause."""
    every = [clause.id for clause in policies.policy_in_force(organisation=organisation).clauses]
    for clause in clauses:
        if clause not in every:
            raise UnknownClause(f"The policy has no clause {clause}. `plainspoken policy check` lists them.")
    return list(clauses) or every


def prove(
    *,
    organisation: Organisation,
    clauses: Sequence[str],
    folder: Path,
    command: CommandLine,
    tell: Callable[[str], None] = lambda clause: None,
    url: str | None = None,
    by: Actor = PROVER,
) -> dict[str, Any]:
    """Prove clauses in proving organisations with the same policy; sign, record and return the run.

    url: where the system runs; without one the running service is found, or one is started for as long as needed.
    """
    lanes = max(1, min(LANES, len(clauses)))
    with nullcontext(url) if url else running.server() as address, ExitStack() as stack:
        worlds = [
            stack.enter_context(
                _world(of=organisation, url=address, folder=folder / str(lane), command=command)
            )
            for lane in range(lanes)
        ]
        results = _in_lanes(worlds, clauses, tell)
    return signed(organisation=organisation, results=results, by=by)


@contextmanager
def _world(*, of: Organisation, url: str, folder: Path, command: CommandLine) -> Iterator[World]:
    """A proving organisation with the policy of `of`, a mailbox and a folder of its own; removed afterwards."""
    folder.mkdir()
    with Mailbox() as mailbox:
        made = proving.start(of=of, smtp_url=mailbox.url)
        try:
            yield World(
                url=url,
                organisation=made.id,
                slug=made.slug,
                people={key: Player(**asdict(person)) for key, person in made.people.items()},
                mailbox=mailbox,
                command=command,
                folder=folder,
            )
        finally:
            proving.end(organisation=UUID(made.id))


def _in_lanes(worlds: Sequence[World], clauses: Sequence[str], tell: Callable[[str], None]) -> list[Result]:
    """Prove side by side, one clause at a time in each world; results come in the order of `clauses`.

    A prover shifts the clock of its organisation and waits for its mail, so two never share one.
    """
    waiting = iter(clauses)
    found: dict[str, Result] = {}
    lock = Lock()

    def lane(world: World) -> None:
        while True:
            with lock:
                clause = next(waiting, None)
                if clause is None:
                    return
                tell(clause)
            found[clause] = run(clause, world)

    with ThreadPoolExecutor(len(worlds)) as pool:
        for done in [pool.submit(lane, world) for world in worlds]:
            done.result()
    return [found[clause] for clause in clauses]


def signed(*, organisation: Organisation, results: Sequence[Result], by: Actor) -> dict[str, Any]:
    """The run with the policy version, the ledger's head and an Ed25519 signature over its canonical JSON; recorded."""
    sealing.seal(organisation=organisation.id)
    content: dict[str, Any] = {
        "clauses": [asdict(result) for result in results],
        "policy_version": policies.version_in_force(organisation=organisation.id).number,
        "ledger_head": sealing.verify(organisation=organisation.id).head,
    }
    # Through JSON once, so that what is signed is what is written.
    content = json.loads(json.dumps(content))
    content["signature"] = sealing.signing_key(organisation.id).sign(canonical(content)).hex()
    services.record_proof(organisation=organisation.id, run=content, by=by)
    sealing.seal(organisation=organisation.id)
    return content


def canonical(content: dict[str, Any]) -> bytes:
    """What is signed: everything but the signature, keys sorted, no spaces, UTF-8."""
    return json.dumps(
        {k: v for k, v in content.items() if k != "signature"},
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
    ).encode()
