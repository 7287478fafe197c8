"""From a PostgreSQL address to Django's settings."""

from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit, urlunsplit


class AddressError(ValueError):
    """The address is no PostgreSQL address."""


def with_name(url: str, name: str) -> str:
    """The address of another database on the same server, as the same role."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{quote(name)}"))


def settings_of(url: str) -> dict[str, Any]:
    """Django's database settings of postgresql://user:password@host:port/name?host=/socket/folder&sslmode=…"""
    parts = urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres"):
        raise AddressError("DATABASE_URL must start with postgresql://.")
    options = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", parts.hostname or ""),
        "PORT": options.pop("port", str(parts.port or "")),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {**options},
    }
