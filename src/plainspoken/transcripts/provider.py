"""What transcripts add to a conversation's pages: the provider that `conversations.ports` asks."""

from collections.abc import Collection, Mapping
from uuid import UUID

from plainspoken.conversations.ports import Found, Intervals, Script, Summary, Wanted

from . import queries, segments
from .services import copying, ending


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

    def end(self, conversation: UUID) -> None:
        ending.end(conversation)
