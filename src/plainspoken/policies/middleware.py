"""Idle sessions end, as the published policy says."""

from collections.abc import Callable
from datetime import datetime

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

from plainspoken.custody import clock

from .safeguards import idle_after

Handler = Callable[[HttpRequest], HttpResponse]
SEEN = "seen"


def idle_sign_out(handler: Handler) -> Handler:
    """Sign out whoever was idle longer than `security.safeguards.idle_sign_out_after`. Runs after
    `membership`.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        member = getattr(request, "membership", None)
        if member is not None and request.user.is_authenticated:
            now = clock.now(member.organisation_id)
            limit = idle_after(member.organisation_id)
            seen = request.session.get(SEEN)
            if limit is not None and seen and now - datetime.fromisoformat(seen) > limit:
                logout(request)
                request.membership, request.actor = None, None  # type: ignore[attr-defined]
            else:
                request.session[SEEN] = now.isoformat()
        return handler(request)

    return middleware
