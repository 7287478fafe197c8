"""The outline of a policy file: front matter, sections, clauses, text and rule blocks, each with its lines.

This is the literate layer. A line that starts with ``## `` or ``### `` outside a fenced block is always a
heading of the outline; text has no headings of its own. Everything between is Markdown for people, except the
one fence per clause whose first word is ``rule``.
"""

import re
from dataclasses import dataclass, field

from plainspoken.kernels.policy.catalogue import SECTIONS
from plainspoken.kernels.policy.errors import Problems, quoted

MOST_CHARACTERS = 1_000_000
LONGEST_LINE = 10_000
HEADING = re.compile(r"(?P<marks>#{1,6})[ \t]+(?P<title>\S.*)$")
TITLED = re.compile(r"(?P<title>.*)\{#(?P<id>[^{}#]*)\}$")
FENCE = re.compile(r" {0,3}(?P<mark>`{3,}|~{3,})(?P<info>.*)$")
CLAUSE_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+(?:-[a-z0-9]+)*)+", re.ASCII)
# Controls, line breaks other than ours, marks that reorder text, and halves of surrogate pairs.
UNWANTED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)


@dataclass
class Block:
    """A fenced rule: its kind, the line of its fence, the first line of its YAML, and the YAML."""

    kind: str
    fence: int
    line: int
    lines: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


@dataclass
class Part:
    """A section or a clause as written. ``text`` keeps each line of Markdown with its number."""

    id: str
    title: str
    line: int
    text: list[tuple[int, str]] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)

    def trimmed(self) -> list[tuple[int, str]]:
        """The text without the empty lines around it."""
        filled = [place for place, (_, line) in enumerate(self.text) if line.strip()]
        return self.text[filled[0] : filled[-1] + 1] if filled else []

    @property
    def markdown(self) -> str:
        return "\n".join(line for _, line in self.trimmed())


@dataclass
class RawClause(Part):
    """A clause with the letter of the section that holds it."""

    letter: str = ""


@dataclass
class Outline:
    """What a file holds, before any of it is understood."""

    front: Block | None = None
    sections: list[Part] = field(default_factory=list)
    clauses: list[RawClause] = field(default_factory=list)


def outline(source: str, problems: Problems) -> Outline | None:
    """The outline of a file, or None if the text is not fit to be read at all. Notes what is wrong in
    ``problems``.
    """
    if not _is_fit(source, problems):
        return None
    return _Outliner(problems).read(source.split("\n"))


def _is_fit(source: str, problems: Problems) -> bool:
    if len(source) > MOST_CHARACTERS:
        problems.add(1, None, f"A policy has at most {MOST_CHARACTERS} characters.")
        return False
    fit = True
    for number, line in enumerate(source.split("\n"), start=1):
        unwanted = UNWANTED.search(line)
        if unwanted:
            problems.add(
                number, None, f"The character U+{ord(unwanted[0]):04X} has no place in a policy: remove it."
            )
            fit = False
        if len(line) > LONGEST_LINE:
            problems.add(number, None, f"A line has at most {LONGEST_LINE} characters.")
            fit = False
    return fit


class _Outliner:
    """Walks the lines once. ``here`` is the part that text belongs to."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        self.found = Outline()
        self.here: Part | None = None
        self.letter = ""

    def read(self, lines: list[str]) -> Outline:
        place = self._front(lines)
        while place < len(lines):
            place = self._step(lines, place)
        return self.found

    def _front(self, lines: list[str]) -> int:
        if lines[0].rstrip() != "---":
            allowed = ("---, then title, version, language and controller, then ---",)
            self.problems.add(1, None, "The file does not start with its front matter.", allowed=allowed)
            return 0
        for place, line in enumerate(lines[1:], start=1):
            if line.rstrip() == "---":
                self.found.front = Block(kind="front", fence=1, line=2, lines=lines[1:place])
                return place + 1
        self.problems.add(1, None, "The front matter has no end.", allowed=("a line of three dashes: ---",))
        return len(lines)

    def _step(self, lines: list[str], place: int) -> int:
        line = lines[place].rstrip(" \t")
        fence = FENCE.match(line)
        if fence and not ("`" in fence["mark"] and "`" in fence["info"]):
            return self._fenced(lines, place, fence["mark"], fence["info"].strip())
        heading = HEADING.match(line)
        if heading:
            self._heading(place + 1, heading)
        else:
            self._text(place + 1, line)
        return place + 1

    def _text(self, number: int, line: str) -> None:
        if self.here is not None:
            self.here.text.append((number, line))
        elif line.strip():
            self.problems.add(
                number, None, "Text stands before the first section.", allowed=("## Title {#A}",)
            )

    def _fenced(self, lines: list[str], place: int, mark: str, info: str) -> int:
        end = self._end_of_fence(lines, place, mark)
        if end is None:
            self.problems.add(place + 1, self._clause(), "This fenced block has no end.", allowed=(mark,))
            end = len(lines)
        word, _, kind = info.partition(" ")
        if word == "rule":
            # A fence that is the last line of the file has no line below it.
            first = min(place + 2, len(lines))
            block = Block(kind=kind.strip(), fence=place + 1, line=first, lines=lines[place + 1 : end])
            self._rule(block)
        else:
            for number in range(place, min(end + 1, len(lines))):
                self._text(number + 1, lines[number])
        return end + 1

    @staticmethod
    def _end_of_fence(lines: list[str], place: int, mark: str) -> int | None:
        for number in range(place + 1, len(lines)):
            closing = lines[number].strip()
            if closing and set(closing) == {mark[0]} and len(closing) >= len(mark):
                return number
        return None

    def _rule(self, block: Block) -> None:
        if isinstance(self.here, RawClause):
            self.here.blocks.append(block)
            # Text on both sides of a rule stays in two paragraphs.
            self.here.text.append((block.fence, ""))
        else:
            self.problems.add(
                block.fence,
                None,
                "A rule stands outside a clause.",
                allowed=("a rule below ### Title {#clause.id}",),
            )

    def _clause(self) -> str | None:
        return self.here.id if isinstance(self.here, RawClause) else None

    def _heading(self, number: int, heading: re.Match[str]) -> None:
        titled = TITLED.match(heading["title"])
        title = titled["title"].rstrip(" \t") if titled else ""
        depth = len(heading["marks"])
        if depth not in {2, 3} or titled is None or not title:
            allowed = ("## Title {#A}", "### Title {#clause.id}")
            self.problems.add(
                number, self._clause(), "This heading is neither a section nor a clause.", allowed=allowed
            )
        elif depth == 2:
            self._section(number, title, titled["id"])
        else:
            self._open_clause(number, title, titled["id"])

    def _section(self, number: int, title: str, name: str) -> None:
        letters = {slug: letter for letter, slug in SECTIONS.items()}
        letter = letters.get(name, name)
        if letter not in SECTIONS:
            message = f"There is no section {quoted(name)}."
            self.problems.add(number, None, message, allowed=(*SECTIONS, *SECTIONS.values()))
        elif letter <= self.letter:
            message = f"Section {letter} stands after section {self.letter}."
            self.problems.add(number, None, message, allowed=("sections in the order A to K, each once",))
        self.letter = letter if letter in SECTIONS else self.letter
        section = Part(id=letter, title=title, line=number)
        self.found.sections.append(section)
        self.here = section

    def _open_clause(self, number: int, title: str, name: str) -> None:
        if not CLAUSE_ID.fullmatch(name):
            self.problems.add(
                number, None, f"{quoted(name)} is not the id of a clause.", allowed=("notice.scope",)
            )
        if not self.found.sections:
            self.problems.add(
                number, name, "This clause stands before the first section.", allowed=("## Title {#A}",)
            )
        clause = RawClause(id=name, title=title, line=number, letter=self.letter)
        self.found.clauses.append(clause)
        self.here = clause
