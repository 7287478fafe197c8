"""What is gathered while a rule is read: problems, the line of every field, names declared and names referred
to.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NoReturn

from plainspoken.kernels.policy.errors import Problems, Refused

# What a name can name, and the clause (or block) that declares such names.
DECLARED_IN = {
    "purpose": "use.purposes",
    "category": "collect.categories",
    "recipient": "disclose.default-deny",
    "ground": "basis.register",
    "framework": "notice.framework",
    "point": "collect.points",
    "controller field": "the controller block",
    "clause": "the policy",
}


@dataclass(frozen=True)
class Reference:
    """A name used in a rule, which something else must declare."""

    of: str
    name: str
    line: int
    clause: str | None


@dataclass
class Reading:
    """The state of reading one block. ``lines`` maps a field's dotted path to its line in the file."""

    problems: Problems
    clause: str | None
    lines: dict[str, int] = field(default_factory=dict)
    references: list[Reference] = field(default_factory=list)
    declared: dict[str, dict[str, int]] = field(default_factory=dict)

    def refuse(self, line: int, message: str, *, allowed: Iterable[str] = ()) -> NoReturn:
        """Note an error and stop reading this value; what stands around it is still read."""
        self.problems.add(line, self.clause, message, allowed=allowed)
        raise Refused

    def refer(self, of: str, name: str, line: int) -> None:
        self.references.append(Reference(of=of, name=name, line=line, clause=self.clause))

    def declare(self, of: str, name: str, line: int) -> None:
        self.declared.setdefault(of, {})[name] = line

    def line_of(self, path: str, *, otherwise: int) -> int:
        """The line of a field, or of the nearest field around it that was written."""
        while path:
            if path in self.lines:
                return self.lines[path]
            path = path.rpartition(".")[0]
        return otherwise


@dataclass(frozen=True)
class Speech:
    """How values are said: the language, and the titles of what names name
    (``titles["purpose"]["service.answer"]``).
    """

    language: str
    titles: dict[str, dict[str, str]] = field(default_factory=dict)
