"""Which roles a page is for. What a role may not do is not offered, and refused when tried."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from plainspoken.custody.actors import Actor

from .models import Membership

P = ParamSpec("P")
ANY_ROLE = tuple(Membership.Role.values)


class StaffRequest(HttpRequest):
    """A request that `for_roles` has let through."""

    membership: Membership
    actor: Actor


View = Callable[Concatenate[Any, P], HttpResponse]


def for_roles(*roles: str) -> Callable[[View[P]], View[P]]:
    """Only members with one of these roles; others are refused (403), visitors are sent to sign in."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: Any, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if request.membership is None or request.membership.role not in (roles or ANY_ROLE):
                raise PermissionDenied("Your role may not open this page.")
            return view(request, *args, **kwargs)

        guarded.roles = roles or ANY_ROLE  # type: ignore[attr-defined]
        return cast(View[P], guarded)

    return decorate
