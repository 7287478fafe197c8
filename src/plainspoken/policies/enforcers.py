"""Which code makes a clause true. Each app says so in its `enforce.py`, which is imported at start-up."""

from importlib import import_module
from importlib.util import find_spec

from django.apps import apps

from plainspoken.kernels.policy.catalogue import CLAUSES

_enforcers: dict[str, str] = {}


class EnforcerError(ValueError):
    """Two enforcers for one clause, or one for a clause that no policy knows."""


def register(clause: str, path: str) -> None:
    """Declare that the callable at a dotted path enforces a clause."""
    if clause not in CLAUSES:
        raise EnforcerError(f"There is no clause {clause}. Look in the catalogue of clauses.")
    if _enforcers.get(clause, path) != path:
        raise EnforcerError(f"{clause} is enforced by {_enforcers[clause]} already. Keep one enforcer.")
    _enforcers[clause] = path


def enforcer(clause: str) -> str | None:
    """The dotted path of what enforces a clause, or None."""
    return _enforcers.get(clause)


def all_enforcers() -> dict[str, str]:
    """Clause -> dotted path, for the table and for the test that each path imports."""
    return dict(_enforcers)


def load() -> None:
    """Import `enforce` of every installed app of ours, so that each registers its clauses once."""
    for config in apps.get_app_configs():
        if config.name.startswith("plainspoken.") and find_spec(f"{config.name}.enforce"):
            import_module(f"{config.name}.enforce")
