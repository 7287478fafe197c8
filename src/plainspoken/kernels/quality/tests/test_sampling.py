"""The sample: the same for the same seed, steady when others come, even over all."""

from collections import Counter

from hypothesis import given as each
from hypothesis import settings
from hypothesis import strategies as st

from plainspoken.kernels.quality import Candidate, choose


def many(agent: str, count: int, **more: str) -> list[Candidate]:
    return [Candidate(f"{agent}-{n}", agent, **more) for n in range(count)]


def test_each_agent_gets_as_many_and_the_same_whatever_the_order() -> None:
    everybody = many("ann", 20) + many("bob", 20) + many("cy", 1)
    chosen = choose(everybody, seed="week 48", per_agent=3)
    assert Counter(one.agent for one in chosen) == {"ann": 3, "bob": 3, "cy": 1}
    assert choose(reversed(everybody), seed="week 48", per_agent=3) == chosen
    assert choose(everybody, seed="week 49", per_agent=3) != chosen


@settings(max_examples=60, deadline=None)
@each(st.integers(0, 12), st.integers(1, 4), st.text(max_size=6))
def test_others_change_nothing_and_one_more_of_their_own_at_most_one(
    count: int, per_agent: int, seed: str
) -> None:
    own = many("ann", count)
    before = set(choose(own, seed=seed, per_agent=per_agent))
    assert {
        one for one in choose(own + many("bob", 9), seed=seed, per_agent=per_agent) if one.agent == "ann"
    } == before
    after = set(choose([*own, Candidate("new", "ann")], seed=seed, per_agent=per_agent))
    assert len(before - after) <= 1 and after - before <= {Candidate("new", "ann")}


def test_kinds_queues_and_what_they_had() -> None:
    mixed = many("ann", 5, kind="call", queue="Returns") + many("ann", 5, kind="chat", queue="Orders")
    mixed = [Candidate(f"{n}", one.agent, one.kind, one.queue) for n, one in enumerate(mixed)]
    assert {one.kind for one in choose(mixed, seed="s", per_agent=9, kinds=("chat",))} == {"chat"}
    assert {one.queue for one in choose(mixed, seed="s", per_agent=9, queues=("Returns",))} == {"Returns"}
    assert len(choose(mixed, seed="s", per_agent=3, had={"ann": 2})) == 1
    assert choose(mixed, seed="s", per_agent=3, had={"ann": 5}) == ()


def test_the_choice_is_even() -> None:
    """Over 2,000 seeds each of ten conversations is chosen about as often: 400 times, give or take four sigma."""
    own = many("ann", 10)
    counted = Counter(one.id for n in range(2000) for one in choose(own, seed=str(n), per_agent=2))
    assert set(counted) == {one.id for one in own}
    assert all(abs(count - 400) < 4 * (2000 * 0.2 * 0.8) ** 0.5 for count in counted.values())
