"""A conversation leaves as a vCon: through the disclosure gate, redacted, with its lawful basis obeyed."""

import json
from dataclasses import dataclass
from uuid import UUID

from plainspoken.conversations import ports, services
from plainspoken.conversations.models import Conversation
from plainspoken.conversations.queries import collected_for, customers_of, visible_to
from plainspoken.custody import clock, keys, ledger
from plainspoken.custody.actors import Actor
from plainspoken.custody.sessions import purpose as session_for
from plainspoken.disclosures.services import CLAUSE, Delivered, check_release, release
from plainspoken.people.models import Membership
from plainspoken.people.queries import label
from plainspoken.policies.queries import rule

from . import basis, origins, vcon_out

RECIPIENT, UNKNOWN, PURPOSE = "own-systems", "unknown", "service.answer"
WORDS, SOUND = ("call", "language", "pseudonym", "words"), "voice"


class NothingToExport(LookupError):
    """There is no such conversation for the purpose, or it cannot be written; the message says which."""


class BasisForbids(PermissionError):
    """The lawful basis that came with the conversation does not let it leave."""


@dataclass(frozen=True)
class Exported:
    """A vCon as JSON in UTF-8, and its uuid."""

    uuid: UUID
    data: bytes


def export_vcon(
    *,
    organisation: UUID,
    conversation: UUID,
    by: Actor,
    member: Membership | None = None,
    recipient: str = RECIPIENT,
    purpose: str = PURPOSE,
    sound: bool = True,
) -> Exported:
    """One conversation as a redacted vCon for a recipient of the policy.

    `member`: only what this member may see; None is a program of the house. Raises NothingToExport, BasisForbids, and
    the gate's Refused; each refusal of the gate is recorded.
    """
    with session_for(purpose, organisation=organisation, by=by):
        row = _row(organisation, conversation, member)
        came = _came(row, purpose, by)
        subject = next(iter(customers_of(row.id)), None)
    made: list[Exported] = []

    def deliver() -> Delivered:
        with session_for(purpose, organisation=organisation, by=by):
            told = _told(_row(organisation, conversation, member), came, sound=sound, by=by)
        whole = vcon_out.written(told, at=clock.now(organisation))
        made.append(Exported(UUID(whole["uuid"]), json.dumps(whole, ensure_ascii=False).encode()))
        return Delivered(parts=1, bytes=len(made[0].data))

    known = rule(organisation=organisation, clause=CLAUSE).recipients
    release(
        organisation=organisation,
        # A refusal is recorded, and what somebody typed could name anybody.
        recipient=recipient if recipient in known else UNKNOWN,
        purpose=purpose,
        categories=(*WORDS, SOUND) if sound else WORDS,
        subject=subject,
        deliver=deliver,
        by=by,
        about=f"conversation:{conversation}",
    )
    return made[0]


def check_export(*, organisation: UUID, recipient: str = RECIPIENT, purpose: str = PURPOSE) -> None:
    """Raises the gate's Refused where the policy would let no conversation leave so."""
    check_release(organisation=organisation, recipient=recipient, purpose=purpose, categories=(*WORDS, SOUND))


def _row(organisation: UUID, conversation: UUID, member: Membership | None) -> Conversation:
    if member is not None:
        rows = visible_to(member)
    else:
        rows = collected_for(Conversation.objects.filter(organisation_id=organisation, erased_at=None))
    row = rows.filter(id=conversation).first()
    if row is None:
        raise NothingToExport("There is no such conversation for this purpose. Check its id.")
    if row.state != Conversation.State.READY:
        raise NothingToExport(
            "This conversation is not written yet, so nothing of it is redacted. Wait for it."
        )
    return row


def _came(row: Conversation, purpose: str, by: Actor) -> origins.Came:
    """What came with it, once its lawful basis has let it go. A refusal is entered."""
    try:
        came = origins.came_with(row.id)
        if came.basis is not None:
            basis.check_out(came.basis, purpose=purpose, now=clock.now(row.organisation_id))
    except keys.KeyGone as error:
        raise NothingToExport("This conversation was erased.") from error
    except basis.NotLawful as error:
        raise BasisForbids(str(error)) from error
    return came


def _told(row: Conversation, came: origins.Came, *, sound: bool, by: Actor) -> vcon_out.Told:
    script = ports.words().script(row.id)
    people = services.parties(row.id)
    playable, channels = None, 0
    if sound and row.kind == Conversation.Kind.CALL:
        try:
            opened = services.open_sound(conversation=row.id, subject=None, by=by)
            playable = b"".join(opened.read(0, opened.size))
            channels = len(services.drawing(conversation=row.id)[1])
        except services.NothingToPlay:
            playable = None
    ledger.enter_read(place="transcripts.Turn", rows=1, by=by, about=f"conversation:{row.id}")
    return vcon_out.Told(
        id=row.id,
        started=row.started_at,
        duration_s=row.duration_s,
        kind=row.kind,
        direction=row.direction,
        queue=row.queue,
        language=row.language,
        title=script.title if script else "",
        speakers=[
            vcon_out.Speaker(
                one.position,
                one.role,
                label(one.subject, kind=one.role.capitalize()) if one.subject else one.role.capitalize(),
                one.channel,
            )
            for one in people
        ],
        lines=script.lines if script else (),
        made_by=script.made_by if script else "",
        sound=playable,
        channels=channels,
        basis=came.basis,
        legs=came.legs,
    )
