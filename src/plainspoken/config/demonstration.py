"""Taking the demonstration out again."""

from plainspoken.custody.removal import remove as remove_organisation
from plainspoken.demo.centre import existing
from plainspoken.people.services import remove_accounts_without_membership


def remove() -> int:
    """Remove the demonstration with its keys, rows, objects and accounts; returns how many rows."""
    row = existing()
    if row is None:
        return 0
    return remove_organisation(organisation=row.id) + remove_accounts_without_membership()
