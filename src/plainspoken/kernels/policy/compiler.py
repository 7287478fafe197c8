"""From the text of a policy to a Policy, or to everything that is wrong with it.

The steps: outline, front matter, rules one by one, what must be there, references between clauses, what
clauses say together, the law's minimum, and the texts with their quotations and links. Each step notes what
it finds and the next one still runs, so that one run reports all errors.
"""

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from plainspoken.kernels.policy import consistency, laws
from plainspoken.kernels.policy.blocks import read_block
from plainspoken.kernels.policy.catalogue import CLAUSES, REQUIRED, SECTIONS
from plainspoken.kernels.policy.durations import locale_of
from plainspoken.kernels.policy.errors import (
    PolicyErrors,
    Problems,
    Refused,
    did_you_mean,
    quoted,
    unknown_word,
)
from plainspoken.kernels.policy.kinds import MODULES
from plainspoken.kernels.policy.model import Clause, Controller, Front, Policy, Section, titles_of
from plainspoken.kernels.policy.reading import DECLARED_IN, Reading, Speech
from plainspoken.kernels.policy.records import KINDS, Rule, read_fields, specifications
from plainspoken.kernels.policy.structure import Outline, Part, RawClause, outline
from plainspoken.kernels.policy.texts import Texts

assert MODULES, "importing the kinds registers them"


def compile_policy(
    source: str, *, file: str, required: Collection[str] = REQUIRED, site: Policy | None = None
) -> Policy:
    """Compile the text of a policy.

    ``file`` names it in errors. ``required`` are the clauses that it may not lack: the whole catalogue unless
    a test asks for less. ``site`` is the policy above a client's agreement, which may name what only ``site``
    declares. Raises PolicyErrors with every error found, each with its line, clause and what is allowed
    there.
    """
    problems = Problems(file)
    compiling = _Compiling(problems=problems, required=frozenset(required), site=site)
    policy = compiling.run(source)
    problems.raise_any()
    assert policy is not None
    return policy


@dataclass
class _Compiling:
    problems: Problems
    required: frozenset[str]
    site: Policy | None
    readings: dict[str, Reading] = field(default_factory=dict)
    rules: dict[str, Rule] = field(default_factory=dict)
    written: dict[str, RawClause] = field(default_factory=dict)

    def run(self, source: str) -> Policy | None:
        found = outline(source.replace("\r\n", "\n"), self.problems)
        if found is None:
            return None
        front = self._front(found)
        for clause in found.clauses:
            self._clause(clause)
        self._check_complete(found)
        self._check_references()
        lines = {clause: _Lines(self.readings[clause], self.written[clause].line) for clause in self.rules}
        consistency.check(self.rules, lines=lines, problems=self.problems)
        self._check_laws(lines)
        return self._texts(source, found, front)

    def _front(self, found: Outline) -> Front | None:
        if found.front is None:
            return None
        reading = Reading(self.problems, None)
        try:
            node = read_block(
                found.front.text, first_line=found.front.line, clause=None, problems=self.problems
            )
            front = read_fields(Front, node, reading)
        except Refused:
            return None
        try:
            locale_of(front.language)
        except ValueError as unknown:
            self.problems.add(reading.lines["language"], None, str(unknown), allowed=("en", "de", "fr-CH"))
            return None
        return front

    def _clause(self, clause: RawClause) -> None:
        if clause.id in self.written:
            first = self.written[clause.id].line
            self._add(clause, f"The clause {quoted(clause.id)} stands here twice; first on line {first}.")
            return
        self.written[clause.id] = clause
        expected = CLAUSES.get(clause.id)
        if expected is None:
            self._add(clause, unknown_word(clause.id, "a clause that anything enforces", CLAUSES))
        elif expected.letter != clause.letter:
            where = f"section {expected.letter} ({SECTIONS[expected.letter]})"
            self._add(clause, f"This clause belongs to {where}.", allowed=(where,))
        if len(clause.blocks) != 1:
            self._wrong_number_of_rules(clause)
        else:
            self._rule(clause)

    def _wrong_number_of_rules(self, clause: RawClause) -> None:
        expected = CLAUSES.get(clause.id)
        kind = expected.kind if expected else "KIND"
        count = "no rule" if not clause.blocks else f"{len(clause.blocks)} rules"
        line = clause.blocks[1].fence if clause.blocks else clause.line
        message = f"This clause has {count}; it needs one."
        self.problems.add(line, clause.id, message, allowed=(f"```rule {kind}",))

    def _rule(self, clause: RawClause) -> None:
        block = clause.blocks[0]
        expected = CLAUSES.get(clause.id)
        kind = KINDS.get(block.kind)
        allowed = (expected.kind,) if expected else tuple(KINDS)
        if kind is None:
            message = unknown_word(block.kind, "a kind of rule", KINDS)
            self.problems.add(block.fence, clause.id, message, allowed=allowed)
            return
        if expected and block.kind != expected.kind:
            message = f"This clause has a rule of kind {quoted(expected.kind)}, not {quoted(block.kind)}."
            self.problems.add(block.fence, clause.id, message, allowed=allowed)
            return
        reading = Reading(self.problems, clause.id)
        self.readings[clause.id] = reading
        try:
            node = read_block(block.text, first_line=block.line, clause=clause.id, problems=self.problems)
            rule = read_fields(kind, node, reading, sort=expected.sort if expected else None)
        except Refused:
            return
        self.rules[clause.id] = rule
        sort = getattr(rule, "kind", None)
        if expected and expected.sort != sort:
            message = f"This clause is the right {quoted(str(expected.sort))}, not {quoted(str(sort))}."
            self.problems.add(reading.lines["kind"], clause.id, message, allowed=(str(expected.sort),))

    def _add(self, clause: RawClause, message: str, *, allowed: Iterable[str] = ()) -> None:
        self.problems.add(clause.line, clause.id, message, allowed=allowed)

    def _check_complete(self, found: Outline) -> None:
        sections = {section.id: section.line for section in found.sections}
        for clause in CLAUSES:
            if clause in self.required and clause not in self.written:
                line = sections.get(CLAUSES[clause].letter, 1)
                expected = (f"### Title {{#{clause}}} with a ```rule {CLAUSES[clause].kind}",)
                self.problems.add(line, clause, f"The notice lacks {clause}.", allowed=expected)

    def _check_references(self) -> None:
        for reading in self.readings.values():
            for reference in reading.references:
                known = self._declared(reference.of)
                if known is None or reference.name in known:
                    continue
                where = DECLARED_IN[reference.of]
                message = f"{quoted(reference.name)} is not a {reference.of} declared in {where}."
                message += did_you_mean(reference.name, known)
                self.problems.add(reference.line, reference.clause, message, allowed=sorted(known))

    def _declared(self, of: str) -> set[str] | None:
        """The names of one sort; None if the clause that declares them could not be read, so that nobody can
        tell.
        """
        if of == "controller field":
            return set(specifications(Controller))
        if of == "clause":
            return set(self.written)
        here = DECLARED_IN[of]
        if here in self.written and here not in self.rules and not self.readings.get(here, _NOTHING).declared:
            return None
        names = {name for reading in self.readings.values() for name in reading.declared.get(of, ())}
        return names | self._declared_above(of)

    def _declared_above(self, of: str) -> set[str]:
        if self.site is None or not any(clause.id == DECLARED_IN[of] for clause in self.site.clauses):
            return set()
        return consistency.names_declared(self.site.rule(DECLARED_IN[of]))

    def _check_laws(self, lines: dict[str, "_Lines"]) -> None:
        for clause, rule in self.rules.items():
            for shortfall in laws.shortfalls(clause, rule):
                allowed = (shortfall.allowed,)
                self.problems.add(
                    lines[clause].of(shortfall.path), clause, shortfall.message, allowed=allowed
                )

    def _texts(self, source: str, found: Outline, front: Front | None) -> Policy | None:
        titles = titles_of(self.rules)
        if self.site is not None:
            titles = {**titles_of({clause.id: clause.rule for clause in self.site.clauses}), **titles}
        speech = Speech(front.language if front else "en", titles)
        texts = Texts(
            problems=self.problems,
            speech=speech,
            controller=front.controller if front else None,
            places=self._places(found),
        )
        sections = tuple(self._section(section, texts) for section in found.sections)
        letters = {section.letter: section.title for section in sections}
        summaries = [
            texts.check(clause, clause=clause.id, rule=self.rules.get(clause.id)) for clause in found.clauses
        ]
        if front is None or self.problems.found:
            return None
        clauses = zip(found.clauses, summaries, strict=True)
        return Policy(
            title=front.title,
            version_label=front.version,
            language=front.language,
            last_updated=front.last_updated,
            controller=front.controller,
            sections=sections,
            clauses=tuple(self._compiled(clause, letters, summary) for clause, summary in clauses),
            digest=hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest(),
            source=source,
        )

    def _places(self, found: Outline) -> frozenset[str]:
        """What a link inside the notice may point to."""
        above = {clause.id for clause in self.site.clauses} if self.site else set()
        letters = {section.id for section in found.sections}
        return frozenset(
            above | set(self.written) | letters | {SECTIONS.get(letter, letter) for letter in letters}
        )

    def _section(self, section: Part, texts: Texts) -> Section:
        summary = texts.check(section, clause=None, rule=None)
        slug = SECTIONS.get(section.id, section.id)
        return Section(section.id, slug, section.title, section.markdown, summary, section.line)

    def _compiled(self, clause: RawClause, letters: dict[str, str], summary: str) -> Clause:
        return Clause(
            id=clause.id,
            letter=clause.letter,
            section_title=letters[clause.letter],
            title=clause.title,
            text=clause.markdown,
            summary=summary,
            line=clause.line,
            rule=self.rules[clause.id],
        )


_NOTHING = Reading(Problems(""), None)


@dataclass(frozen=True)
class _Lines:
    """The lines of one rule's fields; its clause's heading stands in for a field that was left out."""

    reading: Reading
    heading: int

    def of(self, path: str) -> int:
        return self.reading.line_of(path, otherwise=self.heading)


__all__ = ["PolicyErrors", "compile_policy"]
