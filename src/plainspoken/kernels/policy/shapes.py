"""Shapes: how the value of a field is read, checked, said, written back and described.

A shape is the single home of what is allowed in a field: the parser, the error messages, the generated
reference and the sentences of the notice all ask it.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from babel.dates import format_date
from babel.numbers import format_decimal

from plainspoken.kernels.policy.blocks import Node, Scalar
from plainspoken.kernels.policy.durations import EXAMPLES, Duration, locale_of
from plainspoken.kernels.policy.errors import quoted, unknown_word
from plainspoken.kernels.policy.frozen import FrozenMap
from plainspoken.kernels.policy.reading import DECLARED_IN, Reading, Speech

NAME = re.compile(r"[a-z][a-z0-9]*(?:[._-][a-z0-9]+)*", re.ASCII)
TOKEN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", re.ASCII)
WHOLE = re.compile(r"0|[1-9][0-9]{0,8}", re.ASCII)
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
LONGEST_NAME = 80


class Shape(ABC):
    """What a field may hold."""

    @abstractmethod
    def read(self, node: Node, at: Reading, path: str) -> Any:
        """The value of a node. Notes what is wrong in ``at`` and raises Refused if there is no value."""

    @abstractmethod
    def allowed(self) -> tuple[str, ...]:
        """What may stand here, in words for an error."""

    @abstractmethod
    def describe(self) -> str:
        """The shape in words, for the reference."""

    @property
    @abstractmethod
    def annotation(self) -> Any:
        """The Python type of the value, which the dataclass must declare."""

    @abstractmethod
    def say(self, value: Any, speech: Speech) -> str:
        """The value as people read it in a sentence."""

    @abstractmethod
    def plain(self, value: Any) -> Any:
        """The value as JSON holds it; reading that as YAML gives the value back."""

    def items(self, value: Any, speech: Speech) -> list[str]:
        """The value as the lines of a list: one for each of its items, or one for all of it."""
        return [self.say(value, speech)]

    @property
    def sayable(self) -> bool:
        """False if a value has no form that fits in a sentence."""
        return True

    @property
    def titled(self) -> bool:
        """True if a value is said by a title of its own, so that its key adds nothing."""
        return False

    def text_of(self, node: Node, at: Reading) -> str:
        """The text of a scalar; anything else is refused."""
        if not isinstance(node, Scalar):
            at.refuse(node.line, "One value belongs here, not a list or a map.", allowed=self.allowed())
        return node.text


@dataclass(frozen=True)
class Flag(Shape):
    """true or false, each with the words that say it in a sentence."""

    yes: str
    no: str

    def read(self, node: Node, at: Reading, path: str) -> bool:
        text = self.text_of(node, at)
        if text not in {"true", "false"}:
            at.refuse(node.line, f"{quoted(text)} is neither true nor false.", allowed=self.allowed())
        return text == "true"

    def allowed(self) -> tuple[str, ...]:
        return ("true", "false")

    def describe(self) -> str:
        return f"`true` (said “{self.yes}”) or `false` (“{self.no}”)"

    @property
    def annotation(self) -> Any:
        return bool

    def say(self, value: bool, speech: Speech) -> str:
        return self.yes if value else self.no

    def plain(self, value: bool) -> bool:
        return value


@dataclass(frozen=True)
class Whole(Shape):
    """A whole number between two bounds, both included."""

    least: int
    most: int

    def read(self, node: Node, at: Reading, path: str) -> int:
        text = self.text_of(node, at)
        if not WHOLE.fullmatch(text) or not self.least <= int(text) <= self.most:
            at.refuse(node.line, f"{quoted(text)} is not {self.describe()}.", allowed=self.allowed())
        return int(text)

    def allowed(self) -> tuple[str, ...]:
        return (f"{self.least} to {self.most}",)

    def describe(self) -> str:
        return f"a whole number from {self.least} to {self.most}"

    @property
    def annotation(self) -> Any:
        return int

    def say(self, value: int, speech: Speech) -> str:
        return str(format_decimal(value, locale=locale_of(speech.language)))

    def plain(self, value: int) -> int:
        return value


@dataclass(frozen=True)
class Span(Shape):
    """A duration, longer than nothing."""

    def read(self, node: Node, at: Reading, path: str) -> Duration:
        text = self.text_of(node, at)
        try:
            duration = Duration.parse(text)
        except ValueError as wrong:
            at.refuse(node.line, str(wrong), allowed=self.allowed())
        if not duration:
            at.refuse(node.line, "A time is longer than nothing.", allowed=self.allowed())
        return duration

    def allowed(self) -> tuple[str, ...]:
        return (f"an ISO 8601 duration: {EXAMPLES}",)

    def describe(self) -> str:
        return "a duration such as `P1M`, `P35D` or `PT15M`"

    @property
    def annotation(self) -> Any:
        return Duration

    def say(self, value: Duration, speech: Speech) -> str:
        return value.format(speech.language)

    def plain(self, value: Duration) -> str:
        return str(value)


@dataclass(frozen=True)
class Day(Shape):
    """A calendar date."""

    def read(self, node: Node, at: Reading, path: str) -> date:
        text = self.text_of(node, at)
        if not DATE.fullmatch(text):
            at.refuse(node.line, f"{quoted(text)} is not a date.", allowed=self.allowed())
        try:
            return date.fromisoformat(text)
        except ValueError:
            at.refuse(node.line, f"{quoted(text)} is no day of the calendar.", allowed=self.allowed())

    def allowed(self) -> tuple[str, ...]:
        return ("a date such as 2026-01-31",)

    def describe(self) -> str:
        return "a date such as `2026-01-31`"

    @property
    def annotation(self) -> Any:
        return date

    def say(self, value: date, speech: Speech) -> str:
        return format_date(value, format="long", locale=locale_of(speech.language))

    def plain(self, value: date) -> str:
        return value.isoformat()


@dataclass(frozen=True)
class Phrase(Shape):
    """One line of free words for people. ``{{`` and ``}}`` are refused, so that a filled text is filled
    once.
    """

    longest: int = 300

    def read(self, node: Node, at: Reading, path: str) -> str:
        text = self.text_of(node, at)
        if not text.strip() or len(text) > self.longest or "\n" in text or "{{" in text or "}}" in text:
            at.refuse(node.line, "This is not one line of words.", allowed=self.allowed())
        return text.strip()

    def allowed(self) -> tuple[str, ...]:
        return (f"one line of 1 to {self.longest} characters, without {{{{ or }}}}",)

    def describe(self) -> str:
        return f"one line of words, at most {self.longest} characters"

    @property
    def annotation(self) -> Any:
        return str

    def say(self, value: str, speech: Speech) -> str:
        return value

    def plain(self, value: str) -> str:
        return value


@dataclass(frozen=True)
class Link(Shape):
    """An address on the web: http or https. With ``or_mail`` also an e-mail address without ``mailto:``."""

    def read(self, node: Node, at: Reading, path: str) -> str:
        text = self.text_of(node, at)
        if not is_web_address(text):
            at.refuse(node.line, f"{quoted(text)} is not a web address.", allowed=self.allowed())
        return text

    def allowed(self) -> tuple[str, ...]:
        return ("an address that starts with https:// or http://",)

    def describe(self) -> str:
        return "a web address (`https://` or `http://`)"

    @property
    def annotation(self) -> Any:
        return str

    def say(self, value: str, speech: Speech) -> str:
        return value

    def plain(self, value: str) -> str:
        return value


def is_web_address(text: str) -> bool:
    """True for an http or https address with a host and without spaces, quotes or brackets."""
    if re.search(r"[\s<>\"'`{}\\]", text) or len(text) > 500:
        return False
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


@dataclass(frozen=True)
class Mail(Shape):
    """An e-mail address, checked for its form only."""

    FORM = re.compile(r"[A-Za-z0-9.+_-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}", re.ASCII)

    def read(self, node: Node, at: Reading, path: str) -> str:
        text = self.text_of(node, at)
        if not self.FORM.fullmatch(text):
            at.refuse(node.line, f"{quoted(text)} is not an e-mail address.", allowed=self.allowed())
        return text

    def allowed(self) -> tuple[str, ...]:
        return ("an e-mail address such as privacy@example.org",)

    def describe(self) -> str:
        return "an e-mail address"

    @property
    def annotation(self) -> Any:
        return str

    def say(self, value: str, speech: Speech) -> str:
        return value

    def plain(self, value: str) -> str:
        return value


@dataclass(frozen=True)
class Word(Shape):
    """One of a closed set of words. ``words`` maps each word to how it is said in a sentence.

    A set too long to repeat names where it is ``listed``.
    """

    what: str
    words: FrozenMap[str, str]
    listed: str = ""

    def read(self, node: Node, at: Reading, path: str) -> str:
        text = self.text_of(node, at)
        if text not in self.words:
            at.refuse(node.line, unknown_word(text, self.what, self.words), allowed=self.allowed())
        return text

    def allowed(self) -> tuple[str, ...]:
        return (f"{self.what} ({self.listed})",) if self.listed else tuple(self.words)

    def describe(self) -> str:
        if self.listed:
            return f"{self.what} ({self.listed})"
        return "one of " + ", ".join(_with_saying(word, said) for word, said in self.words.items())

    @property
    def annotation(self) -> Any:
        return str

    def say(self, value: str, speech: Speech) -> str:
        return self.words[value]

    def plain(self, value: str) -> str:
        return value


def _with_saying(word: str, said: str) -> str:
    return f"`{word}`" if said == word else f"`{word}` (“{said}”)"


def words(what: str, choices: Mapping[str, str], *, listed: str = "") -> Word:
    """A closed set of words: ``what`` completes “is not …”, ``choices`` says each word in a sentence."""
    return Word(what=what, words=FrozenMap(choices), listed=listed)


@dataclass(frozen=True)
class NameOf(Shape):
    """A reference to a name that another clause declares."""

    of: str

    def read(self, node: Node, at: Reading, path: str) -> str:
        text = self.text_of(node, at)
        at.refer(self.of, text, node.line)
        return text

    def allowed(self) -> tuple[str, ...]:
        return (f"a {self.of} declared in {DECLARED_IN[self.of]}",)

    def describe(self) -> str:
        return f"a {self.of} declared in {DECLARED_IN[self.of]}"

    @property
    def annotation(self) -> Any:
        return str

    def say(self, value: str, speech: Speech) -> str:
        return speech.titles.get(self.of, {}).get(value, value.replace("-", " ").replace("_", " "))

    def plain(self, value: str) -> str:
        return value


@dataclass(frozen=True)
class NewName(Shape):
    """A name that this field declares, so that other clauses can refer to it. ``of`` may be empty for local
    names.

    A ``token`` is named by others (a cookie, say) and may have capitals and leading underscores.
    """

    of: str = ""
    token: bool = False

    def read(self, node: Node, at: Reading, path: str) -> str:
        text = self.text_of(node, at)
        form = TOKEN if self.token else NAME
        if not form.fullmatch(text) or len(text) > LONGEST_NAME:
            at.refuse(node.line, f"{quoted(text)} is not a name.", allowed=self.allowed())
        if self.of:
            at.declare(self.of, text, node.line)
        return text

    def allowed(self) -> tuple[str, ...]:
        return ("letters, digits, . - and _",) if self.token else ("lower-case words joined by . - or _",)

    def describe(self) -> str:
        if self.token:
            return "a name of letters, digits, `.`, `-` and `_`"
        return f"a new {self.of} name" if self.of else "a name: lower-case words joined by `.`, `-` or `_`"

    @property
    def annotation(self) -> Any:
        return str

    def say(self, value: str, speech: Speech) -> str:
        return value if self.token else value.replace("-", " ").replace("_", " ")

    def plain(self, value: str) -> str:
        return value
