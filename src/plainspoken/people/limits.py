"""How often sign-in may fail: allauth asks a mapping, and the mapping asks the published policies."""

import hashlib
import hmac
from collections.abc import Iterator, Mapping


class PolicyLimits(Mapping[str, str]):
    """allauth's rate limits, with `login_failed` from `security.safeguards`: the strictest of all
    organisations,

    since a sign-in page does not know yet which organisation it is for.
    """

    NAMES = (
        "login_failed",
        "login",
        "reset_password",
        "reset_password_from_key",
        "change_password",
        "reauthenticate",
    )

    def __getitem__(self, name: str) -> str:
        match name:
            case "login_failed":
                from plainspoken.people.sign_in import failures_allowed

                attempts, seconds = failures_allowed()
                return f"{attempts}/{seconds}s/key"
            case "login":
                return "60/m/ip"
            case "reset_password":
                return "20/m/ip,5/m/key"
            case "reset_password_from_key":
                return "20/m/ip"
            case "change_password" | "reauthenticate":
                return "10/m/user"
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self.NAMES)

    def __len__(self) -> int:
        return len(self.NAMES)


def sealed_key(key: str, prefix: str, version: int) -> str:
    """A cache key as it is stored: HMAC-SHA-256, so that no address or sign-in name stands in the table."""
    from django.conf import settings

    named = f"{prefix}:{version}:{key}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), named, hashlib.sha256).hexdigest()
