"""The library of good clips: put in, agreed to by its agent, heard, taken out. For `coaching.share` alone."""

from uuid import UUID

from django.db import IntegrityError, transaction

from plainspoken.coaching import access, library, words
from plainspoken.coaching.access import SHARING
from plainspoken.coaching.models import LibraryClip
from plainspoken.coaching.queries import NoSuchRow
from plainspoken.coaching.states import ClipState
from plainspoken.conversations import queries as conversations
from plainspoken.conversations import services
from plainspoken.conversations.models import Clip, Conversation
from plainspoken.custody import clock, ledger
from plainspoken.custody.actors import Actor
from plainspoken.custody.keys import KeyGone
from plainspoken.custody.sessions import PurposeRefused, purpose
from plainspoken.quality.access import PURPOSE, Refused, member
from plainspoken.quality.queries import agents_in

CLOSED = "The customer’s ground does not allow this use, so the clip stays where it is."
UNKNOWN = "The published policy does not name a library of clips, so nothing can be put there."
LONGEST_CLIP_S = 300.0


class SharingRefused(ValueError):
    """The clip cannot be put into the library; the message says why."""


def offer(*, organisation: UUID, clip: UUID, text: str, by: Actor) -> LibraryClip:
    """Put a clip that somebody cut into the library. Its agent is asked, unless they put it there themselves.

    It is read for coaching, and kept for the library's own purpose: where the customer closed that, by objection or
    restriction, or was not told of it where the conversation was taken, it is refused. Raises SharingRefused, Refused.
    """
    start, end, title, conversation = _cut(organisation, clip, by)
    try:
        with purpose(SHARING, organisation=organisation, by=by):
            access.check_share(by, organisation=organisation)
            return _keep(organisation, conversation, (start, end), title, text, by)
    except PurposeRefused as error:
        raise SharingRefused(UNKNOWN) from error
    except KeyGone as error:
        raise SharingRefused("This conversation was erased.") from error
    except IntegrityError as error:
        raise SharingRefused("This stretch is in the library already.") from error


def _cut(organisation: UUID, clip: UUID, by: Actor) -> tuple[float, float, str, UUID]:
    with purpose(PURPOSE, organisation=organisation, by=by):
        membership = member(by, organisation=organisation)
        if membership is None:
            raise Refused("Only people of this house put clips into the library.")
        seen = conversations.visible_to(membership)
        row = (
            Clip.objects.select_related("content_key")
            .filter(id=clip, by=str(by), conversation__in=seen)
            .first()
        )
        if row is None:
            raise SharingRefused("There is no such clip of yours. Cut one beside a call first.")
        if row.end_s - row.start_s > LONGEST_CLIP_S:
            raise SharingRefused("A clip for the library has at most 5 minutes. Cut a shorter one.")
        try:
            return row.start_s, row.end_s, services.title_of_clip(row), row.conversation_id
        except KeyGone as error:
            raise SharingRefused("This conversation was erased.") from error


def _keep(
    organisation: UUID, conversation: UUID, span: tuple[float, float], title: str, text: str, by: Actor
) -> LibraryClip:
    rows = Conversation.objects.filter(organisation_id=organisation, id=conversation, erased_at=None)
    found = conversations.collected_for(rows).first()
    if found is None:
        raise SharingRefused(CLOSED)
    agents = agents_in(conversation)
    if not agents:
        raise SharingRefused("No agent of ours can be asked about this clip, so it stays where it is.")
    mine = next((one for one in agents if access.is_agent(one, by, organisation=organisation)), None)
    made = LibraryClip(
        organisation_id=organisation,
        conversation=found,
        content_key=words.key_of(found.id),
        agent_id=mine or agents[0],
        start_s=span[0],
        end_s=span[1],
        state=ClipState.SHARED if mine else ClipState.ASKED,
        by=str(by),
        at=clock.now(organisation),
        decided_at=clock.now(organisation) if mine else None,
    )
    words.seal(made, "title", words.checked(title, most=words.LONGEST_TITLE))
    words.seal(made, "text", words.checked(text))
    with transaction.atomic():
        made.save(force_insert=True)
    _enter("offered", made, by)
    return made


def decide(*, organisation: UUID, clip: UUID, yes: bool, by: Actor) -> LibraryClip:
    """The agent in a clip lets colleagues hear it, or not; they may change their mind at any time."""
    with purpose(SHARING, organisation=organisation, by=by):
        row = _held(organisation, clip)
        access.check_decide_clip(row, by)
        row.state, row.decided_at = (ClipState.SHARED if yes else ClipState.DECLINED), clock.now(organisation)
        row.save(update_fields=["state", "decided_at"])
        _enter("agreed" if yes else "declined", row, by)
    return row


def remove(*, organisation: UUID, clip: UUID, by: Actor) -> None:
    """Take a clip out of the library; the conversation stays as it is."""
    with purpose(SHARING, organisation=organisation, by=by):
        row = _held(organisation, clip)
        access.check_remove_clip(row, by)
        _enter("removed", row, by)
        row.delete()


def sound(*, organisation: UUID, clip: UUID, by: Actor) -> bytes:
    """The seconds of a clip, of the silenced copy, as Ogg Opus; entered in the ledger. Raises NoSuchRow, NothingToPlay."""
    with purpose(SHARING, organisation=organisation, by=by):
        row = library.there(organisation=organisation).filter(id=clip).first()
        if row is None:
            raise NoSuchRow("There is no such clip in the library any more.")
        access.check_hear(row, by)
        subject = next(iter(conversations.customers_of(row.conversation_id)), None)
        return services.stretch(row.conversation_id, row.start_s, row.end_s, subject=subject, by=by)


def _held(organisation: UUID, clip: UUID) -> LibraryClip:
    row = LibraryClip.objects.select_for_update(of=("self",)).filter(organisation_id=organisation, id=clip)
    found = row.first()
    if found is None:
        raise NoSuchRow("There is no such clip in the library any more.")
    return found


def _enter(act: str, row: LibraryClip, by: Actor) -> None:
    """One entry for each customer, so that each finds it, and one for the agent."""
    subjects: list[UUID | None] = [*conversations.customers_of(row.conversation_id), row.agent_id]
    for subject in subjects:
        ledger.enter(
            act=f"library.{act}",
            subject=subject,
            about=f"conversation:{row.conversation_id}",
            by=by,
            detail={"row": f"clip:{row.id}"},
        )
