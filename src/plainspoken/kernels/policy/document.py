"""The reference of the policy language, generated from the kinds themselves:
``docs/reference/policy-language.md``.
"""

import dataclasses
import inspect
from collections.abc import Iterator
from typing import Any

from plainspoken.kernels.policy.blocks import MOST_DEPTH, MOST_NODES
from plainspoken.kernels.policy.catalogue import CLAUSES, SECTIONS
from plainspoken.kernels.policy.containers import ListOf, MapOf, Maybe
from plainspoken.kernels.policy.kinds import MODULES
from plainspoken.kernels.policy.laws import ANSWER_WITHIN, BY_CLAUSE, FIRST_RUNG, OPT_OUT, Minimum
from plainspoken.kernels.policy.model import Controller, Front
from plainspoken.kernels.policy.records import KINDS, Record, Specification, specifications
from plainspoken.kernels.policy.shapes import Shape
from plainspoken.kernels.policy.structure import MOST_CHARACTERS

INTRODUCTION = f"""\
# The policy language

This page is generated from the code of the compiler (`plainspoken.kernels.policy.document`): change it there.

A policy is one Markdown file. People read its text, and the system enforces the rules beside it.

````markdown
---
title: How we treat your personal data
version: 2026-01
language: en
controller: {{name: Larkfield Home GmbH, …}}
---

## Your rights {{#H}}

You can see what we hold about you, and have it erased.

### Have it erased {{#right.erase}}

Ask, and we erase what we hold about you within {{{{ answer_within.gdpr }}}}.

```rule right
kind: erase
laws: [gdpr]
answer_within: {{gdpr: P1M}}
…
```
````

- A line that starts with `## ` opens a section, with its letter or its name as id. A line that starts with
  `### ` opens a clause, with the clause's id. Other headings are refused.
- Each clause has text and exactly one block whose fence says `rule` and the kind. The first sentence of a
  text is its summary.
- `{{{{ field.part }}}}` quotes a value of its own rule, `{{{{ controller.name }}}}` the controller.
  A line `- {{{{ field }}}}` becomes one entry for each item. An unknown path is an error. So is a time that
  is written by hand, such as “30 days”: it could disagree with the rule.
- Links go to `http`, `https`, `mailto`, or `#clause.id` in the same notice. Pictures and HTML have no place.
- Values are YAML without anchors, aliases and tags. A block has at most {MOST_DEPTH} levels and {MOST_NODES}
  values, a file at most {MOST_CHARACTERS} characters.
- A policy that goes below the law's minimum does not compile. A change is stricter or looser by the order of
  its field; a map or a record is stricter only if no part of it is looser.
"""


def reference() -> str:
    """The whole reference as Markdown, ending in one newline."""
    parts = [INTRODUCTION, _front(), _catalogue(), *_kinds(), _minimums()]
    return "\n".join(parts).rstrip("\n") + "\n"


def _front() -> str:
    controller = f"### Part Controller\n\n{_doc(Controller)}\n\n{_fields(Controller)}"
    return f"## Front matter\n\n{_doc(Front)}\n\n{_fields(Front)}\n{controller}"


def _catalogue() -> str:
    rows = [
        f"| {expected.letter} | `{clause}` | [{expected.kind}](#{expected.kind}){_sort(expected.sort)} |"
        for clause, expected in CLAUSES.items()
    ]
    sections = ", ".join(f"{letter} `{slug}`" for letter, slug in SECTIONS.items())
    head = f"## The {len(CLAUSES)} clauses\n\nSections: {sections}.\n\n"
    return head + "| section | clause | kind of rule |\n|---|---|---|\n" + "\n".join(rows) + "\n"


def _sort(sort: str | None) -> str:
    return f", `kind: {sort}`" if sort else ""


def _kinds() -> Iterator[str]:
    yield f"## The {len(KINDS)} kinds of rules\n"
    for module in MODULES:
        yield f"_{inspect.cleandoc(module.__doc__ or '')}_\n"
        for word, kind in KINDS.items():
            if kind.__module__ == module.__name__:
                yield _kind(word, kind)


def _kind(word: str, kind: type[Any]) -> str:
    clauses = ", ".join(f"`{clause}`" for clause, expected in CLAUSES.items() if expected.kind == word)
    parts = "".join(
        f"\n#### Part {part.__name__}\n\n{_doc(part)}\n\n{_fields(part)}"
        for part in dict.fromkeys(_parts(kind))
    )
    return f"### {word}\n\n{_doc(kind)} Used by {clauses}.\n\n{_fields(kind)}{parts}"


def _parts(kind: type[Any]) -> Iterator[type[Any]]:
    for specification in specifications(kind).values():
        for record in _records(specification.shape):
            yield record
            yield from _parts(record)


def _records(shape: Shape) -> Iterator[type[Any]]:
    if isinstance(shape, Record):
        yield shape.cls
    elif isinstance(shape, ListOf):
        yield from _records(shape.item)
    elif isinstance(shape, MapOf):
        yield from _records(shape.value)
    elif isinstance(shape, Maybe):
        yield from _records(shape.shape)


def _fields(cls: type[Any]) -> str:
    rows = [_field(field.name, specifications(cls)[field.name]) for field in dataclasses.fields(cls)]
    return "| field | meaning | holds | strictness |\n|---|---|---|---|\n" + "\n".join(rows) + "\n"


def _field(name: str, specification: Specification) -> str:
    where = (
        f" Only for {', '.join(f'`{sort}`' for sort in specification.only)}." if specification.only else ""
    )
    may = " May be left out." if specification.optional else ""
    cells = (
        f"`{name}`",
        f"{specification.meaning}.{where}{may}",
        specification.shape.describe(),
        specification.order.sentence,
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _doc(cls: type[Any]) -> str:
    return " ".join(inspect.cleandoc(cls.__doc__ or "").split())


def _minimums() -> str:
    rows = [_minimum("every `right`", minimum) for minimum in ANSWER_WITHIN.values()]
    rows.append(_minimum("`right` of kind `opt-out` or `limit`", OPT_OUT))
    rows += [_minimum(f"`{clause}`", minimum) for clause, found in BY_CLAUSE.items() for minimum in found]
    rows += [
        _minimum("`recourse.ladder`", Minimum(f"ladder.(first).{field}", value, source, layer))
        for field, value, source, layer in FIRST_RUNG
    ]
    head = (
        "## The law's minimum\n\nOur reading of what the law fixes, for a program; it is not legal advice. "
        "A clause that goes below\ndoes not compile, and a client's agreement that does is refused.\n\n"
        "| clause | field | at least as strict as | source |\n|---|---|---|---|\n"
    )
    return head + "\n".join(rows) + "\n"


def _minimum(clause: str, minimum: Minimum) -> str:
    value = minimum.value
    said = ", ".join(f"`{item}`" for item in value) if isinstance(value, tuple) else f"`{_written(value)}`"
    return f"| {clause} | `{minimum.path}` | {said} | {minimum.source} |"


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


if __name__ == "__main__":
    print(reference(), end="")
