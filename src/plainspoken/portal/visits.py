"""What a visitor's browser may open: the keys of their own requests, in their session, never in an address
for long.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest

KEPT = "portal"
MOST = 20


@dataclass(frozen=True)
class Visit:
    """A request that this browser has a key to, and what is known of its code."""

    token: str
    sent_to: str = ""
    until: datetime | None = None
    left: int | None = None


def visit(request: HttpRequest, organisation: str, reference: str) -> Visit | None:
    """What this browser has for a request; None where it has no key to it."""
    found = request.session.get(KEPT, {}).get(_name(organisation, reference))
    if not found:
        return None
    until = found.get("until")
    return Visit(
        token=found["token"],
        sent_to=found.get("sent_to", ""),
        until=datetime.fromisoformat(until) if until else None,
        left=found.get("left"),
    )


def remember(request: HttpRequest, organisation: str, reference: str, seen: Visit) -> None:
    """Keep a key until the browser closes; the oldest go when there are many."""
    kept: dict[str, Any] = dict(request.session.get(KEPT, {}))
    kept.pop(_name(organisation, reference), None)
    kept[_name(organisation, reference)] = {
        "token": seen.token,
        "sent_to": seen.sent_to,
        "until": seen.until.isoformat() if seen.until else None,
        "left": seen.left,
    }
    while len(kept) > MOST:
        kept.pop(next(iter(kept)))
    request.session[KEPT] = kept
    request.session.set_expiry(0)


def _name(organisation: str, reference: str) -> str:
    return f"{organisation}/{reference.strip().upper()}"
