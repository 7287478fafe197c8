"""What `security.safeguards` says of sign-in and idle sessions, in seconds."""

from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from plainspoken.custody import clock
from plainspoken.custody.models import Organisation
from plainspoken.kernels.policy import Duration, Safeguards
from plainspoken.people.sign_in import DEFAULT_FAILURES

from . import queries

CLAUSE = "security.safeguards"


def seconds(length: Duration, *, start: datetime) -> int:
    """A duration in seconds, counted from a moment (months differ)."""
    return round((length.add_to(start) - start).total_seconds())


def strictest_sign_in() -> tuple[int, int]:
    """(failed sign-ins allowed, seconds of lock-out): the strictest of all organisations.

    The sign-in page does not know yet which organisation it is for. Before any policy, the default of
    `people`.
    """
    found = []
    for organisation in (
        Organisation.objects.filter(policy_versions__isnull=False).distinct().values_list("id", flat=True)
    ):
        try:
            rule = cast(Safeguards, queries.rule(organisation=organisation, clause=CLAUSE))
        except queries.NoPolicy:
            continue
        found.append((rule.sign_in_attempts, seconds(rule.lock_out_for, start=clock.wall())))
    if not found:
        return DEFAULT_FAILURES
    return min(attempts for attempts, _ in found), max(length for _, length in found)


def idle_after(organisation: UUID) -> timedelta | None:
    """How long a session may be idle before it ends; None before any policy is published."""
    try:
        rule = cast(Safeguards, queries.rule(organisation=organisation, clause=CLAUSE))
    except queries.NoPolicy:
        return None
    return timedelta(seconds=seconds(rule.idle_sign_out_after, start=clock.now(organisation)))
