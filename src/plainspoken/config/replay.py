"""Make a restored copy fit to serve: `python -m plainspoken.config.replay`, with the copy's addresses in the environment.

Reads a JSON list of values to look for; prints one JSON line: rows per table, erasures replayed, whether every
ledger is sound, and where the values were found.
"""

import json
import sys

from plainspoken.config.boot import boot


def main() -> None:
    """Migrate, govern, replay erasures, count, verify."""
    boot()
    from django.core.management import call_command
    from django.db import connections

    from plainspoken.config import residue
    from plainspoken.custody import sealing
    from plainspoken.custody.actors import program
    from plainspoken.custody.govern import govern
    from plainspoken.custody.models import Organisation
    from plainspoken.rights.services import replay_erasures

    call_command("migrate", database="owner", verbosity=0)
    govern()
    replayed = sum(
        replay_erasures(organisation=organisation.id, by=program("restore"))
        for organisation in Organisation.objects.all()
    )
    # A backup is older than the anchors: only what it holds is checked against itself.
    sound = all(
        not [f for f in sealing.verify(organisation=o.id).findings if "anchor" not in f.message]
        for o in Organisation.objects.all()
    )
    tables = {}
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT count(*) FROM "{table}"')  # noqa: S608 - names of our own tables
            tables[table] = cursor.fetchone()[0]
    values = json.loads(sys.stdin.read() or "[]")
    found = [str(hit) for hit in residue.search(values)] if values else []
    sys.stdout.write(
        json.dumps({"tables": tables, "erasures_replayed": replayed, "ledgers_sound": sound, "found": found})
        + "\n"
    )


if __name__ == "__main__":
    main()
