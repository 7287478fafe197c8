"""Buckets of objects over the S3 protocol, read with obstore."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from plainspoken.exchange.ports import BucketFailed, Entry

PATIENCE = "30s"
AT_ONCE = 500


class S3Bucket:
    """Implements `exchange.ports.Bucket`. `place` is "bucket/prefix"; without an endpoint it is Amazon's."""

    def __init__(self, *, place: str, options: Mapping[str, str], secret: Mapping[str, str]) -> None:
        name, _, prefix = place.partition("/")
        endpoint = options.get("endpoint", "")
        plain = urlsplit(endpoint).scheme == "http"
        more = {"endpoint": endpoint} if endpoint else {}
        if secret.get("key"):
            more |= {"access_key_id": secret["key"], "secret_access_key": secret.get("secret", "")}
        else:
            more["skip_signature"] = "true"
        self._prefix = prefix.strip("/")
        with _told():
            self._store = S3Store(
                name,
                config={
                    "region": options.get("region") or "us-east-1",
                    "virtual_hosted_style_request": "false",
                    **more,
                },  # type: ignore[typeddict-item, arg-type]
                client_options={"allow_http": plain, "timeout": PATIENCE, "connect_timeout": "5s"},
                retry_config={"max_retries": 2},
            )

    def entries(self) -> Iterator[Entry]:
        with _told():
            for batch in obstore.list(self._store, prefix=self._prefix or None, chunk_size=AT_ONCE):
                for one in batch:
                    yield Entry(
                        name=one["path"],
                        size=one["size"],
                        tag=str(one.get("e_tag") or one.get("version") or one["last_modified"].isoformat()),
                        changed_at=one["last_modified"],
                    )

    def fetch(self, name: str, *, into: Path, at_most: int) -> int:
        size = 0
        with _told(), into.open("wb") as handle:
            for chunk in obstore.get(self._store, name).stream(min_chunk_size=1 << 20):
                size += handle.write(bytes(chunk))
                if size > at_most:
                    raise BucketFailed(
                        "too-large", f"An object has more than {at_most >> 20} MB. Send it in parts."
                    )
        return size

    def put(self, name: str, data: bytes) -> None:
        with _told():
            obstore.put(self._store, name, data)

    def delete(self, name: str) -> None:
        with _told():
            obstore.delete(self._store, name)


@contextmanager
def _told() -> Iterator[None]:
    """The library's errors name addresses and parts of requests: ours say in one sentence what to do."""
    try:
        yield
    except BaseError as error:
        code, sentence = _why(str(error))
        raise BucketFailed(code, sentence) from error


def _why(text: str) -> tuple[str, str]:
    said = text.lower()
    if any(word in said for word in ("403", "forbidden", "accessdenied", "signature", "401", "invalidaccesskey", "unauthorized", "permission")):  # fmt: skip
        return "denied", "The bucket refuses our credentials. Check the key and what it may do."
    if "nosuchbucket" in said or "404" in said or "not found" in said:
        return "gone", "There is no such bucket or object. Check the name of the bucket."
    if any(
        word in said
        for word in ("connect", "dns", "timed out", "timeout", "error sending request", "unreachable")
    ):
        return "unreachable", "The bucket does not answer. Check its address and the network."
    return "failed", "The bucket did not answer as expected. Look into its own log."
