"""What pages show of forms, answers and scores: plain values, no model."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from plainspoken.kernels import quality as kernel
from plainspoken.kernels.quality.scoring import LONGEST_ANSWER

from .queries import NOT_APPLICABLE
from .states import State

ERRORS = {
    kernel.Error.CUSTOMER: "Critical to the customer",
    kernel.Error.BUSINESS: "Critical to the business",
    kernel.Error.COMPLIANCE: "Critical to compliance",
    kernel.Error.NOT_CRITICAL: "Not critical",
}
KINDS = {
    kernel.Kind.YES_NO: "Yes or no",
    kernel.Kind.SCALE: "Scale",
    kernel.Kind.CHOICE: "Choice",
    kernel.Kind.TEXT: "Text",
}
STATES = {
    State.DRAFT: "Draft",
    State.SUBMITTED: "To approve",
    State.APPROVED: "To release",
    State.RELEASED: "Released",
    State.ACKNOWLEDGED: "Read",
    State.DISPUTED: "Disputed",
    State.DECIDED: "Decided",
    State.APPEALED: "Appealed",
    State.FINAL: "Final",
}


@dataclass(frozen=True)
class Pick:
    """One answer that can be picked. `bad`: it is the question's error."""

    value: str
    title: str
    checked: bool
    bad: bool = False


@dataclass(frozen=True)
class Asked:
    """A question with what was answered. `waits_for` and `waits_values` say when it is asked."""

    id: str
    text: str
    help: str
    kind: str
    picks: tuple[Pick, ...]
    said: str
    required: bool
    shown: bool
    error: str
    fatal: bool
    points: str
    waits_for: str
    waits_values: str
    waits_text: str
    answer: str
    earned: str
    wrong: bool


@dataclass(frozen=True)
class AskedSection:
    """A section with its questions and, where something counts, its percent."""

    id: str
    title: str
    weight: str
    percent: str
    questions: tuple[Asked, ...]


def number(value: Fraction | Decimal | None) -> str:
    """At most one decimal, rounded half up, without a trailing zero."""
    if value is None:
        return ""
    exact = Decimal(value.numerator) / Decimal(value.denominator) if isinstance(value, Fraction) else value
    return f"{exact.quantize(Decimal('0.1'), rounding=ROUND_HALF_UP):f}".removesuffix(".0")


def percent(value: Fraction | Decimal | None) -> str:
    """ "87.5 %", or empty where nothing counts."""
    return f"{number(value)} %" if value is not None else ""


def asked(
    form: kernel.Form, answers: Mapping[str, kernel.Answer], *, words: bool = True
) -> list[AskedSection]:
    """The form with these answers; without `words`, text questions are left out."""
    score = kernel.score(form, answers)
    return [
        AskedSection(
            id=section.id,
            title=section.title,
            weight=number(section.weight) if form.counting == kernel.Counting.PERCENT else "",
            percent=percent(found.percent),
            questions=tuple(
                _asked(form, question, answers.get(question.id, kernel.Answer()), score.of(question.id))
                for question in section.questions
                if words or question.kind != kernel.Kind.TEXT
            ),
        )
        for section, found in zip(form.sections, score.sections, strict=True)
    ]


def _asked(
    form: kernel.Form, question: kernel.Question, answer: kernel.Answer, score: kernel.QuestionScore
) -> Asked:
    condition = question.shown_when
    picks = [
        Pick(value, question.title_of(value), not answer.not_applicable and answer.value == value,
             question.is_error(value))
        for value in question.values
    ]  # fmt: skip
    if question.may_not_apply:
        picks.append(Pick(NOT_APPLICABLE, "Does not apply", answer.not_applicable))
    return Asked(
        id=question.id,
        text=question.text,
        help=question.help,
        kind=question.kind.value,
        picks=tuple(picks),
        said=answer.value if question.kind == kernel.Kind.TEXT else "",
        required=question.required,
        shown=score.shown,
        error=ERRORS[question.error] if question.error else "",
        fatal=bool(question.error and question.error.fatal),
        points=number(question.possible) if question.possible else "",
        waits_for=condition.question if condition else "",
        waits_values=" ".join(condition.values) if condition else "",
        waits_text=_waits(form, condition) if condition else "",
        answer=_said(question, answer) if score.shown else "",
        earned=number(score.earned) if score.possible else "",
        wrong=score.error is not None,
    )


def _waits(form: kernel.Form, condition: kernel.Condition) -> str:
    first = form.question(condition.question)
    return f"Asked when “{first.text}” is {' or '.join(first.title_of(v) for v in condition.values)}"


def _said(question: kernel.Question, answer: kernel.Answer) -> str:
    if answer.not_applicable:
        return "Does not apply"
    return question.title_of(answer.value) if answer.value else ""


def running(form: kernel.Form, score: kernel.Score) -> dict[str, Any]:
    """The score while somebody answers, and at the end."""
    return {
        "percent": percent(score.percent),
        "band": score.band,
        "passed": score.passed,
        "fatal": [form.question(key).text for key in score.fatal],
        "errors": [form.question(key).text for key in score.errors],
        "missing": len(score.missing),
        "pass_at": percent(form.pass_at) if form.pass_at is not None else "",
    }


def answers_given(form: kernel.Form, posted: Mapping[str, str]) -> dict[str, kernel.Answer]:
    """Answers from the fields `a-<question>` of a form that was sent; others are left alone."""
    found = {}
    for question in form.questions:
        value = posted.get(f"a-{question.id}")
        if value is None:
            continue
        if question.kind != kernel.Kind.TEXT and value == NOT_APPLICABLE:
            found[question.id] = kernel.Answer(not_applicable=True)
        else:
            found[question.id] = kernel.Answer(value[: 4 * LONGEST_ANSWER])
    return found
