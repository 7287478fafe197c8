"""Declarations, migrations, live security, generated documents, licences. `--write` writes the documents anew."""

import io
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ALLOWED = (
    "mit", "bsd", "apache", "isc", "psf", "python software foundation", "mozilla public license 2.0", "mpl-2.0",
    "zlib", "unlicense", "public domain", "0bsd", "cc0", "lgpl", "lesser general public", "hpnd", "postgresql",
    "mit-cmu", "ofl", "blueoak",
)  # fmt: skip


def problems(*, write: bool) -> Iterator[str]:
    """Every problem, in one sentence each."""
    yield from _declarations()
    yield from _migrations()
    yield from _live_security()
    yield from _documents(write=write)
    yield from _licences()


def _declarations() -> Iterator[str]:
    from django.core.checks import run_checks

    yield from (str(message.msg) for message in run_checks() if message.level >= 30)


def _migrations() -> Iterator[str]:
    from django.core.management import call_command

    try:
        call_command("makemigrations", check=True, dry_run=True, verbosity=0, stdout=io.StringIO())
    except SystemExit:
        yield "A model changed without a migration. Run makemigrations for its app."


def _live_security() -> Iterator[str]:
    """A scratch database, migrated and governed, matches the declarations."""
    from plainspoken.config.scratch import anew, gaps

    yield from (gap.message for gap in gaps(anew))


def documents() -> dict[Path, Callable[[], str]]:
    """Generated documents and what makes each."""
    from plainspoken.cli import documents as made

    return {ROOT / name: maker for name, maker in made.DOCUMENTS.items()}


def _documents(*, write: bool) -> Iterator[str]:
    from plainspoken.cli import documents as made

    for path, maker in documents().items():
        text = maker()
        if write:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        elif not path.exists() or path.read_text("utf-8") != text:
            yield f"{path.relative_to(ROOT)} is not what the code says. Run `make docs`."
    readme = ROOT / "README.md"
    fresh = made.readme(readme.read_text("utf-8"))
    if write:
        readme.write_text(fresh, "utf-8")
    elif readme.read_text("utf-8") != fresh:
        yield "The table of promises in README.md is not what the code says. Run `make docs`."


def _licences() -> Iterator[str]:
    """Every installed package has a licence we may use."""
    done = subprocess.run(
        [sys.executable, "-m", "piplicenses", "--format=json", "--from=mixed"],
        capture_output=True,
        text=True,
        check=True,
    )
    for package in json.loads(done.stdout):
        licence = package["License"].lower()
        if package["Name"] != "plainspoken" and not any(word in licence for word in ALLOWED):
            yield f"The licence of {package['Name']} is {package['License']}. Look at it, then allow or replace it."


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("PLAINSPOKEN_DATA", folder)
        from plainspoken.config.boot import boot

        boot()
        found = list(problems(write="--write" in sys.argv))
        for line in found:
            print(line)
        print(f"{len(found)} problems in declarations, migrations, documents and licences.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
