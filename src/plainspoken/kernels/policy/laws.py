"""The law's minimum: what a rule may not go below, with the place in the law.

Only what a law fixes as a number, a list or a yes stands here. A minimum given in business days is taken at
the fewest calendar days that it can mean, so that keeping it always keeps the law. This is our reading of the
law, for a program; it is not legal advice.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from plainspoken.kernels.policy.durations import Duration
from plainspoken.kernels.policy.filling import Found
from plainspoken.kernels.policy.kinds.rights import Right
from plainspoken.kernels.policy.reading import Speech
from plainspoken.kernels.policy.records import FieldByField, Record, Rule
from plainspoken.kernels.policy.strictness import Composite, Order

MONTH = Duration(months=1)
SPEECH = Speech("en")


@dataclass(frozen=True)
class Minimum:
    """One minimum: the field (``field`` or ``field.key``), the loosest value that is lawful, and where that
    stands.

    ``layer`` is ``law`` or ``framework``: the principles of a framework outrank the notice as a law does.
    """

    path: str
    value: Any
    source: str
    layer: str = "law"

    @property
    def field(self) -> str:
        return self.path.partition(".")[0]

    @property
    def key(self) -> str:
        return self.path.partition(".")[2]


@dataclass(frozen=True)
class Shortfall:
    """A field that lies below a minimum."""

    path: str
    message: str
    allowed: str


# The longest time for an answer that each law allows without an extension.
ANSWER_WITHIN = {
    "gdpr": Minimum("answer_within.gdpr", MONTH, "GDPR Art. 12(3)"),
    "uk-gdpr": Minimum("answer_within.uk-gdpr", MONTH, "UK GDPR Art. 12(3)"),
    "swiss-fadp": Minimum("answer_within.swiss-fadp", Duration(days=30), "Swiss FADP Art. 25(7)"),
    "ccpa": Minimum("answer_within.ccpa", Duration(days=45), "Cal. Civ. Code 1798.130(a)(2)"),
    "nevada": Minimum("answer_within.nevada", Duration(days=60), "NRS 603A.345(4)"),
    "dpf": Minimum("answer_within.dpf", Duration(days=45), "DPF Principles, III.11(d)(i)", "framework"),
}
# 15 business days, which can be as few as 19 calendar days.
OPT_OUT = Minimum("answer_within.ccpa", Duration(days=19), "11 CCR 7026(f), 7027(g)")

BY_CLAUSE: dict[str, tuple[Minimum, ...]] = {
    "notice.controller": (
        Minimum("shows", ("name", "postal_address", "privacy_contact"), "GDPR Art. 13(1)(a) and (b)"),
    ),
    "notice.consent-by-use": (
        Minimum(
            "never_from", ("silence", "pre-ticked-box", "continued-use"), "GDPR recital 32; CJEU C-673/17"
        ),
        Minimum("unanswered_means", "no", "GDPR Art. 4(11)"),
    ),
    "collect.choices-at-point": (Minimum("unanswered_means", "no", "GDPR Art. 4(11)"),),
    "collect.minors": (Minimum("at_least", 13, "COPPA, 15 U.S.C. 6501(1)"),),
    "cookies.choice": (
        Minimum("unanswered_means", "no", "ePrivacy Directive Art. 5(3); CJEU C-673/17"),
        Minimum("offered", "before-anything-is-set", "ePrivacy Directive Art. 5(3)"),
    ),
    "marketing.opt-by-region": (
        Minimum("regions.eea", "opt-in", "ePrivacy Directive Art. 13(1)"),
        Minimum("regions.united-kingdom", "opt-in", "PECR reg. 22"),
    ),
    # 10 business days, which can be as few as 12 calendar days.
    "marketing.unsubscribe": (
        Minimum("effective_within", Duration(days=12), "CAN-SPAM, 15 U.S.C. 7704(a)(4)"),
        Minimum("ways", ("link",), "CAN-SPAM, 15 U.S.C. 7704(a)(3)"),
    ),
    "right.object": (
        Minimum("marketing_always_stops", True, "GDPR Art. 21(3)"),
        Minimum("override_needs_reasons", True, "GDPR Art. 21(1)"),
    ),
    "right.correct": (Minimum("told_to_recipients", True, "GDPR Art. 19"),),
    "right.restrict": (
        Minimum(
            "grounds",
            ("accuracy-contested", "unlawful-but-kept", "needed-for-claims", "objection-pending"),
            "GDPR Art. 18(1)",
        ),
    ),
    "right.automated": (
        Minimum("human_decides", True, "GDPR Art. 22(3)"),
        Minimum("logic_explained", True, "GDPR Art. 15(1)(h)"),
    ),
    "rights.free": (
        Minimum("free", True, "GDPR Art. 12(5)"),
        Minimum("reasons_told", True, "GDPR Art. 12(4) and (5)"),
    ),
    "rights.verify": (
        Minimum("without", ("object-marketing", "opt-out-sale"), "GDPR Art. 21(3); 11 CCR 7026(d)"),
    ),
    "rights.deadline": (
        Minimum("answer_within", MONTH, "GDPR Art. 12(3)"),
        Minimum("extend_by", Duration(months=2), "GDPR Art. 12(3)"),
        Minimum("extension_told_within", MONTH, "GDPR Art. 12(3)"),
        Minimum("refusal_needs_reasons", True, "GDPR Art. 12(4)"),
    ),
    "respond.30-days": (
        Minimum("answer_within", Duration(days=30), "the promise that the clause is named after"),
    ),
    "ccpa.know": (Minimum("back_to", date(2022, 1, 1), "11 CCR 7024(h)"),),
    "ccpa.non-discrimination": (
        Minimum("never_affects", ("price", "quality", "refusal"), "Cal. Civ. Code 1798.125(a)"),
    ),
    "nevada.opt-out": (Minimum("extend_by", Duration(days=30), "NRS 603A.345(4)"),),
    "recourse.ladder": (Minimum("authority_any_time", True, "GDPR Art. 77"),),
}
# Complaints are answered within 45 days under the DPF, and acknowledged within 30 days in the United Kingdom.
FIRST_RUNG = (
    ("answered_within", Duration(days=45), "DPF Principles, III.11(d)(i)", "framework"),
    ("acknowledged_within", Duration(days=30), "UK Data (Use and Access) Act 2025, section 103", "law"),
)


def minimums(clause_id: str, rule: Rule) -> tuple[Minimum, ...]:
    """The minimums that apply to a rule of that clause."""
    return (*BY_CLAUSE.get(clause_id, ()), *_of_right(rule), *_of_ladder(clause_id, rule))


def _of_right(rule: Rule) -> Iterator[Minimum]:
    if not isinstance(rule, Right):
        return
    for law in rule.laws:
        quick = law == "ccpa" and rule.kind in {"opt-out", "limit"}
        yield OPT_OUT if quick else ANSWER_WITHIN[law]


def _of_ladder(clause_id: str, rule: Rule) -> Iterator[Minimum]:
    rungs = getattr(rule, "ladder", ())
    if clause_id == "recourse.ladder" and rungs:
        first = rungs[0].name
        for field, value, source, layer in FIRST_RUNG:
            yield Minimum(f"ladder.{first}.{field}", value, source, layer)


@dataclass(frozen=True)
class At:
    """A place in a rule: its value (None where it is missing) and the order that compares it."""

    found: Found
    order: Order


def at(rule: Rule, path: str) -> At | None:
    """The value and the order at a path of a rule; None if nothing stands there."""
    found, order = Found(Record(type(rule)), rule), _order_of_rule(rule)
    rest = path
    while rest:
        inside = found.inside()
        step = max(
            (name for name in inside if rest == name or rest.startswith(f"{name}.")), key=len, default=None
        )
        if step is None or not isinstance(order, Composite):
            return None
        found, order = inside[step], order.order_of(step)
        rest = rest[len(step) + 1 :]
    return At(found, order)


def _order_of_rule(rule: Rule) -> Order:
    return FieldByField(type(rule))


def shortfalls(clause_id: str, rule: Rule) -> tuple[Shortfall, ...]:
    """Where a rule lies below the law's minimum."""
    return tuple(
        _shortfall(rule, minimum) for minimum in minimums(clause_id, rule) if not keeps(rule, minimum)
    )


def keeps(rule: Rule, minimum: Minimum) -> bool:
    """True if a rule is at least as strict as a minimum. Something missing never is."""
    here = at(rule, minimum.path)
    return here is not None and here.order.at_least(here.found.value, minimum.value)


def _shortfall(rule: Rule, minimum: Minimum) -> Shortfall:
    here = at(rule, minimum.path)
    if here is None:
        return Shortfall(minimum.field, f"{minimum.path} is missing, and the law fixes it.", minimum.source)
    said = here.found.shape.say(minimum.value, SPEECH)
    plain = here.found.shape.plain(minimum.value)
    written = ", ".join(map(str, plain)) if isinstance(plain, list) else _written(plain)
    return Shortfall(
        minimum.path,
        f"This goes below the law's minimum ({minimum.source}): {said}.",
        f"{written} or stricter; {here.order.sentence}",
    )


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
