"""Names by how a text is laid out: speakers of a written dialogue, the head of a signature, lists, who said it."""

import re
from collections.abc import Iterator, Sequence

from plainspoken.kernels.identifiers.names import words_in
from plainspoken.kernels.redaction.persons import NO_NAME, Named
from plainspoken.kernels.redaction.spans import GUESSED, Finding

_CAP = r"[A-Z][A-Za-z'-]{1,30}"
_SPEAKER = re.compile(rf"^({_CAP}(?: {_CAP})?): (?=\S[^\n]{{4,}}[.?!]\"?$)", re.MULTILINE)
_LABELS = words_in(
    """
    agent caller customer representative speaker user bot assistant system advisor operator phone address name date
    email mail website subject note notes question answer title info warning error time to from summary example
    """
)
_SIGNED = re.compile(
    rf"\s*({_CAP}(?: [A-Z]\.?)?(?: (?:van|von|de|del|der|da|di|la|le))?(?: {_CAP}){{1,2}})[ \t]*\n"
)
_CONTACT = re.compile(r"@|\b(?:e-?mail|phone|tel|mobile|website)\b", re.IGNORECASE)
_SAID = re.compile(
    rf"[?!.,\"']\"? (?:said|says|asked|replied|answered|cried|whispered|shouted) ({_CAP})(?: to ({_CAP}))?"
)
_ROLE = re.compile(
    rf"\b(?:singer|songwriter|actor|actress|author|writer|director|president|minister|senator|professor|nurse|"
    rf"doctor|detective|officer|captain|coach|judge|founder|manager|colleague|advisor|agent|supervisor|neighbou?r|"
    rf"husband|wife|son|daughter|brother|sister|mother|father|mum|mom|dad|boss|friend|cousin|uncle|aunt|partner),? "
    rf"({_CAP}(?: [A-Z]\.?)?(?: {_CAP}){{0,2}})(?![A-Za-z'])"
)
_LIST = re.compile(
    rf"\b{_CAP}(?: {_CAP})?(?:, {_CAP}(?: {_CAP})?){{0,6}},? (?:and|&) {_CAP}(?: {_CAP})?(?![A-Za-z'])"
)
_ITEM = re.compile(rf"{_CAP}(?: {_CAP})?")
_LONGEST_LAYOUT = 20_000  # characters of a text that is read for its layout


def laid_out(plain: str) -> Iterator[Finding]:
    """Speakers, a signature's first line, and names beside "said" or a role."""
    plain = plain[:_LONGEST_LAYOUT]
    if "\n" in plain:
        yield from _in_lines(plain)
    for pattern, reason in ((_SAID, "name: who said it"), (_ROLE, "name: after a role")):
        for match in pattern.finditer(plain):
            for group in range(1, (match.lastindex or 0) + 1):
                if match[group] and _is_name(match[group]):
                    yield Finding(*match.span(group), "PERSON", reason, GUESSED)


def _in_lines(plain: str) -> Iterator[Finding]:
    speakers = [match for match in _SPEAKER.finditer(plain) if _is_name(match[1]) and not _labels(match[1])]
    if len(speakers) > 1:
        for match in speakers:
            yield Finding(*match.span(1), "PERSON", "name: speaker of a dialogue", GUESSED)
    signed = _SIGNED.match(plain)
    if signed and _is_name(signed[1]) and _CONTACT.search(plain, signed.end()):
        yield Finding(*signed.span(1), "PERSON", "name: head of a signature", GUESSED)


def listed(plain: str, people: Sequence[Finding], named: Sequence[Named]) -> Iterator[Finding]:
    """ "Gerste, Johnson and Kim": in a list where the model knows one for a person, all are, unless it knows one
    for something else.
    """
    if not people:
        return
    for match in _LIST.finditer(plain):
        inside = [hit for hit in named if hit.start < match.end() and match.start() < hit.end]
        if any(hit.kind != "person" for hit in inside):
            continue
        if any(match.start() <= f.start and f.end <= match.end() for f in people):
            for item in _ITEM.finditer(plain, *match.span()):
                if _is_name(item.group()):
                    yield Finding(*item.span(), "PERSON", "name: in a list of names", GUESSED)


def _is_name(text: str) -> bool:
    return not any(word.strip(".").lower() in NO_NAME for word in text.split())


def _labels(text: str) -> bool:
    return text.split()[-1].lower() in _LABELS
