"""Who listened to somebody, as a file that leaves: through the disclosure gate, or not at all."""

import csv
import io
from datetime import datetime
from uuid import UUID

from plainspoken.coaching import access, listened
from plainspoken.custody.actors import Actor
from plainspoken.custody.sessions import purpose
from plainspoken.disclosures.services import Delivered, release
from plainspoken.people.models import Membership
from plainspoken.quality.access import PURPOSE, Refused, member

RECIPIENT = "own-staff"
CATEGORIES = ("call", "pseudonym")
COLUMNS = ("when", "conversation", "who", "purpose", "why", "what")


def export(*, organisation: UUID, since: datetime, until: datetime, by: Actor) -> str:
    """CSV (RFC 4180) of who listened to the one who asks: by role, since a list that leaves names no colleague.

    Raises Refused, and the gate's refusal where the policy does not name this recipient.
    """
    found = member(by, organisation=organisation)
    if found is None or found.subject_id is None or found.role != Membership.Role.AGENT:
        raise Refused("Only an agent can take out who listened to them.")
    access.check_agent(found.subject_id, by, organisation=organisation)
    subject, made = found.subject_id, [""]

    def deliver() -> Delivered:
        with purpose(PURPOSE, organisation=organisation, by=by):
            rows = listened.visits(
                organisation=organisation, agent=subject, since=since, until=until, reader=by
            )
        out = io.StringIO()
        sheet = csv.writer(out, lineterminator="\r\n")
        sheet.writerow(COLUMNS)
        for one in rows:
            sheet.writerow([one.at.isoformat(), one.reference, one.role, one.purpose, one.why, one.took])
        made[0] = out.getvalue()
        return Delivered(parts=len(rows), bytes=len(made[0].encode()))

    release(
        organisation=organisation,
        recipient=RECIPIENT,
        purpose=PURPOSE,
        categories=CATEGORIES,
        subject=subject,
        deliver=deliver,
        by=by,
        about="coaching.listened",
    )
    return made[0]
