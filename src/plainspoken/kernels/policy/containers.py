"""Shapes that hold other shapes: lists, maps and values that may be absent."""

from dataclasses import dataclass
from types import GenericAlias
from typing import Any, cast

from babel.lists import format_list

from plainspoken.kernels.policy.blocks import Map, Node, Scalar, Sequence
from plainspoken.kernels.policy.durations import locale_of
from plainspoken.kernels.policy.errors import Refused, quoted
from plainspoken.kernels.policy.frozen import FrozenMap
from plainspoken.kernels.policy.reading import Reading, Speech
from plainspoken.kernels.policy.shapes import Shape

NOTHING = {"", "null", "~"}


@dataclass(frozen=True)
class ListOf(Shape):
    """A list without repetition, in the order written. ``either`` lists are said with “or”, the others with
    “and”.
    """

    item: Shape
    least: int = 0
    either: bool = False

    def read(self, node: Node, at: Reading, path: str) -> tuple[Any, ...]:
        if not isinstance(node, Sequence):
            at.refuse(node.line, "A list belongs here.", allowed=(f"[{', '.join(self.item.allowed())}]",))
        found: dict[Any, Any] = {}
        whole = True
        for place, child in enumerate(node.items):
            try:
                self._take(child, at, f"{path}.{_step(child, place)}", found)
            except Refused:
                whole = False
        if not whole:
            raise Refused
        if len(found) < self.least:
            at.refuse(node.line, f"At least {self.least} belongs in this list.", allowed=self.item.allowed())
        return tuple(found.values())

    def _take(self, child: Node, at: Reading, path: str, found: dict[Any, Any]) -> None:
        value = self.item.read(child, at, path)
        key = _key(value)
        at.lines[path] = child.line
        if key in found:
            at.refuse(child.line, f"{quoted(str(key))} stands in this list twice.", allowed=("each once",))
        found[key] = value

    def allowed(self) -> tuple[str, ...]:
        return (f"a list of: {', '.join(self.item.allowed())}",)

    def describe(self) -> str:
        some = f", at least {self.least}" if self.least else ""
        return f"a list{some}: each {self.item.describe()}"

    @property
    def annotation(self) -> Any:
        return GenericAlias(tuple, (self.item.annotation, ...))

    @property
    def sayable(self) -> bool:
        return self.item.sayable

    def say(self, value: tuple[Any, ...], speech: Speech) -> str:
        return join(self.items(value, speech), speech, either=self.either)

    def items(self, value: tuple[Any, ...], speech: Speech) -> list[str]:
        return [self.item.say(item, speech) for item in value]

    def plain(self, value: tuple[Any, ...]) -> list[Any]:
        return [self.item.plain(item) for item in value]


def _step(child: Node, place: int) -> str:
    """The step of a path to an item: a record's name, otherwise its place."""
    if isinstance(child, Map):
        for key, value in child.items:
            if key.text == "name" and isinstance(value, Scalar):
                return value.text
    return str(place)


def _key(value: Any) -> Any:
    """What must be unique in a list: a record's name, otherwise the value."""
    return getattr(value, "name", value)


def join(said: list[str], speech: Speech, *, either: bool = False) -> str:
    """A list as people say it: “a, b and c”, or “a, b or c”. An empty list is “none”."""
    if not said:
        return "none"
    return format_list(said, style="or" if either else "standard", locale=locale_of(speech.language))


@dataclass(frozen=True)
class MapOf(Shape):
    """A map from names to values, in the order written. ``needs`` are keys that may not be missing."""

    key: Shape
    value: Shape
    least: int = 1
    needs: tuple[str, ...] = ()

    def read(self, node: Node, at: Reading, path: str) -> FrozenMap[str, Any]:
        if not isinstance(node, Map):
            at.refuse(node.line, "A map belongs here.", allowed=self.allowed())
        found: dict[str, Any] = {}
        whole = True
        for key, child in node.items:
            try:
                name = self.key.read(key, at, path)
                at.lines[f"{path}.{name}"] = key.line
                found[name] = self.value.read(child, at, f"{path}.{name}")
            except Refused:
                whole = False
        self._check_complete(node, at, {key.text for key, _ in node.items})
        if not whole:
            raise Refused
        return FrozenMap(found)

    def _check_complete(self, node: Map, at: Reading, written: set[str]) -> None:
        missing = [name for name in self.needs if name not in written]
        if missing:
            at.refuse(node.line, f"This lacks {', '.join(missing)}.", allowed=self.needs)
        if len(written) < self.least:
            at.refuse(node.line, f"At least {self.least} entry belongs here.", allowed=self.allowed())

    def allowed(self) -> tuple[str, ...]:
        return (f"a map from {' or '.join(self.key.allowed())} to {' or '.join(self.value.allowed())}",)

    def describe(self) -> str:
        needs = f" (needed: {', '.join(f'`{name}`' for name in self.needs)})" if self.needs else ""
        return f"a map{needs}: key {self.key.describe()}; value {self.value.describe()}"

    @property
    def annotation(self) -> Any:
        return cast(Any, FrozenMap)[str, self.value.annotation]

    @property
    def sayable(self) -> bool:
        return self.value.sayable

    def say(self, value: FrozenMap[str, Any], speech: Speech) -> str:
        if self.value.titled:
            return join(self.items(value, speech), speech)
        said = [
            f"{self.key.say(name, speech)} ({self.value.say(item, speech)})" for name, item in value.items()
        ]
        return join(said, speech)

    def items(self, value: FrozenMap[str, Any], speech: Speech) -> list[str]:
        if self.value.titled:
            return [self.value.say(item, speech) for item in value.values()]
        return [
            f"{self.key.say(name, speech)}: {self.value.say(item, speech)}" for name, item in value.items()
        ]

    def plain(self, value: FrozenMap[str, Any]) -> dict[str, Any]:
        return {name: self.value.plain(item) for name, item in value.items()}


@dataclass(frozen=True)
class Maybe(Shape):
    """A value, or null for none."""

    shape: Shape

    def read(self, node: Node, at: Reading, path: str) -> Any:
        if isinstance(node, Scalar) and node.plain and node.text in NOTHING:
            return None
        return self.shape.read(node, at, path)

    def allowed(self) -> tuple[str, ...]:
        return (*self.shape.allowed(), "null")

    def describe(self) -> str:
        return f"{self.shape.describe()}, or `null`"

    @property
    def annotation(self) -> Any:
        return self.shape.annotation | None

    @property
    def sayable(self) -> bool:
        return self.shape.sayable

    def say(self, value: Any, speech: Speech) -> str:
        return "none" if value is None else self.shape.say(value, speech)

    def items(self, value: Any, speech: Speech) -> list[str]:
        return ["none"] if value is None else self.shape.items(value, speech)

    def plain(self, value: Any) -> Any:
        return None if value is None else self.shape.plain(value)
