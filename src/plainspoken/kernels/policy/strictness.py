"""Orders of strictness: which of two values of a field binds us more.

Each field of a rule declares its order. Orders are partial: some pairs cannot be compared, and then a
difference is neither stricter nor looser. Three things rest on them: layering (the stricter of two layers
wins), the law's minimum (a policy is at least as strict) and material changes (a change that is not
stricter).
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from plainspoken.kernels.policy.durations import Duration
from plainspoken.kernels.policy.frozen import FrozenMap


class Relation(StrEnum):
    """How one value stands to another."""

    EQUAL = "equal"
    STRICTER = "stricter"
    LOOSER = "looser"
    OTHER = "other"

    @property
    def reversed(self) -> "Relation":
        return {Relation.STRICTER: Relation.LOOSER, Relation.LOOSER: Relation.STRICTER}.get(self, self)


class Order(ABC):
    """A partial order. ``sentence`` says it in words, for the reference."""

    sentence: str

    @abstractmethod
    def compare(self, left: Any, right: Any) -> Relation:
        """How ``left`` stands to ``right``."""

    def at_least(self, value: Any, minimum: Any) -> bool:
        """True if ``value`` is as strict as ``minimum`` or stricter."""
        return self.compare(value, minimum) in {Relation.EQUAL, Relation.STRICTER}

    def raised(self, value: Any, minimum: Any) -> Any:
        """``value`` if it is at least as strict as ``minimum``, otherwise a value that is as strict as both.

        Where the two cannot be combined, that is the minimum.
        """
        return value if self.at_least(value, minimum) else minimum


@dataclass(frozen=True)
class _Leaf(Order):
    """An order given by one question: is ``left`` at least as strict as ``right``?"""

    sentence: str
    holds: Callable[[Any, Any], bool]
    combined: Callable[[Any, Any], Any] | None = None

    def raised(self, value: Any, minimum: Any) -> Any:
        if self.combined is not None and not self.at_least(value, minimum):
            return self.combined(value, minimum)
        return super().raised(value, minimum)

    def compare(self, left: Any, right: Any) -> Relation:
        if left == right:
            return Relation.EQUAL
        return _relation(self.holds(left, right), self.holds(right, left))


def _relation(forward: bool, backward: bool) -> Relation:
    if forward and backward:
        return Relation.EQUAL
    if forward:
        return Relation.STRICTER
    return Relation.LOOSER if backward else Relation.OTHER


def _superset(left: Iterable[Any], right: Iterable[Any]) -> bool:
    return set(left) >= set(right)


def _all_of_both(left: tuple[Any, ...], right: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys((*left, *right)))


def _in_both(left: tuple[Any, ...], right: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(item for item in left if item in right)


def _duration_at_most(left: Duration, right: Duration) -> bool:
    return left.at_most(right)


def _at_most(left: int, right: int) -> bool:
    return left <= right


def _no_later(left: date, right: date) -> bool:
    return left <= right


SHORTER = _Leaf("a shorter time is stricter", _duration_at_most)
LONGER = _Leaf("a longer time is stricter", lambda left, right: _duration_at_most(right, left))
SMALLER = _Leaf("a smaller number is stricter", _at_most)
LARGER = _Leaf("a larger number is stricter", lambda left, right: _at_most(right, left))
EARLIER = _Leaf("an earlier date is stricter", _no_later)
YES = _Leaf("true is stricter", lambda left, right: left >= right)
NO = _Leaf("false is stricter", lambda left, right: left <= right)
MORE = _Leaf("a list with everything of the other and more is stricter", _superset, _all_of_both)
FEWER = _Leaf(
    "a list with nothing but what the other has is stricter",
    lambda left, right: _superset(right, left),
    _in_both,
)
FIXED = _Leaf("none: two different values cannot be compared", lambda left, right: bool(left == right))


def ranked(*words: str) -> Order:
    """The words from the loosest to the strictest."""
    rank = {word: place for place, word in enumerate(words)}
    return _Leaf(
        f"from loosest to strictest: {', '.join(words)}", lambda left, right: rank[left] >= rank[right]
    )


@dataclass(frozen=True)
class OrNothing(Order):
    """An order for a field that may be left out: ``nothing`` says whether an absent value is stricter or
    looser.
    """

    order: Order
    nothing: Relation

    @property
    def sentence(self) -> str:  # type: ignore[override]
        return f"{self.order.sentence}; none at all is {self.nothing.value}"

    def compare(self, left: Any, right: Any) -> Relation:
        if left is None or right is None:
            return _absence(left is None, right is None, self.nothing)
        return self.order.compare(left, right)


def _absence(left: bool, right: bool, nothing: Relation) -> Relation:
    if left and right:
        return Relation.EQUAL
    return nothing if left else nothing.reversed


class Composite(Order):
    """An order over values with named parts: compared part by part, stricter only if no part is looser.

    ``absent`` says how a missing part stands to a present one.
    """

    absent: Relation

    @abstractmethod
    def parts(self, value: Any) -> Mapping[str, Any]:
        """The parts by name, in the order in which they are written."""

    @abstractmethod
    def order_of(self, part: str) -> Order:
        """The order of one part."""

    @abstractmethod
    def build(self, parts: Mapping[str, Any], like: Any) -> Any:
        """A value of the kind of ``like`` with these parts."""

    def compare(self, left: Any, right: Any) -> Relation:
        if left == right:
            return Relation.EQUAL
        lefts, rights = self.parts(left), self.parts(right)
        seen = {self._compare_part(name, lefts, rights) for name in {**lefts, **rights}}
        seen.discard(Relation.EQUAL)
        if not seen:
            return Relation.EQUAL
        return seen.pop() if len(seen) == 1 else Relation.OTHER

    def _compare_part(self, name: str, lefts: Mapping[str, Any], rights: Mapping[str, Any]) -> Relation:
        if name in lefts and name in rights:
            return self.order_of(name).compare(lefts[name], rights[name])
        return _absence(name not in lefts, name not in rights, self.absent)


@dataclass(frozen=True)
class Each(Composite):
    """A map compared key by key. ``absent`` LOOSER: a missing key promises nothing. STRICTER: each key is a
    licence.
    """

    order: Order
    absent: Relation

    @property
    def sentence(self) -> str:  # type: ignore[override]
        key = "a missing key is looser" if self.absent is Relation.LOOSER else "fewer keys are stricter"
        return f"key by key, {self.order.sentence}; {key}"

    def parts(self, value: FrozenMap[str, Any]) -> Mapping[str, Any]:
        return value

    def order_of(self, part: str) -> Order:
        return self.order

    def build(self, parts: Mapping[str, Any], like: Any) -> FrozenMap[str, Any]:
        return FrozenMap(parts)


@dataclass(frozen=True)
class ByName(Each):
    """A list of records compared by their names. With ``in_order`` another order of the same names is another
    value.
    """

    in_order: bool = False

    def compare(self, left: Any, right: Any) -> Relation:
        found = super().compare(left, right)
        if self.in_order and not self._same_order(left, right):
            return Relation.OTHER
        return found

    def _same_order(self, left: Any, right: Any) -> bool:
        lefts, rights = list(self.parts(left)), list(self.parts(right))
        shared = set(lefts) & set(rights)
        return [name for name in lefts if name in shared] == [name for name in rights if name in shared]

    def parts(self, value: Iterable[Any]) -> Mapping[str, Any]:
        return {item.name: item for item in value}

    def build(self, parts: Mapping[str, Any], like: Any) -> tuple[Any, ...]:  # type: ignore[override]
        return tuple(parts.values())
