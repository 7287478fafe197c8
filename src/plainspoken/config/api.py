"""The HTTP API: one OpenAPI document, bearer tokens, and errors in one sentence."""

from errno import EDQUOT, ENOSPC
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import NinjaAPI
from ninja.errors import ValidationError
from ninja.security import HttpBearer, SessionAuth

from plainspoken.custody.actors import person
from plainspoken.custody.sessions import PurposeRefused
from plainspoken.exchange import pipeline
from plainspoken.people.models import ApiToken
from plainspoken.people.services import digest_of

ROUTERS = (
    "policies",
    "custody",
    "rights",
    "retention",
    "disclosures",
    "conversations",
    "exchange",
    "portal",
    "analytics",
    "quality",
    "coaching",
)


class Token(HttpBearer):
    """`Authorization: Bearer ps_…`; the request then acts as the token's member."""

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        row = (
            ApiToken.objects.select_related("membership__account", "membership__organisation")
            .filter(digest=digest_of(token), revoked_at=None, membership__ended_at=None)
            .first()
        )
        if row is None or not row.membership.account.is_active:
            return None
        ApiToken.objects.filter(id=row.id).update(last_used_at=timezone.now())
        request.membership = row.membership  # type: ignore[attr-defined]
        request.actor = person(row.membership.account_id)  # type: ignore[attr-defined]
        return row


class SignedIn(SessionAuth):
    """A signed-in member's own browser; changes need the CSRF token."""

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:
        return getattr(request, "membership", None)


api = NinjaAPI(
    title="Plainspoken",
    version="1",
    description="Conversations, requests, promises and the data map of one organisation. Errors say what to do.",
    auth=[Token(), SignedIn()],
    docs_url=None,
)

for _name in ROUTERS:
    if find_spec(f"plainspoken.{_name}.api"):
        api.add_router("", import_module(f"plainspoken.{_name}.api").router)
api.add_router("", import_module("plainspoken.exchange.api_sources").router)
api.add_router("", import_module("plainspoken.exchange.api_uploads").router)


def _error(request: HttpRequest, message: str, status: int, **more: Any) -> HttpResponse:
    return api.create_response(request, {"error": message, **more}, status=status)


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    where = [{"where": ".".join(str(p) for p in e["loc"]), "what": e["msg"]} for e in error.errors]
    return _error(
        request, "Some fields are not as they should be. Mend them and send again.", 422, fields=where
    )


@api.exception_handler(PurposeRefused)
@api.exception_handler(PermissionDenied)
def _refused(request: HttpRequest, error: Exception) -> HttpResponse:
    return _error(request, str(error) or "Your role may not do this.", 403)


@api.exception_handler(ValueError)
def _mistaken(request: HttpRequest, error: ValueError) -> HttpResponse:
    if not type(error).__module__.startswith("plainspoken."):
        raise error
    return _error(request, str(error), 422)


@api.exception_handler(OSError)
def _no_room(request: HttpRequest, error: OSError) -> HttpResponse:
    if error.errno not in (ENOSPC, EDQUOT):
        raise error
    return _error(
        request, "The disk is full, so nothing was stored. Free space there and send it again.", 507
    )


@api.exception_handler(OperationalError)
def _no_database(request: HttpRequest, error: OperationalError) -> HttpResponse:
    return _error(
        request, "The database does not answer just now. Nothing was stored; send it again later.", 503
    )


@api.exception_handler(pipeline.Full)
def _full(request: HttpRequest, error: pipeline.Full) -> HttpResponse:
    answer = _error(request, str(error), 503)
    answer["Retry-After"] = str(pipeline.RETRY_AFTER_S)
    return answer


@api.exception_handler(LookupError)
def _not_there(request: HttpRequest, error: LookupError) -> HttpResponse:
    if not type(error).__module__.startswith("plainspoken."):
        raise error
    return _error(request, str(error), 404)
