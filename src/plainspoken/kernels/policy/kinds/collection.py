"""Kinds of rules about collection (section B) and choices."""

from plainspoken.kernels.policy.containers import ListOf, MapOf
from plainspoken.kernels.policy.durations import Duration
from plainspoken.kernels.policy.frozen import FrozenMap
from plainspoken.kernels.policy.records import FieldByField, Record, Rule, declared, record, rule_kind
from plainspoken.kernels.policy.shapes import Flag, NameOf, NewName, Phrase, Span, Whole, words
from plainspoken.kernels.policy.strictness import (
    FEWER,
    FIXED,
    LARGER,
    MORE,
    SHORTER,
    SMALLER,
    YES,
    ByName,
    Each,
    Relation,
    ranked,
)
from plainspoken.kernels.policy.taxonomy import DPV_TERM

TAXONOMY = words("a taxonomy we know", {"dpv-pd": "the Data Privacy Vocabulary of a W3C group"})


@rule_kind("categories")
class Categories(Rule):
    """The categories of personal data that we hold, each with its term in a published taxonomy."""

    taxonomy: str = declared("the taxonomy of the terms", TAXONOMY, FIXED)
    categories: FrozenMap[str, str] = declared(
        "our name of each category, and its term",
        MapOf(NewName("category"), DPV_TERM),
        Each(FIXED, Relation.STRICTER),
    )


@record
class CollectedField:
    """One field that a collection point takes."""

    category: str = declared("the category of what it holds", NameOf("category"), FIXED)
    required: bool = declared("nothing is collected without it", Flag("needed", "not needed"), FIXED)


@record
class CollectionPoint:
    """One place at which personal data arrives."""

    name: str = declared("the name by which the system knows it", NewName("point"), FIXED)
    title: str = declared("what people call it", Phrase(), FIXED)
    fields: FrozenMap[str, CollectedField] = declared(
        "the fields that it takes; any other is refused",
        MapOf(NewName(), Record(CollectedField)),
        Each(FieldByField(CollectedField), Relation.STRICTER),
    )
    purposes: tuple[str, ...] = declared(
        "what it collects for; its data is used for nothing else, but what a person agrees to",
        ListOf(NameOf("purpose"), least=1),
        FEWER,
    )
    at: str = declared("what starts it, as words that follow “when”", Phrase(), FIXED)
    choices: tuple[str, ...] = declared(
        "purposes that a person may agree to there; each rests on consent, and none else may use its data so",
        ListOf(NameOf("purpose")),
        FIXED,
    )


@rule_kind("collection-points")
class CollectionPoints(Rule):
    """Every place at which personal data is collected. A write from anywhere else is refused."""

    points: tuple[CollectionPoint, ...] = declared(
        "the collection points",
        ListOf(Record(CollectionPoint), least=1),
        ByName(FieldByField(CollectionPoint), Relation.STRICTER),
    )

    def point(self, name: str) -> CollectionPoint:
        """The point of that name. Raises KeyError if the policy has none."""
        for point in self.points:
            if point.name == name:
                return point
        raise KeyError(name)


NO_ANSWER = words("an answer", {"yes": "yes", "no": "no"})
NOT_CONSENT = words(
    "an act",
    {
        "visit": "a visit",
        "submission": "a form sent in",
        "continued-use": "continued use",
        "silence": "silence",
        "pre-ticked-box": "a box ticked beforehand",
        "new-version": "a new version of this notice",
    },
)
RECEIPT = words(
    "a detail of a receipt",
    {
        "what": "what you chose about",
        "choice": "what you chose",
        "when": "when",
        "notice-version": "the version of this notice",
        "point": "where you chose",
    },
)


@rule_kind("choice")
class Choice(Rule):
    """How a choice is offered, what an unanswered one means, and what is kept of it (GDPR Art. 4(11), 7)."""

    offered: str = declared(
        "when the choice is offered",
        words(
            "a moment",
            {
                "afterwards": "afterwards",
                "on-the-page": "on the page that asks",
                "before-anything-is-set": "before anything is set",
            },
        ),
        ranked("afterwards", "on-the-page", "before-anything-is-set"),
    )
    unanswered_means: str = declared("what no answer means", NO_ANSWER, ranked("yes", "no"))
    equal_prominence: bool = declared(
        "refusing is as easy to see and to do as accepting",
        Flag("as easy as saying yes", "harder than saying yes"),
        YES,
    )
    never_from: tuple[str, ...] = declared(
        "what is never taken for consent", ListOf(NOT_CONSENT, either=True), MORE
    )
    receipt_states: tuple[str, ...] = declared("what the receipt of a choice states", ListOf(RECEIPT), MORE)


IP_KEPT = words(
    "a way to keep an IP address",
    {"full": "in full", "shortened": "shortened", "hashed": "as a keyed digest", "not-kept": "not at all"},
)


@rule_kind("technical")
class Technical(Rule):
    """Browser and device data that arrives by itself."""

    collects: tuple[str, ...] = declared(
        "the categories that arrive", ListOf(NameOf("category"), least=1), FEWER
    )
    address_kept: str = declared(
        "how an IP address is kept otherwise", IP_KEPT, ranked("full", "shortened", "hashed", "not-kept")
    )
    address_in_full_for: tuple[str, ...] = declared(
        "the purposes for which the full address is kept", ListOf(NameOf("purpose"), either=True), FEWER
    )


@rule_kind("combining")
class Combining(Rule):
    """Joining what one person gave at different points."""

    allowed_for: tuple[str, ...] = declared(
        "the purposes for which records of one person may be joined",
        ListOf(NameOf("purpose"), either=True),
        FEWER,
    )


@rule_kind("about-others")
class AboutOthers(Rule):
    """What somebody tells us about somebody else."""

    used_times: int = declared("how many times it is used", Whole(0, 10), SMALLER)
    source_told: bool = declared("the other person is told who gave it", Flag("told", "not told"), YES)
    deleted_within: Duration = declared("how soon after its use it is gone", Span(), SHORTER)


RECORDING_RULE = words(
    "a rule of consent to recording",
    {"one-party": "one party must agree", "all-party": "everyone must agree"},
)


@rule_kind("recording")
class Recording(Rule):
    """When a conversation may be recorded: everyone is told, and agrees where the law of any party's place
    asks.
    """

    announced: bool = declared("everyone is told at the start", Flag("told", "not told"), YES)
    strictest_place_decides: bool = declared(
        "the strictest rule of all parties' places applies",
        Flag("the strictest one decides", "the law of our own place decides"),
        YES,
    )
    unknown_place: str = declared(
        "the rule for a place that we do not know", RECORDING_RULE, ranked("one-party", "all-party")
    )
    places: FrozenMap[str, str] = declared(
        "the rule by place: an ISO 3166 code in lower case, such as de or us-ca",
        MapOf(NewName(), RECORDING_RULE),
        Each(ranked("one-party", "all-party"), Relation.LOOSER),
    )
    refusal_means: str = declared(
        "what happens when somebody refuses",
        words("a consequence", {"call-ends": "the call ends", "not-recorded": "we go on without recording"}),
        FIXED,
    )


@rule_kind("age")
class Age(Rule):
    """Children: below which age we collect nothing knowingly, and what happens when we learn that we did."""

    at_least: int = declared(
        "the age from which a person decides alone, where no country is named", Whole(13, 21), LARGER
    )
    by_country: FrozenMap[str, int] = declared(
        "the age by country: an ISO 3166 code in lower case (GDPR Art. 8(1) lets countries choose 13 to 16)",
        MapOf(NewName(), Whole(13, 21)),
        Each(LARGER, Relation.LOOSER),
    )
    quarantined_within: Duration = declared("how soon a report closes the data to every use", Span(), SHORTER)
    erased_within: Duration = declared(
        "how soon it is erased unless a guardian's verified consent arrives", Span(), SHORTER
    )
    voiceprints_count: bool = declared(
        "a voice that identifies a child counts as data about the child",
        Flag("counts too", "does not count"),
        YES,
    )
