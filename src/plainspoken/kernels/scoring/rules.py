"""Rule sets: JSON in, frozen dataclasses out, every error with its place. The digest names a set for good."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from functools import cached_property
from typing import Any, Literal, TypeVar

from .phrases import TOLERANCE, Phrase, PhraseBook, PhraseError, read_phrase

By = Literal["agent", "customer"]
# As the questions of evaluation forms, so that people and rules can answer the same ones.
IDENTIFIER = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
MOST_QUESTIONS, MOST_PHRASES, MOST_BYTES = 100, 400, 500_000


@dataclass(frozen=True, slots=True)
class RuleError:
    """What is wrong at a place such as `questions[2].phrases`, and what to do."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


class RuleErrors(ValueError):
    """A rule set cannot be used; `errors` has every reason."""

    def __init__(self, errors: Sequence[RuleError]) -> None:
        super().__init__("\n".join(map(str, errors)))
        self.errors = tuple(errors)


# ---- questions ----


@dataclass(frozen=True, kw_only=True)
class Question:
    """`id` is the rule's id: it stays when the wording of the title changes."""

    id: str
    title: str


def _list(default: Any = MISSING) -> Any:
    """A field that names a list of phrases."""
    return field(metadata={"is": "list"}, **({} if default is MISSING else {"default": default}))


def _number(default: Any = MISSING, *, low: float = 0.0, high: float = 86_400.0) -> Any:
    given = {} if default is MISSING else {"default": default}
    return field(metadata={"is": "number", "low": low, "high": high}, **given)


def _choice(*values: str, default: Any = MISSING) -> Any:
    given = {} if default is MISSING else {"default": default}
    return field(metadata={"is": "choice", "values": values}, **given)


_SPEAKERS = {"is": "choice", "values": ("agent", "customer")}


@dataclass(frozen=True, kw_only=True)
class Said(Question):
    """A phrase is said (or, with `expected: not_said`, is not): by whom, in which seconds, how often."""

    phrases: str = _list()
    by: By = field(default="agent", metadata=_SPEAKERS)
    expected: Literal["said", "not_said"] = _choice("said", "not_said", default="said")
    within_first_s: float | None = _number(None)
    within_last_s: float | None = _number(None)
    at_least: float = _number(1, low=1, high=50)


@dataclass(frozen=True, kw_only=True)
class Order(Question):
    """`first` is said before `then`. Where neither is said, it does not apply."""

    first: str = _list()
    then: str = _list()
    by: By = field(default="agent", metadata=_SPEAKERS)


@dataclass(frozen=True, kw_only=True)
class Verification(Question):
    """The agent asks who it is, and the customer answers, before the agent gives account data.

    Asked: a phrase of `asked`, or any question that the customer's next turn answers with data of `removed`, names
    apart. Answered: a phrase of `given`, data of `removed`, or four digits.
    """

    asked: str = _list()
    given: str = _list()
    account_data: str = _list()
    removed: tuple[str, ...] = field(
        metadata={"is": "names"},
        default=("PERSON", "DOB", "ADDRESS", "EMAIL", "PHONE", "ACCOUNT", "PIN", "NATIONAL_ID"),
    )


@dataclass(frozen=True, kw_only=True)
class Hold(Question):
    """Each hold is explained before and thanked for after.

    A hold: nobody speaks for `at_least_s`, or for `told_at_least_s` right after the agent explained one.
    """

    explained: str = _list()
    thanked: str = _list()
    at_least_s: float = _number(25.0, low=3)
    told_at_least_s: float = _number(8.0, low=3)
    within_s: float = _number(20.0, low=1)


@dataclass(frozen=True, kw_only=True)
class TalkOver(Question):
    """The share of speech in which `by` began to speak over the other is at most `at_most_share`."""

    at_most_share: float = _number(low=0, high=1)
    by: By = field(default="agent", metadata=_SPEAKERS)


@dataclass(frozen=True, kw_only=True)
class Silence(Question):
    """No silence is longer than `at_most_s`; after an explained hold none is counted."""

    at_most_s: float = _number(low=1)
    explained: str | None = _list(None)
    within_s: float = _number(20.0, low=1)


@dataclass(frozen=True, kw_only=True)
class Resolution(Question):
    """The agent asks whether anything is left, and the customer says that nothing is."""

    asked: str = _list()
    confirmed: str = _list()


@dataclass(frozen=True, kw_only=True)
class Empathy(Question):
    """After a customer's complaint the agent answers it within `within_turns` of the agent's turns.

    A complaint is a phrase of `cue`, or a turn whose words (English) come to `or_below` or less by our list of words.
    """

    cue: str = _list()
    answered: str = _list()
    within_turns: float = _number(2, low=1, high=10)
    at_least_share: float = _number(0.5, low=0, high=1)
    or_below: float | None = _number(None, low=-1, high=0)


@dataclass(frozen=True, kw_only=True)
class Sentiment(Question):
    """The customer's words, by our list of words: of a third of the call, all of it, or the last less the first."""

    part: Literal["whole", "start", "end", "change"] = _choice(
        "whole", "start", "end", "change", default="whole"
    )
    at_least: float = _number(low=-2, high=2)


KINDS: Mapping[str, type[Question]] = {
    "said": Said, "order": Order, "verification": Verification, "hold": Hold, "talk_over": TalkOver,
    "silence": Silence, "resolution": Resolution, "empathy": Empathy, "sentiment": Sentiment,
}  # fmt: skip
_NAMES = {kind: name for name, kind in KINDS.items()}


def kind_of(question: Question) -> str:
    """The name of a question's kind, as written in JSON."""
    return _NAMES[type(question)]


@dataclass(frozen=True)
class RuleSet:
    """Questions and the phrases they ask for, by language. `digest`: sha256 of the canonical JSON."""

    name: str
    version: int
    questions: tuple[Question, ...]
    phrases: Mapping[str, Mapping[str, tuple[Phrase, ...]]]  # list > language > phrases
    digest: str

    @cached_property
    def books(self) -> Mapping[str, PhraseBook]:
        """What is searched in each language."""
        languages = {language for own in self.phrases.values() for language in own}
        return {
            language: PhraseBook(
                {name: own[language] for name, own in self.phrases.items() if language in own}
            )
            for language in languages
        }


# ---- reading ----


def read_rules(source: str) -> RuleSet:
    """A rule set from JSON. Raises RuleErrors with every error and its place."""
    if len(source) > MOST_BYTES:
        raise RuleErrors([RuleError("$", f"The file is too large. Keep it below {MOST_BYTES:,} characters.")])
    try:
        raw = json.loads(source)
    except (ValueError, RecursionError) as error:
        raise RuleErrors([RuleError("$", f"This is not JSON ({error}). Correct it.")]) from error
    return rules_from(raw)


def rules_from(raw: Any) -> RuleSet:
    """A rule set from what JSON gives. Raises RuleErrors."""
    reading = _Reading([])
    top = reading.object(raw, "$", required=("name", "version", "phrases", "questions"))
    name = reading.text(top.get("name"), "name") if "name" in top else ""
    version = reading.whole(top.get("version"), "version") if "version" in top else 0
    phrases = reading.phrases(top.get("phrases", {}))
    questions = reading.questions(top.get("questions", []), phrases)
    if reading.errors:
        raise RuleErrors(reading.errors)
    canonical = json.dumps(raw, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return RuleSet(name, version, questions, phrases, hashlib.sha256(canonical.encode()).hexdigest())


T = TypeVar("T")


@dataclass
class _Reading:
    errors: list[RuleError]

    def say(self, path: str, message: str) -> None:
        self.errors.append(RuleError(path, message))

    def object(
        self, raw: Any, path: str, *, required: Sequence[str], optional: Sequence[str] = ()
    ) -> Mapping[str, Any]:
        if not isinstance(raw, dict):
            self.say(path, "This must be an object. Write it in braces.")
            return {}
        for key in required:
            if key not in raw:
                self.say(path, f"'{key}' is missing. Add it.")
        for key in raw:
            if key not in required and key not in optional:
                allowed = ", ".join((*required, *optional))
                self.say(f"{path}.{key}", f"'{key}' is not known here. Use one of: {allowed}.")
        return raw

    def text(self, raw: Any, path: str, *, most: int = 200) -> str:
        if isinstance(raw, str) and raw.strip() and len(raw) <= most:
            return raw
        self.say(path, f"This must be a text of 1 to {most} characters.")
        return ""

    def whole(self, raw: Any, path: str) -> int:
        if isinstance(raw, int) and not isinstance(raw, bool) and 1 <= raw <= 1_000_000:
            return raw
        self.say(path, "This must be a whole number from 1 on.")
        return 0

    # ---- phrases ----

    def phrases(self, raw: Any) -> dict[str, dict[str, tuple[Phrase, ...]]]:
        if not isinstance(raw, dict):
            self.say("phrases", "This must be an object of lists. Write it in braces.")
            return {}
        found = {name: self._list(own, f"phrases.{name}") for name, own in raw.items()}
        if sum(len(p) for own in found.values() for p in own.values()) > MOST_PHRASES:
            self.say("phrases", f"There are too many phrases. Keep them to {MOST_PHRASES}.")
        return found

    def _list(self, raw: Any, path: str) -> dict[str, tuple[Phrase, ...]]:
        if isinstance(raw, list):
            raw = {"en": raw}
        if not isinstance(raw, dict) or not raw:
            self.say(path, "This must be a list of phrases, or lists by language (en, de, sv).")
            return {}
        tolerance = raw.get("tolerance", TOLERANCE)
        if isinstance(tolerance, bool) or not isinstance(tolerance, int | float) or not 0.5 <= tolerance <= 1:
            self.say(f"{path}.tolerance", "This must be a number from 0.5 to 1.")
            tolerance = TOLERANCE
        found = {}
        for language, own in raw.items():
            if language == "tolerance":
                continue
            if not (len(language) == 2 and language.isascii() and language.isalpha()):
                self.say(f"{path}.{language}", "This is not a language of two letters. Write en, de or sv.")
            elif not isinstance(own, list) or not own:
                self.say(f"{path}.{language}", "This must be a list with at least one phrase.")
            else:
                found[language] = tuple(self._phrases(own, f"{path}.{language}", tolerance))
        return found

    def _phrases(self, raw: Sequence[Any], path: str, tolerance: float) -> list[Phrase]:
        found = []
        for at, text in enumerate(raw):
            if not isinstance(text, str) or len(text) > 200:
                self.say(f"{path}[{at}]", "This must be a text of at most 200 characters.")
                continue
            try:
                found.append(read_phrase(text, tolerance=tolerance))
            except PhraseError as error:
                self.say(f"{path}[{at}]", str(error))
        return found

    # ---- questions ----

    def questions(self, raw: Any, lists: Mapping[str, Any]) -> tuple[Question, ...]:
        if not isinstance(raw, list) or not raw:
            self.say("questions", "This must be a list with at least one question.")
            return ()
        if len(raw) > MOST_QUESTIONS:
            self.say("questions", f"There are too many questions. Keep them to {MOST_QUESTIONS}.")
            return ()
        found = [q for at, own in enumerate(raw) if (q := self._question(own, f"questions[{at}]", lists))]
        seen: set[str] = set()
        for at, question in enumerate(found):
            if question.id in seen:
                self.say(f"questions[{at}].id", f"'{question.id}' is used twice. Give each its own.")
            seen.add(question.id)
        return tuple(found)

    def _question(self, raw: Any, path: str, lists: Mapping[str, Any]) -> Question | None:
        named = raw.get("kind") if isinstance(raw, dict) else None
        kind = KINDS.get(named) if isinstance(named, str) else None
        if kind is None:
            self.say(f"{path}.kind", f"This must be one of: {', '.join(KINDS)}.")
            return None
        before = len(self.errors)
        known = fields(kind)
        required = ("kind", *(f.name for f in known if f.default is MISSING))
        optional = tuple(f.name for f in known if f.default is not MISSING)
        given = self.object(raw, path, required=required, optional=optional)
        values = {
            f.name: self._value(f.metadata, given[f.name], f"{path}.{f.name}", lists)
            for f in known
            if f.name in given
        }
        return kind(**values) if len(self.errors) == before else None

    def _value(self, about: Mapping[str, Any], raw: Any, path: str, lists: Mapping[str, Any]) -> Any:
        read: Mapping[str, Callable[..., Any]] = {
            "list": self._named, "number": self._number, "choice": self._choice, "names": self._names,
        }  # fmt: skip
        if not about:
            return self._id(raw, path) if path.endswith(".id") else self.text(raw, path)
        return read[about["is"]](raw, path, about, lists)

    def _id(self, raw: Any, path: str) -> str:
        if isinstance(raw, str) and IDENTIFIER.fullmatch(raw):
            return raw
        self.say(path, "This must be small letters, digits and hyphens, at most 40, such as hold-explained.")
        return ""

    def _named(self, raw: Any, path: str, about: Mapping[str, Any], lists: Mapping[str, Any]) -> Any:
        if not isinstance(raw, str) or raw not in lists:
            self.say(
                path, f"There is no list of phrases {raw!r}. Use one of: {', '.join(lists) or 'none yet'}."
            )
        return raw

    def _number(self, raw: Any, path: str, about: Mapping[str, Any], lists: Mapping[str, Any]) -> Any:
        low, high = about["low"], about["high"]
        if isinstance(raw, bool) or not isinstance(raw, int | float) or not low <= raw <= high:
            self.say(path, f"This must be a number from {low:g} to {high:g}.")
        return raw

    def _choice(self, raw: Any, path: str, about: Mapping[str, Any], lists: Mapping[str, Any]) -> Any:
        if raw not in about["values"]:
            self.say(path, f"This must be one of: {', '.join(about['values'])}.")
        return raw

    def _names(self, raw: Any, path: str, about: Mapping[str, Any], lists: Mapping[str, Any]) -> Any:
        if not isinstance(raw, list) or not all(isinstance(item, str) and item.isupper() for item in raw):
            self.say(path, "This must be a list of types in capitals, such as ACCOUNT.")
            return ()
        return tuple(raw)
