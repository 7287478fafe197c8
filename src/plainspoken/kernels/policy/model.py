"""A compiled policy: immutable, hashable, complete."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from plainspoken.kernels.policy.frozen import FrozenMap
from plainspoken.kernels.policy.kinds.collection import Categories
from plainspoken.kernels.policy.kinds.use import Purpose, Purposes
from plainspoken.kernels.policy.reading import Speech
from plainspoken.kernels.policy.records import Record, Rule, declared, record
from plainspoken.kernels.policy.shapes import Day, Mail, Phrase
from plainspoken.kernels.policy.strictness import FIXED
from plainspoken.kernels.policy.taxonomy import DPV_TERM


@record
class Controller:
    """Who is responsible, and how to reach them (GDPR Art. 13(1)(a) and (b))."""

    name: str = declared("the name of the organisation", Phrase(), FIXED)
    postal_address: str = declared("its legal postal address, on one line", Phrase(), FIXED)
    privacy_contact: str = declared("the e-mail address of its privacy contact", Mail(), FIXED)
    privacy_officer: str = declared("who is responsible for privacy, by name or by role", Phrase(), FIXED)
    telephone: str = declared("its telephone number", Phrase(60), FIXED)
    representative: str = declared(
        "its representative in the Union or in the United Kingdom, or that it needs none", Phrase(), FIXED
    )


@record
class Front:
    """The front matter of a policy file."""

    title: str = declared("the title of the notice", Phrase(120), FIXED)
    version: str = declared("the label of this version, such as 2026-02", Phrase(40), FIXED)
    language: str = declared("the language of the text, as a tag such as en", Phrase(20), FIXED)
    last_updated: date | None = declared("the day of the last change", Day(), FIXED, default=None)
    controller: Controller = declared("who is responsible, and how to reach them", Record(Controller), FIXED)


@dataclass(frozen=True)
class Section:
    """A section as the layered notice shows it: ``text`` is Markdown, ``summary`` its first sentence,
    filled.
    """

    letter: str
    slug: str
    title: str
    text: str
    summary: str
    line: int


@dataclass(frozen=True)
class Clause:
    """A promise: Markdown with unfilled ``{{ }}``, its first sentence filled, and its rule."""

    id: str
    letter: str
    section_title: str
    title: str
    text: str
    summary: str
    line: int
    rule: Rule

    @property
    def kind(self) -> str:
        """The word of the rule's fence."""
        return type(self.rule).rule_kind


@dataclass(frozen=True)
class Policy:
    """A compiled policy. ``digest`` is the SHA-256 of the source in UTF-8, in hexadecimal."""

    title: str
    version_label: str
    language: str
    last_updated: date | None
    controller: Controller
    sections: tuple[Section, ...]
    clauses: tuple[Clause, ...]
    digest: str
    source: str

    def clause(self, clause_id: str) -> Clause:
        """The clause of that id. Raises KeyError if the policy has none."""
        for clause in self.clauses:
            if clause.id == clause_id:
                return clause
        raise KeyError(clause_id)

    def rule(self, clause_id: str) -> Rule:
        """The rule of the clause of that id. Raises KeyError if the policy has none."""
        return self.clause(clause_id).rule

    def clauses_of(self, letter: str) -> tuple[Clause, ...]:
        """The clauses of a section, in their order."""
        return tuple(clause for clause in self.clauses if clause.letter == letter)

    @property
    def purposes(self) -> Mapping[str, Purpose]:
        """The purposes of ``use.purposes`` by name; empty if the policy does not hold that clause."""
        for clause in self.clauses:
            if isinstance(clause.rule, Purposes):
                return clause.rule.purposes
        return FrozenMap()

    def speech(self, language: str | None = None) -> Speech:
        """How values of this policy are said: in its own language unless another is given."""
        return Speech(
            language or self.language, titles_of({clause.id: clause.rule for clause in self.clauses})
        )


def titles_of(rules: Mapping[str, Rule]) -> dict[str, dict[str, str]]:
    """The titles of purposes, recipients and other named things, for saying references to them."""
    titles: dict[str, dict[str, str]] = {}
    for rule in rules.values():
        for of, named in _named(rule):
            titles.setdefault(of, {}).update({name: item.title for name, item in named.items()})
        titles.setdefault("category", {}).update(_categories(rule))
    return titles


def _categories(rule: Rule) -> dict[str, str]:
    """A category is said by its term: “telephone number”."""
    if not isinstance(rule, Categories):
        return {}
    return {name: DPV_TERM.words[term] for name, term in rule.categories.items()}


def _named(rule: Rule) -> list[tuple[str, Mapping[str, Any]]]:
    sources = (("purpose", "purposes"), ("recipient", "recipients"), ("framework", "frameworks"))
    return [(of, getattr(rule, field)) for of, field in sources if rule.rule_kind == field]
