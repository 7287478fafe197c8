"""The provers: they act on the running system as a person would, over HTTP, SMTP and the command line.

They import no app. Each names the independent observation it makes, and is broken on an empty system.
"""

from importlib import import_module

MODULES = ("notice", "collection", "security", "use", "rights", "disclosure", "retention")


def load() -> None:
    """Import every module of provers, so that each registers itself."""
    for name in MODULES:
        import_module(f"plainspoken.proofs.{name}")
