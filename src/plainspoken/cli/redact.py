"""`redact`: mask personal data in JSON lines, without a database; `redact cases`: what people overruled, as tests."""

import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from json import dumps
from pathlib import Path
from typing import IO, Annotated, Any

import typer
from django.conf import settings
from django.utils.module_loading import import_string
from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn

from plainspoken.cli.organisations import chosen
from plainspoken.cli.output import USAGE, answer, console, errors, fail
from plainspoken.custody.actors import program
from plainspoken.custody.sessions import purpose
from plainspoken.kernels.redaction import NameFinder
from plainspoken.kernels.redaction.lines import LONGEST_LINE, LineError, redact_jsonl

COMMAND_LINE = program("command-line")
ORGANISATION = "Short name of the organisation; needed where there are several."
STANDARD = Path("-")  # standard input or output


CASES_FOR = "service.answer"  # the purpose of reading transcripts; cases hold none of their words


def register(app: typer.Typer) -> None:
    group = typer.Typer()
    group.callback(invoke_without_command=True)(redact)
    group.command("cases")(cases)
    app.add_typer(group, name="redact")


@dataclass(frozen=True)
class Redacted:
    """What a run did: `spans` counts masked parts by type."""

    lines: int
    bytes_read: int
    seconds: float
    spans: dict[str, int]


def redact(
    act: typer.Context,
    jsonl: Annotated[
        Path | None, typer.Option(help='JSON lines {"id", "text"}; "-" reads standard input.')
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help='File for {"id", "spans", "text"}; "-" is standard output.')
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Say what was done as JSON.")] = False,
) -> None:
    """Mask personal data in JSON lines. Nothing is written when a line cannot be read (exit 2)."""
    if act.invoked_subcommand is not None:
        return
    if jsonl is None or out is None:
        fail("Give JSON lines to --jsonl, and a file to --out.", code=USAGE)
    _check(jsonl, out)
    names: NameFinder = import_string(settings.PORTS["names"])()
    try:
        with _source(jsonl) as source, _target(out) as target:
            done = _run(source, target, names)
    except LineError as error:
        fail(f"{error} Nothing was written; mend the line and run again.", code=USAGE)
    except OSError as error:
        fail(f"We cannot read or write {error.filename or 'the file'}: {error.strerror}.", code=USAGE)
    if out == STANDARD:
        errors.print(dumps(asdict(done)) if json else _sentence(done), markup=False, soft_wrap=True)
    else:
        answer(asdict(done), json=json, human=lambda: console.print(_sentence(done), markup=False))


def cases(
    out: Annotated[Path, typer.Option(help='File for JSON lines; "-" is standard output.')],
    most: Annotated[int, typer.Option(min=1, max=100_000, help="The newest so many.")] = 10_000,
    organisation: Annotated[str | None, typer.Option(help=ORGANISATION)] = None,
    json: Annotated[bool, typer.Option("--json", help="Say what was done as JSON.")] = False,
) -> None:
    """Write what people decided against the rules as test cases, the newest first. No words of anybody are in them:
    each personal value was replaced when the decision was made.
    """
    from plainspoken.transcripts.queries import overruled_cases

    _check(STANDARD, out)
    house = chosen(organisation).id
    with purpose(CASES_FOR, organisation=house, by=COMMAND_LINE):
        found = overruled_cases(most=most)
    try:
        with _target(out) as target:
            for case in found:
                target.write(dumps(case, ensure_ascii=False, sort_keys=True).encode("utf-8") + b"\n")
    except OSError as error:
        fail(f"We cannot write {error.filename or 'the file'}: {error.strerror}.", code=USAGE)
    said = f"{len(found)} case{'s' if len(found) != 1 else ''} written."
    if out == STANDARD:
        errors.print(said, markup=False)
    else:
        answer({"cases": len(found)}, json=json, human=lambda: console.print(said, markup=False))


def _check(jsonl: Path, out: Path) -> None:
    if jsonl != STANDARD and not jsonl.is_file():
        fail(f"There is no file {jsonl}; give JSON lines to --jsonl.", code=USAGE)
    if out == STANDARD:
        return
    if out.is_dir() or not out.absolute().parent.is_dir():
        fail(f"{out} is not a place for a file; give --out a file in a folder that exists.", code=USAGE)
    if jsonl != STANDARD and out.exists() and out.samefile(jsonl):
        fail("--out is the same file as --jsonl; give it another name.", code=USAGE)


@contextmanager
def _source(jsonl: Path) -> Iterator[IO[bytes]]:
    if jsonl == STANDARD:
        yield sys.stdin.buffer
        return
    with jsonl.open("rb") as stream:
        yield stream


@contextmanager
def _target(out: Path) -> Iterator[IO[bytes]]:
    """A temporary file that takes the place of `out`, or goes to standard output, only when all went well."""
    if out == STANDARD:
        with tempfile.TemporaryFile() as stream:
            yield stream
            stream.seek(0)
            while piece := stream.read(1 << 20):
                sys.stdout.buffer.write(piece)
            sys.stdout.buffer.flush()
        return
    handle, name = tempfile.mkstemp(dir=out.absolute().parent, prefix=f".{out.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
        Path(name).replace(out)
    finally:
        Path(name).unlink(missing_ok=True)


def _run(source: IO[bytes], target: IO[bytes], names: NameFinder) -> Redacted:
    start = time.monotonic()
    spans: Counter[str] = Counter()
    count = 0
    size = os.fstat(source.fileno()).st_size if source is not sys.stdin.buffer else None
    with Progress(
        "Redacting", BarColumn(), DownloadColumn(), TimeRemainingColumn(), console=errors
    ) as progress:
        bar = progress.add_task("Redacting", total=size or None)
        read = _Counted(source)
        for row in redact_jsonl(read, names=names):
            target.write(dumps(row, ensure_ascii=False).encode("utf-8") + b"\n")
            spans.update(span["type"] for span in row["spans"])
            count += 1
            progress.update(bar, completed=read.bytes)
    return Redacted(count, read.bytes, round(time.monotonic() - start, 3), dict(sorted(spans.items())))


class _Counted:
    """Lines of a stream, counted in bytes; a line that is too long is cut just above the limit."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.bytes = 0

    def __iter__(self) -> Iterator[bytes]:
        while line := self._stream.readline(LONGEST_LINE + 2):
            self.bytes += len(line)
            yield line.rstrip(b"\r\n")


def _sentence(done: Redacted) -> str:
    parts: list[Any] = [f"{number} {kind}" for kind, number in done.spans.items()]
    found = ", ".join(parts) or "nothing"
    return f"Read {done.lines} lines in {done.seconds:.1f} s and masked {found}."
