"""The worker: runs jobs, seals the ledgers, keeps time for daily work. `python -m plainspoken.config.worker`."""

import logging
import os
import signal
import threading
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from plainspoken.config.boot import boot

log = logging.getLogger("plainspoken.worker")
CONCURRENCY = 3


def main() -> None:
    """Run until SIGTERM or until the parent is gone."""
    boot()
    from plainspoken.config.work import serve

    threading.Thread(target=_seal_for_ever, daemon=True, name="sealer").start()
    threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True, name="parent").start()
    # A proof waits for jobs of its own making, so there is more than one at a time.
    serve(concurrency=CONCURRENCY)


def _end_with_parent(parent: int) -> None:
    pause = threading.Event()
    while not pause.wait(2):
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGTERM)
            return


def _seal_for_ever() -> None:
    """Seal every organisation's ledger as often as its policy says, the shortest promise setting the pace."""
    from django.db import close_old_connections

    from plainspoken.custody import sealing
    from plainspoken.custody.models import Organisation
    from plainspoken.custody.sessions import PurposeRefused

    pause = threading.Event()
    wait = 1.0
    while not pause.wait(wait):
        close_old_connections()
        try:
            organisations = list(Organisation.objects.values_list("id", flat=True))
            for organisation in organisations:
                # One that is being founded or removed right now has no open purpose, and nothing to seal.
                with suppress(PurposeRefused):
                    sealing.seal(organisation=organisation)
            wait = pace(organisations)
        except Exception:
            # The next round tries again; /health shows entries that wait too long.
            log.exception("sealing failed")
            wait = 5.0


def pace(organisations: Sequence[UUID]) -> float:
    """Seconds between rounds: the shortest published `ledger_sealed_within`, half of it to be in time."""
    from plainspoken.custody import clock
    from plainspoken.policies import queries as policies

    shortest = timedelta(seconds=2)
    for organisation in organisations:
        try:
            within = policies.rule(
                organisation=organisation, clause="security.safeguards"
            ).ledger_sealed_within
        except policies.NoPolicy:
            continue
        now = clock.wall()
        shortest = min(shortest, within.add_to(now) - now)
    return max(0.1, shortest.total_seconds() / 2)


if __name__ == "__main__":
    main()
