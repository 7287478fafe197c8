"""The command `plainspoken`: parse, call one service or query, answer."""

import importlib
import os
import sys
from pkgutil import iter_modules

import typer

from plainspoken import cli
from plainspoken.config.boot import boot

# Commands that work without a database, or start it themselves.
WITHOUT_DATABASE = ("redact", "db", "models", "version")
NOT_TOPICS = ("main", "output", "organisations", "documents", "preload")


def build() -> typer.Typer:
    """The application with every topic's commands. Django must be set up."""
    app = typer.Typer(
        name="plainspoken",
        help="A contact-centre suite whose privacy policy is a program.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )

    @app.callback()
    def root() -> None:
        """A contact-centre suite whose privacy policy is a program."""

    for module in sorted(info.name for info in iter_modules(cli.__path__)):
        if module not in NOT_TOPICS and module != "tests":
            importlib.import_module(f"plainspoken.cli.{module}").register(app)
    return app


def main() -> None:
    """Entry point. Problems end in one sentence and an exit code; details only with PLAINSPOKEN_DEBUG=1."""
    arguments = [a for a in sys.argv[1:] if not a.startswith("-")]
    helping = not arguments or "--help" in sys.argv or "-h" in sys.argv
    try:
        boot(start=not helping and needs_database(arguments))
        build()()
    except Exception as error:
        if os.environ.get("PLAINSPOKEN_DEBUG") == "1":
            raise
        sys.stderr.write(f"{sentence(error)}\n")
        raise SystemExit(1) from None


def needs_database(arguments: list[str]) -> bool:
    """Whether a command asks the database, so that it must run before."""
    return arguments[0] not in WITHOUT_DATABASE or arguments[:2] == ["redact", "cases"]


def sentence(error: Exception) -> str:
    """What went wrong in one sentence; our own errors are written for people."""
    text = str(error).strip().splitlines()[0] if str(error).strip() else "nothing more is known"
    if type(error).__module__.startswith("plainspoken."):
        return text
    return f"{type(error).__name__}: {text} Run again with PLAINSPOKEN_DEBUG=1 to see where, and run `plainspoken doctor`."
