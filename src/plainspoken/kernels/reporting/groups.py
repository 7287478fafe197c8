"""Groups that are too small to show, and those that must be hidden with them.

Source: the method of complementary cell suppression, A. Hundepool and others, "Statistical Disclosure Control" (2012),
chapter 4: one hidden cell in a row or a column could be worked out from the others and their total.
"""

from collections.abc import Hashable, Mapping
from typing import TypeVar

Row = TypeVar("Row", bound=Hashable)
Column = TypeVar("Column", bound=Hashable)


def hidden(people: Mapping[tuple[Row, Column], int], *, least: int) -> frozenset[tuple[Row, Column]]:
    """Which cells are not shown, of how many people each is about.

    A cell with fewer than `least` people is hidden; one alone in its row or column hides the next smallest there.
    A cell of nobody tells nothing and hides nothing.
    """
    known = {place: count for place, count in people.items() if count > 0}
    found = {place for place, count in known.items() if count < least}
    more = True
    while more:
        more = False
        for axis in (0, 1):
            for line in {place[axis] for place in found}:
                alone = [place for place in found if place[axis] == line]
                others = [place for place in known if place[axis] == line and place not in found]
                if len(alone) == 1 and others:
                    found.add(min(others, key=lambda place: (known[place], str(place))))
                    more = True
    return frozenset(found)
