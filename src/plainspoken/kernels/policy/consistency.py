"""What clauses must say together: grounds of purposes, points of collection, sale and signals, ages,
frameworks.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from plainspoken.kernels.policy.containers import ListOf, MapOf
from plainspoken.kernels.policy.errors import Problems, quoted
from plainspoken.kernels.policy.kinds.collection import CollectionPoints
from plainspoken.kernels.policy.kinds.cookies import Signals
from plainspoken.kernels.policy.kinds.disclosure import Sale
from plainspoken.kernels.policy.kinds.notice import Frameworks
from plainspoken.kernels.policy.kinds.rights import Right
from plainspoken.kernels.policy.kinds.staying import Region
from plainspoken.kernels.policy.kinds.use import (
    CONSENT,
    INFORM,
    LEGITIMATE_INTERESTS,
    OBJECTION,
    OPERATE,
    RESTRICTION,
    Aggregates,
    Bases,
    Purpose,
    Purposes,
)
from plainspoken.kernels.policy.records import Rule, specifications
from plainspoken.kernels.policy.shapes import NewName


class Lines(Protocol):
    """Gives the line of a field of one clause."""

    def of(self, path: str) -> int: ...


@dataclass(frozen=True)
class _Check:
    rules: Mapping[str, Rule]
    lines: Mapping[str, Lines]
    problems: Problems

    def add(self, clause: str, path: str, message: str, *, allowed: tuple[str, ...]) -> None:
        self.problems.add(self.lines[clause].of(path), clause, message, allowed=allowed)

    def all_of(self, kind: type[Any]) -> list[tuple[str, Any]]:
        return [(clause, rule) for clause, rule in self.rules.items() if isinstance(rule, kind)]

    def one_of(self, kind: type[Any]) -> Any:
        found = self.all_of(kind)
        return found[0][1] if found else None


def check(rules: Mapping[str, Rule], *, lines: Mapping[str, Lines], problems: Problems) -> None:
    """Note where clauses contradict one another. Each check is silent where a clause that it compares is
    absent.
    """
    state = _Check(rules, lines, problems)
    for step in CHECKS:
        step(state)


def _purposes(state: _Check) -> None:
    for clause, rule in state.all_of(Purposes):
        for name, purpose in rule.purposes.items():
            _purpose(state, clause, name, purpose)


def _purpose(state: _Check, clause: str, name: str, purpose: Purpose) -> None:
    path = f"purposes.{name}"
    _grounds(state, clause, name, purpose)
    if purpose.needs_consent and purpose.group != INFORM:
        message = f"{quoted(name)} rests on consent, which carries only purposes of the group “inform”."
        state.add(clause, f"{path}.basis", message, allowed=("group: inform", "another ground"))
    if purpose.group == INFORM and not set(purpose.grounds) <= {CONSENT, LEGITIMATE_INTERESTS}:
        message = f"{quoted(name)} informs people of what they did not ask for: that needs their consent."
        state.add(clause, f"{path}.basis", message, allowed=(CONSENT, LEGITIMATE_INTERESTS))
    if purpose.group == INFORM and OBJECTION not in purpose.closed_by:
        message = f"An objection always stops marketing (GDPR Art. 21(3)), so it closes {quoted(name)}."
        state.add(clause, f"{path}.closed_by", message, allowed=(OBJECTION,))
    if purpose.maintenance and purpose.closed_by:
        message = f"{quoted(name)} keeps the store lawful and cannot be closed."
        state.add(clause, f"{path}.closed_by", message, allowed=("[]",))
    if purpose.maintenance and purpose.group != OPERATE:
        message = f"{quoted(name)} keeps the store lawful, so it belongs to the group “{OPERATE}”."
        state.add(clause, f"{path}.group", message, allowed=(OPERATE,))


def _grounds(state: _Check, clause: str, name: str, purpose: Purpose) -> None:
    """What the grounds for each category of people must say together, and with what closes the purpose."""
    path = f"purposes.{name}"
    if purpose.needs_consent and set(purpose.grounds) != {CONSENT}:
        message = f"{quoted(name)} rests on consent for some people only; then it needs that of all."
        state.add(clause, f"{path}.basis", message, allowed=(CONSENT, "another ground for everybody"))
    objects = OBJECTION in purpose.closed_by and not purpose.maintenance
    if objects and not any(purpose.ends_by_objection(people) for people in purpose.basis):
        message = f"Nobody can object to {quoted(name)}: it rests on no legitimate interest (GDPR Art. 21)."
        allowed = (f"basis: {LEGITIMATE_INTERESTS}", f"closed_by without {OBJECTION}")
        state.add(clause, f"{path}.closed_by", message, allowed=allowed)


def _restriction(state: _Check) -> None:
    """Art. 18(2) GDPR: while restricted, data is stored, and used for claims and the like only."""
    restrict = next((rule for _, rule in state.all_of(Right) if rule.kind == "restrict"), None)
    if restrict is None:
        return
    for clause, rule in state.all_of(Purposes):
        for name, purpose in rule.purposes.items():
            open_still = purpose.maintenance or purpose.needs_consent or name in restrict.still_used_for
            if not open_still and RESTRICTION not in purpose.closed_by:
                message = (
                    f"A restriction closes {quoted(name)}, unless right.restrict still uses data for it."
                )
                state.add(clause, f"purposes.{name}.closed_by", message, allowed=(RESTRICTION,))


def _balancing(state: _Check) -> None:
    bases: Bases | None = state.one_of(Bases)
    purposes: Purposes | None = state.one_of(Purposes)
    if bases is None or purposes is None:
        return
    [(clause, _)] = state.all_of(Bases)[:1]
    for name, purpose in purposes.purposes.items():
        rests = LEGITIMATE_INTERESTS in purpose.grounds
        if rests and name not in bases.balancing:
            message = f"{quoted(name)} rests on legitimate interests and has no balancing note."
            state.add(
                clause,
                "balancing",
                message,
                allowed=(f"{name}: why the interests of people do not override",),
            )
        if not rests and name in bases.balancing:
            message = f"{quoted(name)} does not rest on legitimate interests, so there is nothing to balance."
            state.add(
                clause, f"balancing.{name}", message, allowed=("purposes that rest on legitimate-interests",)
            )


def _choices(state: _Check) -> None:
    purposes: Purposes | None = state.one_of(Purposes)
    if purposes is None:
        return
    for clause, rule in state.all_of(CollectionPoints):
        for point in rule.points:
            for number, name in enumerate(point.choices):
                purpose = purposes.purposes.get(name)
                if purpose is not None and not purpose.needs_consent:
                    message = f"{quoted(name)} does not rest on consent, so it is no choice."
                    allowed = tuple(key for key, item in purposes.purposes.items() if item.needs_consent)
                    state.add(clause, f"points.{point.name}.choices.{number}", message, allowed=allowed)
            for number, name in enumerate(point.purposes):
                purpose = purposes.purposes.get(name)
                if purpose is not None and purpose.needs_consent:
                    message = f"{quoted(name)} rests on consent, so the point offers it as a choice."
                    at = f"points.{point.name}.purposes.{number}"
                    state.add(clause, at, message, allowed=(f"choices: [{name}]",))


def _groups(state: _Check) -> None:
    purposes: Purposes | None = state.one_of(Purposes)
    for clause, rule in state.all_of(Aggregates):
        for name in rule.applies_to:
            purpose = purposes.purposes.get(name) if purposes else None
            if purpose is not None and purpose.group_of_at_least != rule.group_of_at_least:
                message = (
                    f"{quoted(name)} has groups of {purpose.group_of_at_least or 'any size'} in use.purposes."
                )
                state.add(
                    clause, "group_of_at_least", message, allowed=(str(purpose.group_of_at_least or "none"),)
                )


def _signals(state: _Check) -> None:
    """11 CCR 7025(b): a business that sells or shares treats Global Privacy Control as a request to opt
    out.
    """
    sale: Sale | None = state.one_of(Sale)
    for clause, rule in state.all_of(Signals):
        if sale is not None and sale.possible and rule.global_privacy_control != "honoured":
            message = "Where data may be sold or shared, Global Privacy Control is honoured (11 CCR 7025)."
            state.add(clause, "global_privacy_control", message, allowed=("honoured",))


def _mechanisms(state: _Check) -> None:
    register: Frameworks | None = state.one_of(Frameworks)
    if register is None:
        return
    for clause, rule in state.all_of(Region):
        for number, name in enumerate(rule.mechanisms):
            framework = register.frameworks.get(name)
            if framework is not None and framework.status != "active":
                message = f"{quoted(name)} is {framework.status}: it authorises no transfer."
                allowed = tuple(key for key, item in register.frameworks.items() if item.status == "active")
                state.add(clause, f"mechanisms.{number}", message, allowed=allowed)


def _laws_answered(state: _Check) -> None:
    for clause, rule in state.all_of(Right):
        missing = [law for law in rule.laws if law not in rule.answer_within]
        if missing:
            message = f"{quoted(', '.join(missing))} has no time for an answer."
            state.add(clause, "answer_within", message, allowed=rule.laws)
        for law in rule.answer_within:
            if law not in rule.laws:
                message = f"{quoted(law)} has a time for an answer but is not among the laws."
                state.add(clause, f"answer_within.{law}", message, allowed=rule.laws)


CHECKS: tuple[Callable[[_Check], None], ...] = (
    _purposes,
    _restriction,
    _balancing,
    _choices,
    _groups,
    _signals,
    _mechanisms,
    _laws_answered,
)


def names_declared(rule: Rule) -> set[str]:
    """The names that a rule declares, for what refers to them from another document."""
    names: set[str] = set()
    for name, specification in specifications(type(rule)).items():
        shape, value = specification.shape, getattr(rule, name)
        if isinstance(shape, MapOf) and isinstance(shape.key, NewName):
            names |= set(value)
        elif isinstance(shape, ListOf):
            names |= {item.name for item in value if hasattr(item, "name")}
    return names
