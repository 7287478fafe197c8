"""`plainspoken up`: database, web and worker in one; children that die are started again, more slowly each time."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import call_command

PATIENCE = 20.0
ANYWHERE = ("0.0.0.0", "::", "")  # noqa: S104 - compared with, not bound to


@dataclass
class Child:
    """One process of the service."""

    name: str
    command: Sequence[str]
    process: "subprocess.Popen[bytes] | None" = None
    failures: int = 0
    not_before: float = 0.0
    history: list[float] = field(default_factory=list)

    def start(self) -> None:
        self.process = subprocess.Popen(self.command)
        self.history.append(time.monotonic())

    def look(self) -> None:
        """Start the process if it is not running and its pause is over."""
        if self.process is not None and self.process.poll() is None:
            if self.failures and time.monotonic() - self.history[-1] > 60:
                self.failures = 0
            return
        if self.process is not None and self.not_before <= self.history[-1]:
            self.failures += 1
            self.not_before = time.monotonic() + min(2.0**self.failures, 60.0)
        if time.monotonic() >= self.not_before:
            self.start()


def prepare() -> None:
    """Static files collected, database migrated and governed, what a crash left cleared away."""
    from plainspoken.config import leftovers
    from plainspoken.custody.govern import govern

    call_command("migrate", database="owner", verbosity=0)
    govern()
    leftovers.clear()
    collect()


def collect() -> None:
    """Collect static files when they are newer than what was collected."""
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
    call_command("collectstatic", interactive=False, verbosity=0)


def web_command(*, host: str, port: int, workers: int = 2) -> list[str]:
    """gunicorn with threads; its log goes to standard error without addresses of visitors."""
    return [
        sys.executable,
        "-m",
        "gunicorn",
        "plainspoken.config.wsgi:application",
        f"--bind={host}:{port}",
        f"--workers={workers}",
        "--worker-class=gthread",
        "--threads=4",
        "--timeout=120",
        "--graceful-timeout=15",
        "--log-level=warning",
        "--no-control-socket",
    ]


def worker_command() -> list[str]:
    return [sys.executable, "-m", "plainspoken.config.worker"]


def serve(*, host: str, port: int, announce: Callable[[str], None], workers: int = 2) -> int:
    """Run until told to stop (SIGINT, SIGTERM); then stop the children in order and return 0."""
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    children = [
        Child("web", web_command(host=host, port=port, workers=workers)),
        Child("worker", worker_command()),
    ]
    url = f"http://{'127.0.0.1' if host in ANYWHERE else host}:{port}"
    announced = False
    while not stopping.is_set():
        _keep_database()
        for child in children:
            child.look()
        if not announced and answers(url):
            record(url)
            announce(url)
            announced = True
        stopping.wait(1.0 if announced else 0.2)
    stop(children)
    return 0


def free(host: str, port: int) -> bool:
    """Whether we could listen there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def record(url: str) -> None:
    """Say where this service is reached, for those who want to use the running system."""
    (Path(settings.DATA) / "service.json").write_text(json.dumps({"url": url}))


def answers(url: str) -> bool:
    """Whether /healthz answers there."""
    parts = urlsplit(url)
    try:
        connection = HTTPConnection(parts.hostname or "127.0.0.1", parts.port or 80, timeout=2)
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False


def _keep_database() -> None:
    """The embedded server is ours to keep: brought back if it was killed."""
    if os.environ.get("PLAINSPOKEN_EMBEDDED") == "1":
        from plainspoken.adapters import postgres

        postgres.ensure(data=settings.DATA)


def stop(children: Sequence[Child]) -> None:
    running = [child.process for child in children if child.process and child.process.poll() is None]
    for process in running:
        process.terminate()
    deadline = time.monotonic() + PATIENCE
    for process in running:
        try:
            process.wait(timeout=max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
