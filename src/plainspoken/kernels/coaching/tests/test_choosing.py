"""The choice against every possible choice, and what must hold of it."""

import itertools
from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from plainspoken.kernels.coaching import Tally, choose, shrunk

Key = tuple[str, ...]
tallies = st.integers(0, 30).flatmap(lambda n: st.integers(0, 4 * n).map(lambda e: Tally(n, e / 4)))
keys = st.sampled_from("abcdef").map(lambda letter: (letter,))
books: st.SearchStrategy[dict[Key, Tally]] = st.dictionaries(keys, tallies, max_size=6)


def brute(own: Mapping[Key, Tally], team: Mapping[Key, Tally], least: int, most: int) -> list[Key]:
    """Of all orders of all subsets, the one in which each is no stronger than the next and nothing weaker is left out."""

    def weight(key: Key) -> tuple[float, int, Key]:
        mine, others = own[key], team.get(key, Tally(0, 0))
        beside = 4 * others.earned / others.n if others.n else 4 * mine.earned / mine.n
        return round((mine.earned + beside) / (mine.n + 4), 12), -mine.n, key

    may = [key for key, tally in own.items() if tally.n >= least and tally.earned < tally.n]
    size = min(most, len(may))
    for order in itertools.permutations(may, size):
        rest = [key for key in may if key not in order]
        rising = all(weight(a) < weight(b) for a, b in itertools.pairwise(order))
        if rising and all(weight(key) > weight(order[-1]) for key in rest):
            return list(order)
    return []


@given(own=books, team=books, least=st.integers(1, 6), most=st.integers(1, 4))
def test_the_choice_is_that_of_brute_force(
    own: dict[Key, Tally], team: dict[Key, Tally], least: int, most: int
) -> None:
    found = [one.key for one in choose(own, team, least=least, most=most)]
    assert found == brute(own, team, least, most)


@given(own=tallies.filter(lambda t: t.n > 0), team=tallies)
def test_the_weighed_rate_lies_between_both_and_nears_their_own(own: Tally, team: Tally) -> None:
    found = shrunk(own, team)
    ends = sorted((own.rate, team.rate if team.n else own.rate))
    assert ends[0] - 1e-9 <= found <= ends[1] + 1e-9
    many = Tally(own.n * 1000, own.earned * 1000)
    assert abs(shrunk(many, team) - own.rate) <= abs(found - own.rate) + 1e-9


@given(own=books, team=books)
def test_one_more_good_call_never_makes_a_question_look_weaker(
    own: dict[Key, Tally], team: dict[Key, Tally]
) -> None:
    for key, tally in own.items():
        if tally.n:
            beside = team.get(key, Tally(0, 0))
            assert shrunk(tally + Tally(1, 1), beside) >= shrunk(tally, beside) - 1e-9


def test_one_bad_call_does_not_outweigh_a_habit() -> None:
    """One of three failed where the team is good; four of ten failed where the team is good as well."""
    own: dict[Key, Tally] = {("one bad call",): Tally(3, 2), ("a habit",): Tally(10, 6.4)}
    team: dict[Key, Tally] = {("one bad call",): Tally(100, 95), ("a habit",): Tally(100, 95)}
    assert [one.key for one in choose(own, team)] == [("a habit",), ("one bad call",)]
    assert [one.key for one in choose(own, team, strength=0.0)] == [("a habit",), ("one bad call",)]
    close = {("one bad call",): Tally(3, 2), ("a habit",): Tally(10, 7)}
    assert choose(close, team, strength=0.0)[0].key == ("one bad call",), "unweighed it decides"
    assert choose(close, team)[0].key == ("a habit",)


def test_nothing_is_said_of_few_evaluations_or_of_full_marks() -> None:
    own: dict[Key, Tally] = {("few",): Tally(2, 0), ("full",): Tally(20, 20)}
    assert choose(own, {}) == []
