"""YAML read as nodes that know their lines, from text that nobody has to trust.

Only the plain part of YAML is accepted: scalars, lists and maps, as the safe loader's parser reports them.
Anchors, aliases, merge keys and tags are refused, so no text can grow (a “billion laughs” file) or name a
Python object; depth, number of nodes and length are bounded. Values stay text here: what a field means
decides how they are read, so that ``no`` in a list of countries stays Norway.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from plainspoken.kernels.policy.errors import Problems, Refused, quoted

MOST_DEPTH = 10
MOST_NODES = 20_000
LONGEST_SCALAR = 4_000
LOADER: type[yaml.CSafeLoader] | type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Scalar:
    """One word or number, as written. ``plain`` is false if it stood in quotation marks."""

    text: str
    plain: bool
    line: int


@dataclass(frozen=True)
class Sequence:
    """A list of nodes."""

    items: tuple["Node", ...]
    line: int


@dataclass(frozen=True)
class Map:
    """A map with scalar keys, each once."""

    items: tuple[tuple[Scalar, "Node"], ...]
    line: int


Node = Scalar | Sequence | Map


def read_block(text: str, *, first_line: int, clause: str | None, problems: Problems) -> Map:
    """The map that a YAML block holds. ``first_line`` is the line of the file at which ``text`` starts, from
    1.

    Notes what is wrong in ``problems`` and raises Refused if the block cannot be read at all.
    """
    composer = _Composer(first_line=first_line, clause=clause, problems=problems)
    return composer.compose(text)


@dataclass
class _Composer:
    first_line: int
    clause: str | None
    problems: Problems
    nodes: int = 0

    def compose(self, text: str) -> Map:
        try:
            events = yaml.parse(text, Loader=LOADER)
            return self._document(iter(events))
        except yaml.MarkedYAMLError as broken:
            mark = broken.problem_mark or broken.context_mark
            # The parser may notice only behind the last line.
            place = min(int(mark.line), text.count("\n")) if mark is not None else 0
            line = self.first_line + place
            raise self._refuse(
                line, f"This is not readable YAML: {broken.problem or broken.context}."
            ) from broken
        except yaml.YAMLError as broken:
            raise self._refuse(self.first_line, "This is not readable YAML.") from broken

    def _document(self, events: Iterator[yaml.Event]) -> Map:
        node: Node | None = None
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent) and node is not None:
                raise self._refuse(self._line(event), "A block holds one YAML document.")
            if isinstance(event, yaml.NodeEvent):
                node = self._node(event, events, depth=0)
        if isinstance(node, Map):
            return node
        raise self._refuse(self.first_line, "A block holds fields.", allowed=("name: value",))

    def _node(self, event: yaml.Event, events: Iterator[yaml.Event], *, depth: int) -> Node:
        line = self._line(event)
        self._check(event, line, depth)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, line)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(events, line, depth)
        return self._map(events, line, depth)

    def _check(self, event: yaml.Event, line: int, depth: int) -> None:
        self.nodes += 1
        if self.nodes > MOST_NODES or depth > MOST_DEPTH:
            limits = f"at most {MOST_DEPTH} levels and {MOST_NODES} values"
            raise self._refuse(line, "This block is too large or nested too deeply.", allowed=(limits,))
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise self._refuse(
                line, "Anchors and aliases (& and *) have no place in a policy: write the value out."
            )
        if getattr(event, "tag", None) is not None:
            raise self._refuse(
                line, "Tags (!) have no place in a policy: the field decides how a value is read."
            )

    def _scalar(self, event: yaml.ScalarEvent, line: int) -> Scalar:
        if len(event.value) > LONGEST_SCALAR:
            raise self._refuse(line, f"A value has at most {LONGEST_SCALAR} characters.")
        return Scalar(text=event.value, plain=not event.style, line=line)

    def _sequence(self, events: Iterator[yaml.Event], line: int, depth: int) -> Sequence:
        items: list[Node] = []
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            items.append(self._node(event, events, depth=depth + 1))
        return Sequence(items=tuple(items), line=line)

    def _map(self, events: Iterator[yaml.Event], line: int, depth: int) -> Map:
        items: dict[str, tuple[Scalar, Node]] = {}
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self._node(event, events, depth=depth + 1)
            value = self._node(next(events), events, depth=depth + 1)
            if not isinstance(key, Scalar):
                raise self._refuse(key.line, "A field's name is one word, not a list or a map.")
            if key.text in items:
                first = items[key.text][0].line
                self.problems.add(
                    key.line, self.clause, f"{quoted(key.text)} stands here twice; first on line {first}."
                )
                continue
            items[key.text] = (key, value)
        return Map(items=tuple(items.values()), line=line)

    def _line(self, event: yaml.Event) -> int:
        mark = event.start_mark
        return self.first_line + (int(mark.line) if mark is not None else 0)

    def _refuse(self, line: int, message: str, *, allowed: tuple[str, ...] = ()) -> Refused:
        self.problems.add(line, self.clause, message, allowed=allowed)
        return Refused()
