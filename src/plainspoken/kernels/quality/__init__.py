"""Evaluation forms, what answers are worth, whether evaluators agree, and whom a sample chooses. Pure Python."""

from .agreement import Drift, Observed, agreement, alpha, drift
from .form import Band, Channel, Condition, Counting, Error, Form, Kind, Option, Question, Section, Terms
from .parsing import FormError, FormErrors, parse
from .sampling import Candidate, choose
from .scoring import Answer, AnswerErrors, QuestionScore, Score, SectionScore, check, score, shown
from .writing import Change, changes, digest, to_json

__all__ = [
    "Answer",
    "AnswerErrors",
    "Band",
    "Candidate",
    "Change",
    "Channel",
    "Condition",
    "Counting",
    "Drift",
    "Error",
    "Form",
    "FormError",
    "FormErrors",
    "Kind",
    "Observed",
    "Option",
    "Question",
    "QuestionScore",
    "Score",
    "Section",
    "SectionScore",
    "Terms",
    "agreement",
    "alpha",
    "changes",
    "check",
    "choose",
    "digest",
    "drift",
    "parse",
    "score",
    "shown",
    "to_json",
]
