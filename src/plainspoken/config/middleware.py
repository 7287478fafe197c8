"""What every answer carries, and what a refusal looks like."""

import secrets
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from plainspoken.custody.sessions import PurposeRefused

Handler = Callable[[HttpRequest], HttpResponse]


def content_security_policy(handler: Handler) -> Handler:
    """Nothing from elsewhere, nothing inline. The nonce is for one style element that the waveform makes."""

    def middleware(request: HttpRequest) -> HttpResponse:
        nonce = secrets.token_urlsafe(16)
        request.csp_nonce = nonce  # type: ignore[attr-defined]
        response = handler(request)
        response.setdefault(
            "Content-Security-Policy",
            f"default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:;"
            " font-src 'self'; media-src 'self' blob:; connect-src 'self'; form-action 'self';"
            " frame-ancestors 'none'; base-uri 'none'",
        )
        response.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        if "text/html" in response.get("Content-Type", ""):
            response.setdefault("Cache-Control", "no-store")
        return response

    return middleware


def refusals(handler: Handler) -> Handler:
    """A refused purpose is a 403 in plain words, wherever it was raised."""

    def middleware(request: HttpRequest) -> HttpResponse:
        return handler(request)

    def process_exception(request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, PurposeRefused):
            return render(request, "403.html", {"reason": str(error)}, status=403)
        return None

    middleware.process_exception = process_exception  # type: ignore[attr-defined]
    return middleware
