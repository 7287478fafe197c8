"""What is wrong with a policy, said exactly: file, line, clause, what is wrong, what is allowed there."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field

MOST_ERRORS = 200
LONGEST_WORD = 80


@dataclass(frozen=True)
class PolicyError:
    """One thing that is wrong. ``line`` counts from 1; ``clause`` is None outside the clauses; ``allowed``
    may be empty.
    """

    file: str
    line: int
    clause: str | None
    message: str
    allowed: tuple[str, ...] = ()

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}: "
        clause = f"{self.clause}: " if self.clause else ""
        allowed = f" Allowed here: {', '.join(self.allowed)}." if self.allowed else ""
        return f"{place}{clause}{self.message}{allowed}"


class PolicyErrors(Exception):
    """A policy does not compile. ``errors`` holds everything that was found, in the order of the lines."""

    def __init__(self, errors: Iterable[PolicyError]) -> None:
        self.errors: tuple[PolicyError, ...] = tuple(errors)
        super().__init__("\n".join(str(error) for error in self.errors))


class Refused(Exception):
    """A value could not be read. The reason stands in Problems already."""


@dataclass
class Problems:
    """Collects errors, so that one run reports all of them."""

    file: str
    found: list[PolicyError] = field(default_factory=list)

    def add(self, line: int, clause: str | None, message: str, *, allowed: Iterable[str] = ()) -> None:
        """Note an error. Beyond 200 errors nothing more is kept: the file is then not a policy."""
        error = PolicyError(self.file, line, clause, message, tuple(allowed))
        if len(self.found) < MOST_ERRORS and error not in self.found:
            self.found.append(error)

    def raise_any(self) -> None:
        """Raise PolicyErrors if anything was noted."""
        if self.found:
            raise PolicyErrors(sorted(self.found, key=lambda error: error.line))


def did_you_mean(word: str, allowed: Iterable[str]) -> str:
    """A sentence with the nearest allowed word, or nothing. Long words are cut: comparing costs their
    product.
    """
    near = difflib.get_close_matches(word[:LONGEST_WORD], list(allowed), n=1, cutoff=0.6)
    return f" Did you mean “{near[0]}”?" if near else ""


def quoted(word: str) -> str:
    """A word of the author's in quotation marks, cut to a length that fits in a sentence."""
    shown = word if len(word) <= LONGEST_WORD else word[:LONGEST_WORD] + "…"
    return f"“{shown}”"


def unknown_word(word: str, what: str, allowed: Iterable[str]) -> str:
    """The sentence about a word that is none of the allowed ones, with the nearest."""
    return f"{quoted(word)} is not {what}.{did_you_mean(word, allowed)}"
