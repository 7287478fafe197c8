"""What later stations add to a conversation's pages. The station registers itself at start-up; this
app stays below it.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from plainspoken.ui.shapes import Segment


@dataclass(frozen=True)
class Scored:
    """What an evaluation of a conversation must say: per cent over and under, passed or not, values of answers.

    None or empty does not filter. All of it must hold of one evaluation.
    """

    over: float | None = None
    under: float | None = None
    passed: bool | None = None
    answers: tuple[tuple[str, str], ...] = ()

    @property
    def asked(self) -> bool:
        return self != Scored()


@dataclass(frozen=True)
class Wanted:
    """What a reader looks for. None or empty does not filter; `sort` is newest or best. `not_from`:
    collection points whose data the purpose may not use.

    Of the query language (`searching`): `near` and `agent_said`, `customer_said` are parts for to_tsquery, the latter
    said in one turn of that role; `prefixes` are beginnings of words to mark. Seconds: a silence longer than
    `silence_over`, both speaking longer than `talk_over`, a length over `longer` and under `shorter`. `after` is where
    a page begins: after this moment and id. `human`, `automatic`: what people, and what rules, found of it; never mixed.
    `understood`: `q` was taken apart.
    """

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
    not_from: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    agent_said: tuple[str, ...] = ()
    customer_said: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    silence_over: float | None = None
    talk_over: float | None = None
    longer: float | None = None
    shorter: float | None = None
    human: Scored = Scored()
    automatic: Scored = Scored()
    after: tuple[datetime, UUID] | None = None
    understood: bool = False

    @property
    def has_words(self) -> bool:
        """Whether words are looked for, and not only facts."""
        return bool(self.q.strip() or self.near)

    @property
    def by_score(self) -> bool:
        """Whether it is asked what evaluations say."""
        return self.human.asked or self.automatic.asked


@dataclass(frozen=True)
class Hit:
    """A turn in which the words were found: where, who spoke, and the redacted text with the words marked."""

    ordinal: int
    at_s: float | None
    position: int | None
    segments: tuple[Segment, ...]


@dataclass(frozen=True)
class Found:
    """Conversations in order, how many there are in all, and the best turns of each. `more_than`: there are more than
    `total`, which is where counting stopped.
    """

    conversations: tuple[UUID, ...]
    total: int
    hits: Mapping[UUID, tuple[Hit, ...]]
    more_than: bool = False


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


@dataclass(frozen=True)
class Change:
    """Somebody changed a turn: `act` is shown, hidden or corrected; `kind` what the part is called; `by` the actor.

    `before`, `after`: the redacted text around a correction; empty where it may not be shown.
    """

    id: UUID
    act: str
    at: datetime
    by: str
    kind: str = ""
    rule: str = ""
    reason: str = ""
    undone: bool = False
    can_undo: bool = False
    before: str = ""
    after: str = ""


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

    def slipped(self, since: datetime) -> Sequence[tuple[UUID, int]]:
        """Conversations since a moment in which card data was found outside of pauses, and in how many parts."""
        ...

    def history(self, conversation: UUID) -> Mapping[int, Sequence["Change"]]:
        """What people changed, by the ordinal of the turn, the newest first. Raises KeyGone."""
        ...

    def may_overrule(self, membership: Any) -> bool:
        """Whether this member may decide against the rules on what is removed."""
        ...

    def overrule(
        self,
        conversation: UUID,
        organisation: UUID,
        *,
        by: Any,
        reason: str,
        n: int | None = None,
        ordinal: int = 0,
        first: int = 0,
        last: int = 0,
        kind: str = "OTHER",
    ) -> None:
        """Show the removed part `n`, or hide pieces of a turn. Outside a session. Raises ValueError with a sentence."""
        ...  # fmt: skip

    def correct(self, conversation: UUID, organisation: UUID, *, ordinal: int, text: str, by: Any) -> None:
        """Mend the words of a turn. Outside a session. Raises ValueError with a sentence."""
        ...

    def undo(self, conversation: UUID, organisation: UUID, *, correction: UUID, by: Any) -> None:
        """Take the newest correction of a turn back. Outside a session. Raises ValueError with a sentence."""
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


# ---- scores ----


class Scores(Protocol):
    """Evaluations of conversations, as an app of quality holds them. All run inside the reader's purpose session."""

    def matching(self, *, human: Scored, automatic: Scored, agent: UUID | None) -> Any:
        """A query of the ids of conversations with an evaluation of each kind asked for that its agent may see, of
        this agent where one is named. Raises ScoresHidden for a purpose that may not see evaluations.
        """
        ...

    def questions(self) -> Sequence[tuple[str, str]]:
        """What the forms in use ask: id and text; none for a purpose that may not see evaluations."""
        ...


class ScoresHidden(PermissionError):
    """The purpose in force may not see evaluations; the message says so."""


_scores: list[Scores] = []


def provide_scores(provider: Scores) -> None:
    """Register the provider of scores; the last one registered is asked."""
    _scores[:] = [provider]


def scores() -> Scores | None:
    """The provider of scores, where there is one."""
    return _scores[0] if _scores else None


# ---- legs ----

Legs = tuple[tuple[float, float], ...]

_legs: list[Callable[[UUID], Legs]] = []


def provide_legs(provider: Callable[[UUID], Legs]) -> None:
    """Register who knows the legs of calls that came in several recordings; the last one registered is asked."""
    _legs[:] = [provider]


def legs(conversation: UUID) -> Legs:
    """When each leg of a call begins and ends in it, in seconds; none for a call that came in one piece."""
    found = _legs[0](conversation) if _legs else ()
    return found if len(found) > 1 else ()
