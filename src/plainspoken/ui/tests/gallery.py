"""Renders every page with invented contexts, serves it under the real security policy, takes pictures.

`python -m plainspoken.ui.tests.gallery OUT [NAME…]` writes NAME-light-1440.png and so on into the folder OUT.
"""

import array
import io
import json
import math
import os
import shutil
import sys
import threading
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.template import Context
from django.template.backends.django import DjangoTemplates
from django.test import RequestFactory
from django.test.utils import override_settings

PACKAGE = Path(__file__).resolve().parents[2]
STATIC = PACKAGE / "ui" / "static"
NONCE = "bm9uY2Utb2YtdGhlLWdhbGxlcnk"
POLICY = (
    f"default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{NONCE}'; img-src 'self' data:;"
    " font-src 'self'; media-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none';"
    " base-uri 'none'"
)
POLICY_WITHOUT_NONCE = POLICY.replace(f" 'nonce-{NONCE}'", "")
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".woff2": "font/woff2"}
SECONDS = 372
PROBES = (Path(__file__).parent / "probes.js").read_text(encoding="utf-8")


def prepare() -> None:
    """Settings of our own where nobody has configured Django yet."""
    if settings.configured:
        return
    import django

    settings.configure(
        SECRET_KEY="gallery",
        USE_TZ=True,
        TIME_ZONE="UTC",
        STATIC_URL="/static/",
        INSTALLED_APPS=["django.contrib.staticfiles", "plainspoken.ui"],
        ROOT_URLCONF="plainspoken.ui.tests.addresses",
    )
    django.setup()


@lru_cache
def engine() -> DjangoTemplates:
    """The templates of every app, whatever apps are installed."""
    folders = sorted(str(folder) for folder in PACKAGE.glob("*/templates"))
    return DjangoTemplates(
        {
            "NAME": "gallery",
            "DIRS": folders,
            "APP_DIRS": False,
            "OPTIONS": {
                "context_processors": ["django.template.context_processors.request"],
                "libraries": {"ui": "plainspoken.ui.templatetags.ui"},
                "string_if_invalid": "",
            },
        }
    )


# The gallery answers in threads, and settings belong to the whole process: overridden by two at once, one of them
# would put the other's back for good.
OVERRIDING = threading.Lock()


@contextmanager
def own_addresses() -> Iterator[None]:
    """The addresses of the examples, and static files as they are, for one thread at a time."""
    plain = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    with (
        OVERRIDING,
        override_settings(ROOT_URLCONF="plainspoken.ui.tests.addresses", STORAGES=plain),
    ):
        yield


def render(template: str, context: dict[str, Any], *, path: str = "/", nonce: str = NONCE) -> str:
    """One page as HTML."""
    request = RequestFactory().get(path)
    request.csp_nonce = nonce  # type: ignore[attr-defined]
    with own_addresses():
        return engine().get_template(template).render(context, request)


def fragment(source: str, **context: Any) -> str:
    """A piece of template, for tests of tags."""
    with own_addresses():
        return engine().engine.from_string("{% load ui %}" + source).render(Context(context))


# ---- sound ----


@lru_cache
def sound() -> bytes:
    """A stereo WAV of 372 seconds, 8 kHz, 8 bit: two tones that take turns."""
    rate = 8000
    tone = [int(127 + 60 * math.sin(2 * math.pi * 220 * n / rate)) for n in range(rate)]
    loud = array.array("B", (value for sample in tone for value in (sample, 127)))
    soft = array.array("B", (value for sample in tone for value in (127, sample)))
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(1)
        file.setframerate(rate)
        for second in range(SECONDS):
            file.writeframes((loud if (second // 9) % 2 == 0 else soft).tobytes())
    return out.getvalue()


def peaks() -> bytes:
    """Peaks as the server computes them: 0 to 1, agent then customer."""

    def side(turn: int) -> list[float]:
        return [
            round(
                0.04 + (0.35 + 0.55 * abs(math.sin(n * 1.7) * math.sin(n * 0.31))) * ((n // 22) % 2 == turn),
                3,
            )
            for n in range(1000)
        ]

    channels = [{"key": "agent", "peaks": side(0)}, {"key": "customer", "peaks": side(1)}]
    return json.dumps({"seconds": SECONDS, "channels": channels}).encode()


# ---- server ----


class Handler(BaseHTTPRequestHandler):
    """Pages by name, static files, sound with ranges; every request is written down."""

    protocol_version = "HTTP/1.1"
    asked: list[str] = []
    nonce = True

    def handle(self) -> None:
        try:
            super().handle()
        except ConnectionResetError:
            self.close_connection = True  # the browser went away in the middle of a sound

    def log_message(self, *_: Any) -> None:
        return

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        Handler.asked.append(parts.path)
        if parts.path.startswith("/static/"):
            file = (STATIC / parts.path.removeprefix("/static/")).resolve()
            if not file.is_relative_to(STATIC) or not file.is_file():
                return self.answer(b"not there", "text/plain", 404)
            return self.answer(file.read_bytes(), TYPES.get(file.suffix, "application/octet-stream"))
        if parts.path == "/sound.wav":
            return self.ranged(sound())
        if parts.path == "/peaks.json":
            return self.answer(peaks(), "application/json")
        html = page(parts.path.strip("/"), parse_qs(parts.query), self.path)
        if html is None:
            return self.answer(b"not there", "text/plain", 404)
        return self.answer(html.encode(), "text/html; charset=utf-8")

    def ranged(self, body: bytes) -> None:
        asked = self.headers.get("Range", "")
        if not asked.startswith("bytes="):
            return self.answer(body, "audio/wav")
        first, _, last = asked.removeprefix("bytes=").partition("-")
        start, end = int(first or 0), min(int(last or len(body) - 1), len(body) - 1)
        self.send_response(206)
        self.send_header("Content-Range", f"bytes {start}-{end}/{len(body)}")
        self.finish_answer(body[start : end + 1], "audio/wav")
        return None

    def answer(self, body: bytes, kind: str, status: int = 200) -> None:
        self.send_response(status)
        if kind.startswith("text/html"):
            self.send_header("Content-Security-Policy", POLICY if Handler.nonce else POLICY_WITHOUT_NONCE)
        self.finish_answer(body, kind)

    def finish_answer(self, body: bytes, kind: str) -> None:
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Accept-Ranges", "bytes")
        self.end_headers()
        try:
            self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True


def page(name: str, query: dict[str, list[str]], path: str) -> str | None:
    """A page of the gallery; the list and the promises answer to their filters as the real views do."""
    from plainspoken.ui.tests import examples

    nonce = NONCE if Handler.nonce else ""
    if name == "conversations" and ("queue" in query or "q" in query):
        wanted = query.get("queue", [""])[0].capitalize()
        rows = [row for row in examples.rows() if wanted in ("", row["queue"])]
        context = examples.conversation_list(rows=rows, found=len(rows), page=None)
        return render("conversations/list.html", context, path=path, nonce=nonce)
    if name == "promises" and "clause" in query:
        return render("policies/promises.html", examples.promises(query["clause"][0]), path=path, nonce=nonce)
    found = examples.every_page().get(name)
    return render(*found, path=path, nonce=nonce) if found else None


@contextmanager
def served() -> Iterator[str]:
    """The address of a running gallery."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def browser_path() -> str | None:
    """A Chromium of the machine, or None for Playwright's own."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return os.environ.get("PLAINSPOKEN_BROWSER") or next((p for n in names if (p := shutil.which(n))), None)


@contextmanager
def browsing() -> Iterator[Any]:
    """A Chromium that talks to nobody but the gallery."""
    from playwright.sync_api import sync_playwright

    flags = [
        "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
        "--disable-sync", "--autoplay-policy=no-user-gesture-required", "--mute-audio",
    ]  # fmt: skip
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=flags)
        try:
            yield browser
        finally:
            browser.close()


def main(out: Path, names: list[str]) -> None:
    """Pictures of pages, light and dark, wide and narrow."""
    prepare()
    from plainspoken.ui.tests.examples import every_page

    out.mkdir(parents=True, exist_ok=True)
    chosen = names or sorted(every_page())
    with served() as base, browsing() as browser:
        for theme, width in (("light", 1440), ("light", 390), ("dark", 1440), ("dark", 390)):
            size = {"width": width, "height": 900 if width > 400 else 844}
            context = browser.new_context(viewport=size, color_scheme=theme)
            tab = context.new_page()
            tab.on("console", lambda message: print(message.type, message.text))
            for name in chosen:
                tab.goto(f"{base}/{name}")
                tab.wait_for_timeout(350)
                tab.screenshot(path=out / f"{name}-{theme}-{width}.png")
            context.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
