"""Telling people of a coming change of the notice (job of `policies.services.announce`, GDPR Art. 13(3)).

Everybody with an e-mail address is written to once; when no mail waits any more, the notice is recorded, and
the version's day is known. Whose use is restricted is not written to: their data is only stored.
"""

from uuid import UUID

from django.conf import settings

from plainspoken.custody import clock, keys
from plainspoken.custody.actors import program
from plainspoken.custody.acts import context
from plainspoken.custody.models import Organisation
from plainspoken.custody.ports import KeyGone
from plainspoken.custody.sessions import purpose
from plainspoken.people.models import Identifier
from plainspoken.policies.models import Version
from plainspoken.policies.public import changes_url
from plainspoken.policies.queries import compiled
from plainspoken.policies.services import record_notice

from . import messages
from .models import Message

HERALD = program("herald")
PURPOSE, AUDIENCE, ABOUT = "service.notify", "people-with-email", "policy-version:"
BATCH = 200
TOLD = (Message.State.SENT, Message.State.OUTBOX)
WAITING = (Message.State.QUEUED, Message.State.HELD)


def announce(*, organisation: UUID, version: UUID) -> int:
    """Write to everybody who was not written to yet; returns how many. Running it again goes on where it
    stopped.
    """
    row = Version.objects.get(id=version)
    title, text = _mail(row)
    count = 0
    while True:
        with purpose(PURPOSE, organisation=organisation, by=HERALD):
            told = Message.objects.filter(about=f"{ABOUT}{version}").values("subject_id")
            waiting = list(
                Identifier.objects.filter(
                    organisation_id=organisation, kind=Identifier.Kind.EMAIL, subject__erased_at=None
                )
                .exclude(subject_id__in=told)
                .order_by("subject_id", "-first_seen_at")
                .distinct("subject_id")[:BATCH]
            )
            for one in waiting:
                count += _write(one, version, title, text)
        if len(waiting) < BATCH:
            break
    conclude(organisation=organisation, version=version)
    return count


def _write(one: Identifier, version: UUID, title: str, text: str) -> int:
    try:
        address = keys.subject_sealer(one.subject_id).open_text(
            bytes(one.value), context=context(one, "value")
        )
    except KeyGone:
        return 0
    messages.write(
        to=address,
        title=title,
        text=text,
        categories=("email",),
        by=HERALD,
        subject=one.subject_id,
        about=f"{ABOUT}{version}",
    )
    return 1


def conclude(*, organisation: UUID, version: UUID) -> bool:
    """Record the notice once no mail about a version waits any more. Mails that failed count as not told."""
    about = f"{ABOUT}{version}"
    with purpose(PURPOSE, organisation=organisation, by=HERALD):
        if Message.objects.filter(about=about, state__in=WAITING).exists():
            return False
        told = Message.objects.filter(about=about, state__in=TOLD).count()
    record_notice(version=version, audience=AUDIENCE, told=told, by=HERALD, sent_at=clock.now(organisation))
    return True


def version_of(about: str) -> UUID | None:
    """The version that a mail tells of, if it does."""
    return UUID(about.removeprefix(ABOUT)) if about.startswith(ABOUT) else None


def _mail(row: Version) -> tuple[str, str]:
    house = Organisation.objects.get(id=row.organisation_id)
    policy = compiled(row)
    day = f"{row.effective_at.day} {row.effective_at:%B %Y}"
    changes = "\n".join(f"- {change['sentence']}" for change in row.material)
    text = (
        f"We change how we treat personal data. The new notice starts on {day} at the earliest.\n\n"
        f"{changes}\n\n"
        f"See what changes:\n{settings.SITE_URL}{changes_url(house, row)}\n\n"
        "If you disagree, you can object or have your data erased before then.\n\n"
        f"{policy.controller.name}\n{policy.controller.privacy_contact}\n"
    )
    return "Our privacy notice changes", text
