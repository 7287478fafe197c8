"""A scratch database: made anew or like the live one, changed, looked at, dropped."""

import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import uuid4

from django.core.management import call_command
from django.db import connections

from plainspoken.adapters import postgres
from plainspoken.custody.govern import Gap, database_gaps, govern

ALIAS = "owner"


@contextmanager
def scratch(fill: Callable[[str, str], None]) -> Iterator[str]:
    """The name of a database of its own that the owner's connection points to while this lasts.

    `fill` is given the live database's URL and the new one's.
    """
    owner = os.environ["DATABASE_OWNER_URL"]
    name = f"plainspoken_scratch_{uuid4().hex[:8]}"
    url = postgres.create_database(owner_url=owner, name=name)
    settings = connections[ALIAS].settings_dict
    before = settings["NAME"]
    try:
        connections[ALIAS].close()
        settings["NAME"] = name
        fill(owner, url)
        yield name
    finally:
        connections[ALIAS].close()
        settings["NAME"] = before
        postgres.drop_database(owner_url=owner, name=name)


def anew(live: str, url: str) -> None:
    """Migrated and governed, as an installation that begins today."""
    call_command("migrate", database=ALIAS, verbosity=0)
    govern()


def like_the_live_one(live: str, url: str) -> None:
    """The schema, the grants and the row-level security of the live database, without its rows."""
    schema = io.BytesIO()
    postgres.dump(owner_url=live, out=schema, rows=False)
    schema.seek(0)
    postgres.load(owner_url=url, source=schema)


def gaps(fill: Callable[[str, str], None], *, sql: str = "") -> list[Gap]:
    """What the check finds in a scratch database after this SQL was applied to it as the owner."""
    with scratch(fill):
        if sql:
            with connections[ALIAS].cursor() as cursor:
                cursor.execute(sql)
        return list(database_gaps())
