"""What to work on: the weakest questions of somebody's own evaluations, each with what shows it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from plainspoken.conversations.models import Conversation
from plainspoken.conversations.queries import collected_for
from plainspoken.kernels import coaching as kernel
from plainspoken.quality.models import Evaluation
from plainspoken.quality.queries import titles

from . import measuring
from .measuring import Key, Seen

EXAMPLES = 3
MAKERS = (Evaluation.MadeBy.PERSON.value, Evaluation.MadeBy.AUTOMATIC.value)


@dataclass(frozen=True)
class Example:
    """An evaluation behind a weakness; `second` is where to listen, `heard` whether the conversation is still there.

    spoken: a call, which is heard; else it is read.
    """

    evaluation: UUID
    conversation: UUID
    title: str
    when: datetime
    share: float
    second: float | None
    heard: bool
    spoken: bool


@dataclass(frozen=True)
class Work:
    """A question to work on. `change` compares with the period before."""

    key: Key
    question: str
    weakness: kernel.Weakness[Key]
    change: kernel.Change
    examples: tuple[Example, ...]


@dataclass(frozen=True)
class Found:
    """What to work on by one kind of maker; `evaluations` were counted in the period."""

    made_by: str
    evaluations: int
    work: tuple[Work, ...]

    @property
    def enough(self) -> bool:
        """Whether there are enough evaluations to say anything."""
        return self.evaluations >= kernel.LEAST


def to_work_on(
    *, organisation: UUID, agent: UUID, now: datetime, period: timedelta = measuring.PERIOD
) -> list[Found]:
    """By people and by rules, apart. The last `period` counts, compared with the one before. Inside a session."""
    since, before = now - period, now - 2 * period
    book = measuring.book(organisation=organisation, agent=agent, since=before, until=now)
    own, earlier = (
        book.tallies(since=since, until=now),
        book.tallies(since=before, until=since),
    )
    team = measuring.team(organisation=organisation, since=since, until=now)
    texts = measuring.questions(organisation)
    found = []
    for maker in MAKERS:
        mine = {key: tally for key, tally in own.items() if key[2] == maker}
        recent = {
            one.evaluation
            for key, rows in book.seen.items()
            if key[2] == maker
            for one in rows
            if one.when >= since
        }
        work = tuple(
            Work(
                key=one.key,
                question=texts.get(one.key[:2], one.key[1]),
                weakness=one,
                change=kernel.change(earlier.get(one.key, kernel.Tally(0, 0.0)), one.own),
                examples=_examples([row for row in book.seen[one.key] if row.when >= since]),
            )
            for one in kernel.choose(mine, team)
        )
        found.append(Found(maker, len(recent), work))
    return found


def _examples(rows: Collection[Seen]) -> tuple[Example, ...]:
    """The weakest first, then the newest; those with a second before those without."""
    lost = [one for one in rows if one.share < 1.0]
    lost.sort(key=lambda one: (one.share, not one.seconds, -one.when.timestamp()))
    chosen = lost[:EXAMPLES]
    there = Conversation.objects.filter(id__in=[one.conversation for one in chosen])
    known = there.in_bulk()
    open_ones = set(collected_for(there.filter(erased_at=None)).values_list("id", flat=True))
    called = titles(list(known.values()))
    return tuple(
        Example(
            evaluation=one.evaluation,
            conversation=one.conversation,
            title=called.get(one.conversation, ""),
            when=one.when,
            share=one.share,
            second=one.seconds[0] if one.seconds else None,
            heard=one.conversation in open_ones,
            spoken=one.conversation in known and known[one.conversation].kind == Conversation.Kind.CALL,
        )
        for one in chosen
    )
