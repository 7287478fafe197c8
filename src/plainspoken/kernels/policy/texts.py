"""Texts of sections and clauses, checked while compiling: quotations, links, pictures, headings, times by
hand.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from plainspoken.kernels.policy.by_hand import time_by_hand
from plainspoken.kernels.policy.errors import Problems, quoted
from plainspoken.kernels.policy.filling import (
    LEFT_OVER,
    PLACEHOLDER,
    Found,
    UnknownPath,
    fill_line,
    roots_of,
    say,
)
from plainspoken.kernels.policy.markdown import LINK_FORMS, first_sentence, is_safe_link, read_markdown
from plainspoken.kernels.policy.model import Controller
from plainspoken.kernels.policy.reading import Speech
from plainspoken.kernels.policy.records import Rule
from plainspoken.kernels.policy.structure import Part

MOST_TEXT = 20_000
Lines = list[tuple[int, str]]


@dataclass(frozen=True)
class Texts:
    """What the check of a text needs. ``places`` are the ids that a link inside the notice may point to."""

    problems: Problems
    speech: Speech
    controller: Controller | None
    places: frozenset[str]

    def check(self, part: Part, *, clause: str | None, rule: Rule | None) -> str:
        """Note what is wrong with the text of a part; give its first sentence, filled.

        ``clause`` None means a section, which can quote the controller only. Where the rule or the controller
        could not be read, quotations are left alone and the rest of the text is still checked.
        """
        lines = part.trimmed()
        if not lines:
            message = f"{quoted(part.title)} has no text for people."
            self.problems.add(part.line, clause, message, allowed=("a first sentence that sums it up",))
            return ""
        if sum(len(line) for _, line in lines) > MOST_TEXT:
            self.problems.add(part.line, clause, f"A text has at most {MOST_TEXT} characters.")
            return ""
        self._check_times(lines, clause)
        return self._check_markdown(self._filled(lines, clause, rule), clause)

    def _filled(self, lines: Lines, clause: str | None, rule: Rule | None) -> Lines:
        """The lines with their quotations filled in, as far as they can be."""
        closed = [self._check_braces(number, line, clause) for number, line in lines]
        if self.controller is None or (clause is not None and rule is None):
            return _left_out(lines)
        roots = roots_of(rule, self.controller)
        known = [self._check_quotations(number, line, clause, roots) for number, line in lines]
        if not all(closed) or not all(known):
            return _left_out(lines)
        return [(number, filled) for number, line in lines for filled in fill_line(line, roots, self.speech)]

    def _check_braces(self, number: int, line: str, clause: str | None) -> bool:
        if not LEFT_OVER.search(PLACEHOLDER.sub("", line)):
            return True
        allowed = ("{{ field }}", "{{ field.part }}")
        self.problems.add(number, clause, "These braces do not enclose a value.", allowed=allowed)
        return False

    def _check_quotations(
        self, number: int, line: str, clause: str | None, roots: Mapping[str, Found]
    ) -> bool:
        known = True
        for match in PLACEHOLDER.finditer(line):
            try:
                say(match[1].strip(), roots, self.speech)
            except UnknownPath as unknown:
                self.problems.add(number, clause, unknown.message, allowed=unknown.allowed)
                known = False
        return known

    def _check_times(self, lines: Lines, clause: str | None) -> None:
        for number, line in lines:
            time = time_by_hand(PLACEHOLDER.sub("…", line), self.speech.language)
            if time is not None:
                message = (
                    f"{quoted(time)} is written by hand and could disagree with the rule: quote a value."
                )
                self.problems.add(number, clause, message, allowed=("{{ field }}",))

    def _check_markdown(self, lines: list[tuple[int, str]], clause: str | None) -> str:
        found = read_markdown("\n".join(line for _, line in lines))
        for link in found.links:
            self._check_link(link.address, lines[link.place][0], clause)
        for place in found.pictures:
            message = "A picture has no place in a policy: fetching it would tell others who reads."
            self.problems.add(lines[place][0], clause, message, allowed=("words and links",))
        for place in found.headings:
            message = "A text has no headings of its own."
            self.problems.add(
                lines[place][0], clause, message, allowed=("## Title {#A}", "### Title {#clause.id}")
            )
        return first_sentence(found.first_paragraph)

    def _check_link(self, address: str, line: int, clause: str | None) -> None:
        if not is_safe_link(address):
            self.problems.add(line, clause, f"A link cannot go to {quoted(address)}.", allowed=LINK_FORMS)
        elif address.startswith("#") and address[1:] not in self.places:
            message = f"There is no {quoted(address[1:])} in this notice to link to."
            self.problems.add(line, clause, message, allowed=("#clause.id of a clause of this notice",))


def _left_out(lines: Lines) -> Lines:
    return [(number, PLACEHOLDER.sub("…", line)) for number, line in lines]
