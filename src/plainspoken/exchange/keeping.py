"""Rules of what is kept: taken or left out, kept whole or as a sample. Each conversation can say which rule decided.

A sample is drawn by a seed: a conversation's place in the line follows from the seed and its own id alone, so it is
the same for everybody who asks, today and in a year, and nobody can steer it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from plainspoken.conversations.arrival import ArrivalRefused
from plainspoken.conversations.models import Conversation, Participation
from plainspoken.conversations.services import end_conversations
from plainspoken.custody import clock, ledger
from plainspoken.custody.actors import Actor
from plainspoken.custody.sessions import purpose
from plainspoken.kernels.policy import Duration
from plainspoken.kernels.quality.sampling import place
from plainspoken.policies.queries import rule as policy_rule
from plainspoken.retention.ages import boundary
from plainspoken.retention.queries import spared, zone_of
from plainspoken.transcripts.models import Turn

from .models import KeepingRule, Origin
from .origins import ORIGINS

INGEST, MANAGE, PURGE = "ingest.write", "organisation.manage", "retention.purge"
MOST, AT_ONCE = 30, 500
Act = KeepingRule.Act


class RuleRefused(ValueError):
    """The rule cannot be kept; the message says what to change. `field` is what is wrong."""

    def __init__(self, sentence: str, *, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True)
class Facts:
    """What a rule may look at when a conversation comes."""

    kind: str
    queue: str
    direction: str


@dataclass(frozen=True)
class Rule:
    """A rule in force; empty lists fit everything."""

    id: UUID
    position: int
    title: str
    act: str
    queues: tuple[str, ...]
    directions: tuple[str, ...]
    kinds: tuple[str, ...]
    words: tuple[str, ...]
    percent: float
    rest_for: Duration | None
    seed: str

    def fits(self, facts: Facts) -> bool:
        """Whether queue, direction and kind fit; words are asked apart, since they cost more."""
        return (
            (not self.queues or facts.queue.casefold() in {one.casefold() for one in self.queues})
            and (not self.directions or facts.direction in self.directions)
            and (not self.kinds or facts.kind in self.kinds)
        )

    def leaves_out(self, facts: Facts) -> bool:
        return self.act == Act.LEAVE_OUT and self.fits(facts)

    def place_of(self, conversation: UUID) -> float:
        """Where a conversation stands in the line of this rule: 0 to 100, evenly spread."""
        return int.from_bytes(place(self.seed, str(conversation))[:8], "big") / 2**64 * 100

    def draws(self, conversation: UUID) -> bool:
        """Whether a conversation is in the sample."""
        return self.place_of(conversation) < self.percent


@dataclass(frozen=True)
class Given:
    """What an administrator says of a rule."""

    title: str
    act: str
    queues: tuple[str, ...] = ()
    directions: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    percent: float | None = None
    rest_for: str = ""
    position: int | None = None


@dataclass(frozen=True)
class Explained:
    """Why a conversation is kept, and until when where a rule ends it early."""

    sentence: str
    rule: UUID | None
    kept: bool
    ends_after: datetime | None


def rules(organisation: UUID) -> list[Rule]:
    """Rules in force, in order, inside the session in force."""
    rows = KeepingRule.objects.filter(organisation_id=organisation, ended_at=None).order_by(
        "position", "made_at"
    )
    return [_rule(row) for row in rows]


def _rule(row: KeepingRule) -> Rule:
    return Rule(
        id=row.id,
        position=row.position,
        title=row.title,
        act=row.act,
        queues=tuple(row.queues),
        directions=tuple(row.directions),
        kinds=tuple(row.kinds),
        words=tuple(row.words),
        percent=row.percent if row.percent is not None else 100.0,
        rest_for=Duration.parse(row.rest_for) if row.rest_for else None,
        seed=row.seed,
    )


def add(*, organisation: UUID, given: Given, by: Actor) -> KeepingRule:
    """Keep a rule; it decides from now on, about what is here already too. Raises RuleRefused."""
    _check(organisation, given)
    with purpose(MANAGE, organisation=organisation, by=by):
        own = KeepingRule.objects.filter(organisation_id=organisation, ended_at=None)
        if own.count() >= MOST:
            raise RuleRefused(f"There are {MOST} rules already. End one first.")
        last = max(own.values_list("position", flat=True), default=0)
        row = KeepingRule.objects.create(
            organisation_id=organisation,
            position=given.position or last + 1,
            title=" ".join(given.title.split())[:80],
            act=given.act,
            queues=list(given.queues),
            directions=list(given.directions),
            kinds=list(given.kinds),
            words=[" ".join(one.split()).casefold() for one in given.words],
            percent=given.percent if given.act == Act.SAMPLE else None,
            rest_for=given.rest_for if given.act == Act.SAMPLE else "",
            seed=uuid4().hex[:16],
            made_at=clock.now(organisation),
            made_by=str(by),
        )
        ledger.enter(act="keeping.ruled", about=f"rule:{row.id}", by=by, detail={"act": row.act})
    return row


def end(*, organisation: UUID, rule: UUID, by: Actor) -> bool:
    """End a rule: it decides nothing more. False where there is none in force."""
    with purpose(MANAGE, organisation=organisation, by=by):
        rows = KeepingRule.objects.filter(organisation_id=organisation, id=rule, ended_at=None)
        if not rows.update(ended_at=clock.now(organisation)):
            return False
        ledger.enter(act="keeping.ended", about=f"rule:{rule}", by=by)
        return True


def _check(organisation: UUID, given: Given) -> None:
    if not given.title.strip():
        raise RuleRefused("A rule needs a title, so that people know it. Write one.", field="title")
    if given.act not in Act.values:
        raise RuleRefused(f"A rule does one of {', '.join(Act.values)}. Choose one.", field="act")
    if set(given.kinds) - set(Conversation.Kind.values):
        raise RuleRefused(
            f"Kinds are {', '.join(Conversation.Kind.values)}. Choose among them.", field="kinds"
        )
    if set(given.directions) - set(Conversation.Direction.values):
        raise RuleRefused(f"Directions are {', '.join(Conversation.Direction.values)}.", field="directions")
    if given.act == Act.LEAVE_OUT:
        if given.words:
            raise RuleRefused(
                "Words are known after a conversation came, too late to leave it out.", field="words"
            )
        if not (given.queues or given.directions or given.kinds):
            raise RuleRefused(
                "This would leave everything out. Name a queue, a direction or a kind.", field="queues"
            )
    if given.act == Act.SAMPLE:
        if given.percent is None or not 0 <= given.percent <= 100:
            raise RuleRefused("A sample needs a share between 0 and 100 percent. Write one.", field="percent")
        _check_rest(organisation, given.rest_for)


def _check_rest(organisation: UUID, rest_for: str) -> None:
    try:
        rest = Duration.parse(rest_for)
    except ValueError:
        raise RuleRefused(
            "Write how long the rest stays, such as P30D for 30 days.", field="rest_for"
        ) from None
    now = clock.now(organisation)
    most = policy_rule(organisation=organisation, clause="retain.as-needed").periods["conversation.sound"]
    if rest.add_to(now) > most.add_to(now):
        raise RuleRefused(
            "The rest cannot stay longer than the policy lets sound stay. Write less.", field="rest_for"
        )


# ---- on arrival ----


def check_arrival(*, organisation: UUID, kind: str, queue: str, direction: str) -> None:
    """Raises ArrivalRefused for what a rule leaves out: nothing of it is stored. Inside the session of the arrival."""
    facts = Facts(kind, queue, direction)
    for one in rules(organisation):
        if one.leaves_out(facts):
            raise ArrivalRefused(
                "left-out", f"The rule “{one.title}” leaves such conversations out. Nothing was stored."
            )
        if one.fits(facts) and not one.words:
            return


# ---- afterwards ----


def explain(*, organisation: UUID, conversation: UUID, by: Actor) -> Explained:
    """Which rule decides about a conversation, and how. Raises LookupError where there is none."""
    with purpose(INGEST, organisation=organisation, by=by):
        row = Conversation.objects.filter(
            organisation_id=organisation, id=conversation, erased_at=None
        ).first()
        if row is None:
            raise NoConversation("There is no such conversation. Check its id.")
        return _explained(row, rules(organisation))


class NoConversation(LookupError):
    """There is no such conversation here."""


def _explained(row: Conversation, ordered: Sequence[Rule]) -> Explained:
    decides = _deciding(row, ordered)
    if decides is None:
        return Explained("No rule fits, so it is kept as long as the policy says.", None, True, None)
    if decides.act != Act.SAMPLE:
        return Explained(
            f"The rule “{decides.title}” keeps it as long as the policy says.", decides.id, True, None
        )
    where, share = decides.place_of(row.id), f"{decides.percent:g} %"
    if decides.draws(row.id):
        return Explained(
            f"The rule “{decides.title}” keeps {share}. Its place in the line is {where:.2f} %, so it is kept.",
            decides.id, True, None,
        )  # fmt: skip
    assert decides.rest_for is not None
    ends = decides.rest_for.add_to(row.started_at)
    return Explained(
        f"The rule “{decides.title}” keeps {share}. Its place in the line is {where:.2f} %, so it ends on"
        f" {ends.day} {ends:%B %Y}.",
        decides.id, False, ends,
    )  # fmt: skip


def _deciding(row: Conversation, ordered: Sequence[Rule]) -> Rule | None:
    """The first rule that fits. A rule with words fits once they were said, so it waits for the transcript."""
    facts = Facts(row.kind, row.queue, row.direction)
    for one in ordered:
        if one.act != Act.LEAVE_OUT and one.fits(facts) and (not one.words or _said(row.id, one.words)):
            return one
    return None


def _said(conversation: UUID, words: Sequence[str]) -> bool:
    turns = Turn.objects.filter(transcript__conversation_id=conversation)
    return any(turns.filter(text__iregex=rf"\m{_escaped(word)}").exists() for word in words)


def _escaped(word: str) -> str:
    """A word as PostgreSQL's regular expressions take it literally."""
    return "".join(c if c.isalnum() or c == " " else f"\\{c}" for c in word)


def end_rest(*, organisation: UUID, by: Actor, most: int = AT_ONCE) -> int:
    """End conversations that no sample keeps and whose time is over; returns how many. Who is held or restricted is
    spared, as by every other end.
    """
    count = 0
    with purpose(PURGE, organisation=organisation, by=by):
        ordered = rules(organisation)
        if not any(one.act == Act.SAMPLE for one in ordered):
            return 0
        now, zone = clock.now(organisation), zone_of(organisation)
        not_now = Participation.objects.filter(subject_id__in=spared(organisation=organisation).all)
        shortest = max(
            boundary(period=one.rest_for, now=now, zone=zone) for one in ordered if one.rest_for is not None
        )
        rows = (
            Conversation.objects.filter(
                organisation_id=organisation,
                erased_at=None,
                state__in=(Conversation.State.READY, Conversation.State.FAILED),
                started_at__lt=shortest,
            )
            .exclude(id__in=not_now.values("conversation_id"))
            .order_by("started_at")
        )
        over: list[UUID] = []
        for row in rows.iterator(chunk_size=AT_ONCE):
            # Most that are old are in a sample: no question is asked about those that every sample draws.
            if all(one.act != Act.SAMPLE or one.draws(row.id) for one in ordered):
                continue
            decides = _deciding(row, ordered)
            if (
                decides is None
                or decides.act != Act.SAMPLE
                or decides.draws(row.id)
                or decides.rest_for is None
            ):
                continue
            if row.started_at < boundary(period=decides.rest_for, now=now, zone=zone):
                over.append(row.id)
            if len(over) >= most:
                break
        for origin in Origin.objects.filter(conversation_id__in=over):
            ORIGINS.remove(origin)
        count = end_conversations(over, by=by)
        if count:
            ledger.enter(act="keeping.sampled", by=by, detail={"ended": count})
    return count
