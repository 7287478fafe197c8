"""Turns what PostgreSQL and the operating system say into one sentence with what to do."""

import errno
import re
import shutil
from pathlib import Path

from plainspoken.adapters.postgres.places import Place

FULL = "The disk of {folder} is full: free space, then try again."
WAL_SEGMENT = 16 * 2**20  # bytes; PostgreSQL needs room for one to start
# The first pattern that is found wins; {folder} and {log} are filled in.
SENTENCES: tuple[tuple[str, str], ...] = (
    (
        r"could not (resize|create|map).*shared memory|could not create semaphores",
        "The machine has no shared memory left for the database: raise its limit, then try again.",
    ),
    (
        r"No space left on device|Disk quota exceeded",
        FULL,
    ),
    (
        r"Read-only file system",
        "{folder} is on a read-only disk: make it writable, or name another with PLAINSPOKEN_DATA.",
    ),
    (
        r"database files are incompatible with server",
        "The database in {folder} was made by another version of PostgreSQL: restore a backup with this one.",
    ),
    (
        r"has wrong ownership|has invalid permissions",
        "{folder}/cluster has the wrong owner or permissions: give it to its user with mode 0700.",
    ),
    (
        r"Permission denied",
        "We may not use {folder}: give it back to its user, or name another with PLAINSPOKEN_DATA.",
    ),
    (
        r"pre-existing shared memory block|lock file .* already exists",
        "Another server already works in {folder}/cluster: stop it, then try again.",
    ),
    (
        r"could not locate a valid checkpoint|invalid checkpoint|could not open file .*pg_(wal|control)",
        "The database in {folder} is damaged: restore a backup.",
    ),
    (
        r"configuration file .* contains errors|unrecognized configuration param|invalid value for param",
        "A setting in {folder}/cluster/postgresql.auto.conf is wrong: remove that line, then try again.",
    ),
    (
        r"Cannot allocate memory|out of memory",
        "The machine has too little free memory for the database: free some, then try again.",
    ),
)


def of_text(text: str, *, folder: Path, log: Path | None) -> str:
    """The sentence for what a program of PostgreSQL wrote."""
    for pattern, sentence in SENTENCES:
        if re.search(pattern, text):
            return sentence.format(folder=folder)
    if log is not None:
        return f"The database server ended at once: read the log in {log}."
    last = next(
        (line for line in reversed(text.splitlines()) if "error" in line.lower()), "no reason was given"
    )
    return f"The database could not be made in {folder}: {last.removeprefix('initdb: error: ').rstrip('.')}."


def of_log(place: Place) -> str:
    """The sentence for a server that ended while it started: its standard error and the newest log."""
    if shutil.disk_usage(place.home).free < WAL_SEGMENT:
        return FULL.format(folder=place.home)  # then the log could not be written either
    logs = sorted(place.log.glob("postgresql-*.log"), key=lambda path: path.stat().st_mtime)
    tails = [_tail(path) for path in [*logs[-1:], place.log / "startup.log"]]
    return of_text("\n".join(tails), folder=place.home, log=place.log)


def of_os_error(error: OSError, *, folder: Path) -> str:
    """The sentence for an error of the operating system."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return FULL.format(folder=folder)
    reason = (error.strerror or str(error)).lower()
    return f"We cannot write in {folder} ({reason}): make it writable, or name another with PLAINSPOKEN_DATA."


def _tail(path: Path) -> str:
    try:
        lines = path.read_text(errors="replace").splitlines()
    except OSError:
        return ""
    # Only the last start counts.
    starts = [number for number, line in enumerate(lines) if "starting PostgreSQL" in line]
    return "\n".join(lines[starts[-1] if starts else 0 :][-60:])
