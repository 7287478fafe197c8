"""Rules and their parts as frozen dataclasses whose fields declare meaning, shape and order of strictness.

``declared`` gives a field its specification; ``record`` makes a part; ``rule_kind`` makes a kind of rule and
registers it under the word that stands in its fence. Everything else (parser, errors, reference, layering,
differences) reads these specifications and knows no kind by name.
"""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar, dataclass_transform

from plainspoken.kernels.policy.blocks import Map, Node, Scalar
from plainspoken.kernels.policy.errors import Refused, did_you_mean, quoted
from plainspoken.kernels.policy.reading import Reading, Speech
from plainspoken.kernels.policy.shapes import Shape
from plainspoken.kernels.policy.strictness import Composite, Order, Relation

SPECIFICATION = "plainspoken"
KINDS: dict[str, type["Rule"]] = {}
Class = TypeVar("Class")


@dataclass(frozen=True)
class Specification:
    """What a field means, what it may hold, which direction is stricter, and in which sorts of the kind it
    stands.

    ``only`` names values of the rule's field ``kind``: elsewhere the field is refused; empty means
    everywhere. ``optional`` fields may be left out and then hold ``default``.
    """

    meaning: str
    shape: Shape
    order: Order
    only: tuple[str, ...] = ()
    optional: bool = False
    default: Any = None

    def belongs_to(self, sort: str | None) -> bool:
        return not self.only or sort in self.only


def declared(
    meaning: str,
    shape: Shape,
    order: Order,
    *,
    default: Any = dataclasses.MISSING,
    only: tuple[str, ...] = (),
    elsewhere: Any = None,
) -> Any:
    """A dataclass field with its specification. A field with ``only`` holds ``elsewhere`` where it has no
    place.
    """
    optional = default is not dataclasses.MISSING
    specification = Specification(meaning, shape, order, only, optional, default if optional else elsewhere)
    metadata = {SPECIFICATION: specification}
    if optional or only:
        return dataclasses.field(default=specification.default, metadata=metadata)
    return dataclasses.field(metadata=metadata)


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(declared,))
def record(cls: type[Class]) -> type[Class]:
    """Make a class a frozen dataclass with keyword arguments: a part of a rule."""
    return dataclass(frozen=True, kw_only=True)(cls)


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What all kinds of rules share: the word of their fence."""

    rule_kind: ClassVar[str]


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(declared,))
def rule_kind(word: str) -> Callable[[type[Class]], type[Class]]:
    """Register a frozen dataclass as the kind of rule written as ```` ```rule word````."""

    def register(cls: type[Class]) -> type[Class]:
        made = dataclass(frozen=True, kw_only=True)(cls)
        assert issubclass(made, Rule)
        made.rule_kind = word
        KINDS[word] = made
        return made

    return register


_SPECIFICATIONS: dict[type[Any], Mapping[str, Specification]] = {}


def specifications(cls: type[Any]) -> Mapping[str, Specification]:
    """The declared fields of a rule or a part, by name, in their order."""
    known = _SPECIFICATIONS.get(cls)
    if known is None:
        known = {
            field.name: field.metadata[SPECIFICATION]
            for field in dataclasses.fields(cls)
            if SPECIFICATION in field.metadata
        }
        _SPECIFICATIONS[cls] = known
    return known


def read_fields(
    cls: type[Class], node: Map, at: Reading, path: str = "", *, sort: str | None = None
) -> Class:
    """An instance of ``cls`` from a map of its fields. Notes every problem; raises Refused if there was one.

    ``sort`` says which fields belong here where that is known; otherwise the field ``kind`` decides.
    """
    written = {key.text: (key, value) for key, value in node.items}
    sort = sort or _sort_of(written)
    whole = _check_names(cls, node, at, sort)
    values: dict[str, Any] = {}
    for name, specification in specifications(cls).items():
        if not specification.belongs_to(sort):
            continue
        try:
            _read_field(name, specification, written, values, node, at, path)
        except Refused:
            whole = False
    if not whole:
        raise Refused
    return cls(**values)


def _sort_of(written: Mapping[str, tuple[Scalar, Node]]) -> str | None:
    value = written["kind"][1] if "kind" in written else None
    return value.text if isinstance(value, Scalar) else None


def _check_names(cls: type[Any], node: Map, at: Reading, sort: str | None) -> bool:
    known = specifications(cls)
    here = tuple(name for name, specification in known.items() if specification.belongs_to(sort))
    whole = True
    for key, _ in node.items:
        if key.text in here:
            continue
        whole = False
        if key.text in known:
            message = (
                f"The field {quoted(key.text)} belongs to {', '.join(known[key.text].only)}, not to {sort}."
            )
        else:
            message = f"There is no field {quoted(key.text)} here.{did_you_mean(key.text, here)}"
        at.problems.add(key.line, at.clause, message, allowed=here)
    return whole


def _read_field(
    name: str,
    specification: Specification,
    written: Mapping[str, tuple[Scalar, Node]],
    values: dict[str, Any],
    node: Map,
    at: Reading,
    path: str,
) -> None:
    inner = f"{path}.{name}" if path else name
    if name in written:
        key, child = written[name]
        at.lines[inner] = key.line
        values[name] = specification.shape.read(child, at, inner)
    elif specification.optional:
        values[name] = specification.default
    else:
        message = f"The field {quoted(name)} is missing: {specification.meaning}."
        at.refuse(node.line, message, allowed=specification.shape.allowed())


@dataclass(frozen=True)
class Record(Shape):
    """A part with fields of its own. It is said by its ``title``, if it has one."""

    cls: type[Any]

    def read(self, node: Node, at: Reading, path: str) -> Any:
        if not isinstance(node, Map):
            at.refuse(node.line, "Fields belong here.", allowed=self.allowed())
        return read_fields(self.cls, node, at, path)

    def allowed(self) -> tuple[str, ...]:
        return (f"{{{', '.join(f'{name}: …' for name in specifications(self.cls))}}}",)

    def describe(self) -> str:
        return f"a [{self.cls.__name__}](#part-{self.cls.__name__.lower()})"

    @property
    def annotation(self) -> Any:
        return self.cls

    @property
    def sayable(self) -> bool:
        return self.titled

    @property
    def titled(self) -> bool:
        return "title" in specifications(self.cls)

    def say(self, value: Any, speech: Speech) -> str:
        return str(value.title)

    def plain(self, value: Any) -> dict[str, Any]:
        return plain(value)


def plain(value: Any) -> dict[str, Any]:
    """A rule or a part as JSON holds it. Fields that have no place in its sort are left out."""
    return {
        name: specification.shape.plain(getattr(value, name))
        for name, specification in specifications(type(value)).items()
        if specification.belongs_to(getattr(value, "kind", None))
    }


@dataclass(frozen=True)
class FieldByField(Composite):
    """Rules and parts compared by the declared order of each field."""

    cls: type[Any]
    absent = Relation.OTHER
    sentence = "field by field"

    def parts(self, value: Any) -> Mapping[str, Any]:
        sort = getattr(value, "kind", None)
        return {
            name: getattr(value, name)
            for name, specification in specifications(self.cls).items()
            if specification.belongs_to(sort)
        }

    def order_of(self, part: str) -> Order:
        return specifications(self.cls)[part].order

    def build(self, parts: Mapping[str, Any], like: Any) -> Any:
        return dataclasses.replace(like, **parts)
