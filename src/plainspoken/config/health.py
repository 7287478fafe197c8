"""What is configured, reachable, missing, and how to mend it: for `plainspoken doctor`, the health page and /readyz."""

import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from django.conf import settings
from django.db import DatabaseError, connection, connections
from django.db.migrations.executor import MigrationExecutor

from plainspoken.custody import clock, sealing
from plainspoken.custody.govern import database_gaps
from plainspoken.custody.models import LedgerEntry, Organisation
from plainspoken.custody.sessions import purpose
from plainspoken.policies import queries as policies
from plainspoken.retention import rewriting
from plainspoken.ui.wording import duration

from .backups import last_backup

Status = Literal["held", "broken", "unproved"]
LEAST_FREE = 2 * 1024**3


@dataclass(frozen=True)
class Check:
    """One thing looked at: `unproved` means that it is not set up."""

    title: str
    status: Status
    text: str
    mend: str = ""
    seconds: float = 0.0


Probe = Callable[[], tuple[Status, str, str]]


def checks() -> tuple[Check, ...]:
    """Every check, each timed; one that fails unexpectedly is broken, never left out."""
    return tuple(_run(title, probe) for title, probe in PROBES)


def _run(title: str, probe: Probe) -> Check:
    started = time.monotonic()
    try:
        status, text, mend = probe()
    except Exception as error:  # noqa: BLE001 - a check that cannot run is itself the finding
        status, text, mend = "broken", f"The check could not run ({type(error).__name__}).", "See the log."
    return Check(
        title=title, status=status, text=text, mend=mend, seconds=round(time.monotonic() - started, 3)
    )


def promises(organisation: Organisation) -> tuple[Check, ...]:
    """What one organisation's own policy promises of its ledger and of backups, by its own clock."""
    return (
        _run("Ledger", lambda: _ledger([organisation])),
        _run("Backups", lambda: _backups([organisation])),
    )


def ready() -> tuple[bool, str]:
    """Whether requests can be served: database reached, migrated, keyring and objects writable."""
    for title, probe in PROBES[:4]:
        result = _run(title, probe)
        if result.status == "broken":
            return False, f"{result.title}: {result.text} {result.mend}".strip()
    return True, "ready"


def _database() -> tuple[Status, str, str]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('server_version'), current_user")
            version, role = cursor.fetchone()
    except DatabaseError:
        return (
            "broken",
            "The database does not answer.",
            "Run `plainspoken db status`, or check DATABASE_URL.",
        )
    where = "embedded" if os.environ.get("PLAINSPOKEN_EMBEDDED") == "1" else "by address"
    return "held", f"PostgreSQL {version}, {where}, as {role}.", ""


def _migrations() -> tuple[Status, str, str]:
    executor = MigrationExecutor(connections["owner"])
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        return "broken", f"{len(waiting)} migrations wait.", "Run `plainspoken upgrade`."
    return "held", "Every migration is applied.", ""


def _writable(folder: Path, what: str) -> tuple[Status, str, str]:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    probe = folder / f".probe-{os.getpid()}"
    try:
        probe.write_bytes(b"x" * 4096)
    except OSError as error:
        return (
            "broken",
            f"{what} cannot be written ({(error.strerror or 'error').lower()}).",
            f"Free space or mend the rights of {folder}.",
        )
    finally:
        probe.unlink(missing_ok=True)
    return "held", f"{what} can be written.", ""


def _keyring() -> tuple[Status, str, str]:
    status, text, mend = _writable(Path(settings.KEYRING_FOLDER), "The keyring")
    if status == "held" and Path(settings.KEYRING_FOLDER).stat().st_mode & 0o077:
        return "broken", "Others on this machine can read the keyring's folder.", "Run `chmod 700` on it."
    return status, text, mend


def _objects() -> tuple[Status, str, str]:
    return _writable(Path(settings.OBJECTS_FOLDER), "The object store")


def _disk() -> tuple[Status, str, str]:
    free = shutil.disk_usage(settings.DATA).free
    if free < LEAST_FREE:
        return (
            "broken",
            f"Only {free // 1024**2} MB are free.",
            "Free space, or move PLAINSPOKEN_DATA to a larger disk.",
        )
    return "held", f"{free // 1024**3} GB are free.", ""


def _security() -> tuple[Status, str, str]:
    gaps = list(database_gaps())
    if gaps:
        return (
            "broken",
            f"{len(gaps)} gaps in row-level security or declarations: {gaps[0].message}",
            "Run `plainspoken upgrade`.",
        )
    return "held", "Every table is declared and secured.", ""


def _organisations() -> tuple[Status, str, str]:
    rows = _served()
    if not rows:
        return "unproved", "No organisation is set up.", "Run `plainspoken init`, or `plainspoken demo run`."
    for row in rows:
        try:
            policies.version_in_force(organisation=row.id)
        except policies.NoPolicy:
            return "broken", f"{row.name} has published no policy.", "Run `plainspoken policy publish FILE`."
    return "held", f"{len(rows)} set up, each with a published policy.", ""


def _served() -> list[Organisation]:
    return list(Organisation.objects.exclude(kind=Organisation.Kind.PROVING))


def _ledger(rows: Sequence[Organisation] | None = None) -> tuple[Status, str, str]:
    for row in _served() if rows is None else rows:
        verdict = sealing.verify(organisation=row.id)
        if not verdict.sound:
            return (
                "broken",
                f"{row.name}: {verdict.findings[0].message}",
                "Run `plainspoken ledger verify`, restore a backup, and report it.",
            )
        if late := _late(row):
            return (
                "broken",
                f"{row.name}: {late} entries wait too long for their seal.",
                "Is the worker running? Start `plainspoken up`.",
            )
    return "held", "Every chain is whole.", ""


def _late(organisation: Organisation) -> int:
    """Entries that wait for their seal longer than the published `ledger_sealed_within`."""
    try:
        within = policies.rule(
            organisation=organisation.id, clause="security.safeguards"
        ).ledger_sealed_within
    except policies.NoPolicy:
        return 0
    now = clock.now(organisation.id)
    allowed = within.add_to(now) - now
    with purpose("security.audit", organisation=organisation.id, by=sealing.SEALER):
        return LedgerEntry.objects.filter(
            organisation_id=organisation.id, leaf__isnull=True, at__lt=now - allowed
        ).count()


def _speech() -> tuple[Status, str, str]:
    from plainspoken.adapters.speech import models

    found = models.available()
    if found is None:
        return (
            "unproved",
            "No speech model is there; calls with sound wait for one.",
            "Run `plainspoken models fetch tiny.en`.",
        )
    return "held", f"{found.name} is there and its digest is right.", ""


def _mail() -> tuple[Status, str, str]:
    lacking = [o.name for o in Organisation.objects.filter(kind=Organisation.Kind.LIVE) if not o.smtp_url]
    if lacking:
        return (
            "unproved",
            f"{lacking[0]} has no mail server, so no code can be sent.",
            "Run `plainspoken init --smtp URL`.",
        )
    return "held", "Each live organisation names a mail server.", ""


def _jobs() -> tuple[Status, str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT status, count(*) FROM procrastinate_jobs GROUP BY status")
        counts = dict(cursor.fetchall())
    failed = counts.get("failed", 0)
    if failed:
        return (
            "broken",
            f"{failed} jobs failed.",
            "Run `plainspoken jobs retry`; the log says where they stopped.",
        )
    return "held", f"{counts.get('todo', 0)} wait, {counts.get('doing', 0)} run.", ""


def _backups(rows: Sequence[Organisation] | None = None) -> tuple[Status, str, str]:
    last = last_backup()
    if last is None:
        return "unproved", "Nothing was backed up yet.", "Run `plainspoken backup FOLDER --keys ELSEWHERE`."
    for row in _served() if rows is None else rows:
        try:
            every = policies.rule(organisation=row.id, clause="security.safeguards").backup_every
        except policies.NoPolicy:
            continue
        if every.add_to(last) < clock.now(row.id):
            return (
                "broken",
                f"The last backup is of {last:%d %B %Y, %H:%M}; {row.name} promises one more often.",
                "Run `plainspoken backup`.",
            )
    return "held", f"The last one is of {last:%d %B %Y, %H:%M}.", ""


def _freed() -> tuple[Status, str, str]:
    """Whether the tables from which people were erased were written anew in time."""
    now = clock.wall()
    late, within = rewriting.late(now=now), duration(rewriting.promised().add_to(now) - now)
    if late:
        return (
            "broken",
            f"{late[0].table} was not written anew for longer than {within}: erased words may lie in its freed room.",
            "Is the worker running? Run `plainspoken retention rewrite`.",
        )
    last = rewriting.last()
    when = f"Tables were last written anew on {last:%d %B %Y}" if last else "No table was written anew yet"
    waiting = len(rewriting.owed())
    return "held", f"{when}; {waiting} wait, for {within} at most.", ""


PROBES: tuple[tuple[str, Probe], ...] = (
    ("Database", _database),
    ("Migrations", _migrations),
    ("Keyring", _keyring),
    ("Object store", _objects),
    ("Disk", _disk),
    ("Row-level security", _security),
    ("Organisations", _organisations),
    ("Ledger", _ledger),
    ("Speech", _speech),
    ("Mail", _mail),
    ("Jobs", _jobs),
    ("Backups", _backups),
    ("Freed room", _freed),
)


def problems() -> Iterator[Check]:
    return (check for check in checks() if check.status == "broken")
