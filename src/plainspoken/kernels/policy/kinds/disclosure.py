"""Kinds of rules about disclosure (section E) and about those who work with us (collect.third-party, section
I).
"""

from plainspoken.kernels.policy.containers import ListOf, MapOf, Maybe
from plainspoken.kernels.policy.durations import Duration
from plainspoken.kernels.policy.frozen import FrozenMap
from plainspoken.kernels.policy.records import FieldByField, Record, Rule, declared, record, rule_kind
from plainspoken.kernels.policy.shapes import Flag, NameOf, NewName, Phrase, Span, Whole, words
from plainspoken.kernels.policy.strictness import (
    FEWER,
    FIXED,
    LARGER,
    LONGER,
    MORE,
    NO,
    SHORTER,
    YES,
    Each,
    OrNothing,
    Relation,
)

SALE = words(
    "something that counts as a sale",
    {
        "money": "money",
        "other-consideration": "anything else of value",
        "third-party-advertising": "advertising by others",
        "remarketing": "remarketing",
    },
)


@rule_kind("sale")
class Sale(Rule):
    """Whether personal data is sold or shared, and what counts as that (Cal. Civ. Code 1798.140(ad),
    (ah)).
    """

    sells: bool = declared(
        "personal data may be sold, rented or traded",
        Flag("may sell, rent or trade", "do not sell, rent or trade"),
        NO,
    )
    shares_for_advertising: bool = declared(
        "personal data may be shared for advertising across sites", Flag("may share", "do not share"), NO
    )
    counts_as_sale: tuple[str, ...] = declared(
        "what counts as a sale or as sharing", ListOf(SALE, least=1), MORE
    )

    @property
    def possible(self) -> bool:
        """True if a sale or sharing can happen under this rule."""
        return self.sells or self.shares_for_advertising


@record
class Recipient:
    """One recipient, and what may go there."""

    title: str = declared("what people call it", Phrase(), FIXED)
    purposes: tuple[str, ...] = declared(
        "the purposes for which data may go there", ListOf(NameOf("purpose"), least=1), FEWER
    )
    categories: tuple[str, ...] = declared(
        "the categories of data that may go there", ListOf(NameOf("category"), least=1), FEWER
    )


@rule_kind("recipients")
class Recipients(Rule):
    """Every recipient. What is not listed here is refused at the gate."""

    recipients: FrozenMap[str, Recipient] = declared(
        "the recipients, by name",
        MapOf(NewName("recipient"), Record(Recipient)),
        Each(FieldByField(Recipient), Relation.STRICTER),
    )


@rule_kind("release")
class Release(Rule):
    """A disclosure that people decide, one at a time."""

    approvers: int = declared("how many people must agree", Whole(1, 5), LARGER)
    needs: tuple[str, ...] = declared(
        "what must be written down first",
        ListOf(
            words(
                "something written down",
                {
                    "necessity": "why it is necessary",
                    "authority": "the authority that asks",
                    "instrument": "the instrument of law",
                    "scope": "exactly what is asked",
                },
            ),
            least=1,
        ),
        MORE,
    )
    narrowest_set: bool = declared(
        "only what lies inside the scope is disclosed",
        Flag("only what lies inside the scope", "also what lies around the scope"),
        YES,
    )
    hidden_for_at_most: Duration | None = declared(
        "how long a person's own record may leave it out where a law orders silence; null for never",
        Maybe(Span()),
        OrNothing(SHORTER, Relation.STRICTER),
    )


PARTNER = words(
    "a kind of partner",
    {
        "processor": "processors",
        "collector": "companies that collect or take payment for us",
        "co-sponsor": "co-sponsors",
        "controller": "other controllers",
        "agent": "agents",
    },
)
CONDITION = words(
    "a condition",
    {
        "contract": "a contract in force",
        "notice": "notice to you",
        "consent": "your consent",
        "named-on-page": "its name on the page that asks",
        "visible-redirect": "a redirect that you can see",
        "purposes": "the purposes",
        "fields": "the fields",
        "region": "the region",
        "sub-processors": "the sub-processors",
        "instructions": "use on our instruction alone",
        "same-protection": "the same protection",
        "duty-to-notify": "a duty to tell us when it cannot protect the data",
    },
)
STOP = words(
    "something that stops it",
    {
        "expiry": "the end of the contract",
        "breach-known": "knowledge of a breach",
        "protection-lost": "word that it can no longer protect the data",
        "consent-withdrawn": "withdrawal of your consent",
    },
)


@rule_kind("agreement")
class Agreement(Rule):
    """What must stand before data goes to a partner, and what stops it."""

    partner: str = declared("the kind of partner", PARTNER, FIXED)
    needs: tuple[str, ...] = declared(
        "what must be in place or written in the contract", ListOf(CONDITION, least=1), MORE
    )
    stops_on: tuple[str, ...] = declared("what suspends disclosure", ListOf(STOP, least=1, either=True), MORE)
    stops_within: Duration = declared("how soon it is suspended", Span(), SHORTER)


@rule_kind("liability")
class Liability(Rule):
    """What is kept of every disclosure, so that responsibility stays with us."""

    traced: tuple[str, ...] = declared(
        "what can be told of every disclosure",
        ListOf(
            words(
                "a detail of a disclosure",
                {
                    "recipient": "who received it",
                    "instruction": "the instruction",
                    "fields": "the fields",
                    "purpose": "the purpose",
                    "time": "the time",
                },
            ),
            least=1,
        ),
        MORE,
    )


@rule_kind("successor")
class Successor(Rule):
    """A merger, sale or liquidation: what binds whoever takes over."""

    told_ahead: Duration = declared("how long before the transfer people are told", Span(), LONGER)
    promises_stay: bool = declared("this notice binds the successor", Flag("go with your data", "end"), YES)
    choices_stay: bool = declared("choices made before stay in force", Flag("stays in force", "may end"), YES)
