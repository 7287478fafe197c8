"""What the privacy centre offers for a place: the kinds of request of its law, and the policy in short."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlencode

from django.urls import reverse

from plainspoken.custody.models import Organisation
from plainspoken.kernels.policy import Policy, Right
from plainspoken.kernels.policy.kinds.disclosure import Sale
from plainspoken.policies import queries
from plainspoken.rights.kinds import Kind, kinds, law_text
from plainspoken.ui.shapes import Choice

from .wording import PLACES, asking

DEFAULT_LAW = "gdpr"


@dataclass(frozen=True)
class Offer:
    """One thing to ask for."""

    url: str
    icon: str
    title: str
    text: str
    law: str


@dataclass(frozen=True)
class Line:
    """One line of the policy in short, with its figure in bold."""

    icon: str
    before: str = ""
    bold: str = ""
    after: str = ""


def law_of(organisation: Organisation, wanted: str) -> str:
    """The law that a visitor chose by their place; the first that the policy knows otherwise."""
    laws = laws_of(organisation)
    if wanted in laws:
        return wanted
    return DEFAULT_LAW if DEFAULT_LAW in laws else laws[0]


def laws_of(organisation: Organisation) -> list[str]:
    """Every law under which the policy offers a right, in the policy's order."""
    offered = kinds(organisation=organisation.id)
    return list(dict.fromkeys(law for kind in offered for law in kind.laws))


def kind_of(organisation: Organisation, name: str) -> Kind | None:
    """A kind of request by its name, if the policy offers it."""
    return next((kind for kind in kinds(organisation=organisation.id) if kind.kind == name), None)


def offers(organisation: Organisation, law: str) -> list[Offer]:
    """What can be asked for under a law; what we carry out by program comes first."""
    found = [kind for kind in kinds(organisation=organisation.id) if law in kind.laws]
    found.sort(key=lambda kind: not kind.executed)
    return [_offer(organisation, kind, law) for kind in found]


def _offer(organisation: Organisation, kind: Kind, law: str) -> Offer:
    words = asking(kind.kind, kind.title)
    address = reverse("portal:request", kwargs={"organisation": organisation.slug, "kind": kind.kind})
    return Offer(
        url=f"{address}?{urlencode({'law': law})}",
        icon=words.icon,
        title=words.title,
        text=words.text,
        law=law_text(kind.kind, law),
    )


def places(organisation: Organisation, law: str) -> list[Choice]:
    """Where a visitor may live, as far as it makes a difference."""
    return [Choice(name, PLACES.get(name, name), current=name == law) for name in laws_of(organisation)]


def short(policy: Policy, law: str, region: str) -> Sequence[Line]:
    """The policy in three lines, from its rules."""
    lines = []
    right = cast(Right, policy.rule("right.access"))
    within = right.answer_within.get(law) or next(iter(right.answer_within.values()))
    lines.append(Line("clock", "We answer within", within.format(policy.language), "."))
    if not cast(Sale, policy.rule("disclose.no-sale")).possible:
        lines.append(Line("coin-off", "We never sell your data."))
    lines.append(Line("map-pin", "Your data is kept in", region, "."))
    return lines


def happens(policy: Policy, kind: Kind, law: str, *, needs_code: bool) -> list[str]:
    """What happens after sending, step by step."""
    rule = right_of(policy, kind, law)
    within = rule.answer_within.get(law) if rule else None
    steps = ["You get a number, to see how far we are."]
    if needs_code:
        steps.append("We send a code to your address. It proves that the address is yours.")
    if within:
        steps.append(f"We answer within {within.format(policy.language)}.")
    steps.append("If we must keep something, we tell you what, why and until when.")
    return steps


def right_of(policy: Policy, kind: Kind, law: str) -> Right | None:
    """The right rule of a kind under a law."""
    for clause in policy.clauses:
        if isinstance(clause.rule, Right) and clause.rule.kind == kind.kind and law in clause.rule.laws:
            return clause.rule
    return None


def needs_code(organisation: Organisation, kind: Kind) -> bool:
    """Whether a visitor proves an address first (rights.verify, and the right's own rule)."""
    without = queries.rule(organisation=organisation.id, clause="rights.verify").without
    return kind.kind not in without and kind.verify != "none"
