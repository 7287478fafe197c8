"""The ledger with many writers at once, against a hash chain whose head every writer must lock."""

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from uuid import UUID, uuid4

from django.db import connection, connections

from plainspoken.custody import clock, ledger
from plainspoken.custody.sealing import seal, verify
from plainspoken.custody.sessions import purpose

from .loading import rows, run
from .measuring import Figure, Line, pairs
from .store import ME

CHAIN = """
CREATE TABLE bench_chain (
  number bigint PRIMARY KEY, id uuid, organisation_id uuid, at timestamptz, act text, purpose text, by text,
  about text, detail jsonb, previous bytea, hash bytea
);
CREATE TABLE bench_chain_head (organisation_id uuid PRIMARY KEY, number bigint, hash bytea);
GRANT SELECT, INSERT, UPDATE ON bench_chain, bench_chain_head TO PUBLIC
"""
DETAIL: dict[str, int | bool | str | list[str]] = {"place": "bench", "rows": 1}


class ChainBroken(AssertionError):
    """The entries that were written are not all in the ledger, or not sound."""


def ledger_line(organisation: UUID, *, writers: int, entries: int, count: int) -> Line:
    """Each writer commits its entries one by one; all begin at the same moment."""
    _make_chain(organisation)
    with _writers(writers) as together:
        return pairs(
            "Ledger",
            ours=lambda: together(lambda: _enter(organisation, entries)),
            baseline=lambda: together(lambda: _chain(organisation, entries)),
            describe=("ledger.enter(), sealed later", "a hash chain whose head each entry locks"),
            count=count,
            goal=1.0,
            note=f"{writers} writers at once, {entries} entries each, a transaction an entry.",
        )


def sealing_figure(organisation: UUID) -> Figure:
    """Sealing what the writers left: hashes, a Merkle root, a signature, an anchor. Raises ChainBroken."""
    started = time.perf_counter()
    sealed = seal(organisation=organisation)
    seconds = time.perf_counter() - started
    verdict = verify(organisation=organisation)
    if not verdict.sound or verdict.pending:
        raise ChainBroken(f"{len(verdict.findings)} findings, {verdict.pending} entries unsealed.")
    return Figure("Ledger, sealing", round(sealed / seconds), "entries/s", f"seal() over {sealed:,} entries")


def _make_chain(organisation: UUID) -> None:
    run(CHAIN)
    genesis = "\\x" + "00" * 32
    run(f"INSERT INTO bench_chain_head VALUES ('{organisation}', 0, '{genesis}')")  # noqa: S608 - a UUID of ours


def chained() -> int:
    """How many entries the naive chain has, each checked against the one before. Raises ChainBroken."""
    previous = b"\0" * 32
    found = rows("SELECT previous, hash FROM bench_chain ORDER BY number")
    for before, own in found:
        if bytes(before) != previous:
            raise ChainBroken("The naive chain is broken.")
        previous = bytes(own)
    return len(found)


def _enter(organisation: UUID, entries: int) -> None:
    for _ in range(entries):
        with purpose("security.audit", organisation=organisation, by=ME):
            ledger.enter(act="bench.entry", by=ME, detail=DETAIL)


def _chain(organisation: UUID, entries: int) -> None:
    """The same entry, with the hash of the one before in it."""
    for _ in range(entries):
        with purpose("security.audit", organisation=organisation, by=ME), connection.cursor() as cursor:
            cursor.execute(
                "SELECT number, hash FROM bench_chain_head WHERE organisation_id = %s FOR UPDATE",
                [organisation],
            )
            number, previous = cursor.fetchone()
            entry, at = uuid4(), clock.now(organisation)
            content = [str(entry), str(organisation), at.isoformat(), "bench.entry", str(ME), DETAIL]
            own = hashlib.sha256(bytes(previous) + json.dumps(content).encode()).digest()
            cursor.execute(
                "INSERT INTO bench_chain VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
                [
                    number + 1, entry, organisation, at, "bench.entry", "security.audit", str(ME), "",
                    json.dumps(DETAIL), bytes(previous), own,
                ],
            )  # fmt: skip
            cursor.execute(
                "UPDATE bench_chain_head SET number = %s, hash = %s WHERE organisation_id = %s",
                [number + 1, own, organisation],
            )


@contextmanager
def _writers(count: int) -> Iterator[Callable[[Callable[[], None]], None]]:
    """So many threads with a connection each; what is given runs in all of them at once."""
    barrier = Barrier(count)

    def at_once(work: Callable[[], None]) -> None:
        barrier.wait(timeout=60)
        work()

    with ThreadPoolExecutor(count) as pool:

        def together(work: Callable[[], None]) -> None:
            for done in [pool.submit(at_once, work) for _ in range(count)]:
                done.result()

        together(lambda: connections["default"].ensure_connection())
        try:
            yield together
        finally:
            together(connections.close_all)
