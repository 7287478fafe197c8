"""How often one address may try something. Addresses are stored nowhere: only keyed digests, which expire."""

import hashlib
import hmac
import time

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

HOUR = 3600
# Attempts an hour from one address. Many people can share one, so these only stop programs.
MOST = {"request": 20, "code": 60, "track": 120, "archive": 60}


class TooMany(Exception):
    """Too many attempts from one address within the hour."""


def count(request: HttpRequest, what: str, *, house: str = "") -> None:
    """Count an attempt at one house: proofs run in houses of their own, and use up nobody else's. Raises TooMany
    beyond the most of an hour.
    """
    hour, rest = divmod(int(time.time()), HOUR)
    key = digest(request, f"{what}:{house}:{hour}")
    tries = int(cache.get(key, 0)) + 1
    cache.set(key, tries, timeout=HOUR - rest + 1)
    if tries > MOST[what]:
        raise TooMany


def digest(request: HttpRequest, salt: str) -> str:
    """HMAC-SHA-256 of the visitor's address under this installation's secret; another one each hour."""
    address = request.META.get("REMOTE_ADDR", "")
    named = f"portal:{salt}:{address}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), named, hashlib.sha256).hexdigest()
