"""What later stations add to a conversation's pages. The station registers itself at start-up; this
app stays below it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from plainspoken.ui.shapes import Segment


@dataclass(frozen=True)
class Wanted:
    """What a reader looks for. None or empty does not filter; `sort` is newest or best."""

    q: str = ""
    queue: str = ""
    agent: UUID | None = None
    kind: str = ""
    since: datetime | None = None
    until: datetime | None = None
    participant: UUID | None = None
    sort: str = "newest"
    limit: int = 50
    offset: int = 0


@dataclass(frozen=True)
class Hit:
    """A turn in which the words were found: where, who spoke, and the redacted text with the words marked."""

    ordinal: int
    at_s: float | None
    position: int | None
    segments: tuple[Segment, ...]


@dataclass(frozen=True)
class Found:
    """Conversations in order, how many there are in all, and the best turns of each."""

    conversations: tuple[UUID, ...]
    total: int
    hits: Mapping[UUID, tuple[Hit, ...]]


@dataclass(frozen=True)
class Summary:
    """What a list says of a conversation's words: its redacted subject line and how many parts were
    removed.
    """

    title: str
    removed: int


@dataclass(frozen=True)
class Line:
    """One turn for a page. `pieces` as stored: {"word", "start_s"?} or {"removed", "n"}, with "tight"?."""

    ordinal: int
    position: int | None
    channel: int | None
    start_s: float | None
    end_s: float | None
    text: str
    pieces: Sequence[Mapping[str, Any]]
    cuts: Sequence[Mapping[str, Any]]
    gone: bool


@dataclass(frozen=True)
class Script:
    """The redacted transcript of one conversation. `state` is writing, ready or failed, with a
    reason code.
    """

    state: str
    reason: str
    language: str
    made_by: str
    sure: float | None
    title: str
    lines: tuple[Line, ...]


Intervals = Mapping[int | str, Sequence[tuple[float, float]]]


class Words(Protocol):
    """The words of conversations, as the transcripts hold them. All run inside the reader's purpose
    session.
    """

    def search(self, wanted: Wanted) -> Found: ...

    def summaries(self, conversations: Collection[UUID]) -> Mapping[UUID, Summary]: ...

    def script(self, conversation: UUID) -> Script | None: ...

    def label(self, kind: str) -> str:
        """What a removed part of this type is called ("card number")."""
        ...

    def revealed(self, conversation: UUID) -> Mapping[int, str]:
        """The raw text of each removed part, by its number. Needs a purpose that may see words in full."""
        ...

    def hidden_from(self, conversations: Collection[UUID], subject: UUID) -> Mapping[UUID, Intervals]:
        """Seconds that this person may not hear in copies for them: of each conversation, by channel."""
        ...

    def gone_from(self, conversation: UUID, channel: int | None, *, alone: bool) -> Intervals:
        """Seconds that must be silent when somebody who spoke on this channel was erased, by channel."""
        ...

    def end(self, conversation: UUID) -> None:
        """Remove every word of a conversation that reached its end."""
        ...


class NobodyProvides(LookupError):
    """No app has registered itself as the provider."""


_words: list[Words] = []


def provide_words(provider: Words) -> None:
    """Register the provider of words; the last one registered is asked."""
    _words[:] = [provider]


def words() -> Words:
    """The provider of words. Raises NobodyProvides."""
    if not _words:
        raise NobodyProvides("No app provides the words of conversations. Install transcripts.")
    return _words[0]
