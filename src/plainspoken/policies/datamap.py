"""The data map in the words of a policy: terms of categories, titles of purposes, keeping times."""

from typing import cast

from plainspoken.custody.datamap import Said
from plainspoken.kernels.policy import Categories, Policy, Retention


def said(policy: Policy) -> Said:
    """What a compiled policy says of the names that declarations use."""
    categories = cast(Categories, policy.rule("collect.categories"))
    periods = cast(Retention, policy.rule("retain.as-needed")).periods
    return Said(
        terms={name: f"{categories.taxonomy}:{term}" for name, term in categories.categories.items()},
        titles={name: purpose.title for name, purpose in policy.purposes.items()},
        periods={name: length.format(policy.language) for name, length in periods.items()},
    )
