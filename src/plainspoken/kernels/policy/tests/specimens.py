"""The shipped policy as a specimen, ways to break it at a known line, and strategies for values of every
shape.
"""

import string
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from plainspoken.kernels.policy import Duration, FrozenMap, Policy, PolicyError, PolicyErrors, compile_policy
from plainspoken.kernels.policy.containers import ListOf, MapOf, Maybe
from plainspoken.kernels.policy.records import Record, specifications
from plainspoken.kernels.policy.shapes import (
    Day,
    Flag,
    Link,
    Mail,
    NameOf,
    NewName,
    Phrase,
    Shape,
    Span,
    Whole,
    Word,
)

ROOT = Path(__file__).parents[5]
SHIPPED = ROOT / "policies" / "plainspoken.md"
FILE = "policies/plainspoken.md"
HERE = "@@"


@cache
def source() -> str:
    return SHIPPED.read_text(encoding="utf-8")


@cache
def shipped() -> Policy:
    return compile_policy(source(), file=FILE)


def changed(old: str, new: str, *, text: str | None = None) -> str:
    """The shipped policy with one piece replaced. Fails if the piece does not stand there exactly once."""
    text = source() if text is None else text
    assert text.count(old) == 1, (text.count(old), old)
    return text.replace(old, new)


def in_clause(clause: str, old: str, new: str, *, text: str | None = None) -> str:
    """The shipped policy with the first occurrence of ``old`` inside a clause replaced."""
    text = source() if text is None else text
    start = text.index(f"{{#{clause}}}")
    end = text.find("\n### ", start)
    body = text[start:end]
    assert old in body, (clause, old)
    return text[:start] + body.replace(old, new, 1) + text[end:]


def errors_of(text: str, **options: Any) -> tuple[PolicyError, ...]:
    try:
        compile_policy(text, file=FILE, **options)
    except PolicyErrors as broken:
        return broken.errors
    return ()


def marked(text: str) -> tuple[str, int]:
    """A text without its mark, and the line on which the mark stood."""
    assert text.count(HERE) == 1
    return text.replace(HERE, ""), text[: text.index(HERE)].count("\n") + 1


def the_error(text: str, clause: str | None, message: str, **options: Any) -> PolicyError:
    """The error with that message, which must stand on the marked line and name the clause."""
    clean, line = marked(text)
    found = errors_of(clean, **options)
    matching = [error for error in found if message in error.message]
    assert matching, (message, [str(error) for error in found])
    error = matching[0]
    assert (error.file, error.line, error.clause) == (FILE, line, clause), str(error)
    return error


def check_the_error_in_a_clause(clause: str, old: str, new: str, message: str, allowed: str) -> None:
    """Break one piece of a clause; the error names the clause, the marked line, and what is allowed."""
    text = in_clause(clause, old, new)
    if "@@" not in new:
        found = [error for error in errors_of(text) if message in error.message]
        assert found
        assert found[0].clause == clause
        error = found[0]
    else:
        error = the_error(text, clause, message)
    assert not allowed or allowed in error.allowed, error.allowed


DURATIONS = [
    Duration.parse(text)
    for text in (
        "PT1S",
        "PT15M",
        "P1D",
        "PT24H",
        "P28D",
        "P30D",
        "P1M",
        "P31D",
        "P45D",
        "P2M",
        "P1Y",
        "P1MT1H",
    )
]
durations = st.sampled_from(DURATIONS)
names = st.sampled_from(["alpha", "beta.one", "gamma-two", "delta", "x1"])
phrase_characters = st.characters(
    codec="utf-8", exclude_categories=("C", "Zl", "Zp"), exclude_characters="{}"
)


def _texts(longest: int) -> st.SearchStrategy[str]:
    made = st.text(phrase_characters, min_size=1, max_size=min(longest, 40))
    return made.map(str.strip).filter(bool)


def values_of(shape: Shape) -> st.SearchStrategy[Any]:
    """Values that a shape can hold, from small sets, so that equal and comparable pairs are common."""
    match shape:
        case Flag():
            return st.booleans()
        case Whole(least=least, most=most):
            return st.sampled_from(sorted({least, min(least + 1, most), min(least + 5, most), most}))
        case Span():
            return durations
        case Day():
            return st.sampled_from([date(2022, 1, 1), date(2021, 6, 27), date(2024, 2, 29)])
        case Phrase(longest=longest):
            return _texts(longest)
        case Link():
            return st.sampled_from(["https://a.example/", "http://b.example/x?y=1", "https://a.example/_(z)"])
        case Mail():
            return st.sampled_from(["privacy@a.example", "a_b@c-d.example"])
        case Word(words=words):
            return st.sampled_from(list(words)[:6])
        case NameOf() | NewName():
            return names
        case Maybe(shape=inner):
            return st.none() | values_of(inner)
        case ListOf():
            return _lists(shape)
        case MapOf():
            return _maps(shape)
        case Record(cls=cls):
            return records_of(cls)
    raise AssertionError(shape)


def _lists(shape: ListOf) -> st.SearchStrategy[tuple[Any, ...]]:
    unique = st.lists(
        values_of(shape.item),
        min_size=shape.least,
        max_size=4,
        unique_by=lambda item: getattr(item, "name", item),
    )
    return unique.map(tuple)


def _maps(shape: MapOf) -> st.SearchStrategy[FrozenMap[str, Any]]:
    free = st.dictionaries(values_of(shape.key), values_of(shape.value), min_size=shape.least, max_size=3)
    if not shape.needs:
        return free.map(FrozenMap)
    needed = st.fixed_dictionaries({name: values_of(shape.value) for name in shape.needs})
    return st.tuples(needed, free).map(lambda both: FrozenMap({**both[0], **both[1]}))


def records_of(cls: type[Any], *, sort: str | None = None) -> st.SearchStrategy[Any]:
    """Instances of a rule or a part; for a rule of several sorts, of each of them or of one."""
    known = specifications(cls)
    if "kind" not in known:
        return st.builds(cls, **{name: values_of(spec.shape) for name, spec in known.items()})
    kind = known["kind"].shape
    assert isinstance(kind, Word)
    if sort is not None:
        return _sorted_record(cls, sort)
    return st.sampled_from(list(kind.words)).flatmap(lambda sort: _sorted_record(cls, sort))


def _sorted_record(cls: type[Any], sort: str) -> st.SearchStrategy[Any]:
    fields = {
        name: values_of(spec.shape)
        for name, spec in specifications(cls).items()
        if name != "kind" and spec.belongs_to(sort)
    }
    return st.builds(cls, kind=st.just(sort), **fields)


CHARACTERS = [
    *string.printable,
    "\u2028",
    "\u202e",
    "\x00",
    "é",
    "💡",
    "{{",
    "}}",
    "```",
    "```rule right\n",
    "## ",
    "### x {#right.erase}\n",
    "&a ",
    "*a",
    "!!python/object:os.system ",
    "---\n",
    "<script>",
    "[x](javascript:y)",
    "\ud800",
]
noise = st.lists(st.sampled_from(CHARACTERS), max_size=12).map("".join)
