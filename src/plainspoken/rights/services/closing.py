"""Requests that nobody proved: closed in time, then blanked. We keep no stranger's words for years."""

from datetime import timedelta
from uuid import UUID

from plainspoken.custody import clock, ledger
from plainspoken.custody.actors import Actor
from plainspoken.custody.ports import keyring
from plainspoken.policies.queries import rule

from .. import answers
from ..models import Request
from ..register import CLOCK
from ..states import CLOSED, State
from .frame import become, office

# The last mail to the claimed address is sealed by the same key, so it gets a day to go out.
BLANK_AFTER = timedelta(days=1)
UNPROVED_REASON = "unproved"


def tidy(*, organisation: UUID, by: Actor) -> int:
    """Returns how many requests were closed or blanked."""
    return _close_unproved(organisation, by) + _blank_closed(organisation, by)


def _close_unproved(organisation: UUID, by: Actor) -> int:
    count = 0
    with office(organisation, by):
        now = clock.now(organisation)
        fallback = rule(organisation=organisation, clause=CLOCK).answer_within
        waiting = Request.objects.select_for_update().filter(
            organisation_id=organisation, state=State.PROVING, verified_at=None
        )
        for request in waiting:
            within = rule(organisation=organisation, clause=request.clause).answer_within
            if within.get(request.law, fallback).add_to(request.received_at) > now:
                continue
            request.outcome = {"policy": answers.policy_number(organisation), "reason": UNPROVED_REASON}
            become(request, State.REFUSED, by=by, reason=UNPROVED_REASON)
            request.save()
            count += 1
    return count


def _blank_closed(organisation: UUID, by: Actor) -> int:
    gone: list[str] = []
    with office(organisation, by):
        now = clock.now(organisation)
        closed = Request.objects.select_for_update().filter(
            organisation_id=organisation,
            state__in=CLOSED,
            verified_at=None,
            closed_at__lt=now - BLANK_AFTER,
            claim__isnull=False,
        )
        for request in closed:
            request.claim = request.words = None
            request.save(update_fields=["claim", "words"])
            ledger.enter(act="request.blanked", about=f"request:{request.id}", by=by)
            gone.append(request.key_name)
    for name in gone:
        keyring().destroy(organisation=organisation, name=name, at=clock.now(organisation))
    return len(gone)
