"""Every declared order is a partial order, and means what it says."""

import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plainspoken.kernels.policy import Duration, FrozenMap, Relation
from plainspoken.kernels.policy.kinds.use import Purpose
from plainspoken.kernels.policy.records import KINDS, FieldByField, Record, Specification, specifications
from plainspoken.kernels.policy.strictness import (
    FEWER,
    MORE,
    NO,
    SHORTER,
    YES,
    Each,
    Order,
    OrNothing,
    ranked,
)
from plainspoken.kernels.policy.tests.specimens import records_of, values_of


def every_field() -> list[Any]:
    return [
        pytest.param(specification, id=f"{word}-{name}")
        for word, kind in KINDS.items()
        for name, specification in specifications(kind).items()
    ]


def holds(order: Order, first: Any, second: Any, third: Any) -> None:
    assert order.compare(first, first) is Relation.EQUAL
    for left, right in itertools.permutations((first, second, third), 2):
        assert order.compare(left, right) is order.compare(right, left).reversed
    for left, middle, right in itertools.permutations((first, second, third), 3):
        if order.at_least(left, middle) and order.at_least(middle, right):
            assert order.at_least(left, right), (left, middle, right)


@pytest.mark.parametrize("specification", every_field())
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_each_field_has_a_partial_order(specification: Specification, data: st.DataObject) -> None:
    values = values_of(specification.shape)
    holds(specification.order, data.draw(values), data.draw(values), data.draw(values))


@pytest.mark.parametrize("word", sorted(KINDS))
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_each_kind_is_compared_field_by_field(word: str, data: st.DataObject) -> None:
    rules = records_of(KINDS[word])
    first = data.draw(rules)
    if hasattr(first, "kind"):
        rules = records_of(KINDS[word], sort=first.kind)
    holds(FieldByField(KINDS[word]), first, data.draw(rules), data.draw(rules))


@pytest.mark.parametrize("specification", every_field())
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_raising_gives_at_least_the_minimum(specification: Specification, data: st.DataObject) -> None:
    values = values_of(specification.shape)
    value, minimum = data.draw(values), data.draw(values)
    order = specification.order
    raised = order.raised(value, minimum)
    assert order.at_least(raised, minimum)
    if order.at_least(value, minimum):
        assert raised == value


@pytest.mark.parametrize(
    ("order", "stricter", "looser"),
    [
        (SHORTER, Duration(days=28), Duration(months=1)),
        (YES, True, False),
        (NO, False, True),
        (MORE, ("a", "b"), ("b",)),
        (FEWER, ("b",), ("a", "b")),
        (ranked("ignored", "honoured"), "honoured", "ignored"),
        (OrNothing(SHORTER, Relation.STRICTER), None, Duration(days=1)),
        (OrNothing(SHORTER, Relation.LOOSER), Duration(days=1), None),
        (Each(SHORTER, Relation.LOOSER), FrozenMap({"gdpr": Duration(days=1)}), FrozenMap({})),
        (Each(SHORTER, Relation.STRICTER), FrozenMap({}), FrozenMap({"gdpr": Duration(days=1)})),
    ],
)
def test_which_direction_is_stricter(order: Order, stricter: Any, looser: Any) -> None:
    assert order.compare(stricter, looser) is Relation.STRICTER
    assert order.compare(looser, stricter) is Relation.LOOSER


def test_lists_in_another_order_are_equal_and_unlike_ones_are_incomparable() -> None:
    assert MORE.compare(("a", "b"), ("b", "a")) is Relation.EQUAL
    assert MORE.compare(("a",), ("b",)) is Relation.OTHER


def test_a_record_that_is_stricter_here_and_looser_there_is_neither() -> None:
    base = {
        "title": "x",
        "group": "improve",
        "basis": FrozenMap({"customer": "contract"}),
        "maintenance": False,
    }
    closed = Purpose(**base, closed_by=("objection",), roles=("agent", "supervisor"), group_of_at_least=None)
    narrow = Purpose(**base, closed_by=(), roles=("agent",), group_of_at_least=None)
    assert FieldByField(Purpose).compare(closed, narrow) is Relation.OTHER


def test_every_field_declares_what_it_means() -> None:
    for kind in KINDS.values():
        assert (kind.__doc__ or "").strip()
        for name, specification in specifications(kind).items():
            assert specification.meaning, name
            assert specification.order.sentence, name
            assert specification.shape.describe(), name
            if isinstance(specification.shape, Record):
                assert isinstance(specification.order, FieldByField)


@pytest.mark.parametrize(
    ("group", "ground", "closed_by", "maintenance", "ends"),
    [
        ("provide", "legitimate-interests", ("objection",), False, True),
        ("provide", "contract", ("objection",), False, False),
        ("provide", "legitimate-interests", ("restriction",), False, False),
        ("inform", "consent", ("objection",), False, True),
        ("operate", "legitimate-interests", ("objection",), True, False),
    ],
)
def test_an_objection_ends_interests_and_marketing(
    group: str, ground: str, closed_by: tuple[str, ...], maintenance: bool, ends: bool
) -> None:
    other = "legal-obligation" if group != "inform" else ground
    purpose = Purpose(
        title="do it",
        group=group,
        basis=FrozenMap({"customer": ground, "staff": other}),
        maintenance=maintenance,
        closed_by=closed_by,
        roles=("program",),
        group_of_at_least=None,
    )
    assert purpose.ends_by_objection("customer") is ends
    assert purpose.ends_by_objection("staff") is (ends and group == "inform")
