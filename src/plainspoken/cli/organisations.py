"""Which organisation a command is for."""

from contextlib import suppress
from uuid import UUID

from plainspoken.cli.output import USAGE, fail
from plainspoken.custody.actors import program
from plainspoken.custody.models import Organisation
from plainspoken.custody.sessions import purpose
from plainspoken.people.models import Identifier
from plainspoken.people.resolution import find


def chosen(slug: str | None) -> Organisation:
    """The named organisation; without a name the only one (proving ones do not count)."""
    rows = Organisation.objects.exclude(kind=Organisation.Kind.PROVING)
    if slug:
        row = Organisation.objects.filter(slug=slug).first()
        if row is None:
            names = ", ".join(rows.values_list("slug", flat=True)) or "none yet"
            fail(f"There is no organisation {slug}. Known: {names}.", code=USAGE)
        return row
    found = list(rows[:2])
    if not found:
        fail("There is no organisation yet. Run `plainspoken init`, or `plainspoken demo run`.")
    if len(found) > 1:
        names = ", ".join(rows.values_list("slug", flat=True))
        fail(f"There are several organisations: {names}. Name one with --organisation.", code=USAGE)
    return found[0]


def subject_named(organisation: Organisation, named: str) -> UUID:
    """A data subject by pseudonym or by e-mail address; an unknown or ambiguous one ends the command."""
    with suppress(ValueError):
        return UUID(named)
    with purpose("rights.execute", organisation=organisation.id, by=program("command-line")):
        found = find(kind=Identifier.Kind.EMAIL, value=named, region=organisation.phone_region)
    if not found:
        fail("Nobody here has this address. Give a pseudonym, or check the spelling.", code=USAGE)
    if len(found) > 1:
        fail("Several people share this address. Give a pseudonym.", code=USAGE)
    return found[0]
