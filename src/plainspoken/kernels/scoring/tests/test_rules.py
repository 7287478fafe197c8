"""Rule sets are read with exact errors; their digest follows their content."""

import json
from importlib import resources
from typing import Any

import pytest

from plainspoken.kernels.scoring import KINDS, RuleErrors, lists_of, read_rules, rules_from

SOURCE = resources.files("plainspoken.kernels.scoring").joinpath("standard.json").read_text("utf-8")
GOOD: dict[str, Any] = {
    "name": "Small",
    "version": 3,
    "phrases": {"hi": ["good morning"], "bye": {"en": ["goodbye"], "de": ["auf wiederhören"]}},
    "questions": [{"id": "greets", "kind": "said", "title": "Greets", "phrases": "hi", "within_first_s": 20}],
}


def broken(**changes: Any) -> list[tuple[str, str]]:
    with pytest.raises(RuleErrors) as refused:
        rules_from({**GOOD, **changes})
    return [(error.path, error.message) for error in refused.value.errors]


def question(**changes: Any) -> list[tuple[str, str]]:
    return broken(questions=[{**GOOD["questions"][0], **changes}])


def test_the_shipped_set_asks_every_kind_but_order_and_names_lists_that_are_there() -> None:
    rules = read_rules(SOURCE)
    assert {type(q) for q in rules.questions} == set(KINDS.values()) - {KINDS["order"]}
    for asked in rules.questions:
        for name in lists_of(asked):
            assert rules.phrases[name]["en"]


def test_the_digest_is_that_of_the_content_not_of_its_spelling() -> None:
    one = rules_from(GOOD)
    assert read_rules(json.dumps(GOOD, indent=4, sort_keys=True)).digest == one.digest
    assert rules_from({**GOOD, "version": 4}).digest != one.digest
    assert rules_from({**GOOD, "phrases": {**GOOD["phrases"], "hi": ["good day"]}}).digest != one.digest


@pytest.mark.parametrize(
    ("found", "path", "words"),
    [
        (lambda: broken(name=""), "name", "1 to 200 characters"),
        (lambda: broken(version=0), "version", "whole number"),
        (lambda: broken(version=True), "version", "whole number"),
        (lambda: broken(more=1), "$.more", "not known here"),
        (lambda: broken(phrases=[]), "phrases", "an object of lists"),
        (lambda: broken(phrases={"hi": {"english": ["x"]}}), "phrases.hi.english", "two letters"),
        (lambda: broken(phrases={"hi": {"en": [3]}}), "phrases.hi.en[0]", "must be a text"),
        (lambda: broken(phrases={"hi": {"en": ["*"]}}), "phrases.hi.en[0]", "has no words"),
        (lambda: broken(phrases={"hi": {"en": ["x"], "tolerance": 0.2}}), "phrases.hi.tolerance", "0.5 to 1"),
        (lambda: broken(questions=[]), "questions", "at least one"),
        (lambda: question(kind="mood"), "questions[0].kind", "must be one of: said"),
        (
            lambda: question(phrases="no"),
            "questions[0].phrases",
            "no list of phrases 'no'. Use one of: hi, bye.",
        ),
        (lambda: question(by="manager"), "questions[0].by", "agent, customer"),
        (lambda: question(within_first_s="soon"), "questions[0].within_first_s", "a number from 0"),
        (lambda: question(within_first_s=float("nan")), "questions[0].within_first_s", "a number from 0"),
        (lambda: question(id="Not An Id"), "questions[0].id", "small letters"),
        (lambda: question(voice="loud"), "questions[0].voice", "not known here"),
    ],
)
def test_errors_name_the_place_and_what_to_do(found: Any, path: str, words: str) -> None:
    errors = dict(found())
    assert words in errors[path]


def test_every_error_is_told_at_once() -> None:
    assert len(broken(name="", version=-1, questions=[{"kind": "x"}, {"kind": "said"}])) >= 5


def test_ids_are_given_once() -> None:
    assert "used twice" in dict(broken(questions=GOOD["questions"] * 2))["questions[1].id"]


@pytest.mark.parametrize("source", ["", "{", "[" * 100_000, "null", "[]", '"x"', "1e999"])
def test_what_is_no_rule_set_is_refused_as_one(source: str) -> None:
    with pytest.raises(RuleErrors):
        read_rules(source)
