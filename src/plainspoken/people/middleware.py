"""Which membership a request acts under, in whose time zone, and when an idle session ends."""

import zoneinfo
from collections.abc import Callable
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from plainspoken.custody.actors import person

from . import queries
from .models import Account

Handler = Callable[[HttpRequest], HttpResponse]


def membership(handler: Handler) -> Handler:
    """Sets `request.membership` (None when signed out or in no organisation) and `request.actor`."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.membership, request.actor = None, None  # type: ignore[attr-defined]
        account = request.user
        if isinstance(account, Account):
            chosen = request.session.get("organisation")
            request.membership = queries.membership(  # type: ignore[attr-defined]
                account=account, organisation=UUID(chosen) if chosen else None
            )
            request.actor = person(account.id)  # type: ignore[attr-defined]
            _activate(account, request.membership.organisation.time_zone if request.membership else "UTC")  # type: ignore[attr-defined]
        else:
            timezone.deactivate()
        return handler(request)

    return middleware


def _activate(account: Account, fallback: str) -> None:
    try:
        timezone.activate(zoneinfo.ZoneInfo(account.time_zone or fallback))
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        timezone.activate(zoneinfo.ZoneInfo("UTC"))
