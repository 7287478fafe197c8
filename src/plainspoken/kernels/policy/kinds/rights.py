"""Kinds of rules about people's rights (sections H, J and K) and the clocks of answers."""

from datetime import date

from plainspoken.kernels.policy.containers import ListOf, MapOf, Maybe
from plainspoken.kernels.policy.durations import Duration
from plainspoken.kernels.policy.frozen import FrozenMap
from plainspoken.kernels.policy.records import Rule, declared, rule_kind
from plainspoken.kernels.policy.shapes import Day, Flag, NameOf, Span, Whole, words
from plainspoken.kernels.policy.strictness import (
    EARLIER,
    FEWER,
    FIXED,
    LARGER,
    LONGER,
    MORE,
    SHORTER,
    SMALLER,
    YES,
    Each,
    OrNothing,
    Relation,
    ranked,
)
from plainspoken.kernels.policy.words import LAW, REQUEST, VERIFY

RIGHT = words(
    "a right",
    {
        "withdraw": "withdraw consent",
        "access": "get a copy",
        "object": "object",
        "correct": "have it corrected",
        "erase": "have it erased",
        "port": "take it elsewhere",
        "restrict": "have its use suspended",
        "automated": "not be judged by a machine alone",
        "know": "know what is collected",
        "delete": "have it deleted",
        "limit": "limit the use of sensitive data",
        "opt-out": "opt out of sale and sharing",
        "forbid-sale": "forbid a sale",
        "own-posts": "delete your own posts",
    },
)
FORMAT = words(
    "a format", {"json": "JSON", "csv": "CSV", "html": "a web page", "sound": "sound", "words": "words"}
)
KEEP = words(
    "a reason to keep",
    {
        "legal-obligation": "a law tells us to keep it",
        "claims": "we need it to bring or defend a claim",
        "hold": "a court or an authority told us to hold it",
        "free-expression": "the freedom of expression of others needs it",
        "security": "we need it to find a breach of security",
        "transaction": "you have a contract or an order with us that needs it",
    },
)
RESTRICTION = words(
    "a ground of restriction",
    {
        "accuracy-contested": "you say that it is wrong",
        "unlawful-but-kept": "our use is unlawful and you want it kept",
        "needed-for-claims": "you need it for a claim of your own",
        "objection-pending": "we have not yet decided on your objection",
        "on-request": "you ask for it, for whatever reason",
    },
)
EXCEPTION = words(
    "an exception",
    {"contract": "a contract needs it", "law": "a law allows it", "explicit-consent": "you agreed expressly"},
)


@rule_kind("right")
class Right(Rule):
    """A right of a person: under which laws, by when it is answered, how the person is verified, and what it
    does.
    """

    kind: str = declared("which right it is", RIGHT, FIXED)
    laws: tuple[str, ...] = declared("the laws that give it", ListOf(LAW, least=1), MORE)
    answer_within: FrozenMap[str, Duration] = declared(
        "by when it is answered, for each of these laws", MapOf(LAW, Span()), Each(SHORTER, Relation.LOOSER)
    )
    verify: str = declared(
        "how the person is verified first",
        VERIFY,
        ranked("none", "control-of-contact", "sign-in", "sign-in-and-contact", "in-person"),
    )
    formats: tuple[str, ...] = declared(
        "the formats of the copy", ListOf(FORMAT, least=1), MORE, only=("access", "port"), elsewhere=()
    )
    mask_others: bool = declared(
        "what is about other people is masked, with the reason (GDPR Art. 15(4))",
        Flag("masked", "shown"),
        YES,
        only=("access",),
        elsewhere=False,
    )
    archive_expires_within: Duration | None = declared(
        "how long the copy waits to be fetched", Span(), SHORTER, only=("access",)
    )
    keep_only_for: tuple[str, ...] = declared(
        "the only reasons to keep something, each told with its end",
        ListOf(KEEP, either=True),
        FEWER,
        only=("erase", "delete"),
        elsewhere=(),
    )
    backups_end_within: Duration | None = declared(
        "when the last backup that holds it is gone", Span(), SHORTER, only=("erase",)
    )
    second_person: bool = declared(
        "a second person agrees before it is erased",
        Flag("a second person agrees", "nobody else is asked"),
        YES,
        only=("erase",),
        elsewhere=False,
    )
    grounds: tuple[str, ...] = declared(
        "when it can be asked for",
        ListOf(RESTRICTION, least=1, either=True),
        MORE,
        only=("restrict",),
        elsewhere=(),
    )
    still_used_for: tuple[str, ...] = declared(
        "the purposes that go on meanwhile (GDPR Art. 18(2))",
        ListOf(NameOf("purpose")),
        FEWER,
        only=("restrict",),
        elsewhere=(),
    )
    told_what_stops: bool = declared(
        "what will stop working is listed before confirming",
        Flag("We tell you", "We do not tell you"),
        YES,
        only=("withdraw",),
        elsewhere=False,
    )
    override_needs_reasons: bool = declared(
        "an override needs written compelling grounds, which are told",
        Flag("only for strong reasons, which we write down and tell you", "without giving reasons"),
        YES,
        only=("object",),
        elsewhere=False,
    )
    marketing_always_stops: bool = declared(
        "an objection to marketing is never overridden (GDPR Art. 21(3))",
        Flag("always stops it", "may be overridden"),
        YES,
        only=("object",),
        elsewhere=False,
    )
    told_to_recipients: bool = declared(
        "recipients are told of it (GDPR Art. 19)",
        Flag("tell", "do not tell"),
        YES,
        only=("correct", "delete"),
        elsewhere=False,
    )
    sent_to_others: bool = declared(
        "the copy goes straight to a recipient of the person's choice",
        Flag("send it there directly", "do not send it there"),
        YES,
        only=("port",),
        elsewhere=False,
    )
    exceptions: tuple[str, ...] = declared(
        "when a machine may decide after all",
        ListOf(EXCEPTION, either=True),
        FEWER,
        only=("automated",),
        elsewhere=(),
    )
    human_decides: bool = declared(
        "whoever contests it gets a human who can overturn it",
        Flag("a human looks at it and can overturn it", "it stays as it is"),
        YES,
        only=("automated",),
        elsewhere=False,
    )
    logic_explained: bool = declared(
        "the logic of that very decision is explained",
        Flag("explain", "do not explain"),
        YES,
        only=("automated",),
        elsewhere=False,
    )
    back_to: date | None = declared("how far back the answer reaches", Day(), EARLIER, only=("know",))
    extend_by: Duration | None = declared(
        "by how much the answer may be late, with notice", Span(), SHORTER, only=("forbid-sale",)
    )
    quotes_too: bool = declared(
        "quotations of it by others go as well",
        Flag("goes too", "stays"),
        YES,
        only=("own-posts",),
        elsewhere=False,
    )


@rule_kind("verification")
class Verification(Rule):
    """How we verify that a request comes from the person it is about."""

    code_digits: int = declared("how many digits the code has", Whole(6, 12), LARGER)
    code_expires_within: Duration = declared("how long the code works", Span(), SHORTER)
    attempts: int = declared("how many wrong codes end it", Whole(1, 20), SMALLER)
    without: tuple[str, ...] = declared(
        "the kinds of request that need no verification", ListOf(REQUEST), MORE
    )


@rule_kind("clock")
class Clock(Rule):
    """The time in which something is answered, counted from receipt (GDPR Art. 12(3))."""

    answer_within: Duration = declared("by when it is answered", Span(), SHORTER)
    extend_by: Duration | None = declared(
        "by how much a complex case may be extended; null for not at all",
        Maybe(Span()),
        OrNothing(SHORTER, Relation.STRICTER),
    )
    extension_told_within: Duration | None = declared(
        "by when an extension is told, with its reason; null where there is none",
        Maybe(Span()),
        OrNothing(SHORTER, Relation.OTHER),
    )
    pauses_while: tuple[str, ...] = declared(
        "what pauses the clock",
        ListOf(words("a pause", {"identity-open": "we do not yet know that it is you"}), either=True),
        FEWER,
    )
    alert_ahead: Duration = declared("how long before the end we are alerted", Span(), LONGER)
    refusal_needs_reasons: bool = declared(
        "a refusal states its reasons", Flag("states its reasons", "may state no reasons"), YES
    )


@rule_kind("fee")
class Fee(Rule):
    """What a request costs (GDPR Art. 12(5))."""

    free: bool = declared("requests are free", Flag("cost you nothing", "may cost you something"), YES)
    unless: tuple[str, ...] = declared(
        "the only requests that may cost something or be refused",
        ListOf(
            words(
                "a reason",
                {"unfounded": "clearly unfounded", "repetitive": "repetitive", "excessive": "excessive"},
            ),
            either=True,
        ),
        FEWER,
    )
    repetitive_after: int = declared("how many equal requests make one repetitive", Whole(1, 100), LARGER)
    counted_over: Duration = declared("the time over which they are counted", Span(), SHORTER)
    reasons_told: bool = declared(
        "a fee or a refusal is told with its reasons",
        Flag("give you our reasons", "need not give our reasons"),
        YES,
    )


@rule_kind("equal-service")
class EqualService(Rule):
    """What the use of a right never changes (Cal. Civ. Code 1798.125)."""

    never_affects: tuple[str, ...] = declared(
        "what it never affects",
        ListOf(
            words(
                "something that could change",
                {
                    "price": "prices",
                    "quality": "the quality of service",
                    "refusal": "whether we serve you",
                    "waiting-time": "how long you wait",
                    "offers": "which offers you see",
                },
            ),
            least=1,
            either=True,
        ),
        MORE,
    )
