"""How long a whole access request takes among few conversations and among many: it should hardly grow.

Of people who only wrote, so that no sound is worked on.
"""

from dataclasses import replace
from uuid import UUID

from . import measured, rights, store
from .loading import rows
from .measuring import Figure
from .population import Population
from .sizes import Sizes

CHATS = 20
FIRST = 900  # beyond the numbers of the people whose erasures are measured
FEWER = 100  # the small house has one conversation of so many


def among_few(sizes: Sizes) -> Figure:
    """In a house of its own, with a hundredth of the conversations."""
    few = sizes.measures // FEWER
    small = replace(sizes, people=max(sizes.staff + 1, few), identifiers=2 * few, conversations=few)
    small = replace(small, recordings=few // 2, turns=5 * few)
    with store.opened() as organisation:
        Population(organisation, small).load_people()
        return _figure(organisation, sizes)


def among_many(organisation: UUID, population: Population) -> Figure:
    """In the house as it is, once everybody in it has somebody they talked to."""
    population.load_parties()
    return _figure(organisation, population.sizes)


def growth(few: Figure, many: Figure) -> Figure:
    """How many times as long it takes among a hundred times as many."""
    return Figure(
        "Access request, growth",
        round(many.value / few.value, 2),
        "times",
        f"{many.name} against {few.name}: {FEWER} times as many conversations",
        note="A copy that finds its rows by index hardly grows",
    )


def _figure(organisation: UUID, sizes: Sizes) -> Figure:
    warm, *people = measured.arrive_writing(organisation, sizes.whole + 1, chats=CHATS, first=FIRST)
    there = int(rows("SELECT count(*) FROM conversations_conversation")[0][0])
    rights.whole(organisation, [warm], "access")
    found = rights.whole(organisation, people, "access")
    return replace(
        found,
        name=f"Access request among {there:,} conversations",
        how=f"{found.how}. {CHATS} chats of the person, no sound",
    )
