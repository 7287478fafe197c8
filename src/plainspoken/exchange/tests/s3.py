"""A small server that speaks as much of the S3 protocol as a source needs; written from Amazon's API reference.

It checks that requests are signed by the key that it knows (Signature Version 4), header by header.
"""

import hashlib
import hmac
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit
from xml.sax.saxutils import escape

KEY, SECRET, BUCKET = "AKIATEST", "a-secret-of-tests", "calls"


@dataclass
class Shelf:
    """What the server holds: objects by name, with when they changed. `refuse_writes`: like a bucket for reading."""

    url: str = ""
    objects: dict[str, tuple[bytes, datetime]] = field(default_factory=dict)
    refuse_writes: bool = False
    asked: list[str] = field(default_factory=list)

    def put(self, name: str, data: bytes, *, at: datetime | None = None) -> None:
        self.objects[name] = (data, at or datetime(2026, 1, 1, tzinfo=UTC))


@contextmanager
def server() -> Iterator[Shelf]:
    shelf = Shelf()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            pass

        def _answer(self, code: int, body: bytes = b"", **headers: str) -> None:
            self.send_response(code)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def _fail(self, code: int, name: str) -> None:
            self._answer(code, f"<Error><Code>{name}</Code></Error>".encode(), Content_Type="application/xml")

        def _go(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(size)
            shelf.asked.append(f"{self.command} {self.path}")
            if not _signed(self):
                return self._fail(403, "SignatureDoesNotMatch")
            parts = urlsplit(self.path)
            bucket, _, name = unquote(parts.path).lstrip("/").partition("/")
            if bucket != BUCKET:
                return self._fail(404, "NoSuchBucket")
            if self.command in ("PUT", "DELETE") and shelf.refuse_writes:
                return self._fail(403, "AccessDenied")
            if self.command == "POST" and "delete" in dict(parse_qsl(parts.query, keep_blank_values=True)):
                if shelf.refuse_writes:
                    return self._fail(403, "AccessDenied")
                for gone in re.findall(r"<Key>([^<]+)</Key>", body.decode()):
                    shelf.objects.pop(gone, None)
                return self._answer(200, b"<DeleteResult></DeleteResult>", Content_Type="application/xml")
            if self.command == "PUT":
                shelf.put(name, body)
                return self._answer(200, ETag='"x"')
            if self.command == "DELETE":
                shelf.objects.pop(name, None)
                return self._answer(204)
            if not name:
                return self._list(dict(parse_qsl(parts.query)))
            if name not in shelf.objects:
                return self._fail(404, "NoSuchKey")
            data, at = shelf.objects[name]
            return self._answer(
                200, data, ETag=_tag(data), Last_Modified=at.strftime("%a, %d %b %Y %H:%M:%S GMT")
            )

        def _list(self, query: dict[str, str]) -> None:
            prefix = query.get("prefix", "")
            items = "".join(
                f"<Contents><Key>{escape(name)}</Key><LastModified>{at:%Y-%m-%dT%H:%M:%S.000Z}</LastModified>"
                f"<ETag>{escape(_tag(data))}</ETag><Size>{len(data)}</Size></Contents>"
                for name, (data, at) in sorted(shelf.objects.items())
                if name.startswith(prefix)
            )
            text = f"<ListBucketResult><Name>{BUCKET}</Name><IsTruncated>false</IsTruncated>{items}</ListBucketResult>"
            self._answer(200, text.encode(), Content_Type="application/xml")

        do_GET = do_HEAD = do_PUT = do_DELETE = do_POST = _go

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    shelf.url = f"http://127.0.0.1:{running.server_address[1]}"
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    try:
        yield shelf
    finally:
        running.shutdown()
        running.server_close()


def _tag(data: bytes) -> str:
    return f'"{hashlib.md5(data, usedforsecurity=False).hexdigest()}"'


def _signed(request: BaseHTTPRequestHandler) -> bool:
    """Whether the request is signed as Signature Version 4 says, by our key."""
    given = request.headers.get("Authorization", "")
    if not given.startswith("AWS4-HMAC-SHA256 "):
        return False
    parts = dict(one.strip().split("=", 1) for one in given.removeprefix("AWS4-HMAC-SHA256 ").split(","))
    key, day, region, service, _ = parts["Credential"].split("/")
    names = parts["SignedHeaders"].split(";")
    url = urlsplit(request.path)
    query = "&".join(
        f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}"
        for name, value in sorted(parse_qsl(url.query, keep_blank_values=True))
    )
    headers = "".join(f"{name}:{' '.join(request.headers.get(name, '').split())}\n" for name in names)
    canonical = "\n".join(
        [request.command, quote(unquote(url.path), safe="/-_.~"), query, headers, ";".join(names),
         request.headers.get("x-amz-content-sha256", "")]
    )  # fmt: skip
    scope = f"{day}/{region}/{service}/aws4_request"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"AWS4-HMAC-SHA256\n{request.headers.get('x-amz-date', '')}\n{scope}\n{digest}"
    secret = f"AWS4{SECRET}".encode()
    for part in (day, region, service, "aws4_request"):
        secret = hmac.new(secret, part.encode(), hashlib.sha256).digest()
    return key == KEY and hmac.compare_digest(
        hmac.new(secret, text.encode(), hashlib.sha256).hexdigest(), parts["Signature"]
    )
