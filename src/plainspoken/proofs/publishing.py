"""Trying another text in the proving organisation, and putting the first one back."""

from collections.abc import Iterator
from contextlib import contextmanager

from plainspoken.proofs.notice import source
from plainspoken.proofs.world import World

# People of a proving organisation are made up, so it is true that all of them were told long ago.
LONG_AGO = "2020-01-01"


class NotPublished(RuntimeError):
    """The text was not put into force."""


@contextmanager
def under(world: World, text: str) -> Iterator[None]:
    """The other text is in force inside. Raises NotPublished."""
    first = source(world)
    _publish(world, text)
    try:
        yield
    finally:
        _publish(world, first)


def _publish(world: World, text: str) -> None:
    path = world.folder / "other.md"
    path.write_text(text, "utf-8")
    told = ("--told-on", LONG_AGO, "--told", "1")
    answered = world.cli("policy", "publish", str(path), "--organisation", world.slug, *told, "--json")
    if answered.code != 0:
        raise NotPublished(f"A changed policy was not published: {(answered.err or answered.out)[:200]}")
