"""Notes at a second, clips, and links for colleagues. All inside the reader's purpose session."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.db.models import F, Q

from plainspoken.conversations.models import Clip, Conversation, Note, PlayCopy, Share
from plainspoken.conversations.queries import customers_of
from plainspoken.conversations.typed import cleaned
from plainspoken.custody import clock, keys, ledger
from plainspoken.custody.actors import Actor
from plainspoken.custody.acts import context
from plainspoken.custody.models import ContentKey

LONGEST_NOTE, LONGEST_TITLE = 2000, 120
SHORTEST_CLIP_S = 1.0
MOST_DAYS = 30


class NotNoted(ValueError):
    """It cannot be kept as asked; the sentence says what to do."""


def note(
    *, conversation: Conversation, at_s: float | None, text: str, audience: Note.Audience, by: Actor
) -> Note:
    """Keep a note at a second (None: about the whole). Raises NotNoted, KeyGone."""
    text = cleaned(text, most=LONGEST_NOTE)
    if not text:
        raise NotNoted("The note is empty. Write a word.")
    key = _key(conversation)
    row = Note(
        organisation_id=conversation.organisation_id,
        conversation=conversation,
        content_key=key,
        at_s=_second(at_s),
        audience=audience,
        by=str(by),
        at=clock.now(conversation.organisation_id),
    )
    row.text = keys.content_sealer(key).seal_text(text, context=context(row, "text"))
    row.save(force_insert=True)
    _enter("note.written", conversation, f"note:{row.id}", by)
    return row


def remove_note(*, conversation: Conversation, note: UUID, by: Actor) -> None:
    """The writer takes a note back. Raises NotNoted."""
    gone, _ = Note.objects.filter(id=note, conversation=conversation, by=str(by)).delete()
    if not gone:
        raise NotNoted("There is no such note of yours any more.")
    _enter("note.removed", conversation, f"note:{note}", by)


def clip(*, conversation: Conversation, start_s: float, end_s: float, title: str, by: Actor) -> Clip:
    """Name a stretch of the silenced copy. Raises NotNoted, KeyGone."""
    copy = PlayCopy.objects.filter(conversation=conversation).first()
    if copy is None:
        raise NotNoted("There is no sound of this conversation, so there is nothing to cut.")
    start, end = max(0.0, _second(start_s) or 0.0), min(copy.duration_s, _second(end_s) or 0.0)
    if end - start < SHORTEST_CLIP_S:
        raise NotNoted("The end must be at least a second after the start.")
    key = _key(conversation)
    row = Clip(
        organisation_id=conversation.organisation_id,
        conversation=conversation,
        content_key=key,
        start_s=start,
        end_s=end,
        by=str(by),
        at=clock.now(conversation.organisation_id),
    )
    named = cleaned(title, most=LONGEST_TITLE) or "Clip"
    row.title = keys.content_sealer(key).seal_text(named, context=context(row, "title"))
    row.save(force_insert=True)
    _enter("clip.cut", conversation, f"clip:{row.id}", by)
    return row


def remove_clip(*, clip: UUID, by: Actor) -> None:
    """Whoever cut a clip removes it. Raises NotNoted."""
    row = Clip.objects.select_related("conversation").filter(id=clip, by=str(by)).first()
    if row is None:
        raise NotNoted("There is no such clip of yours any more.")
    conversation = row.conversation
    row.delete()
    _enter("clip.removed", conversation, f"clip:{clip}", by)


# ---- links for colleagues ----


class ShareOver(LookupError):
    """The link opens nothing (any more); the sentence says why."""


def share(
    *,
    conversation: Conversation,
    purpose: str,
    days: int,
    by: Actor,
    start_s: float | None = None,
    end_s: float | None = None,
) -> Share:
    """A link for one purpose that ends after so many days; with seconds, it opens that stretch only."""
    if not 1 <= days <= MOST_DAYS:
        raise NotNoted(f"A link ends after 1 to {MOST_DAYS} days. Choose a number of days.")
    if (start_s is None) != (end_s is None) or (
        start_s is not None and end_s is not None and end_s <= start_s
    ):
        raise NotNoted("Give both seconds, the end after the start, or neither.")
    now = clock.now(conversation.organisation_id)
    row = Share.objects.create(
        organisation_id=conversation.organisation_id,
        conversation=conversation,
        purpose=purpose,
        start_s=_second(start_s),
        end_s=_second(end_s),
        by=str(by),
        at=now,
        ends_at=now + timedelta(days=days),
    )
    _enter("share.made", conversation, f"share:{row.id}", by, {"for": purpose, "days": days})
    return row


def revoke(*, share: UUID, by: Actor, anybody: bool = False) -> Share:
    """End a link at once: whoever made it, or, with `anybody`, whoever watches over it. Raises NotNoted."""
    rows = Share.objects.select_related("conversation").filter(id=share, revoked_at=None)
    row = (rows if anybody else rows.filter(by=str(by))).first()
    if row is None:
        raise NotNoted("There is no such link of yours any more.")
    row.revoked_at = clock.now(row.organisation_id)
    row.save(update_fields=["revoked_at"])
    _enter("share.revoked", row.conversation, f"share:{row.id}", by)
    return row


def check_share(row: Share) -> None:
    """Raises ShareOver for a link that was taken back, has ended, or leads to what was erased."""
    if row.revoked_at is not None:
        raise ShareOver("This link was taken back. Ask the colleague who sent it.")
    if row.ends_at <= clock.now(row.organisation_id):
        raise ShareOver("This link has ended. Ask the colleague who sent it for a new one.")
    if row.conversation.erased_at is not None:
        raise ShareOver("This conversation was erased.")


def opened(*, row: Share, by: Actor) -> None:
    """Count that a colleague opened the link, and enter it. Raises ShareOver."""
    check_share(row)
    Share.objects.filter(id=row.id).update(opened=F("opened") + 1)
    _enter("share.opened", row.conversation, f"share:{row.id}", by)


# ---- reading ----


def notes_for(conversation: UUID, *, reader: Actor, leads: bool) -> Sequence[tuple[Note, str]]:
    """Notes that this reader may see, by second, with their text. Raises KeyGone."""
    seen = Q(by=str(reader)) | Q(audience=Note.Audience.ALL)
    if leads:
        seen |= Q(audience=Note.Audience.LEADS)
    rows = Note.objects.select_related("content_key").filter(seen, conversation_id=conversation)
    rows = rows.order_by(F("at_s").asc(nulls_first=True), "at")
    return [(row, _text(row, "text")) for row in rows]


def title_of_clip(row: Clip) -> str:
    """What a clip is called. Raises KeyGone."""
    return _text(row, "title")


def _text(row: Note | Clip, column: str) -> str:
    return keys.content_sealer(row.content_key).open_text(
        bytes(getattr(row, column)), context=context(row, column)
    )


def _second(value: float | None) -> float | None:
    return None if value is None else round(min(max(value, 0.0), 1e6), 2)


def _key(conversation: Conversation) -> ContentKey:
    if conversation.content_key is None:
        raise keys.KeyGone("This conversation was erased.")
    return conversation.content_key


def _enter(
    act: str, conversation: Conversation, about: str, by: Actor, detail: dict[str, int | str] | None = None
) -> None:
    """One entry for each customer, so that each finds it."""
    subjects: list[UUID | None] = [*customers_of(conversation.id)] or [None]
    for subject in subjects:
        ledger.enter(act=act, subject=subject, about=f"conversation:{conversation.id}", by=by,
                     detail={"row": about, **(detail or {})})  # fmt: skip
