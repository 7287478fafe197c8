"""Scores against another way of working them out, and what must hold of every form."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given as each
from hypothesis import settings

from plainspoken.kernels.quality import Answer, AnswerErrors, Error, Form, Kind, Question, parse, score, shown

from .forms import SERVICE, answered, given, reference, service

FULL = given(greeting="yes", verified="yes", solved="5", hold="no")


def test_a_full_evaluation() -> None:
    found = score(service(), FULL)
    assert (found.percent, found.passed, found.band, found.complete) == (100, True, "Great", True)
    assert [(s.id, s.percent) for s in found.sections] == [("opening", 100), ("solving", 100)]


def test_sections_count_by_weight_not_by_points() -> None:
    found = score(service(), {**FULL, **given(greeting="no")})
    # opening: 10 of 20, weight 1; solving: 20 of 20, weight 3.
    assert found.percent == Fraction(50 + 300, 4) and found.of("greeting").percent == 0
    points = parse({**SERVICE, "counting": "points"})
    assert score(points, {**FULL, **given(greeting="no")}).percent == Fraction(30 * 100, 40)


def test_a_fatal_error_fails_and_the_percent_stands_beside_it() -> None:
    found = score(service(), {**FULL, **given(hold="yes", explained="rude")})
    assert found.fatal == ("explained",) and found.passed is False
    assert found.percent == Fraction(100 + 3 * Fraction(2000, 30), 4) and found.band == "Good"
    assert found.of("explained").error is Error.CUSTOMER


def test_an_error_that_is_not_critical_is_kept_apart() -> None:
    found = score(service(), {**FULL, **given(solved="1")})
    assert (found.fatal, found.errors) == ((), ("solved",))
    assert found.passed is False and found.percent == 25, "it fails by its percent, not by the error"
    assert score(replace(service(), pass_at=None), {**FULL, **given(solved="1")}).passed is None


def test_what_does_not_apply_leaves_the_denominator() -> None:
    found = score(service(), {**FULL, **given(greeting="no", verified=None)})
    assert found.sections[0].percent == 0 and found.sections[0].possible == 10
    only = score(service(), {"verified": Answer(not_applicable=True)})
    assert only.percent is None and only.passed is None and only.band == ""
    whole = score(service(), given(verified=None, solved="3"))
    assert whole.percent == 50, "a section in which nothing counts has no weight"


def test_a_question_that_is_not_asked_counts_nothing_even_when_it_was_answered() -> None:
    hidden = score(service(), {**FULL, **given(explained="rude")})
    assert hidden.percent == 100 and hidden.fatal == () and not hidden.of("explained").shown
    assert "explained" in score(service(), {**FULL, **given(hold="yes")}).missing


def test_conditions_follow_one_another() -> None:
    chain = parse({"title": "Chain", "sections": [{"id": "s", "title": "S", "questions": [
        {"id": "a", "text": "A?", "kind": "yes-no", "points": 1, "may_not_apply": True},
        {"id": "b", "text": "B?", "kind": "yes-no", "shown_when": {"question": "a", "is": ["yes"]}},
        {"id": "c", "text": "C?", "kind": "yes-no", "shown_when": {"question": "b", "is": ["no"]}},
    ]}]})  # fmt: skip
    assert shown(chain, given(a="yes", b="no")) == {"a", "b", "c"}
    assert shown(chain, given(a="no", b="no")) == {"a"}
    assert shown(chain, given(a=None, b="no")) == {"a"}


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        (given(strange="yes"), "no such question"),
        (given(greeting=None), "always applies"),
        (given(greeting="perhaps"), "Choose from yes, no"),
        (given(solved="6"), "Choose from 1, 2, 3, 4, 5"),
        (given(note="x" * 4001), "too long"),
    ],
)
def test_answers_that_the_form_does_not_take(answers: dict[str, Answer], said: str) -> None:
    with pytest.raises(AnswerErrors, match=said):
        score(service(), answers)


@settings(max_examples=150, deadline=None)
@each(answered())
def test_the_percent_is_between_0_and_100_and_as_worked_out_another_way(
    made: tuple[Form, dict[str, Answer]],
) -> None:
    form, answers = made
    found = score(form, answers)
    assert found.percent == reference(form, answers)
    assert found.percent is None or 0 <= found.percent <= 100
    assert all(0 <= q.earned <= max(q.possible, 0) for q in found.questions)
    assert not (found.fatal and found.passed is not False)


def _with_best(form: Form, answers: dict[str, Answer], name: str) -> dict[str, Answer]:
    question = form.question(name)
    return {**answers, name: Answer(max(question.values, key=question.earned))}


def _free(form: Form, question: Question) -> bool:
    """Whether no other question waits for this one: then its answer changes nothing but its own points."""
    return question.kind != Kind.TEXT and all(
        other.shown_when is None or other.shown_when.question != question.id for other in form.questions
    )


@settings(max_examples=100, deadline=None)
@each(answered())
def test_a_better_answer_never_lowers(made: tuple[Form, dict[str, Answer]]) -> None:
    form, answers = made
    before = score(form, answers).percent
    for name, answer in answers.items():
        if answer.not_applicable or not _free(form, form.question(name)):
            continue
        after = score(form, _with_best(form, answers, name)).percent
        assert before is None or (after is not None and after >= before)


@settings(max_examples=100, deadline=None)
@each(answered())
def test_not_applicable_never_lowers_what_the_worst_answer_gave(
    made: tuple[Form, dict[str, Answer]],
) -> None:
    form, answers = made
    for question in form.questions:
        if not question.may_not_apply or not _free(form, question):
            continue
        worst = min(question.values, key=question.earned)
        if question.earned(worst):
            continue
        low = score(form, {**answers, question.id: Answer(worst)}).percent
        out = score(form, {**answers, question.id: Answer(not_applicable=True)}).percent
        assert out is None or low is None or out >= low


@settings(max_examples=100, deadline=None)
@each(answered())
def test_weights_have_no_scale(made: tuple[Form, dict[str, Answer]]) -> None:
    form, answers = made
    larger = replace(form, sections=tuple(replace(s, weight=s.weight * 7) for s in form.sections))
    assert score(larger, answers).percent == score(form, answers).percent
