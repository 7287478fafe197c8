"""Telling administrators by mail that recordings are missing or spoilt: counts only, at most once an hour."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings

from plainspoken.custody import clock
from plainspoken.custody.actors import Actor
from plainspoken.custody.sessions import purpose
from plainspoken.disclosures import messages
from plainspoken.disclosures.models import Message
from plainspoken.people.models import Membership

from . import reconciling

PURPOSE, ABOUT = "service.notify", "reconciliation"
SELDOM = timedelta(hours=1)


def tell(*, organisation: UUID, by: Actor) -> int:
    """Write to every administrator; returns to how many. Nobody where mail cannot go: the page says it all the same."""
    found = reconciling.summary(organisation=organisation, by=by)
    if not found.problems:
        return 0
    with purpose("organisation.manage", organisation=organisation, by=by):
        rows = Membership.objects.filter(
            organisation_id=organisation, role=Membership.Role.ADMINISTRATOR, ended_at=None
        ).select_related("account")
        people = [(row.account.email, row.subject_id) for row in rows if row.subject_id]
    with purpose(PURPOSE, organisation=organisation, by=by):
        now = clock.now(organisation)
        if Message.objects.filter(
            organisation_id=organisation, about=ABOUT, made_at__gt=now - SELDOM
        ).exists():
            return 0
        try:
            for address, subject in people:
                messages.write(
                    to=address,
                    title=f"{found.problems:,} recordings need somebody",
                    text=_text(found),
                    categories=("email",),
                    by=by,
                    subject=subject,
                    about=ABOUT,
                )
        except messages.NoMailServer:
            return 0
    return len(people)


def _text(found: reconciling.Summary) -> str:
    lines = [
        f"- {reconciling.VERDICTS[name]}: {count:,}. {reconciling.WHAT_TO_DO[name]}"
        for name, count in sorted(found.open.items(), key=lambda item: -item[1])
    ]
    return (
        "We compared recordings with the telephone system's own records.\n\n"
        + "\n".join(lines)
        + f"\n\nSee which ones:\n{settings.SITE_URL}/sources/calls/\n"
    )
