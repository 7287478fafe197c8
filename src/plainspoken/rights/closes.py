"""Which purposes a restriction and an objection close for a person, by the published policy."""

from uuid import UUID

from plainspoken.custody.models import Subject
from plainspoken.custody.places import Collects, Parent, Place, place
from plainspoken.kernels.policy.kinds.use import INFORM, RESTRICTION
from plainspoken.policies.queries import policy_in_force

CUSTOMER, STAFF = "customer", "staff"
RESTRICT, OBJECT = "restrict", "object"


def closed_by_restriction(*, organisation: UUID, clause: str = "right.restrict") -> tuple[str, ...]:
    """The purposes that a restriction closes: those the policy says so of, except what goes on and
    maintenance.
    """
    policy = policy_in_force(organisation=organisation)
    goes_on = policy.rule(clause).still_used_for  # type: ignore[attr-defined]
    return tuple(
        name
        for name, item in policy.purposes.items()
        if RESTRICTION in item.closed_by and name not in goes_on and not item.maintenance
    )


def closed_by_objection(*, organisation: UUID, people: str) -> tuple[str, ...]:
    """The purposes that an objection closes for `people` (customer or staff): those the policy says so of,
    which rest on legitimate interests for them or are marketing (GDPR Art. 21(1) and (2)).
    """
    purposes = policy_in_force(organisation=organisation).purposes
    return tuple(name for name, item in purposes.items() if item.ends_by_objection(people))


def marketing(*, organisation: UUID) -> frozenset[str]:
    """The purposes that inform people of what they may like: an objection to these stands for good."""
    purposes = policy_in_force(organisation=organisation).purposes
    return frozenset(name for name, item in purposes.items() if item.group == INFORM)


def closed_by(kind: str, *, organisation: UUID, clause: str, people: str) -> tuple[str, ...]:
    """The purposes that a request of this kind closes."""
    if kind == OBJECT:
        return closed_by_objection(organisation=organisation, people=people)
    return closed_by_restriction(organisation=organisation, clause=clause)


def people_of(subject: UUID) -> str:
    """Which category of people somebody belongs to for the policy's grounds. Needs a purpose session."""
    kind = Subject.objects.filter(id=subject).values_list("kind", flat=True).first()
    return STAFF if kind == Subject.Kind.STAFF else CUSTOMER


def follows(where: Place, *, people: str) -> bool:
    """Whether rows of a place close with a person of that category. Customers' conversations do not close
    with those of staff who took part.
    """
    match where.scope:
        case Parent(column=column):
            above = where.model_class._meta.get_field(column).related_model
            return follows(place(above._meta.label), people=people)  # type: ignore[union-attr]
        case Collects(roles=roles):
            return people in roles
        case _:
            return where.masked
