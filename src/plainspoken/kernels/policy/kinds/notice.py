"""Kinds of rules about the notice itself (section A)."""

from datetime import date

from plainspoken.kernels.policy.containers import ListOf, MapOf, Maybe
from plainspoken.kernels.policy.durations import Duration
from plainspoken.kernels.policy.frozen import FrozenMap
from plainspoken.kernels.policy.records import FieldByField, Record, Rule, declared, record, rule_kind
from plainspoken.kernels.policy.shapes import Day, Flag, Link, NameOf, NewName, Phrase, Span, Whole, words
from plainspoken.kernels.policy.strictness import (
    EARLIER,
    FIXED,
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
from plainspoken.kernels.policy.words import PLACE_SHOWN

LAYER = words(
    "a layer",
    {
        "law": "the law",
        "framework": "the principles of a framework",
        "agreement": "a client's agreement",
        "notice": "this notice",
    },
)
COVERED = words(
    "a place that a notice can cover",
    {
        "sites": "our sites",
        "portals": "our portals",
        "calls": "our calls",
        "chats": "our chats",
        "mail": "our mail",
        "workplace": "the workplace of our staff",
        "transfers": "transfers to other countries",
    },
)


@rule_kind("precedence")
class Precedence(Rule):
    """Which text governs where two differ."""

    covers: tuple[str, ...] = declared("what this order applies to", ListOf(COVERED, least=1), MORE)
    highest_first: tuple[str, ...] = declared(
        "the layers, the one that governs first", ListOf(LAYER, least=2), FIXED
    )


@rule_kind("notice-layers")
class NoticeLayers(Rule):
    """How the layered notice opens: a short summary of each clause, and sections that open to the full
    text.
    """

    summary_words_at_most: int = declared("the most words of a summary", Whole(5, 60), SMALLER)
    sections_start: str = declared(
        "whether the sections are closed or open when the page loads",
        words("a state of a section", {"closed": "closed", "open": "open"}),
        FIXED,
    )


@rule_kind("download")
class Download(Rule):
    """The notice as a file to keep."""

    formats: tuple[str, ...] = declared(
        "the file formats offered", ListOf(words("a format", {"pdf": "PDF", "html": "HTML"}), least=1), MORE
    )
    tagged: bool = declared(
        "the file is tagged for screen readers",
        Flag("tagged for screen readers", "not tagged for screen readers"),
        YES,
    )
    states: tuple[str, ...] = declared(
        "what the file says about itself",
        ListOf(words("a detail", {"version": "its version", "date": "its date", "digest": "its digest"})),
        MORE,
    )


@rule_kind("versions")
class Versions(Rule):
    """When a new version starts, and which changes must be told first (GDPR Art. 13(3))."""

    material_notice_ahead: Duration = declared(
        "how long before it takes effect a material change is told to the people concerned", Span(), LONGER
    )
    material: tuple[str, ...] = declared(
        "which changes are material",
        ListOf(
            words(
                "a kind of material change",
                {
                    "purpose": "what we use it for",
                    "recipient": "who receives it",
                    "retention": "how long we keep it",
                    "transfer": "where it may go",
                    "sale": "whether it is sold",
                },
            )
        ),
        MORE,
    )


@rule_kind("controller")
class ControllerShown(Rule):
    """Which fields of the controller block the notice shows (GDPR Art. 13(1)(a) and (b))."""

    shows: tuple[str, ...] = declared(
        "the fields of the controller block that the notice shows",
        ListOf(NameOf("controller field"), least=1),
        MORE,
    )


@rule_kind("links")
class Links(Rule):
    """Links that lead away from our sites."""

    marked: bool = declared("a link to another site is marked", Flag("marked", "not marked"), YES)
    warned: bool = declared(
        "a page warns before leaving", Flag("a page warns you first", "no page warns you first"), YES
    )


STATUS = words(
    "a status",
    {"active": "in force", "withdrawn": "withdrawn", "invalid": "invalid", "not-used": "not used by us"},
)


@record
class Framework:
    """A cross-border framework or another mechanism of transfer (GDPR Chapter V)."""

    title: str = declared("its name", Phrase(), FIXED)
    status: str = declared(
        "whether it can authorise a transfer: only an active one can",
        STATUS,
        ranked("active", "not-used", "withdrawn", "invalid"),
    )
    valid_from: date = declared("the first day on which it was in force", Day(), FIXED)
    ended: date | None = declared(
        "the day on which it stopped being valid",
        Maybe(Day()),
        OrNothing(EARLIER, Relation.LOOSER),
        default=None,
    )
    covers_staff: bool = declared(
        "it covers data about employees",
        Flag("covers data about employees", "does not cover data about employees"),
        FIXED,
    )
    link: str = declared("where anybody can look it up", Link(), FIXED)


@rule_kind("frameworks")
class Frameworks(Rule):
    """The register of frameworks and mechanisms for transfers, with their status."""

    frameworks: FrozenMap[str, Framework] = declared(
        "the register, by name",
        MapOf(NewName("framework"), Record(Framework)),
        Each(FieldByField(Framework), Relation.STRICTER),
    )
    renew_every: Duration = declared("how often we check a recipient's own listing again", Span(), SHORTER)


@record
class Authority:
    """An authority that people can turn to."""

    title: str = declared("its name", Phrase(), FIXED)
    place: str = declared("whom it is for, as words that follow “for”", Phrase(), FIXED)
    link: str = declared("its address on the web", Link(), FIXED)


@rule_kind("authorities")
class Authorities(Rule):
    """The authorities with powers over us, and where they are shown."""

    authorities: FrozenMap[str, Authority] = declared(
        "the authorities, by a short name such as a country code",
        MapOf(NewName(), Record(Authority)),
        Each(FieldByField(Authority), Relation.LOOSER),
    )
    shown_in: tuple[str, ...] = declared("where they are shown", ListOf(PLACE_SHOWN, least=1), MORE)
