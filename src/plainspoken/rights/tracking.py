"""One request as its person may see it behind their link. A wrong secret and no request look the same."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.safestring import SafeString, mark_safe

from plainspoken.custody import clock
from plainspoken.custody.actors import visitor
from plainspoken.custody.sessions import purpose
from plainspoken.policies import queries as policies
from plainspoken.policies.receipts import receipt_of
from plainspoken.ui import shapes

from . import answers, claims, plans
from .kinds import law_text
from .models import Archive, Request
from .register import clock_of
from .states import CLOSED, TRANSITIONS, UNPROVED, State

STATE_TEXTS = {
    State.RECEIVED: "It has arrived. We need to know that it is you.",
    State.PROVING: "We sent you a code. Enter it, and we begin.",
    State.OPEN: "We know that it is you. Our privacy officer looks at it.",
    State.SECOND: "A second person here has to agree.",
    State.RUNNING: "It is being done now.",
    State.DONE: "It is done.",
    State.REFUSED: "We refused it. Our reasons are below.",
    State.WITHDRAWN: "You took it back.",
}
# The page knows fewer states than the office.
SHOWN = {State.SECOND: "open", State.WITHDRAWN: "refused"}


@dataclass(frozen=True)
class Way:
    """A step on the way: done, now or next."""

    title: str
    state: str
    at: datetime | None = None


@dataclass(frozen=True)
class Archived:
    """A copy that waits to be fetched; `token` is the secret of its link."""

    size: int
    expires: datetime
    parts: tuple[str, ...]
    token: str


@dataclass(frozen=True)
class Tracked:
    """What the person may know of their request."""

    reference: str
    kind: str
    title: str
    law: str
    state: str
    state_text: str
    clock: shapes.Clock
    steps: tuple[Way, ...]
    answer_html: SafeString | None
    archive: Archived | None
    kept: tuple[answers.KeptLine, ...]
    receipt: shapes.Receipt | None
    needs_code: bool
    can_withdraw: bool


def track(*, organisation: UUID, reference: str, token: str) -> Tracked | None:
    """The request behind a link's secret, or None. Opens its own session as the public pages' role."""
    who = visitor(reference.strip().upper()[:20])
    with purpose("rights.intake", organisation=organisation, by=who, role="portal"):
        request = Request.objects.filter(
            organisation_id=organisation, reference=reference.strip().upper()[:20]
        ).first()
        if request is None or not claims.token_fits(request, token):
            return None
        found = _tracked(request)
    receipt = request.receipt and receipt_of(
        request.receipt, organisation=organisation, by=who, text="Entered in our ledger."
    )
    return Tracked(**{**found.__dict__, "receipt": receipt or None})


def _tracked(request: Request) -> Tracked:
    state = State(request.state)
    policy = policies.policy_in_force(organisation=request.organisation_id)
    closed = state in CLOSED
    done = plans.from_json(request.outcome.get("plan", {})) if closed else None
    return Tracked(
        reference=request.reference,
        kind=request.kind,
        title=policy.clause(request.clause).title,
        law=law_text(request.kind, request.law),
        state=SHOWN.get(state, str(state)),
        state_text=STATE_TEXTS[state],
        clock=clock_of(request),
        steps=_way(request, state),
        answer_html=_answer(request) if closed else None,
        archive=_archive(request),
        kept=tuple(answers.kept_lines(done, claims.words_of(request))) if done else (),
        receipt=None,
        needs_code=state in UNPROVED,
        can_withdraw=State.WITHDRAWN in TRANSITIONS[state],
    )


def _answer(request: Request) -> SafeString:
    """Our words are escaped, and the kernel renders clauses without any HTML of the author's."""
    answer = answers.answer_of(request, words=claims.words_of(request))
    return mark_safe(answer.html())  # noqa: S308


def _archive(request: Request) -> Archived | None:
    row = (
        Archive.objects.filter(request=request, expires_at__gt=clock.now(request.organisation_id))
        .order_by("-made_at")
        .first()
    )
    if row is None:
        return None
    return Archived(
        size=row.size, expires=row.expires_at, parts=tuple(row.parts), token=claims.archive_token(row)
    )


def _way(request: Request, state: State) -> tuple[Way, ...]:
    proved = request.verified_at is not None
    closed = state in CLOSED
    decided = request.decided_at is not None or closed
    return (
        Way("Your request arrived", "done", request.received_at),
        Way(
            "You proved that it is you",
            "done" if proved else "next" if closed else "now",
            request.verified_at,
        ),
        Way(
            "We decided",
            "done" if decided else "now" if proved else "next",
            request.approved_at or request.decided_at,
        ),
        Way(
            "We answered",
            "done" if closed else "now" if state == State.RUNNING else "next",
            request.closed_at,
        ),
    )
