"""PostgreSQL for Plainspoken: an embedded server over the programs of a wheel, or an external one by URL.

    ready(data=...)      -> {"DATABASE_URL": ..., "DATABASE_OWNER_URL": ...}, started and provisioned
    ensure, release, keep, stop, status, urls, remove, external    the embedded server
    provision, provision_embedded, prepare, create_database, drop_database    roles, databases, grants
    check_external       what is wrong with an external server
    dump, load           a whole database out to a file, and back into an empty one
    default_data         the data folder the environment asks for

Every error is a PostgresError: one sentence, what is wrong and what to do. See places for where the files
are.
"""

from plainspoken.adapters.postgres.client import (
    Server,
    Status,
    ensure,
    external,
    keep,
    provision_embedded,
    ready,
    release,
    remove,
    status,
    stop,
    urls,
)
from plainspoken.adapters.postgres.dumps import dump, load
from plainspoken.adapters.postgres.errors import PostgresError
from plainspoken.adapters.postgres.inspection import check_external
from plainspoken.adapters.postgres.places import default_data
from plainspoken.adapters.postgres.roles import (
    APP,
    DATABASE,
    OWNER,
    PORTAL,
    PURPOSE,
    SEARCH,
    create_database,
    drop_database,
    prepare,
    provision,
    url_for,
)

__all__ = [
    "APP",
    "DATABASE",
    "OWNER",
    "PORTAL",
    "PURPOSE",
    "SEARCH",
    "PostgresError",
    "Server",
    "Status",
    "check_external",
    "create_database",
    "default_data",
    "drop_database",
    "dump",
    "ensure",
    "external",
    "keep",
    "load",
    "prepare",
    "provision",
    "provision_embedded",
    "ready",
    "release",
    "remove",
    "status",
    "stop",
    "url_for",
    "urls",
]
