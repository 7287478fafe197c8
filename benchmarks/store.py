"""A house to measure in: a governed database of its own, with keys and objects in a folder that goes away."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from django.db import connections
from django.test.utils import override_settings

from plainspoken.config.scratch import anew, scratch
from plainspoken.custody import ports
from plainspoken.custody.actors import program
from plainspoken.custody.models import Organisation
from plainspoken.custody.organisations import create
from plainspoken.policies.services import publish

ROOT = Path(__file__).resolve().parent.parent
POLICY = ROOT / "policies" / "plainspoken.md"
ME = program("bench")
OWNER = "owner"


@contextmanager
def opened() -> Iterator[UUID]:
    """An empty house under our own policy; both connections of this process point to it while this lasts."""
    with (
        scratch(anew) as name,
        tempfile.TemporaryDirectory(prefix="plainspoken-bench-") as folder,
        _pointed_to(name),
        own_folders(Path(folder)),
    ):
        yield found_house()


@contextmanager
def own_folders(folder: Path) -> Iterator[None]:
    """Keys, objects and anchors below this folder."""
    places = {f"{name.upper()}_FOLDER": folder / name for name in ("keyring", "objects", "anchors")}
    with override_settings(**places):
        ports.forget_adapters()
        try:
            yield
        finally:
            ports.forget_adapters()


def found_house() -> UUID:
    """A demonstration organisation with our own policy in force."""
    row = create(
        slug="bench",
        name="Bench",
        home_region="EU (Frankfurt)",
        kind=Organisation.Kind.DEMO,
        time_zone="Europe/Berlin",
        phone_region="DE",
    )
    publish(organisation=row.id, source=POLICY.read_text("utf-8"), file=POLICY.name, by=ME)
    return row.id


@contextmanager
def _pointed_to(name: str) -> Iterator[None]:
    """The application's connection at another database; the owner's is there already."""
    settings = connections["default"].settings_dict
    before = settings["NAME"]
    connections["default"].close()
    settings["NAME"] = name
    try:
        yield
    finally:
        connections["default"].close()
        settings["NAME"] = before
