"""What answers are worth: by question, by section, as a whole, and which errors they are.

What does not apply, is not asked, is a text or is unanswered is taken out of the denominator. A fatal error fails
the evaluation; the percent stays as it is and is shown beside it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from .form import Counting, Error, Form, Kind, Question, Section

HUNDRED = Fraction(100)
LONGEST_ANSWER = 4000


@dataclass(frozen=True)
class Answer:
    """One answer: a value of the question, or that it does not apply."""

    value: str = ""
    not_applicable: bool = False


class AnswerErrors(ValueError):
    """Answers that the form does not take; `errors` maps question ids to what is wrong."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        self.errors = dict(errors)
        super().__init__(" ".join(f"{key}: {text}" for key, text in self.errors.items()))


@dataclass(frozen=True)
class QuestionScore:
    """One question: whether it is asked, what it earned of what, and the error it is, if it is one.

    `possible` is 0 where the question does not count.
    """

    id: str
    shown: bool
    answered: bool
    applies: bool
    earned: Fraction
    possible: Fraction
    error: Error | None

    @property
    def percent(self) -> Fraction | None:
        """None where the question does not count."""
        return HUNDRED * self.earned / self.possible if self.possible else None


@dataclass(frozen=True)
class SectionScore:
    """One section; `percent` is None where nothing in it counts."""

    id: str
    weight: Fraction
    earned: Fraction
    possible: Fraction

    @property
    def percent(self) -> Fraction | None:
        """Between 0 and 100."""
        return HUNDRED * self.earned / self.possible if self.possible else None


@dataclass(frozen=True)
class Score:
    """The whole. `percent` is None where nothing counts yet; `passed` is None where the form fails nobody by it
    and there is no fatal error. `missing` are required questions without an answer.
    """

    questions: tuple[QuestionScore, ...]
    sections: tuple[SectionScore, ...]
    percent: Fraction | None
    passed: bool | None
    band: str
    fatal: tuple[str, ...]
    errors: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether every required question is answered."""
        return not self.missing

    def of(self, question: str) -> QuestionScore:
        """Raises KeyError."""
        for one in self.questions:
            if one.id == question:
                return one
        raise KeyError(question)


def shown(form: Form, answers: Mapping[str, Answer]) -> frozenset[str]:
    """Ids of the questions that are asked: those whose condition holds, and whose condition's question is asked."""
    asked: set[str] = set()
    for question in form.questions:
        condition = question.shown_when
        if condition is not None:
            given = answers.get(condition.question)
            held = given is not None and not given.not_applicable and given.value in condition.values
            if condition.question not in asked or not held:
                continue
        asked.add(question.id)
    return frozenset(asked)


def check(form: Form, answers: Mapping[str, Answer]) -> None:
    """Raises AnswerErrors where an answer is not one that its question takes."""
    known = {question.id: question for question in form.questions}
    errors = {}
    for key, answer in answers.items():
        question = known.get(key)
        if question is None:
            errors[key] = "The form has no such question. Load the page again."
        elif answer.not_applicable and not question.may_not_apply:
            errors[key] = "This question always applies. Choose an answer."
        elif question.kind == Kind.TEXT:
            if len(answer.value) > LONGEST_ANSWER:
                errors[key] = f"It is too long. Use {LONGEST_ANSWER} characters at most."
        elif answer.value and not answer.not_applicable and answer.value not in question.values:
            errors[key] = f"This is no answer here. Choose from {', '.join(question.values)}."
    if errors:
        raise AnswerErrors(errors)


def score(form: Form, answers: Mapping[str, Answer]) -> Score:
    """What these answers are worth. Raises AnswerErrors."""
    check(form, answers)
    asked = shown(form, answers)
    questions = {q.id: _question(q, answers.get(q.id, Answer()), q.id in asked) for q in form.questions}
    sections = tuple(_section(section, questions) for section in form.sections)
    percent = _whole(form, sections)
    fatal = tuple(q.id for q in questions.values() if q.error and q.error.fatal)
    return Score(
        questions=tuple(questions.values()),
        sections=sections,
        percent=percent,
        passed=_passed(form, percent, bool(fatal)),
        band=form.band(percent) if percent is not None else "",
        fatal=fatal,
        errors=tuple(q.id for q in questions.values() if q.error and not q.error.fatal),
        missing=tuple(
            q.id for q in form.questions if q.required and q.id in asked and not questions[q.id].answered
        ),
    )


def _question(question: Question, answer: Answer, asked: bool) -> QuestionScore:
    answered = asked and (answer.not_applicable or bool(answer.value.strip()))
    counts = answered and not answer.not_applicable
    return QuestionScore(
        id=question.id,
        shown=asked,
        answered=answered,
        applies=asked and not answer.not_applicable,
        earned=question.earned(answer.value) if counts else Fraction(0),
        possible=question.possible if counts else Fraction(0),
        error=question.error if counts and question.is_error(answer.value) else None,
    )


def _section(section: Section, scores: Mapping[str, QuestionScore]) -> SectionScore:
    own = [scores[question.id] for question in section.questions]
    return SectionScore(
        id=section.id,
        weight=section.weight,
        earned=sum((one.earned for one in own), Fraction(0)),
        possible=sum((one.possible for one in own), Fraction(0)),
    )


def _whole(form: Form, sections: tuple[SectionScore, ...]) -> Fraction | None:
    if form.counting == Counting.POINTS:
        possible = sum((one.possible for one in sections), Fraction(0))
        earned = sum((one.earned for one in sections), Fraction(0))
        return HUNDRED * earned / possible if possible else None
    counted = [one for one in sections if one.percent is not None]
    weight = sum((one.weight for one in counted), Fraction(0))
    if not weight:
        return None
    return sum((one.weight * one.percent for one in counted if one.percent is not None), Fraction(0)) / weight


def _passed(form: Form, percent: Fraction | None, fatal: bool) -> bool | None:
    if fatal:
        return False
    if form.pass_at is None or percent is None:
        return None
    return percent >= form.pass_at
