"""Kinds of rules about cookies and tracking (section F) and marketing (section G)."""

from plainspoken.kernels.policy.containers import ListOf, MapOf
from plainspoken.kernels.policy.durations import Duration
from plainspoken.kernels.policy.frozen import FrozenMap
from plainspoken.kernels.policy.records import FieldByField, Record, Rule, declared, record, rule_kind
from plainspoken.kernels.policy.shapes import Flag, NewName, Phrase, Span, words
from plainspoken.kernels.policy.strictness import FIXED, MORE, SHORTER, YES, Each, Relation, ranked
from plainspoken.kernels.policy.words import REGION

COOKIE_CATEGORY = words(
    "a category of cookies",
    {
        "necessary": "strictly necessary",
        "preferences": "preferences",
        "statistics": "statistics",
        "marketing": "marketing",
    },
)


@record
class Cookie:
    """One cookie, or one entry of local storage."""

    title: str = declared("what it is for, as words that follow “to”", Phrase(), FIXED)
    category: str = declared(
        "its category", COOKIE_CATEGORY, ranked("marketing", "statistics", "preferences", "necessary")
    )
    set_by: str = declared(
        "whose it is",
        words("a setter of cookies", {"us": "us", "third-party": "a third party"}),
        ranked("third-party", "us"),
    )
    kept: Duration = declared("how long it stays", Span(), SHORTER)


@rule_kind("cookies")
class Cookies(Rule):
    """The register of cookies. A cookie that is not in it is a defect."""

    register: FrozenMap[str, Cookie] = declared(
        "every cookie, by its name",
        MapOf(NewName(token=True), Record(Cookie)),
        Each(FieldByField(Cookie), Relation.STRICTER),
    )


TECHNIQUE = words(
    "a technique",
    {
        "cookies": "cookies",
        "local-storage": "local storage",
        "session-storage": "session storage",
        "cache": "the browser's cache",
        "etag": "ETags",
        "canvas": "canvas readings",
        "device-apis": "readings of the device",
        "fingerprint": "fingerprints of the browser",
        "cross-device": "recognition across devices",
        "pixel": "invisible pictures in pages",
        "mail-open": "signs that a mail was opened",
        "mail-click": "signs that a link in a mail was followed",
        "third-party-tag": "advertising tags of others",
        "remarketing": "remarketing",
        "social-widget": "buttons of social networks",
    },
)
TREATMENT = words(
    "a treatment",
    {
        "declared": "used as the register says",
        "needs-choice": "only after you agreed",
        "click-to-load": "only when you click to load it",
        "blocked": "never used",
    },
)


@rule_kind("tracking")
class Tracking(Rule):
    """What techniques that read or recognise a device may do."""

    techniques: FrozenMap[str, str] = declared(
        "the treatment of each technique",
        MapOf(TECHNIQUE, TREATMENT),
        Each(ranked("declared", "needs-choice", "click-to-load", "blocked"), Relation.LOOSER),
    )
    choice_holds_for: str = declared(
        "how far a choice about it reaches",
        words(
            "a reach",
            {"device": "this browser on this device", "person": "you, on every device where you sign in"},
        ),
        ranked("device", "person"),
    )


@rule_kind("signals")
class Signals(Rule):
    """How signals from the browser are treated (Cal. Civ. Code 1798.135(e); 11 CCR 7025)."""

    global_privacy_control: str = declared(
        "what Global Privacy Control does",
        words("a treatment of a signal", {"ignored": "ignored", "honoured": "honoured"}),
        ranked("ignored", "honoured"),
    )
    do_not_track: str = declared(
        "what Do Not Track does",
        words("a treatment of a signal", {"ignored": "ignored", "honoured": "honoured"}),
        ranked("ignored", "honoured"),
    )
    shown: bool = declared(
        "the page shows that the signal was honoured", Flag("shows you", "does not show you"), YES
    )


OPT = words("a default", {"opt-out": "until you say no", "opt-in": "only after you say yes"})


@rule_kind("marketing")
class Marketing(Rule):
    """Whether marketing needs a yes or stops at a no, by place (ePrivacy Directive Art. 13; CAN-SPAM)."""

    regions: FrozenMap[str, str] = declared(
        "the rule in each region", MapOf(REGION, OPT), Each(ranked("opt-out", "opt-in"), Relation.LOOSER)
    )
    unknown_place: str = declared(
        "the rule for a place that we do not know", OPT, ranked("opt-out", "opt-in")
    )


WAY_OUT = words(
    "a way to change one's mind",
    {
        "link": "the link in every such mail",
        "one-click": "your mail program's own button",
        "preference-centre": "our preference page",
        "reply": "a reply",
        "letter": "a letter",
        "privacy-signal": "a signal from your browser",
    },
)


@rule_kind("opt-out")
class OptOut(Rule):
    """How a preference is changed, and how soon that has effect."""

    ways: tuple[str, ...] = declared("the ways to do it", ListOf(WAY_OUT, least=1, either=True), MORE)
    effective_within: Duration = declared("how soon it has effect", Span(), SHORTER)
    stops_queued: bool = declared(
        "what waits to be sent is stopped too", Flag("is stopped as well", "is still sent"), YES
    )
