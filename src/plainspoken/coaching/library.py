"""Reads of the library of good clips, for `coaching.share`: what its customers' ground closes to it is not there."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from plainspoken.conversations.models import Conversation, Participation
from plainspoken.conversations.queries import collected_for
from plainspoken.custody.actors import Actor
from plainspoken.people.models import Membership

from .access import is_coach
from .models import LibraryClip
from .states import ClipState
from .words import text_of

MANY = 100


@dataclass(frozen=True)
class Kept:
    """A clip of the library with its words and who is in it; `member` is None for somebody who left."""

    row: LibraryClip
    title: str
    text: str
    agent: str
    mine: bool


def there(*, organisation: UUID) -> "QuerySet[LibraryClip]":
    """Clips that this use may see now: neither their customers nor their agent closed them to it."""
    own = Participation.objects.filter(
        conversation_id=OuterRef("conversation_id"),
        subject_id=OuterRef("agent_id"),
        role=Participation.Role.AGENT,
    )
    open_ones = collected_for(Conversation.objects.filter(organisation_id=organisation, erased_at=None))
    return LibraryClip.objects.filter(
        Q(agent=None) | Exists(own), organisation_id=organisation, conversation__in=open_ones
    ).select_related("content_key", "conversation")


def visible_to(by: Actor, *, organisation: UUID) -> "QuerySet[LibraryClip]":
    """What is shared; what waits or was declined, for its agent, who put it there, and coaches."""
    rows = there(organisation=organisation)
    if is_coach(by, organisation=organisation):
        return rows
    mine = Membership.objects.filter(organisation_id=organisation, account_id=by.id, ended_at=None)
    return rows.filter(Q(state=ClipState.SHARED) | Q(by=str(by)) | Q(agent_id__in=mine.values("subject_id")))


def kept(rows: Sequence[LibraryClip], *, organisation: UUID, reader: Actor) -> list[Kept]:
    """Clips with their words, for a list."""
    subjects = {row.agent_id for row in rows if row.agent_id}
    members = Membership.objects.filter(organisation_id=organisation, subject_id__in=subjects)
    known = {one.subject_id: one for one in members.select_related("account")}
    return [
        Kept(
            row=row,
            title=text_of(row, "title"),
            text=text_of(row),
            agent=known[row.agent_id].account.name if row.agent_id in known else "",
            mine=row.agent_id in known and str(known[row.agent_id].account_id) == reader.id,
        )
        for row in rows
    ]
