"""How commands answer: a table for people, JSON for programs, one sentence for an error."""

import json as json_module
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table

OK, PROBLEM, USAGE = 0, 1, 2
console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)


def answer(data: Any, *, json: bool, human: Callable[[], None]) -> None:
    """Print `data` as JSON, or let `human` print it."""
    if json:
        sys.stdout.write(json_module.dumps(data, indent=2, ensure_ascii=False, default=_plain) + "\n")
    else:
        human()


def fail(sentence: str, *, code: int = PROBLEM) -> NoReturn:
    """End with one sentence on standard error that says what is wrong and what to do."""
    errors.print(sentence, style="bold red", markup=False)
    raise typer.Exit(code)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print a table."""
    made = Table(title=title, title_justify="left", header_style="bold")
    for column in columns:
        # Folded, never cut: what does not fit a narrow terminal must still be there to copy.
        made.add_column(column, overflow="fold")
    for row in rows:
        made.add_row(*(str(value) if value is not None else "" for value in row))
    console.print(made)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, UUID | Path):
        return str(value)
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} is not JSON")
