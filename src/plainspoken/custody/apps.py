"""The kernel: who and what is governed, and for which purpose it may be touched."""

from importlib import import_module

from django.apps import AppConfig, apps


class CustodyConfig(AppConfig):
    name = "plainspoken.custody"
    label = "custody"
    verbose_name = "Custody"

    def ready(self) -> None:
        from . import checks  # noqa: F401 - registers the declaration checks

        register_declarations()


def register_declarations() -> None:
    """Import `declarations` of every installed app, so that each registers its places once."""
    for config in apps.get_app_configs():
        if not config.name.startswith("plainspoken."):
            continue
        if config.path and __import__("pathlib").Path(config.path, "declarations.py").exists():
            import_module(f"{config.name}.declarations")
