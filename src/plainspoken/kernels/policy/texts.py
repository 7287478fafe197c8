"""Texts of sections and clauses, checked while compiling: quotations, links, pictures, headings, and numbers by hand."""

import re
from dataclasses import dataclass
from functools import cache

from babel.units import format_unit

from plainspoken.kernels.policy.durations import locale_of
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
UNITS = tuple(f"duration-{unit}" for unit in ("second", "minute", "hour", "day", "week", "month", "year"))
COUNTS = [
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "twenty",
    "thirty",
    "forty",
    "forty-five",
    "fifty",
    "sixty",
    "ninety",
    "hundred",
]


@dataclass(frozen=True)
class Texts:
    """What the check of a text needs. ``places`` are the ids that a link inside the notice may point to."""

    problems: Problems
    speech: Speech
    controller: Controller | None
    places: frozenset[str]

    def check(self, part: Part, *, rule: Rule | None, clause: str | None, summary: bool) -> str:
        """Note what is wrong with the text of a part; give its first sentence, filled, or nothing."""
        lines = part.trimmed()
        if not lines:
            if summary:
                message = f"{quoted(part.title)} has no text for people."
                self.problems.add(part.line, clause, message, allowed=("a first sentence that sums it up",))
            return ""
        if sum(len(line) for _, line in lines) > MOST_TEXT:
            self.problems.add(part.line, clause, f"A text has at most {MOST_TEXT} characters.")
            return ""
        if self.controller is None:
            return ""
        roots = roots_of(rule, self.controller)
        if not self._check_quotations(lines, clause, roots):
            return ""
        self._check_counts(lines, clause)
        filled = [(number, made) for number, line in lines for made in fill_line(line, roots, self.speech)]
        return self._check_markdown(filled, clause)

    def _check_quotations(
        self, lines: list[tuple[int, str]], clause: str | None, roots: dict[str, Found]
    ) -> bool:
        whole = True
        for number, line in lines:
            for match in PLACEHOLDER.finditer(line):
                try:
                    say(match[1].strip(), roots, self.speech)
                except UnknownPath as unknown:
                    self.problems.add(number, clause, unknown.message, allowed=unknown.allowed)
                    whole = False
            if LEFT_OVER.search(PLACEHOLDER.sub("", line)):
                message = "These braces do not enclose a value."
                self.problems.add(number, clause, message, allowed=("{{ field }}", "{{ field.part }}"))
                whole = False
        return whole

    def _check_counts(self, lines: list[tuple[int, str]], clause: str | None) -> None:
        """A time written by hand can disagree with the rule, so it is not allowed."""
        by_hand = _times(self.speech.language)
        for number, line in lines:
            match = by_hand.search(PLACEHOLDER.sub("", line))
            if match:
                message = (
                    f"{quoted(match[0])} is written by hand and could disagree with the rule: quote a value."
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


@cache
def _times(language: str) -> re.Pattern[str]:
    """A number and a unit of time in a language, as CLDR spells the units."""
    locale = locale_of(language)
    words = sorted(_unit_words(language), key=len, reverse=True)
    number = r"\d+(?:[.,]\d+)?"
    if locale.language == "en":
        number = rf"(?:{number}|{'|'.join(COUNTS)})"
    units = "|".join(re.escape(word) for word in words)
    return re.compile(rf"\b{number}[\s-]+(?:\w+[\s-]+)?(?:{units})\b", re.IGNORECASE)


def _unit_words(language: str) -> set[str]:
    locale = locale_of(language)
    said = (format_unit(count, unit, length="long", locale=locale) for unit in UNITS for count in (1, 2, 5))
    return {word for text in said for word in re.findall(r"[^\W\d_]+", text)}
