"""Which organisation a command is for."""

from plainspoken.cli.output import USAGE, fail
from plainspoken.custody.models import Organisation


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
