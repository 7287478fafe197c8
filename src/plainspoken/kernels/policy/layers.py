"""Layers: the law's minimum, the site's policy, a client's agreement.

A client's agreement wins in the clauses that it names, above the law's minimum; below it, it is refused.
Where no agreement speaks, the stricter of the law and the site holds, field by field. The result says of each
field which layer it came from and why, so that anybody can check it.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from plainspoken.kernels.policy import laws
from plainspoken.kernels.policy.laws import Minimum
from plainspoken.kernels.policy.records import Rule, specifications
from plainspoken.kernels.policy.strictness import Composite, Order, Relation


class BelowLaw(ValueError):
    """An agreement goes below the law's minimum. ``shortfalls`` names each field."""

    def __init__(self, clause_id: str, shortfalls: Sequence[Minimum]) -> None:
        self.clause = clause_id
        self.shortfalls = tuple(shortfalls)
        fields = ", ".join(f"{minimum.path} ({minimum.source})" for minimum in shortfalls)
        super().__init__(
            f"The agreement goes below the law's minimum in {clause_id}: {fields}. Make it stricter there."
        )


@dataclass(frozen=True)
class Origin:
    """Where the value of a field came from: ``law``, ``framework``, ``site`` or ``agreement``, and why."""

    path: str
    layer: str
    value: Any
    why: str
    passed_over: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class Resolution:
    """The rule that applies, with the origin of each of its fields."""

    clause: str
    rule: Rule
    origins: tuple[Origin, ...]

    def origin(self, path: str) -> Origin:
        """The origin of a field or of a key of a map. Raises KeyError if the rule has no such field."""
        for origin in self.origins:
            if origin.path == path:
                return origin
        raise KeyError(path)


def resolve(
    clause_id: str,
    law_minimum: Sequence[Minimum] | None,
    site: Rule,
    agreement: Rule | Mapping[str, Any] | None = None,
) -> Resolution:
    """The rule that applies to a clause.

    ``law_minimum`` None means the minimums of :mod:`laws`. ``agreement`` is a whole rule of the same kind, or
    the fields that it names. Raises BelowLaw if the agreement goes below a minimum, and ValueError for
    another kind of rule.
    """
    minimums = laws.minimums(clause_id, site) if law_minimum is None else tuple(law_minimum)
    named = _named(site, agreement)
    rule = dataclasses.replace(site, **named)
    _refuse_below(clause_id, rule, named, minimums)
    origins: list[Origin] = []
    values: dict[str, Any] = {}
    for name, specification in specifications(type(site)).items():
        if not specification.belongs_to(getattr(rule, "kind", None)):
            continue
        if name in named:
            values[name] = named[name]
            origins.extend(_agreed(name, specification.order, named[name], getattr(site, name)))
        else:
            here = [minimum for minimum in minimums if minimum.field == name]
            raised = _Raised(name, specification.order, getattr(site, name), tuple(here))
            values[name] = raised.value()
            origins.extend(raised.origins())
    return Resolution(clause_id, dataclasses.replace(rule, **values), tuple(origins))


def _named(site: Rule, agreement: Rule | Mapping[str, Any] | None) -> dict[str, Any]:
    if agreement is None:
        return {}
    if isinstance(agreement, Mapping):
        unknown = set(agreement) - set(specifications(type(site)))
        if unknown:
            raise ValueError(
                f"The agreement names what {site.rule_kind} does not have: {', '.join(sorted(unknown))}."
            )
        return dict(agreement)
    if type(agreement) is not type(site):
        raise ValueError(
            f"The agreement has a rule of kind {agreement.rule_kind}; this clause has {site.rule_kind}."
        )
    return {
        name: getattr(agreement, name)
        for name, specification in specifications(type(site)).items()
        if specification.belongs_to(getattr(agreement, "kind", None))
    }


def _refuse_below(clause_id: str, rule: Rule, named: Mapping[str, Any], minimums: Sequence[Minimum]) -> None:
    below = [minimum for minimum in minimums if minimum.field in named and not laws.keeps(rule, minimum)]
    if below:
        raise BelowLaw(clause_id, below)


def _agreed(name: str, order: Order, value: Any, site: Any) -> list[Origin]:
    relation = order.compare(value, site)
    why = {
        Relation.EQUAL: "the agreement says the same as the site",
        Relation.STRICTER: "the agreement names this clause, and is stricter than the site",
        Relation.LOOSER: "the agreement names this clause; it is looser than the site and keeps the law",
        Relation.OTHER: "the agreement names this clause, above the law's minimum",
    }[relation]
    return [Origin(name, "agreement", value, why, (("site", site),))]


@dataclass(frozen=True)
class _Raised:
    """A field of the site's rule, raised to the minimums on it."""

    name: str
    order: Order
    site: Any
    minimums: tuple[Minimum, ...]

    def value(self) -> Any:
        return self._raise(self.order, self.site, "")

    def _raise(self, order: Order, value: Any, below: str) -> Any:
        here = [minimum for minimum in self.minimums if minimum.key == below]
        for minimum in here:
            value = order.raised(value, minimum.value)
        if not isinstance(order, Composite) or not self._deeper(below):
            return value
        parts = dict(order.parts(value))
        for part in self._parts(order, value, below):
            inner = f"{below}.{part}" if below else part
            if part in parts:
                parts[part] = self._raise(order.order_of(part), parts[part], inner)
            else:
                parts[part] = next(minimum.value for minimum in self.minimums if minimum.key == inner)
        return order.build(parts, value)

    def _deeper(self, below: str) -> bool:
        return any(minimum.key != below and minimum.key.startswith(below) for minimum in self.minimums)

    def _parts(self, order: Composite, value: Any, below: str) -> list[str]:
        """The parts that a minimum speaks of, also those that the site left out of a map."""
        prefix = f"{below}." if below else ""
        keys = [
            minimum.key.removeprefix(prefix) for minimum in self.minimums if minimum.key.startswith(prefix)
        ]
        known = [
            part
            for part in order.parts(value)
            if any(key == part or key.startswith(f"{part}.") for key in keys)
        ]
        absent = order.absent is Relation.LOOSER
        missing = [key for key in keys if absent and key and "." not in key and key not in known]
        return [*known, *missing]

    def origins(self) -> list[Origin]:
        value = self.value()
        if not isinstance(self.order, Composite):
            return [self._origin(self.name, "", value, self.site)]
        before, after = self.order.parts(self.site), self.order.parts(value)
        return [self._origin(f"{self.name}.{part}", part, after[part], before.get(part)) for part in after]

    def _origin(self, path: str, key: str, value: Any, site: Any) -> Origin:
        speaking = [m for m in self.minimums if m.key == key or (key and m.key.startswith(f"{key}."))]
        sources = "; ".join(minimum.source for minimum in speaking)
        if value == site:
            why = f"the site is at least as strict as {sources}" if speaking else "only the site speaks of it"
            return Origin(path, "site", value, why, tuple((m.layer, m.value) for m in speaking))
        return Origin(
            path, speaking[0].layer, value, f"{sources} is stricter than the site", (("site", site),)
        )
