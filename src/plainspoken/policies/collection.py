"""Collection points: what may be taken where. A field that the published policy does not name is refused."""

from collections.abc import Iterable, Mapping
from typing import Any, cast
from uuid import UUID

from plainspoken.kernels.policy import CollectionPoint, CollectionPoints

from . import queries


class CollectionRefused(ValueError):
    """Something was sent that the point does not take, or something is missing; nothing was stored."""


def point(*, organisation: UUID, name: str) -> CollectionPoint:
    """A collection point of the policy in force. Raises CollectionRefused for one that it does not name."""
    rule = cast(CollectionPoints, queries.rule(organisation=organisation, clause="collect.points"))
    try:
        return rule.point(name)
    except KeyError:
        raise CollectionRefused(
            f"The published policy has no collection point {name}. Nothing was taken."
        ) from None


def closed_to(purpose: str, *, organisation: UUID) -> tuple[str, ...]:
    """The points of the policy in force whose data this purpose may not use (GDPR Art. 5(1)(b)): it is
    neither among the purposes that people are told of there nor a choice that they are offered there.

    What keeps the store itself lawful (maintenance) may use everything. A point that the policy no longer
    names closes nothing: what was told when its data came still holds.
    """
    policy = queries.policy_in_force(organisation=organisation)
    if purpose in policy.purposes and policy.purposes[purpose].maintenance:
        return ()
    rule = cast(CollectionPoints, policy.rule("collect.points"))
    return tuple(one.name for one in rule.points if purpose not in (*one.purposes, *one.choices))


def admit(*, organisation: UUID, name: str, given: Mapping[str, Any]) -> CollectionPoint:
    """Check what arrives at a point before anything is stored. Empty values count as not given.

    Raises CollectionRefused, naming the fields, for undeclared fields and for required ones that are missing.
    """
    found = point(organisation=organisation, name=name)
    refuse_undeclared(found, given)
    missing = [field for field, item in found.fields.items() if item.required and _empty(given.get(field))]
    if missing:
        raise CollectionRefused(f"{found.title} needs {', '.join(missing)}. Nothing was stored.")
    return found


def refuse_undeclared(found: CollectionPoint, names: Iterable[str]) -> None:
    """Raise CollectionRefused if any of the names is no field of the point."""
    undeclared = sorted(set(names) - set(found.fields))
    if undeclared:
        said = ", ".join(name[:40] for name in undeclared[:5])
        raise CollectionRefused(f"{found.title} does not take {said}. Nothing was stored.")


def _empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())
