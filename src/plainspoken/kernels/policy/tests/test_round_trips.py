"""What is written as YAML is read back as the same rule, and the dataclass says the type that the shape
gives.
"""

import types
import typing
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from plainspoken.kernels.policy import plain
from plainspoken.kernels.policy.blocks import read_block
from plainspoken.kernels.policy.errors import Problems
from plainspoken.kernels.policy.model import Controller, Front
from plainspoken.kernels.policy.reading import Reading
from plainspoken.kernels.policy.records import KINDS, read_fields, specifications
from plainspoken.kernels.policy.tests.specimens import records_of

CLASSES = {**KINDS, "front matter": Front}


@pytest.mark.parametrize("word", sorted(CLASSES))
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_a_rule_is_read_back_as_it_was_written(word: str, data: st.DataObject) -> None:
    rule = data.draw(records_of(CLASSES[word]))
    text = yaml.safe_dump(plain(rule), allow_unicode=True, sort_keys=False)
    problems = Problems("x")
    node = read_block(text, first_line=1, clause=None, problems=problems)
    assert read_fields(CLASSES[word], node, Reading(problems, None)) == rule
    assert problems.found == []
    assert hash(rule) == hash(rule)


@pytest.mark.parametrize("cls", [*CLASSES.values(), Controller], ids=lambda cls: cls.__name__)
def test_annotations_are_what_the_shapes_give(cls: type[Any]) -> None:
    hints = typing.get_type_hints(cls)
    for name, specification in specifications(cls).items():
        given_type = specification.shape.annotation
        absent = specification.default is None and (specification.only or specification.optional)
        if absent and not isinstance(given_type, types.UnionType):
            given_type = given_type | None
        assert hints[name] == given_type, name


def test_rules_cannot_be_changed() -> None:
    for kind in KINDS.values():
        assert kind.__dataclass_params__.frozen  # type: ignore[attr-defined]
