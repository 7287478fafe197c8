"""How names and definitions of reports are sealed: each under the key of who saved it."""

from plainspoken.custody import keys
from plainspoken.custody.acts import context

from .definitions import Definition, from_json, to_json
from .models import Report


def seal(row: Report, *, name: str, definition: Definition) -> None:
    """Write both into the row; it is not saved here."""
    sealer = keys.subject_sealer(row.subject_id)
    row.name = sealer.seal_text(name, context=context(row, "name"))
    row.definition = sealer.seal_text(to_json(definition), context=context(row, "definition"))


def name_of(row: Report) -> str:
    """The name, opened. Raises KeyGone after an erasure."""
    return keys.subject_sealer(row.subject_id).open_text(bytes(row.name), context=context(row, "name"))


def definition_of(row: Report) -> Definition:
    """What it asks for, opened. Raises KeyGone, DefinitionRefused."""
    sealer = keys.subject_sealer(row.subject_id)
    return from_json(sealer.open_text(bytes(row.definition), context=context(row, "definition")))
