"""Filling a text with the values of its own rule: ``{{ answer_within.gdpr }}`` becomes “1 month”.

A path starts at the clause's rule, or at ``controller``. Each step is a field, a key of a map (which may
itself contain dots) or the name of a record in a list.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from plainspoken.kernels.policy.containers import ListOf, MapOf, Maybe
from plainspoken.kernels.policy.errors import did_you_mean, quoted
from plainspoken.kernels.policy.reading import Speech
from plainspoken.kernels.policy.records import Record, specifications
from plainspoken.kernels.policy.shapes import Shape

PLACEHOLDER = re.compile(r"\{\{([^{}\n]{0,200})\}\}")
# A line that is nothing but an entry of a list with one value.
ENTRY = re.compile(r"(?P<mark> {0,3}[-*] )\{\{(?P<path>[^{}\n]{0,200})\}\}")
LEFT_OVER = re.compile(r"\{\{|\}\}")
# What Markdown reads as a mark; a value is words and nothing else.
MARKS = re.compile(r"([\\`*_\[\]<>&|~#!])")


class UnknownPath(Exception):
    """A path names nothing. ``message`` is one sentence, ``allowed`` what could stand there."""

    def __init__(self, message: str, allowed: tuple[str, ...]) -> None:
        self.message = message
        self.allowed = allowed
        super().__init__(message)


@dataclass(frozen=True)
class Found:
    """A value and its shape."""

    shape: Shape
    value: Any

    def inside(self) -> Mapping[str, "Found"]:
        """What a further step of a path can name."""
        shape, value = self.shape, self.value
        if isinstance(shape, Maybe) and value is not None:
            return Found(shape.shape, value).inside()
        if isinstance(shape, Record):
            return _fields(value)
        if isinstance(shape, MapOf):
            return {name: Found(shape.value, item) for name, item in value.items()}
        if isinstance(shape, ListOf) and isinstance(shape.item, Record):
            return {item.name: Found(shape.item, item) for item in value if hasattr(item, "name")}
        return {}


def _fields(value: Any) -> Mapping[str, Found]:
    sort = getattr(value, "kind", None)
    return {
        name: Found(specification.shape, getattr(value, name))
        for name, specification in specifications(type(value)).items()
        if specification.belongs_to(sort)
    }


def find(path: str, roots: Mapping[str, Found]) -> Found:
    """The value that a dotted path names. Raises UnknownPath with what is allowed at the step that fails."""
    inside: Mapping[str, Found] = roots
    rest = path
    while True:
        steps = [name for name in inside if rest == name or rest.startswith(f"{name}.")]
        if not steps:
            message = f"There is no {quoted(rest)} to quote here.{did_you_mean(rest, inside)}"
            raise UnknownPath(message, tuple(inside))
        # The longest key wins, because keys of maps contain dots themselves.
        step = max(steps, key=len)
        found = inside[step]
        if rest == step:
            return found
        rest = rest[len(step) + 1 :]
        inside = found.inside()


def roots_of(rule: object | None, controller: object) -> dict[str, Found]:
    """What a path of a clause can start with."""
    fields = dict(_fields(rule)) if rule is not None else {}
    return {**fields, "controller": Found(Record(type(controller)), controller)}


def say(path: str, roots: Mapping[str, Found], speech: Speech) -> str:
    """The value at a path as words. Raises UnknownPath, also for a value that does not fit in a sentence."""
    found = find(path, roots)
    if not found.shape.sayable:
        inside = tuple(f"{path}.{name}" for name in found.inside())
        raise UnknownPath(f"{quoted(path)} does not fit in a sentence: quote one of its parts.", inside)
    return found.shape.say(found.value, speech)


def fill_line(line: str, roots: Mapping[str, Found], speech: Speech) -> list[str]:
    """The filled lines of one line: ``- {{ path }}`` alone becomes a list with an entry for each item of the
    value.

    Raises UnknownPath for a path that names nothing.
    """
    entry = ENTRY.fullmatch(line)
    if entry is None:
        return [PLACEHOLDER.sub(lambda match: _escaped(say(match[1].strip(), roots, speech)), line)]
    path = entry["path"].strip()
    say(path, roots, speech)
    found = find(path, roots)
    return [f"{entry['mark']}{_escaped(item)}" for item in found.shape.items(found.value, speech)]


def _escaped(words: str) -> str:
    return MARKS.sub(r"\\\1", words)


def fill_text(text: str, roots: Mapping[str, Found], speech: Speech) -> str:
    """The text with every ``{{ path }}`` replaced, once, by its words with the marks of Markdown escaped.

    Raises UnknownPath for a path that names nothing.
    """
    return "\n".join(filled for line in text.split("\n") for filled in fill_line(line, roots, speech))


def quoted_fields(text: str, roots: Mapping[str, Found]) -> set[str]:
    """The fields of the rule, or ``controller``, that a text quotes at least a part of."""
    paths = {match[1].strip() for match in PLACEHOLDER.finditer(text)}
    return {name for name in roots for path in paths if path == name or path.startswith(f"{name}.")}
