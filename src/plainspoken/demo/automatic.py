"""Automatic evaluations in the demonstration: the rules that come with the product, and what they find in its calls."""

from importlib import resources
from uuid import UUID

from plainspoken.custody.actors import Actor
from plainspoken.quality.services import automatic


def bring_in(*, organisation: UUID, by: Actor) -> int:
    """Publish the standard rules and score every conversation; returns how many evaluations were made."""
    source = resources.files("plainspoken.kernels.scoring").joinpath("standard.json").read_text("utf-8")
    automatic.publish(organisation=organisation, source=source, by=by)
    return automatic.score_all(organisation=organisation)
