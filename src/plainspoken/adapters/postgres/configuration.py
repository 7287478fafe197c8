"""The settings of the embedded server, and who may connect to it."""

import os
import shutil
from pathlib import Path

from plainspoken.adapters.postgres import places
from plainspoken.adapters.postgres.places import Place

CONFIGURATION = """\
# Written by Plainspoken at each start; put settings of yours into postgresql.auto.conf with ALTER SYSTEM.
listen_addresses = ''
unix_socket_directories = '{socket}'
unix_socket_permissions = 0700
port = {port}
max_connections = 100
password_encryption = 'scram-sha-256'
timezone = 'UTC'
client_encoding = 'UTF8'
default_text_search_config = 'pg_catalog.simple'

# Suited to two cores and a shared machine.
shared_buffers = {shared_buffers}MB
effective_cache_size = {cache}MB
work_mem = 16MB
maintenance_work_mem = 128MB
dynamic_shared_memory_type = {shared_memory}
max_worker_processes = 4
max_parallel_workers = 2
max_parallel_workers_per_gather = 1
max_parallel_maintenance_workers = 1
jit = off
random_page_cost = 1.1
wal_level = minimal
max_wal_senders = 0
checkpoint_timeout = 10min
max_wal_size = 1GB
# A segment that is used again would keep deleted rows until it is overwritten: it is removed instead.
wal_recycle = off
min_wal_size = 32MB

# The log must hold no personal data. Errors of statements quote values, in the message too: they are left to
# the application, which knows what it may write. Terse drops DETAIL, which quotes rows, and the statement of
# a crash.
logging_collector = on
log_directory = '{log}'
log_filename = 'postgresql-%a.log'
log_file_mode = 0600
log_rotation_age = 1d
log_rotation_size = 0
log_truncate_on_rotation = on
log_timezone = 'UTC'
lc_messages = 'C'
log_min_messages = log
log_min_error_statement = panic
log_error_verbosity = terse
log_statement = none
log_duration = off
log_min_duration_statement = -1
log_min_duration_sample = -1
log_transaction_sample_rate = 0
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
log_autovacuum_min_duration = -1
debug_print_parse = off
debug_print_rewritten = off
debug_print_plan = off
"""

ACCESS = """\
# Written by Plainspoken: the unix socket alone, and a password for everybody.
local all all scram-sha-256
"""


def write(place: Place) -> None:
    """Write the configuration into the cluster, where it changed. Raises OSError."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    values = {
        "socket": _quoted(place.socket),
        "log": _quoted(place.log),
        "port": places.PORT,
        "shared_buffers": max(32, min(256, memory // 8)),
        "cache": max(128, min(4096, memory // 2)),
        "shared_memory": _shared_memory(place),
    }
    _write(place, "plainspoken.conf", CONFIGURATION.format(**values))
    _write(place, "pg_hba.conf", ACCESS)
    main = place.cluster / "postgresql.conf"
    include = "include = 'plainspoken.conf'\n"
    text = main.read_text()
    if include not in text:
        _write(place, "postgresql.conf", f"{text}\n{include}")


def _write(place: Place, name: str, text: str) -> None:
    path = place.cluster / name
    if path.exists() and path.read_text() == text:
        return
    draft = path.with_name(f"{name}.new")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_text(text)
    place.give(draft, to=place.server)
    draft.rename(path)


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _shared_memory(place: Place) -> str:
    """How backends share memory: "posix" (segments in /dev/shm) or "mmap" (files in the cluster).

    systemd removes the segments of a user who logs out (RemoveIPC in logind.conf(5)), which would break a
    server that runs as that user; and containers give /dev/shm 64 MB, too little for a parallel query.
    """
    try:
        roomy = shutil.disk_usage("/dev/shm").total >= 256 * 2**20  # noqa: S108
    except OSError:
        return "mmap"
    return "posix" if roomy and place.server[0] == places.SERVER_USER_ID else "mmap"
