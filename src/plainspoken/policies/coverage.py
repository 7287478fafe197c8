"""Whether the data map and a policy know the same names: what is held but not in the notice is a gap."""

from collections.abc import Iterator
from typing import cast

from plainspoken.custody.govern import Gap
from plainspoken.custody.places import places
from plainspoken.kernels.policy import Categories, CollectionPoints, Policy, Retention

# Without these purposes the store could neither be kept lawful nor be given another policy.
NEEDED = (
    "ingest.write",
    "organisation.manage",
    "policy.prove",
    "retention.purge",
    "rights.execute",
    "rights.intake",
    "security.audit",
)
# What the system itself does with what arrives at a point, which people are told there (GDPR Art. 13(1)(c)).
TOLD_AT = {"privacy.request": "rights.intake", "staff.account": "organisation.manage"}
WITH_PARENT = "with-parent"


def gaps(policy: Policy) -> Iterator[Gap]:
    """Categories, keeping times and purposes that the places name and the policy does not know; each one
    sentence.
    """
    categories = cast(Categories, policy.rule("collect.categories")).categories
    periods = cast(Retention, policy.rule("retain.as-needed")).periods
    for place in places():
        for column, held in place.columns.items():
            if held.category and held.category not in categories:
                where = f"{place.model}.{column}"
                yield Gap(
                    place.key, f"{where} holds {held.category}, a category that collect.categories lacks."
                )
        if place.is_personal and place.retention != WITH_PARENT and place.retention not in periods:
            yield Gap(
                place.key, f"{place.model} is kept for {place.retention}, which retain.as-needed lacks."
            )
        if place.governed and place.is_personal and not set(place.purposes) & set(policy.purposes):
            yield Gap(place.key, f"{place.model} may be used for no purpose that use.purposes knows.")
    for one in cast(CollectionPoints, policy.rule("collect.points")).points:
        needed = TOLD_AT.get(one.name, "")
        if needed and needed not in one.purposes:
            yield Gap(
                "points", f"What arrives at {one.name} serves {needed}, which collect.points does not say."
            )
    for name in NEEDED:
        if name not in policy.purposes:
            yield Gap("purposes", f"The system itself needs the purpose {name}, which use.purposes lacks.")


def unknown_purposes(policy: Policy) -> Iterator[Gap]:
    """Purposes that a place admits and the policy does not declare: nobody can enter them, so it is only
    untidy.
    """
    for place in places():
        for name in place.purposes:
            if name not in policy.purposes:
                yield Gap(place.key, f"{place.model} admits the purpose {name}, which use.purposes lacks.")
