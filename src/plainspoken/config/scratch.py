"""A scratch database: migrated, governed, changed, looked at, dropped."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from django.core.management import call_command
from django.db import connections

from plainspoken.adapters import postgres
from plainspoken.custody.govern import Gap, database_gaps, govern

ALIAS = "owner"


@contextmanager
def scratch() -> Iterator[str]:
    """An empty governed database that the owner's connection points to while this lasts."""
    owner = os.environ["DATABASE_OWNER_URL"]
    name = f"plainspoken_scratch_{uuid4().hex[:8]}"
    postgres.create_database(owner_url=owner, name=name)
    settings = connections[ALIAS].settings_dict
    before = settings["NAME"]
    try:
        connections[ALIAS].close()
        settings["NAME"] = name
        call_command("migrate", database=ALIAS, verbosity=0)
        govern()
        yield name
    finally:
        connections[ALIAS].close()
        settings["NAME"] = before
        postgres.drop_database(owner_url=owner, name=name)


def gaps_after(sql: str) -> list[Gap]:
    """What the check finds in a fresh database after this SQL was applied to it as the owner."""
    with scratch():
        if sql:
            with connections[ALIAS].cursor() as cursor:
                cursor.execute(sql)
        return list(database_gaps())
