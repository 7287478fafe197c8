"""Time to play of a long call: our page, its sound encrypted and served in ranges, beside a plain <audio> on a file."""

import importlib.util
import io
import re
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle, islice
from pathlib import Path
from typing import Any
from uuid import UUID
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import numpy as np
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connections
from django.test import Client

from plainspoken.config import service
from plainspoken.conversations.arrival import TimedWord, Utterance
from plainspoken.conversations.services import arrive
from plainspoken.kernels.sound import Samples, encode_opus
from plainspoken.people.models import Membership
from plainspoken.people.services import add_member
from plainspoken.transcripts.services import transcribe

from .measuring import Line, pairs
from .scripted_lines import HELD_OUT, LOOKED_AT
from .store import ME, ROOT

RATE, TURN_S, WORDS = 8000, 5.0, 14
GOAL_S = 1.0
PAGE = "<!doctype html><title>x</title><audio src=sound.opus preload=none></audio>"
MOVES = "(() => { const a = document.querySelector('audio'); return !a.paused && a.currentTime > 0 })()"
PATIENCE_S = 30
_RANGE = re.compile(r"bytes=(\d+)-(\d*)")


def blocks(seconds: int) -> Iterator[Samples]:
    """Two channels of noise that come and go as two people speak; the same at each run."""
    dice = np.random.default_rng(7)
    length = round(RATE * TURN_S * 2)
    piece = (dice.standard_normal((2, length)) * 0.1).astype(np.float32)
    speaking = np.zeros((2, length), np.float32)
    speaking[0, : round(RATE * TURN_S)] = 1
    speaking[1, round(RATE * (TURN_S - 1)) : round(RATE * 8)] = 1
    for _ in range(round(seconds / (TURN_S * 2))):
        yield piece * speaking


def recorded(seconds: int) -> bytes:
    """An Ogg Opus of so many seconds."""
    out = io.BytesIO()
    encode_opus(out, blocks(seconds), rate=RATE, channels=2)
    return out.getvalue()


def said(seconds: int) -> list[Utterance]:
    """What is said in it, a turn each five seconds, with the time of each word: the written contact centre's lines."""
    lines = [
        line.replace("<PERSON>", "Jo") for kind in (*LOOKED_AT.values(), *HELD_OUT.values()) for line in kind
    ]
    spoken = cycle(" ".join(lines).split())
    found = []
    for place in range(round(seconds / TURN_S)):
        start, words = place * TURN_S, list(islice(spoken, WORDS))
        step = (TURN_S - 0.5) / len(words)
        timed = tuple(
            TimedWord(word, round(start + n * step, 2), round(start + (n + 1) * step, 2))
            for n, word in enumerate(words)
        )
        role = ("agent", "customer")[place % 2]
        found.append(Utterance(" ".join(words), role, start, start + TURN_S - 0.5, timed))  # type: ignore[arg-type]
    return found


def play_line(organisation: UUID, *, seconds: int, count: int) -> Line:
    """From asking for the page until the sound moves, in Chromium."""
    service.collect()
    data = recorded(seconds)
    done = arrive(
        organisation=organisation,
        point="conversation.upload",
        facts={
            "source_id": "long", "started_at": datetime(2026, 1, 5, 9, tzinfo=UTC).isoformat(), "language": "en",
            "agent_name": "Jo Kim", "agent_email": "jo@bench.example", "customer_email": "ada@bench.example",
        },
        media=io.BytesIO(data),
        words=said(seconds),
        by=ME,
    )  # fmt: skip
    transcribe(conversation=done.conversation.id, organisation=organisation, by=ME)
    member = add_member(
        organisation=organisation,
        email="lead@bench.example",
        name="Lead",
        role=Membership.Role.SUPERVISOR,
        by=ME,
    )
    with _static(data) as plain, _ours() as url, _tab(member, url) as page:
        address = f"{url}/conversations/{done.conversation.id}/"
        line = pairs(
            "Time to play",
            ours=lambda: _until_it_moves(page, address, lambda: page.keyboard.press("Space")),
            baseline=lambda: _until_it_moves(
                page, plain, lambda: page.evaluate("document.querySelector('audio').play()")
            ),
            describe=("the page of the call, to the first sound", "a plain <audio> on a static file"),
            count=count,
            warm=1,
            note=f"A call of {seconds // 60} minutes, two channels, {round(seconds / TURN_S)} turns,"
            f" {WORDS * round(seconds / TURN_S):,} words, opened in Chromium; its sound is sealed and loads on play.",
        )
        return replace(line, goal_ms=GOAL_S * 1000)


def _until_it_moves(page: Any, address: str, play: Callable[[], Any]) -> None:
    page.goto(address, wait_until="load")
    play()
    deadline = time.monotonic() + PATIENCE_S
    while not page.evaluate(MOVES):
        if time.monotonic() > deadline:
            raise TimeoutError(f"The sound of {address} does not move.")
        time.sleep(0.005)


@contextmanager
def _tab(member: Membership, url: str) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    signed_in = Client()
    signed_in.force_login(member.account)
    name = settings.SESSION_COOKIE_NAME
    spec = importlib.util.spec_from_file_location("find_browser", ROOT / "scripts" / "find_browser.py")
    assert spec and spec.loader
    finder = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(finder)
    flags = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required", "--mute-audio", "--disable-gpu"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(finder.present()), args=flags)
        context = browser.new_context()
        context.add_cookies([{"name": name, "value": signed_in.cookies[name].value, "url": url}])
        yield context.new_page()
        browser.close()


class _Pool(WSGIServer):
    """A few threads that stay, each with its connection to the database: as the service's own server has them."""

    threads = 8

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.pool = ThreadPoolExecutor(self.threads)
        self.together = threading.Barrier(self.threads)

    def process_request(self, request: Any, client_address: Any) -> None:
        self.pool.submit(self._answer, request, client_address)

    def _answer(self, request: Any, client_address: Any) -> None:
        try:
            self.finish_request(request, client_address)
        except (BrokenPipeError, ConnectionResetError):
            return  # the browser had enough of it
        finally:
            self.shutdown_request(request)

    def server_close(self) -> None:
        super().server_close()
        for done in [self.pool.submit(self._part) for _ in range(self.threads)]:
            done.result()
        self.pool.shutdown()

    def _part(self) -> None:
        self.together.wait(timeout=60)
        connections.close_all()


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


@contextmanager
def _ours() -> Iterator[str]:
    """Our own application on a port of this machine."""
    server = make_server("127.0.0.1", 0, get_wsgi_application(), server_class=_Pool, handler_class=_Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def _static(data: bytes) -> Iterator[str]:
    """The file on a port of its own, with ranges, as any server of files gives it."""
    with tempfile.NamedTemporaryFile(suffix=".opus") as kept:
        Path(kept.name).write_bytes(data)

        class Files(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                whole = PAGE.encode() if not self.path.endswith(".opus") else Path(kept.name).read_bytes()
                match = _RANGE.match(self.headers.get("Range", ""))
                first = int(match[1]) if match else 0
                last = int(match[2]) if match and match[2] else len(whole) - 1
                body = whole[first : last + 1]
                self.send_response(206 if match else 200)
                kind = "audio/ogg" if self.path.endswith(".opus") else "text/html"
                self.send_header("Content-Type", kind)
                self.send_header("Accept-Ranges", "bytes")
                self.send_header("Content-Length", str(len(body)))
                if match:
                    self.send_header("Content-Range", f"bytes {first}-{last}/{len(whole)}")
                self.end_headers()
                try:
                    self.wfile.write(body)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Files)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
