"""An evaluation form: sections, questions, what an answer earns, and which answers are errors.

Errors follow the contact centres' habit (COPC): critical to the customer, to the business or to compliance, or
not critical. A critical error fails the whole evaluation; the percent is still shown beside it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction


class Kind(StrEnum):
    """How a question is answered."""

    YES_NO = "yes-no"
    SCALE = "scale"
    CHOICE = "choice"
    TEXT = "text"


class Error(StrEnum):
    """What goes wrong when a question is answered badly. All but the last are fatal."""

    CUSTOMER = "customer-critical"
    BUSINESS = "business-critical"
    COMPLIANCE = "compliance-critical"
    NOT_CRITICAL = "non-critical"

    @property
    def fatal(self) -> bool:
        """Whether it fails the whole evaluation."""
        return self is not Error.NOT_CRITICAL


class Counting(StrEnum):
    """`points`: every point counts the same. `percent`: each section has its weight, whatever its points."""

    POINTS = "points"
    PERCENT = "percent"


class Channel(StrEnum):
    """What a form can be used for."""

    CALL = "call"
    CHAT = "chat"


@dataclass(frozen=True)
class Option:
    """One answer of a choice. `fails`: choosing it is the question's error."""

    value: str
    title: str
    points: Fraction = Fraction(0)
    fails: bool = False


@dataclass(frozen=True)
class Condition:
    """The question is asked only where an earlier one was asked and answered with one of these values."""

    question: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Question:
    """One question. `points` is the most it can earn; a choice earns its option's, a scale its share.

    right: the answer of a yes-no that earns the points; the other one is the error, where `error` names one.
    fails_at: a scale's answers from `least` up to this one are the error.
    """

    id: str
    text: str
    kind: Kind
    help: str = ""
    points: Fraction = Fraction(0)
    required: bool = True
    may_not_apply: bool = False
    right: str = "yes"
    least: int = 1
    most: int = 5
    fails_at: int | None = None
    options: tuple[Option, ...] = ()
    error: Error | None = None
    shown_when: Condition | None = None

    @property
    def possible(self) -> Fraction:
        """The most that an answer can earn."""
        if self.kind == Kind.CHOICE:
            return max((option.points for option in self.options), default=Fraction(0))
        return Fraction(0) if self.kind == Kind.TEXT else self.points

    @property
    def values(self) -> tuple[str, ...]:
        """The answers there are, in order; a text has none."""
        match self.kind:
            case Kind.YES_NO:
                return ("yes", "no")
            case Kind.SCALE:
                return tuple(str(n) for n in range(self.least, self.most + 1))
            case Kind.CHOICE:
                return tuple(option.value for option in self.options)
        return ()

    def earned(self, value: str) -> Fraction:
        """What an answer earns, between 0 and `possible`."""
        match self.kind:
            case Kind.YES_NO:
                return self.points if value == self.right else Fraction(0)
            case Kind.SCALE:
                return self.points * Fraction(int(value) - self.least, self.most - self.least)
            case Kind.CHOICE:
                return next(option.points for option in self.options if option.value == value)
        return Fraction(0)

    def is_error(self, value: str) -> bool:
        """Whether an answer is the error that the question looks for."""
        if self.error is None:
            return False
        match self.kind:
            case Kind.YES_NO:
                return value != self.right
            case Kind.SCALE:
                return self.fails_at is not None and int(value) <= self.fails_at
            case Kind.CHOICE:
                return any(option.fails for option in self.options if option.value == value)
        return False

    def title_of(self, value: str) -> str:
        """How an answer is shown to people."""
        if self.kind == Kind.CHOICE:
            return next((option.title for option in self.options if option.value == value), value)
        return value.capitalize() if self.kind == Kind.YES_NO else value


@dataclass(frozen=True)
class Section:
    """Questions that belong together. `weight` counts where the form counts in percent."""

    id: str
    title: str
    weight: Fraction
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Band:
    """What a percent is called: from `least` up to the next band."""

    least: Fraction
    title: str


@dataclass(frozen=True)
class Terms:
    """Days in which an agent may dispute, a dispute is decided, and a decision may be appealed."""

    dispute_days: int = 14
    decide_days: int = 7
    appeal_days: int = 7


@dataclass(frozen=True)
class Form:
    """A whole form. `pass_at` is the percent from which an evaluation passes, None where none fails by it."""

    title: str
    counting: Counting
    sections: tuple[Section, ...]
    description: str = ""
    channels: tuple[Channel, ...] = (Channel.CALL, Channel.CHAT)
    pass_at: Fraction | None = None
    bands: tuple[Band, ...] = ()
    terms: Terms = field(default_factory=Terms)

    @property
    def questions(self) -> Iterator[Question]:
        """Every question in order."""
        for section in self.sections:
            yield from section.questions

    def question(self, identifier: str) -> Question:
        """Raises KeyError."""
        for question in self.questions:
            if question.id == identifier:
                return question
        raise KeyError(identifier)

    def band(self, percent: Fraction) -> str:
        """What a percent is called; empty below the lowest band."""
        reached = [band for band in self.bands if band.least <= percent]
        return max(reached, key=lambda band: band.least).title if reached else ""
