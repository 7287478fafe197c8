"""A scratch database: the live one without its rows, changed, looked at, dropped."""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from django.db import connections

from plainspoken.adapters import postgres
from plainspoken.custody.govern import Gap, database_gaps

ALIAS = "owner"


@contextmanager
def scratch() -> Iterator[str]:
    """A database with the schema, the grants and the row-level security of the live one, and no rows. The owner's
    connection points to it while this lasts.
    """
    owner = os.environ["DATABASE_OWNER_URL"]
    name = f"plainspoken_scratch_{uuid4().hex[:8]}"
    url = postgres.create_database(owner_url=owner, name=name)
    settings = connections[ALIAS].settings_dict
    before = settings["NAME"]
    try:
        connections[ALIAS].close()
        settings["NAME"] = name
        schema = io.BytesIO()
        postgres.dump(owner_url=owner, out=schema, rows=False)
        schema.seek(0)
        postgres.load(owner_url=url, source=schema)
        yield name
    finally:
        connections[ALIAS].close()
        settings["NAME"] = before
        postgres.drop_database(owner_url=owner, name=name)


def gaps_after(sql: str) -> list[Gap]:
    """What the check finds in a copy of the live database without rows after this SQL was applied to it as the owner."""
    with scratch():
        if sql:
            with connections[ALIAS].cursor() as cursor:
                cursor.execute(sql)
        return list(database_gaps())
