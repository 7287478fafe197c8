"""The worker: runs jobs, seals the ledgers, keeps time for daily work. `python -m plainspoken.config.worker`."""

import logging
import os
import signal
import threading
import time
from contextlib import suppress
from uuid import UUID

from plainspoken.config.boot import boot

log = logging.getLogger("plainspoken.worker")
CONCURRENCY = 3
LOOK, SHORTEST = 1.0, 0.1  # seconds
UPKEEP = 5.0  # seconds


def main() -> None:
    """Run until SIGTERM or until the parent is gone."""
    boot()
    from plainspoken.config.work import serve

    threading.Thread(target=_seal_for_ever, daemon=True, name="sealer").start()
    threading.Thread(target=_upkeep_for_ever, daemon=True, name="upkeep").start()
    threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True, name="parent").start()
    # A proof waits for jobs of its own making, so there is more than one at a time.
    serve(concurrency=CONCURRENCY)


def _end_with_parent(parent: int) -> None:
    pause = threading.Event()
    while not pause.wait(2):
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGTERM)
            return


def _upkeep_for_ever() -> None:
    """Put back what dead workers left, and plan looks into sources whose time has come."""
    from django.db import close_old_connections

    pause = threading.Event()
    while not pause.wait(UPKEEP):
        close_old_connections()
        try:
            upkeep()
        except Exception:
            # The next round tries again; /health shows jobs that wait too long.
            log.exception("upkeep failed")


def upkeep() -> tuple[int, int]:
    """One round: how many jobs were put back to wait, and how many looks were planned."""
    from plainspoken.exchange import pipeline, tasks

    return pipeline.put_back(), tasks.plan_looks()


def _seal_for_ever() -> None:
    """Seal every organisation's ledger as often as its own policy says."""
    from django.db import close_old_connections

    pause = threading.Event()
    last: dict[UUID, float] = {}
    wait = LOOK
    while not pause.wait(wait):
        close_old_connections()
        try:
            wait = seal_due(last, now=time.monotonic())
        except Exception:
            # The next round tries again; /health shows entries that wait too long.
            log.exception("sealing failed")
            wait = 5.0


def seal_due(last: dict[UUID, float], *, now: float) -> float:
    """Seal each ledger whose time has come; `last` keeps when each was (monotonic seconds). Returns the
    seconds until the next look: never more than LOOK, since another policy may be published at any moment.
    """
    from plainspoken.custody import sealing
    from plainspoken.custody.models import Organisation
    from plainspoken.custody.sessions import PurposeRefused

    wait = LOOK
    found = list(Organisation.objects.values_list("id", flat=True))
    for organisation in found:
        every = pace(organisation)
        if now - last.get(organisation, float("-inf")) >= every:
            last[organisation] = now
            # One that is being founded or removed right now has no open purpose, and nothing to seal.
            with suppress(PurposeRefused):
                sealing.seal(organisation=organisation)
        wait = min(wait, every)
    for gone in set(last) - set(found):
        del last[gone]
    return wait


def pace(organisation: UUID) -> float:
    """Seconds between two seals of a ledger: half of the published `ledger_sealed_within`, to be in time.

    Before any policy is published there is no promise, and LOOK is the pace.
    """
    from plainspoken.custody import clock
    from plainspoken.policies import queries as policies

    try:
        within = policies.rule(organisation=organisation, clause="security.safeguards").ledger_sealed_within
    except policies.NoPolicy:
        return LOOK
    now = clock.wall()
    half: float = (within.add_to(now) - now).total_seconds() / 2
    return max(SHORTEST, half)


if __name__ == "__main__":
    main()
