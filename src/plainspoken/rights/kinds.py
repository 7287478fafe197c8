"""Kinds of request: what the published right rules offer, under which clause and law."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from plainspoken.kernels.policy import Clause, Policy, Right
from plainspoken.policies.queries import policy_in_force

from .closes import CUSTOMER, OBJECT, closed_by_objection

EXECUTED = ("access", "erase", "restrict", "object")

LAW_TITLES = {
    "gdpr": "GDPR",
    "uk-gdpr": "UK GDPR",
    "swiss-fadp": "Swiss FADP",
    "ccpa": "California",
    "nevada": "Nevada",
    "dpf": "EU-US Data Privacy Framework",
}
# The law's own name of each right, which stands small beneath the plain words.
ARTICLES = {
    "access": ("Right of access", "Article 15"),
    "correct": ("Right to rectification", "Article 16"),
    "erase": ("Right to erasure", "Article 17"),
    "restrict": ("Right to restriction of processing", "Article 18"),
    "port": ("Right to data portability", "Article 20"),
    "object": ("Right to object", "Article 21"),
    "automated": ("Automated individual decision-making", "Article 22"),
    "withdraw": ("Withdrawal of consent", "Article 7(3)"),
    "own-posts": ("Right to erasure", "Article 17"),
    "know": ("Right to know", ""),
    "delete": ("Right to delete", ""),
    "limit": ("Right to limit the use of sensitive data", ""),
    "opt-out": ("Right to opt out of sale and sharing", ""),
    "forbid-sale": ("Right to forbid a sale", ""),
}
ARTICLED = ("gdpr", "uk-gdpr")
GROUND_TITLES = {
    "accuracy-contested": "It is wrong, and you are looking into it",
    "unlawful-but-kept": "Your use is unlawful, but I want it kept",
    "needed-for-claims": "I need it for a claim of my own",
    "objection-pending": "You have not decided on my objection yet",
}


class UnknownKind(ValueError):
    """The published policy offers no such right under that law."""


@dataclass(frozen=True)
class Kind:
    """A right as people can ask for it. `executed`: we carry it out by program; others are answered by
    hand.
    """

    kind: str
    clause: str
    title: str
    laws: tuple[str, ...]
    verify: str
    grounds: tuple[str, ...]
    executed: bool


def kinds(*, organisation: UUID, people: str = CUSTOMER) -> list[Kind]:
    """Every right that the policy in force offers `people` (customer or staff), in its order, each kind once.

    There is no objecting where no purpose rests on legitimate interests for them (GDPR Art. 21).
    """
    found: dict[str, Kind] = {}
    opposable = bool(closed_by_objection(organisation=organisation, people=people))
    for clause, rule in _rights(policy_in_force(organisation=organisation)):
        if rule.kind == OBJECT and not opposable:
            continue
        known = found.get(rule.kind)
        laws = (*known.laws, *(law for law in rule.laws if law not in known.laws)) if known else rule.laws
        first = known or Kind(
            rule.kind, clause.id, clause.title, (), rule.verify, rule.grounds, rule.kind in EXECUTED
        )
        found[rule.kind] = Kind(
            first.kind, first.clause, first.title, tuple(laws), first.verify, first.grounds, first.executed
        )
    return list(found.values())


def clause_of(policy: Policy, *, kind: str, law: str) -> Clause:
    """The clause that gives this right under this law. Raises UnknownKind with what there is."""
    offered = [(clause, rule) for clause, rule in _rights(policy) if rule.kind == kind]
    if not offered:
        known = ", ".join(sorted({rule.kind for _, rule in _rights(policy)}))
        raise UnknownKind(f"There is no request {kind[:40]}. Choose one of {known}.")
    for clause, rule in offered:
        if law in rule.laws:
            return clause
    laws = ", ".join(dict.fromkeys(law for _, rule in offered for law in rule.laws))
    raise UnknownKind(f"The law {law[:40]} gives no such right here. Choose one of {laws}.")


def _rights(policy: Policy) -> Iterator[tuple[Clause, Right]]:
    for clause in policy.clauses:
        if isinstance(clause.rule, Right):
            yield clause, clause.rule


def law_text(kind: str, law: str) -> str:
    """What stands beneath the plain words: "Right to erasure, GDPR Article 17"."""
    name = LAW_TITLES.get(law, law)
    if kind not in ARTICLES:
        return name
    right, article = ARTICLES[kind]
    return f"{right}, {name} {article}" if article and law in ARTICLED else f"{right}, {name}"
