"""What transcripts add to a conversation's pages: the provider that `conversations.ports` asks."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from plainspoken.conversations.ports import Change, Found, Intervals, Script, Summary, Wanted
from plainspoken.custody.actors import Actor
from plainspoken.people.models import Membership

from . import queries, segments
from .services import copying, correcting, ending, overruling


class TranscribedWords:
    """Implements `conversations.ports.Words`."""

    def search(self, wanted: Wanted) -> Found:
        return queries.search(wanted)

    def summaries(self, conversations: Collection[UUID]) -> Mapping[UUID, Summary]:
        return queries.summaries(conversations)

    def script(self, conversation: UUID) -> Script | None:
        return queries.script(conversation)

    def label(self, kind: str) -> str:
        return segments.label(kind).strip("[]")

    def revealed(self, conversation: UUID) -> Mapping[int, str]:
        return queries.revealed(conversation)

    def hidden_from(self, conversations: Collection[UUID], subject: UUID) -> Mapping[UUID, Intervals]:
        return copying.hidden_from(conversations, subject)

    def gone_from(self, conversation: UUID, channel: int | None, *, alone: bool) -> Intervals:
        return ending.gone_from(conversation, channel, alone=alone)

    def slipped(self, since: datetime) -> Sequence[tuple[UUID, int]]:
        return queries.slipped(since)

    def history(self, conversation: UUID) -> Mapping[int, Sequence[Change]]:
        return queries.history(conversation)

    def may_overrule(self, membership: Membership) -> bool:
        return queries.may_overrule(membership)

    def overrule(
        self,
        conversation: UUID,
        organisation: UUID,
        *,
        by: Actor,
        reason: str,
        n: int | None = None,
        ordinal: int = 0,
        first: int = 0,
        last: int = 0,
        kind: str = "OTHER",
    ) -> None:
        named: dict[str, Any] = {
            "conversation": conversation,
            "organisation": organisation,
            "reason": reason,
            "by": by,
        }
        if n is not None:
            overruling.show(n=n, **named)
        else:
            overruling.hide(ordinal=ordinal, first=first, last=last, kind=kind, **named)

    def correct(self, conversation: UUID, organisation: UUID, *, ordinal: int, text: str, by: Actor) -> None:
        correcting.correct(
            conversation=conversation, organisation=organisation, ordinal=ordinal, text=text, by=by
        )

    def undo(self, conversation: UUID, organisation: UUID, *, correction: UUID, by: Actor) -> None:
        correcting.undo(conversation=conversation, organisation=organisation, correction=correction, by=by)

    def end(self, conversation: UUID) -> None:
        ending.end(conversation)
