"""Codes: sent to the address that was given, checked in constant time, counted, and worth nothing when old.

Whoever asks about somebody else learns nothing: the answer is the same whether or not we hold the address,
and the code goes to the address, not to the asker.
"""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from plainspoken.custody import clock, keys, ledger
from plainspoken.custody.actors import Actor
from plainspoken.disclosures.messages import check_mail, write
from plainspoken.kernels import identifiers
from plainspoken.policies.queries import policy_in_force, rule

from .. import answers, claims, links
from ..models import Challenge, Request
from ..register import CLOCK, VERIFICATION
from ..states import UNPROVED, State
from .frame import MAIL_HOLDS, RequestRefused, become, check_role, intake, taken
from .intake import _prove

# As many codes a day to one address as a code has tries: guessing never gets further than their product.
COUNTED_OVER = timedelta(days=1)
IDENTITY_OPEN = "identity-open"


class TooManyCodes(ValueError):
    """So many codes went to this address that no more goes today."""


@dataclass(frozen=True)
class Sent:
    """Where a code went (masked), until when it works, how many tries it has."""

    sent_to: str
    expires_at: datetime
    attempts_left: int


@dataclass(frozen=True)
class Verdict:
    """What came of a code: verified, wrong, expired or closed. `token` is the new secret of a verified
    request.
    """

    outcome: str
    attempts_left: int | None = None
    token: str | None = None

    @property
    def verified(self) -> bool:
        return self.outcome == "verified"


def send_code(*, organisation: UUID, reference: str, by: Actor, token: str = "") -> Sent:
    """Send a new code; earlier ones stop working. Visitors need the token of their filing.

    Raises TooManyCodes, NoMailServer, RequestRefused.
    """
    if by.kind != "visitor":
        check_role(organisation=organisation, by=by)
    check_mail(organisation=organisation)
    terms = rule(organisation=organisation, clause=VERIFICATION)
    with intake(organisation, by):
        request = taken(organisation, reference)
        if by.kind == "visitor" and not claims.token_fits(request, token):
            raise RequestRefused("Open the link in our mail, or file the request again.")
        if State(request.state) not in UNPROVED:
            raise RequestRefused("It is known already who asks. No code is needed.")
        claim = claims.claim_of(request)
        if not claim.email:
            raise RequestRefused("The request names no e-mail address. Add one first.")
        now = clock.now(organisation)
        contact = keys.blind_index("contact", identifiers.email(claim.email))
        lately = Challenge.objects.filter(
            organisation_id=organisation, contact=contact, sent_at__gt=now - COUNTED_OVER
        )
        if lately.count() >= terms.attempts:
            raise TooManyCodes("Too many codes went to this address. Try again tomorrow.")
        Challenge.objects.filter(request=request, state=Challenge.State.OPEN).update(
            state=Challenge.State.CLOSED
        )
        code = "".join(secrets.choice("0123456789") for _ in range(terms.code_digits))
        challenge = Challenge(
            organisation_id=organisation,
            request=request,
            channel="email",
            contact=contact,
            sent_at=now,
            expires_at=terms.code_expires_within.add_to(now),
        )
        challenge.code = _digest(challenge, code)
        challenge.save(force_insert=True)
        _await_proof(request, now, by)
        title, text = answers.code_mail(
            request,
            code=code,
            link=links.prove(
                organisation=organisation, reference=request.reference, token=claims.token_of(request)
            ),
            policy=policy_in_force(organisation=organisation),
        )
        write(
            to=claim.email,
            title=title,
            text=text,
            categories=MAIL_HOLDS,
            by=by,
            key=request.key_name,
            about=f"request:{request.id}",
        )
        ledger.enter(act="request.code", about=f"request:{request.id}", by=by)
    return Sent(sent_to=masked(claim.email), expires_at=challenge.expires_at, attempts_left=terms.attempts)


def _await_proof(request: Request, now: datetime, by: Actor) -> None:
    if request.state == State.RECEIVED:
        become(request, State.PROVING, by=by)
        if IDENTITY_OPEN in rule(organisation=request.organisation_id, clause=CLOCK).pauses_while:
            request.pauses = [*request.pauses, {"start": now.isoformat(), "end": None, "why": IDENTITY_OPEN}]
        request.save(update_fields=["state", "pauses"])


def verify(*, organisation: UUID, reference: str, code: str, by: Actor, token: str = "") -> Verdict:
    """Try a code. Never raises for a wrong one, so that the count of tries is always kept.

    An unknown reference, a wrong token and a wrong code give the same answer.
    """
    if by.kind != "visitor":
        check_role(organisation=organisation, by=by)
    digits = "".join(c for c in code if c.isdigit())[:40]
    with intake(organisation, by):
        request = (
            Request.objects.select_for_update()
            .filter(organisation_id=organisation, reference=reference.strip().upper())
            .first()
        )
        let_in = request is not None and (by.kind != "visitor" or claims.token_fits(request, token))
        if request is None or not let_in:
            hmac.compare_digest(keys.blind_index("challenge:none", digits), b"\0" * 32)
            return Verdict("wrong")
        challenge = (
            Challenge.objects.select_for_update()
            .filter(request=request, state=Challenge.State.OPEN)
            .order_by("-sent_at")
            .first()
        )
        if challenge is None or State(request.state) not in UNPROVED:
            return Verdict("closed", attempts_left=0)
        return _judge(request, challenge, digits, by)


def _judge(request: Request, challenge: Challenge, digits: str, by: Actor) -> Verdict:
    attempts = rule(organisation=request.organisation_id, clause=VERIFICATION).attempts
    if clock.now(request.organisation_id) >= challenge.expires_at:
        challenge.state = Challenge.State.CLOSED
        challenge.save(update_fields=["state"])
        return Verdict("expired", attempts_left=0)
    challenge.attempts += 1
    if not hmac.compare_digest(bytes(challenge.code), _digest(challenge, digits)):
        left = max(attempts - challenge.attempts, 0)
        if not left:
            challenge.state = Challenge.State.CLOSED
        challenge.save(update_fields=["attempts", "state"])
        ledger.enter(act="request.wrong-code", about=f"request:{request.id}", by=by)
        return Verdict("wrong" if left else "closed", attempts_left=left)
    challenge.state = Challenge.State.USED
    challenge.save(update_fields=["attempts", "state"])
    token = _prove(request, "contact", by=by)
    request.save()
    return Verdict("verified", attempts_left=None, token=token)


def _digest(challenge: Challenge, code: str) -> bytes:
    """Keyed with a key outside the database: its rows alone do not tell which of a million codes it was."""
    return keys.blind_index(f"challenge:{challenge.id}", code)


def masked(email: str) -> str:
    """ "ada@example.org" as "a…@example.org": enough to recognise one's own."""
    local, _, domain = email.partition("@")
    return f"{local[:1]}…@{domain}"
