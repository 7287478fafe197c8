"""Kinds of rules about use (section D) and the legal bases it rests on (basis.register)."""

from dataclasses import dataclass
from typing import Any

from plainspoken.kernels.policy.containers import ListOf, MapOf, Maybe
from plainspoken.kernels.policy.durations import Duration
from plainspoken.kernels.policy.frozen import FrozenMap
from plainspoken.kernels.policy.reading import Speech
from plainspoken.kernels.policy.records import FieldByField, Record, Rule, declared, record, rule_kind
from plainspoken.kernels.policy.shapes import Flag, NameOf, NewName, Phrase, Span, Whole, words
from plainspoken.kernels.policy.strictness import (
    FEWER,
    FIXED,
    LARGER,
    LONGER,
    MORE,
    NO,
    YES,
    Each,
    OrNothing,
    Relation,
)
from plainspoken.kernels.policy.words import ROLE

CONSENT = "consent"
LEGITIMATE_INTERESTS = "legitimate-interests"
INFORM, OPERATE = "inform", "operate"
OBJECTION, RESTRICTION = "objection", "restriction"

GROUP = words(
    "a group of purposes",
    {
        "provide": "provide the service",
        "improve": "improve the service",
        "inform": "send information of interest",
        "notify": "send service notices",
        "operate": "run the service lawfully and safely",
    },
)
PEOPLE = words("a category of people", {"customer": "customers", "staff": "staff"})
CLOSED_BY = words(
    "something that closes a purpose", {"restriction": "a restriction", "objection": "an objection"}
)


@record
class Purpose:
    """One purpose of use. Nobody reads personal data without naming one."""

    title: str = declared("what we do, as words that follow “to”", Phrase(), FIXED)
    group: str = declared(
        "the group in which the notice lists it; an objection always ends “inform”", GROUP, FIXED
    )
    basis: FrozenMap[str, str] = declared(
        "the ground for each category of people: it decides who can object, and what an erasure leaves",
        MapOf(PEOPLE, NameOf("ground"), needs=tuple(PEOPLE.words)),
        Each(FIXED, Relation.STRICTER),
    )
    maintenance: bool = declared(
        "it keeps the store itself lawful (arrival, requests, purge) and cannot be closed",
        Flag("cannot be closed", "can be closed"),
        NO,
    )
    closed_by: tuple[str, ...] = declared("which decisions close it for a person", ListOf(CLOSED_BY), MORE)
    roles: tuple[str, ...] = declared("who may read for it", ListOf(ROLE, least=1), FEWER)
    group_of_at_least: int | None = declared(
        "the smallest group it may look at; null if it looks at single people",
        Maybe(Whole(2, 1000)),
        OrNothing(LARGER, Relation.LOOSER),
    )

    @property
    def needs_consent(self) -> bool:
        """True if it rests on consent (then it does so for everybody)."""
        return CONSENT in self.basis.values()

    @property
    def grounds(self) -> tuple[str, ...]:
        """The grounds it rests on, each once."""
        return tuple(dict.fromkeys(self.basis.values()))

    def ends_by_objection(self, people: str) -> bool:
        """Whether an objection of somebody of that category closes it for them: where it says so, and it
        rests on legitimate interests (GDPR Art. 21(1)) or is marketing, whatever its ground (Art. 21(2)).
        """
        open_to_it = self.group == INFORM or self.basis.get(people) == LEGITIMATE_INTERESTS
        return OBJECTION in self.closed_by and open_to_it and not self.maintenance


@dataclass(frozen=True)
class ByGroup(MapOf):
    """Purposes as the notice lists them: one entry a group, with what we do in it."""

    def items(self, value: FrozenMap[str, Any], speech: Speech) -> list[str]:
        groups: dict[str, list[str]] = {}
        for purpose in value.values():
            groups.setdefault(purpose.group, []).append(self.value.say(purpose, speech))
        return [f"{GROUP.say(group, speech)}: {'; '.join(titles)}" for group, titles in groups.items()]


@rule_kind("purposes")
class Purposes(Rule):
    """Every purpose for which personal data is used, by name."""

    purposes: FrozenMap[str, Purpose] = declared(
        "the purposes, by name",
        ByGroup(NewName("purpose"), Record(Purpose)),
        Each(FieldByField(Purpose), Relation.STRICTER),
    )


@rule_kind("aggregates")
class Aggregates(Rule):
    """Purposes that see only groups of people."""

    applies_to: tuple[str, ...] = declared(
        "the purposes that read aggregates only", ListOf(NameOf("purpose"), least=1), MORE
    )
    group_of_at_least: int = declared(
        "the smallest group shown; smaller ones are left out", Whole(2, 1000), LARGER
    )
    direct_identifiers: bool = declared(
        "direct identifiers are part of what is read", Flag("part of it", "not part of it"), NO
    )


@rule_kind("new-purpose")
class NewPurpose(Rule):
    """What must happen before data is used for a new purpose (GDPR Art. 5(1)(b), 6(4), 13(3))."""

    assessed: bool = declared(
        "whether it is compatible is assessed and written down", Flag("write down", "do not write down"), YES
    )
    unrelated_needs: tuple[str, ...] = declared(
        "what an unrelated purpose needs before its first use",
        ListOf(
            words(
                "a condition",
                {"notice": "notice to you", "legal-basis": "a legal basis", "consent": "your consent"},
            )
        ),
        MORE,
    )
    closed_until: Duration = declared("how long after the notice it stays closed", Span(), LONGER)


@rule_kind("bases")
class Bases(Rule):
    """The legal grounds that purposes rest on, and the balancing of each legitimate interest (GDPR Art.
    6(1)).
    """

    grounds: FrozenMap[str, str] = declared(
        "each ground, and the article that allows it",
        MapOf(NewName("ground"), Phrase()),
        Each(FIXED, Relation.STRICTER),
    )
    balancing: FrozenMap[str, str] = declared(
        "for every purpose that rests on legitimate interests, why people's interests do not override ours",
        MapOf(NameOf("purpose"), Phrase(600), least=0),
        Each(FIXED, Relation.OTHER),
    )
