"""Running many commands quickly: each is a process of its own, forked from one that has imported everything."""

import multiprocessing
import os
import sys
import tempfile
from collections.abc import Sequence
from importlib import import_module
from multiprocessing.context import ForkServerContext
from pathlib import Path

from plainspoken.proofs.world import Answered

LONGEST = 300.0


def server() -> ForkServerContext:
    """The process that commands are forked from; it opens no database connection itself."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["plainspoken.cli.preload"])
    return context


def command(arguments: Sequence[str]) -> Answered:
    """Run `plainspoken …` as its own process on the same data."""
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        process = server().Process(target=_run, args=(list(arguments), str(out), str(err)))
        process.start()
        process.join(LONGEST)
        if process.is_alive():
            process.kill()
            process.join()
            return Answered(code=124, out="", err=f"The command took longer than {LONGEST:.0f} s.")
        return Answered(code=int(process.exitcode or 0), out=_text(out), err=_text(err))


def _text(path: Path) -> str:
    return path.read_text("utf-8", errors="replace") if path.exists() else ""


def _run(arguments: list[str], out: str, err: str) -> None:
    # By name: the command line is above the provers, which only use it.
    main = import_module("plainspoken.cli.main").main
    for number, path in ((1, out), (2, err)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
    sys.argv = ["plainspoken", *arguments]
    code = 0
    try:
        main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    # The parent's exit handlers are not ours to run.
    os._exit(code)
