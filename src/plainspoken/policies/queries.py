"""What the published policy says. Services ask here; no number of a rule stands anywhere else in code."""

from functools import lru_cache
from typing import Any
from uuid import UUID

from plainspoken.custody import clock
from plainspoken.kernels.policy import Policy, compile_policy

from .models import Version


class NoPolicy(LookupError):
    """The organisation has published no policy, so nothing may be collected or read."""


def version_in_force(*, organisation: UUID) -> Version:
    """The newest version whose effective time has come. Raises NoPolicy."""
    version = (
        Version.objects.filter(organisation_id=organisation, effective_at__lte=clock.now(organisation))
        .order_by("-number")
        .first()
    )
    if version is None:
        raise NoPolicy("No policy is published. Run `plainspoken policy publish FILE` first.")
    return version


def policy_in_force(*, organisation: UUID) -> Policy:
    """The compiled policy in force."""
    version = version_in_force(organisation=organisation)
    return compiled(version.digest, version.source)


@lru_cache(maxsize=64)
def compiled(digest: str, source: str) -> Policy:
    """The compiled form of a published text; `digest` keeps the cache's key short to compare."""
    return compile_policy(source, file=f"published:{digest[:12]}")


def rule(*, organisation: UUID, clause: str) -> Any:
    """The typed rule of a clause, as published and in force now."""
    return policy_in_force(organisation=organisation).rule(clause)
