"""How a conversation ends for one person: whole, in part, by channel, or by losing its link to them.

An erasure walks the places one by one, each in a transaction of its own, and may be cut off anywhere. So each
step asks what is left to do, and doing it again changes nothing. Sealed parts move from the old content key
to a new one: what is not yet under the conversation's key is not yet done.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Generic, TypeVar
from uuid import UUID

from django.db import models

from plainspoken.conversations import media
from plainspoken.conversations.models import (
    Conversation,
    Participation,
)
from plainspoken.custody import keys, ledger, objects
from plainspoken.custody.actors import Actor
from plainspoken.custody.acts import context
from plainspoken.custody.asking import delete
from plainspoken.custody.keys import KeyGone
from plainspoken.custody.places import Ending
from plainspoken.custody.sessions import required
from plainspoken.policies.queries import rule

from .measures import ask_again, drop_keys, once

# With these grounds a member of staff cannot have their part in customers' conversations removed (GDPR
# Art. 6(1)(b) and (c), 17(3)(b)); the link to them goes all the same.
STAFF_STAYS = ("contract", "legal-obligation")


class Manner(Enum):
    """How a conversation ends for somebody: all of it; their part, others stay; their channel; only
    the link to them.
    """

    WHOLE = "whole"
    PART = "part"
    CHANNEL = "channel"
    UNLINK = "unlink"


@dataclass(frozen=True)
class Leaving:
    """Somebody who leaves a conversation, and how."""

    conversation: UUID
    participation: UUID
    position: int
    channel: int | None
    alone: bool
    manner: Manner
    begun: bool
    key: UUID | None


def leavings(subject: UUID) -> list[Leaving]:
    """Every conversation the subject is in, and how it ends for them by the published policy.

    Each place of an erasure asks; a session looks once, until somebody has left.
    """
    return list(once(f"{subject}", lambda: _leavings(subject)))


def _leavings(subject: UUID) -> list[Leaving]:
    organisation = required().organisation
    together: dict[UUID, list[Participation]] = {}
    for row in _with(subject, organisation):
        together.setdefault(row.conversation_id, []).append(row)
    found = []
    for rows in together.values():
        # Customers come first: who is both leaves as a customer.
        own = next(row for row in rows if row.subject_id == subject)
        others = [row for row in rows if row.subject_id != subject]
        found.append(_leaving(own, others, _manner(own, others)))
    return found


def _with(subject: UUID, organisation: UUID) -> "models.QuerySet[Participation]":
    """Everybody in the conversations that the subject is in, with the key of each conversation."""
    own = Participation.objects.filter(organisation_id=organisation, subject_id=subject)
    everybody = Participation.objects.filter(
        conversation_id__in=own.values("conversation_id"), conversation__erased_at=None
    )
    return everybody.annotate(key=models.F("conversation__content_key_id")).order_by(
        "conversation_id", "-role"
    )


def _manner(row: Participation, others: list[Participation]) -> Manner:
    if row.role == Participation.Role.CUSTOMER:
        customers = [o for o in others if o.role == Participation.Role.CUSTOMER and _is_here(o)]
        return Manner.PART if customers else Manner.WHOLE
    return Manner.UNLINK if _staff_stays(row.organisation_id) else Manner.CHANNEL


def _leaving(row: Participation, others: list[Participation], manner: Manner) -> Leaving:
    return Leaving(
        conversation=row.conversation_id,
        participation=row.id,
        position=row.position,
        channel=row.channel,
        alone=row.channel is not None and all(o.channel != row.channel for o in others),
        manner=manner,
        begun=row.leaving,
        key=row.key,  # type: ignore[attr-defined]
    )


def _is_here(row: Participation) -> bool:
    """Whether somebody can still hold a key: after a restore, others may be erased already as well."""
    return row.subject_id is not None and not keys.is_destroyed(
        organisation=row.organisation_id, subject=row.subject_id
    )


def _staff_stays(organisation: UUID) -> bool:
    purposes = rule(organisation=organisation, clause="use.purposes").purposes
    answering = purposes.get("service.answer")
    return answering is not None and answering.basis.get("staff") in STAFF_STAYS


def begin(leaving: Leaving, by: Actor) -> Conversation:
    """Give the conversation a content key without the one who leaves, once. Its parts follow one by one.

    What is sealed in the row itself moves now: the source's id; the subject line goes with a customer, since
    it may name them. Works when a key is gone already: what cannot be opened goes.
    """
    row = Conversation.objects.select_for_update(of=("self",)).get(id=leaving.conversation)
    mine = Participation.objects.filter(id=leaving.participation)
    if mine.filter(leaving=True).exists() or row.content_key is None:
        return row
    customers = Participation.objects.filter(
        conversation=row, role=Participation.Role.CUSTOMER, subject__isnull=False
    )
    if leaving.manner == Manner.PART:
        customers = customers.exclude(id=leaving.participation)
    holders = [one.subject_id for one in customers if one.subject_id]
    source_id, subject_line = _opened(row, "source_id"), _opened(row, "subject_line")
    key, sealer = keys.new_content_key(holders=holders)
    old, row.content_key = row.content_key_id, key
    row.source_id = sealer.seal(source_id, context=context(row, "source_id")) if source_id else None
    keeps_line = subject_line and leaving.manner == Manner.CHANNEL
    row.subject_line = sealer.seal(subject_line, context=context(row, "subject_line")) if keeps_line else None  # type: ignore[arg-type]
    row.save(update_fields=["content_key", "source_id", "subject_line"])
    mine.update(leaving=True)
    ask_again()
    drop_keys([old])
    return row


def _opened(row: Conversation, column: str) -> bytes | None:
    sealed = getattr(row, column)
    if sealed is None or row.content_key is None:
        return None
    try:
        return keys.content_sealer(row.content_key).open(sealed, context=context(row, column))
    except KeyGone:
        return None


def whole_and_others(subject: UUID) -> tuple[list[Leaving], list[Leaving]]:
    """Conversations that end whole for somebody, and those that end for them in another manner."""
    ends = leavings(subject)
    whole = [one for one in ends if one.manner == Manner.WHOLE]
    return whole, [one for one in ends if one.manner != Manner.WHOLE]


Row = TypeVar("Row", bound=models.Model)


class Part(Generic[Row]):
    """A place whose rows are sealed under the conversation's key: deleted with the whole, else rewritten
    under the new key.

    `path` leads from a row to its conversation; `stored` is the column that names a row's object, if it has one.
    """

    model: type[Row]
    path = "conversation"
    stored = ""

    def rows(self, leaving: Leaving) -> "models.QuerySet[Row]":
        """What is still to do for one who leaves."""
        rows = self.model._default_manager.filter(**{f"{self.path}_id": leaving.conversation})
        if leaving.manner == Manner.UNLINK:
            return rows.none()
        if leaving.manner == Manner.WHOLE or not leaving.begun:
            return rows
        return rows.exclude(content_key_id=models.F(f"{self.path}__content_key_id"))

    def plan(self, subject: UUID, found: int) -> Ending:
        """What `erase` would do now."""
        whole, others = whole_and_others(subject)
        if not others:
            return all_of(whole, found)
        planned = [(one, self.rows(one).count()) for one in others]
        if whole:
            planned.append((whole[0], self._of(whole).count()))
        return _ending([(one, count) for one, count in planned if count])

    def erase(self, subject: UUID, by: Actor) -> Ending:
        """Deleted where the person was the only customer; elsewhere their part goes, and the rest is sealed anew."""
        whole, others = whole_and_others(subject)
        done = [(whole[0], self._remove_all(whole))] if whole else []
        for leaving in others:
            rows = list(self.rows(leaving).select_related("content_key"))
            if not rows:
                continue
            before = [row.content_key_id for row in rows]  # type: ignore[attr-defined]
            conversation = begin(leaving, by)
            for row in rows:
                if not self._rewritten(row, leaving, conversation):
                    self.remove(row)
            drop_keys(before)
            done.append((leaving, len(rows)))
        return _ending([(one, count) for one, count in done if count])

    def _of(self, ends: Sequence[Leaving]) -> "models.QuerySet[Row]":
        conversations = [one.conversation for one in ends]
        return self.model._default_manager.filter(**{f"{self.path}_id__in": conversations})

    def _remove_all(self, ends: Sequence[Leaving]) -> int:
        """Delete the rows of these conversations with their objects and the keys that only they used; returns
        how many rows.
        """
        gone = delete(self._of(ends), "content_key", *([self.stored] if self.stored else ()))
        for _, *stored in gone:
            for name in stored:
                objects.remove_after_commit(name)
        # A conversation's own key goes with the conversation.
        drop_keys({key for key, *_ in gone} - {one.key for one in ends})
        return len(gone)

    def _rewritten(self, row: Row, leaving: Leaving, conversation: Conversation) -> bool:
        try:
            self.rewrite(row, leaving, conversation)
        except (KeyGone, media.UnreadableSound):
            # What cannot be opened cannot be rewritten without them: it goes whole.
            return False
        return True

    def remove(self, row: Row) -> None:
        """Delete a row and its object."""
        if self.stored:
            objects.remove_after_commit(getattr(row, self.stored))
        row.delete()

    def rewrite(self, row: Row, leaving: Leaving, conversation: Conversation) -> None:
        """Move a row to the conversation's new key, without the part of the one who leaves. Raises
        KeyGone.
        """
        raise NotImplementedError

    def purge(self, before: datetime, except_subjects: Collection[UUID], by: Actor) -> int:
        """End rows of conversations that began before a moment, except where one of these subjects
        took part.
        """
        rows = self.model._default_manager.filter(
            **{
                f"{self.path}__organisation_id": required().organisation,
                f"{self.path}__started_at__lt": before,
            }
        )
        if except_subjects:
            spared = Participation.objects.filter(subject_id__in=except_subjects)
            rows = rows.exclude(**{f"{self.path}__in": spared.values("conversation_id")})
        count = 0
        for row in rows.iterator(chunk_size=200):
            self.remove(row)
            count += 1
        if count:
            ledger.enter(act="purge.rows", about=self.model._meta.label_lower, by=by, detail={"rows": count})
        return count


def all_of(whole: Sequence[Leaving], found: int) -> Ending:
    """What ends where no conversation ends in another manner: everything that was found."""
    return Ending(count=found if whole else 0, verb="erase")


def _ending(done: list[tuple[Leaving, int]]) -> Ending:
    whole = any(leaving.manner == Manner.WHOLE for leaving, _ in done)
    return Ending(count=sum(count for _, count in done), verb="erase" if whole or not done else "rewrite")
