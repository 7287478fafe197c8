"""The register of requests: finding them, and their clocks."""

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from plainspoken.custody import clock
from plainspoken.custody.actors import Actor
from plainspoken.custody.sessions import purpose
from plainspoken.kernels.policy import Duration
from plainspoken.people.models import Membership
from plainspoken.policies.queries import rule
from plainspoken.retention.queries import zone_of
from plainspoken.ui import shapes

from .clocks import Deadline, Stand, stands_of
from .clocks import deadline as count_deadline
from .models import Request
from .states import CLOSED, UNPROVED, State

CLOCK = "rights.deadline"
VERIFICATION = "rights.verify"


class NoSuchRequest(LookupError):
    """There is no request of this reference here."""


def find(*, organisation: UUID, reference: str) -> Request:
    """The request of a reference. Needs a purpose session. Raises NoSuchRequest."""
    row = Request.objects.filter(organisation_id=organisation, reference=reference.strip().upper()).first()
    if row is None:
        raise NoSuchRequest(f"There is no request {reference[:20]}. Check the reference.")
    return row


def open_requests(*, organisation: UUID) -> QuerySet[Request]:
    """Requests that are not closed. Needs a purpose session."""
    return Request.objects.filter(organisation_id=organisation).exclude(state__in=CLOSED)


def waiting(*, member: Membership, by: Actor) -> int:
    """How many requests wait for this member: open ones for privacy officers, those that were decided and need a
    second person for administrators.
    """
    officer = member.role == Membership.Role.PRIVACY_OFFICER
    with purpose(
        "rights.execute" if officer else "security.audit", organisation=member.organisation_id, by=by
    ):
        rows = open_requests(organisation=member.organisation_id)
        if not officer:
            rows = rows.filter(state=State.SECOND).exclude(decided_by=str(by))
        return rows.count()


def deadline_of(request: Request, *, now: datetime | None = None) -> Deadline:
    """When a request is due, by the rule of its clause and the clock of the policy."""
    organisation = request.organisation_id
    right, times = (
        rule(organisation=organisation, clause=request.clause),
        rule(organisation=organisation, clause=CLOCK),
    )
    return count_deadline(
        received=request.received_at,
        within=right.answer_within.get(request.law, times.answer_within),
        extended_by=extension(organisation) if request.extended_at else None,
        stands=stands(request),
        alert_ahead=times.alert_ahead,
        now=request.closed_at or now or clock.now(organisation),
        zone=zone_of(organisation),
    )


def extension(organisation: UUID) -> Duration | None:
    """By how much a request may be extended; None for not at all."""
    found: Duration | None = rule(organisation=organisation, clause=CLOCK).extend_by
    return found


def stands(request: Request) -> tuple[Stand, ...]:
    """When the clock of a request stood still. A request that was closed unproved stood until then."""
    return tuple(
        Stand(item.start, item.end or request.closed_at, item.why) for item in stands_of(request.pauses)
    )


def is_proved(request: Request) -> bool:
    """Whether the person behind a request is known for sure."""
    return request.verified_at is not None and State(request.state) not in UNPROVED


def clock_of(request: Request) -> shapes.Clock:
    """The clock of a request as pages draw it. Needs a purpose session only for the row itself."""
    now = clock.now(request.organisation_id)
    zone = zone_of(request.organisation_id)
    found = deadline_of(request, now=now)
    ended = request.closed_at.astimezone(zone).date() if request.closed_at else None
    pins = []
    if request.verified_at is not None and request.proofs:
        pins.append(shapes.Pin(request.verified_at.astimezone(zone).date(), "identity proved"))
    if request.extended_at is not None:
        pins.append(shapes.Pin(request.extended_at.astimezone(zone).date(), "extended"))
    return shapes.Clock(
        received=request.received_at.astimezone(zone).date(),
        due=found.due,
        today=now.astimezone(zone).date(),
        headline=_headline(request, found, now),
        reason=_standing(request),
        pauses=tuple(
            shapes.Pause(
                item.start.astimezone(zone).date(),
                item.end.astimezone(zone).date() if item.end else None,
                "identity open",
            )
            for item in stands(request)
        ),
        pins=tuple(pins),
        ended=ended,
    )


def _headline(request: Request, found: Deadline, now: datetime) -> str:
    if request.closed_at is not None:
        return "Answered late" if request.closed_at >= found.at else "Answered in time"
    return days_text(found, now)


def days_text(found: Deadline, now: datetime) -> str:
    """How much time is left, in words."""
    left = found.days_left(now)
    if now >= found.at:
        return f"{-left} {'day' if left == -1 else 'days'} late"
    if not left:
        return "due today"
    return f"{left} {'day' if left == 1 else 'days'} left"


def _standing(request: Request) -> str:
    if request.closed_at is None and any(item["end"] is None for item in request.pauses):
        return "The clock stands still until we know who asks."
    return "It was extended." if request.extended_at is not None else ""
