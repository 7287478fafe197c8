"""A server and a worker for as long as something needs them: the running one, or a pair of our own on a free port."""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from plainspoken.config.service import Child, answers, collect, stop, web_command, worker_command

PATIENCE = 60.0


class NotRunning(RuntimeError):
    """The server did not come up; the message says where to look."""


def recorded() -> str | None:
    """The address of a running `plainspoken up` on this data folder, if it answers."""
    try:
        url = str(json.loads((Path(settings.DATA) / "service.json").read_text())["url"])
    except (OSError, ValueError, KeyError):
        return None
    return url if answers(url) else None


@contextmanager
def server(*, fresh: bool = False) -> Iterator[str]:
    """The address of the running system; started here when none runs (or `fresh`), and stopped afterwards."""
    url = None if fresh else recorded()
    if url:
        yield url
        return
    collect()
    port = _free_port()
    children = [
        Child("web", [*web_command(host="127.0.0.1", port=port, workers=1), "--threads=8"]),
        Child("worker", worker_command()),
    ]
    for child in children:
        child.start()
    url = f"http://127.0.0.1:{port}"
    try:
        _wait(url, children)
        yield url
    finally:
        stop(children)


def _wait(url: str, children: list[Child]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not answers(url):
        if any(child.process is not None and child.process.poll() is not None for child in children):
            raise NotRunning("The server ended while starting. Run `plainspoken doctor` to see why.")
        if time.monotonic() > deadline:
            raise NotRunning(f"The server did not answer within {PATIENCE:.0f} s. Run `plainspoken doctor`.")
        time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
