"""Kinds of rules about where data is and how long: transfers (I), communities, retention and recourse (K)."""

from plainspoken.kernels.policy.containers import ListOf, MapOf, Maybe
from plainspoken.kernels.policy.durations import Duration
from plainspoken.kernels.policy.frozen import FrozenMap
from plainspoken.kernels.policy.records import FieldByField, Record, Rule, declared, record, rule_kind
from plainspoken.kernels.policy.shapes import Flag, NameOf, NewName, Phrase, Span, words
from plainspoken.kernels.policy.strictness import (
    FEWER,
    FIXED,
    MORE,
    NO,
    SHORTER,
    YES,
    ByName,
    Each,
    OrNothing,
    Relation,
)
from plainspoken.kernels.policy.words import PLACE_SHOWN, REGION

# The keys under which the declarations of the store ask how long a thing is kept.
PERIODS = (
    "conversation.sound",
    "conversation.words",
    "conversation.facts",
    "identifiers",
    "request",
    "archive",
    "account",
    "session",
    "ledger",
    "job",
    "evaluation",
)


@rule_kind("region")
class Region(Rule):
    """Where data is kept, and what lets it leave (GDPR Chapter V)."""

    home: str = declared("the region in which it is stored and processed", REGION, FIXED)
    clients_choose_from: tuple[str, ...] = declared(
        "the regions a client may choose", ListOf(REGION, least=1, either=True), FEWER
    )
    access_from_elsewhere_counts: bool = declared(
        "looking at it from another region counts as a transfer",
        Flag("counts as a transfer too", "does not count as a transfer"),
        YES,
    )
    mechanisms: tuple[str, ...] = declared(
        "the frameworks and mechanisms that may carry a transfer",
        ListOf(NameOf("framework"), either=True),
        FEWER,
    )


@rule_kind("forum")
class Forum(Rule):
    """Who can read what members post."""

    readers: tuple[str, ...] = declared(
        "who can read a post",
        ListOf(
            words("a kind of reader", {"members": "other members", "outsiders": "people outside"}), least=1
        ),
        FEWER,
    )
    profiles: bool = declared(
        "members can make a profile that others see", Flag("can make", "cannot make"), NO
    )
    said_in: tuple[str, ...] = declared("where this is said", ListOf(PLACE_SHOWN, least=1), MORE)


@rule_kind("moderation")
class Moderation(Rule):
    """Why a post may be removed."""

    reasons: tuple[str, ...] = declared(
        "the reasons for which a post may be removed",
        ListOf(
            words(
                "a reason",
                {
                    "unlawful": "it breaks a law",
                    "personal-data": "it shows data about somebody else",
                    "abuse": "it attacks somebody",
                    "off-topic": "it is off the topic",
                    "spam": "it is advertising",
                    "technical": "it harms the forum technically",
                },
            ),
            least=1,
            either=True,
        ),
        FEWER,
    )
    reason_told: bool = declared(
        "the author is told the reason", Flag("told the reason", "not told the reason"), YES
    )


@rule_kind("retention")
class Retention(Rule):
    """How long each thing is kept. Where the last use ended, the period begins (GDPR Art. 5(1)(e))."""

    periods: FrozenMap[str, Duration] = declared(
        "how long, by what it is",
        MapOf(NewName(), Span(), needs=PERIODS),
        Each(SHORTER, Relation.LOOSER),
    )


@record
class Rung:
    """One step of the ladder of complaints."""

    name: str = declared("the name by which the system knows it", NewName(), FIXED)
    title: str = declared("what it is, as words that follow “then”", Phrase(), FIXED)
    decided_by: str = declared(
        "who decides",
        words(
            "a decider",
            {
                "us": "us",
                "dispute-body": "an independent dispute body",
                "arbitrator": "an arbitrator",
                "authority": "an authority",
            },
        ),
        FIXED,
    )
    costs_you: bool = declared(
        "it can cost the person something", Flag("may cost you something", "costs you nothing"), NO
    )
    acknowledged_within: Duration | None = declared(
        "by when it is acknowledged; null where we do not decide that",
        Maybe(Span()),
        OrNothing(SHORTER, Relation.LOOSER),
    )
    answered_within: Duration | None = declared(
        "by when it is answered; null where we do not decide that",
        Maybe(Span()),
        OrNothing(SHORTER, Relation.LOOSER),
    )


@rule_kind("recourse")
class Recourse(Rule):
    """The ladder of complaints, lowest rung first. A rung is closed until the one before it was climbed."""

    ladder: tuple[Rung, ...] = declared(
        "the rungs, in order",
        ListOf(Record(Rung), least=1),
        ByName(FieldByField(Rung), Relation.LOOSER, in_order=True),
    )
    authority_any_time: bool = declared(
        "a person may go to an authority at any time", Flag("at any time", "only at the end"), YES
    )
