"""Names of people: by a model that is passed in, and by the words around them."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from plainspoken.kernels.identifiers.names import words_in
from plainspoken.kernels.redaction.cues import Cue
from plainspoken.kernels.redaction.known import EVERYDAY
from plainspoken.kernels.redaction.spans import GUESSED, STATED, Finding
from plainspoken.kernels.redaction.words import (
    FILLERS,
    MONTHS,
    NUMBER_WORDS,
    PARTICLES,
    STATE_NAMES,
    STOP_WORDS,
)


@dataclass(frozen=True, slots=True)
class Named:
    """Characters `start` to `end` of a text name a person, a place or an organisation."""

    start: int
    end: int
    kind: Literal["person", "place", "organisation"]


class NameFinder(Protocol):
    """A model of names. It gets texts (in their ASCII reading) and returns what it found in each, with
    offsets.
    """

    def __call__(self, texts: Sequence[str]) -> Sequence[Sequence[Named]]: ...


_WORD = re.compile(r"[A-Za-z]{1,40}(?:['-][A-Za-z]{1,40}){0,3}\.?")
_LONGEST = 4  # words of one name
_PARTING = words_in("to and or with from for at on in is was as so but said & /")
_SURE = re.compile(
    r"\b(?:name|mr|mrs|ms|mx|miss|dr|prof|professor|herr|frau|fru|madam|sir|mister|missus|heisse|heter)\b",
    re.IGNORECASE,
)
_AFTER_FIGURE = re.compile(r"[0-9] ?$")
_TO = re.compile(r"(?:change|correct|update|set)", re.IGNORECASE)
_LEAD = re.compile(
    r"[\s,.:;!'\"-]{0,3}(?:(?:yes|yeah|sure|certainly|hi|hello|oh|okay|ok|well|um|uh|it's|its|it is|this is|"
    r"my name is|my name's|the name is|the name's|i'm|i am|that's|that is|of course|absolutely|is|was|now|"
    r"please|thanks|thank you|mr|mrs|ms|miss|dr|prof)\b[\s,.!:;-]{1,3}){0,6}",
    re.IGNORECASE,
)
NO_NAME = STOP_WORDS | NUMBER_WORDS | MONTHS | frozenset(("sir", "madam", "team", "everyone", "all", "folks"))


def announced_names(plain: str, cues: Iterable[Cue], *, joint: int | None = None) -> Iterator[Finding]:
    """Names after a cue: "my name is", "Mr", a greeting, or at the head of the answer to "what's
    your name?".
    """
    for cue in cues:
        text = plain[cue.start : cue.end]
        sure = _SURE.search(text) is not None and text.lower() != "name"
        if _AFTER_FIGURE.search(plain, max(0, cue.start - 2), cue.start):
            continue  # "5 ms", "2 dr"
        low = text.lower()
        asking = "your" in low or low.startswith("who") or "maiden" in low
        asked = _answer_at(plain, cue, joint) if asking else None
        at = asked if asked is not None else cue.end
        if _TO.match(text) and "name" not in plain[max(0, cue.start - 90) : cue.start].lower():
            continue
        if asked is None and _ASKS.fullmatch(text.strip("., ")):
            continue
        name = _name_at(plain, at, lower_too=sure or asked is not None, lead=asked is not None)
        if name is None:
            continue
        said = " ".join(text.lower().split())
        yield Finding(*name, "PERSON", f"name: context '{said}'", STATED if sure else GUESSED)


_ASKS = re.compile(
    r"(?:(?:may i have|what's|what is)\s+)?your(?:\s+[a-z']+){0,2}\s+(?:sur)?name|who.*",
    re.IGNORECASE | re.DOTALL,
)

_NAME_PART = re.compile(r"[A-Z][A-Za-z'-]{1,30}|[A-Z]\.?")


def names_before(plain: str, cues: Iterable[Cue]) -> Iterator[Finding]:
    """Names in front of what only people do or have ("Ann Lee says", "Ann's birthday")."""
    for cue in cues:
        possessive = plain[cue.start] == "'"
        if not possessive and plain[cue.start - 1 : cue.start] != " ":
            continue
        end = cue.start if possessive else cue.start - 1
        start = at = end
        for _ in range(3):
            space = max(plain.rfind(" ", max(0, at - 34), at), plain.rfind("\n", max(0, at - 34), at))
            word = plain[space + 1 : at]
            if not _NAME_PART.fullmatch(word) or word.lower() in NO_NAME:
                break
            start, at = space + 1, space
            if plain[space : space + 1] != " ":
                break
        if end - start < 2 or plain[start + 1] in ". ":
            continue
        if _ARTICLE_BEFORE.search(plain, max(0, start - 6), start):
            continue
        said = " ".join(plain[cue.start : cue.end].lower().split())
        yield Finding(start, end, "PERSON", f"name: before '{said}'", GUESSED)


_SPELLED = re.compile(r"(?<![A-Za-z0-9'])(?:[A-Za-z](?:[ .-]|, |\. )){3,20}[A-Za-z](?![A-Za-z0-9'])")


def spelled_names(plain: str, windows: Iterable[tuple[int, int]]) -> Iterator[Finding]:
    """Four letters or more said one by one: nearly always somebody's name, or a part of an address
    or a code.
    """
    for first, last in windows:
        for match in _SPELLED.finditer(plain, first, last):
            yield Finding(*match.span(), "PERSON", "name: spelled", GUESSED)


_VOCATIVE = re.compile(r"(?<=[a-z], )[A-Z][a-z]{2,20}(?=[.!?])")


def vocatives(plain: str) -> Iterator[Finding]:
    """ "I understand, Frances." In a conversation, a capitalised word that ends a sentence after a comma is a
    person.
    """
    for match in _VOCATIVE.finditer(plain):
        low = match.group().lower()
        if low not in NO_NAME and low not in STATE_NAMES:
            yield Finding(*match.span(), "PERSON", "name: spoken to", GUESSED)


def _answer_at(plain: str, cue: Cue, joint: int | None) -> int | None:
    """Where the answer to a question about a name begins: after its question mark, or at the joint of two
    turns.
    """
    asked = plain.find("?", cue.end, cue.end + 60)
    if joint is not None and cue.end <= joint:
        return joint
    return asked + 1 if asked >= 0 else None


def _name_at(plain: str, at: int, *, lower_too: bool, lead: bool) -> tuple[int, int] | None:
    if lead:
        match = _LEAD.match(plain, at)
        at = match.end() if match else at
    while at < len(plain) and plain[at] in " \n\t,:\"'":
        at += 1
    words: list[tuple[int, int]] = []
    capital = plain[at : at + 1].isupper()
    if not capital and not lower_too:
        return None
    end = at
    for match in _WORD.finditer(plain, at, at + 120):
        gap = plain[end : match.start()]
        word = match.group().rstrip(".")
        if (words and gap not in (" ", ". ", "\n")) or (not words and gap):
            break
        if gap == "\n" and plain[match.end() : match.end() + 1] == ":":
            break  # the next line's label
        if word.lower() in NO_NAME and word.lower() not in PARTICLES:
            break
        if not words and word.lower() in STOP_WORDS | NUMBER_WORDS:
            break
        if capital and not word[0].isupper() and word not in PARTICLES:
            break
        words.append((match.start(), match.start() + len(word)))
        end = match.start() + len(word)
        if len(words) == _LONGEST or (plain[end : end + 1] == "." and len(word) > 2):
            break
    while words and plain[words[-1][0] : words[-1][1]].lower() in PARTICLES:
        words.pop()
    if not words:
        return None
    last = words[-1][1]
    if plain[last - 2 : last].lower() == "'s":
        last -= 2
    return (words[0][0], last) if last - words[0][0] >= 2 else None


_TRIM = re.compile(
    r"(?:mr|mrs|ms|mx|miss|dr|prof|herr|frau|hi|hello|hey|dear|thanks|attn)\b\.?[ ,]{1,2}", re.IGNORECASE
)
_PARTICLE = r"(?:van|von|der|den|de|del|della|di|da|dos|du|la|le|bin|al|el|af|zu|ter|ten)"
_PART = r"[A-Z][A-Za-z'-]{1,30}"
_MORE = re.compile(
    rf"(?: [A-Z]\.?(?= [A-Z]))?(?: {_PARTICLE}){{0,2}}(?:[ -](?:[A-Z]'|Mc|Mac)?[A-Z][A-Za-z]{{1,30}}){{1,2}}"
    r"(?![A-Za-z@])"
)
_NAME_LINE = re.compile(rf"[ \t]*{_PART}(?: [A-Z]\.?)?(?: {_PARTICLE}){{0,2}}(?: {_PART}){{1,3}}[ \t]*")
_WORDS = re.compile(r"\S+")
_LETTERS = re.compile(r"[A-Za-z]+")
_NO_PERSON_AFTER = re.compile(
    r" (?:inc|ltd|llc|llp|plc|corp|corporation|company|co|gmbh|ag|ab|group|bank|services|software|systems|"
    r"solutions|bridge|street|road|avenue|river|lake|island|university|school|hospital|airport|station|hotel|"
    r"center|centre)\b",
    re.IGNORECASE,
)
_EMPLOYER_BEFORE = re.compile(
    r"\b(?:(?:i'm|i am|we're|we are) with|work(?:s|ed|ing)? (?:for|at)|choosing|contacting|represent(?:ing)?)"
    r" (?:the )?$",
    re.IGNORECASE,
)
_ARTICLE_BEFORE = re.compile(r"\b(?:the|a|an) $", re.IGNORECASE)


_SMALL_WORD = re.compile(r"(?<![A-Za-z0-9'.@/-])[a-z][a-z'-]{1,30}(?![A-Za-z0-9@'-])")
_LONGEST_CASELESS = 2_000  # characters of a text without capitals that is read as speech


def capitalised(plain: str) -> str:
    """Text without capitals, as some recognisers write it, with capitals on all but everyday words: the model knows
    names by them. Other text as it is; the length stays.
    """
    if len(plain) > _LONGEST_CASELESS or len(plain) < _SHORTEST_CASELESS:
        return plain
    return _SMALL_WORD.sub(_capital, plain)


_SHORTEST_CASELESS = 8


def _capital(match: re.Match[str]) -> str:
    word = match.group()
    return (
        word
        if word in NO_NAME or word in EVERYDAY or word in FILLERS or word in _EVERYDAY_VERBS
        else word.capitalize()
    )


_EVERYDAY_VERBS = words_in(
    "calling ringing speaking called said says told asked reached billing ringing on to the"
)


def model_names(plain: str, named: Sequence[Named]) -> Iterator[Finding]:
    """The model's people, without titles, possessives and what cannot be a name, and with the rest of the
    name.
    """
    others = [hit for hit in named if hit.kind != "person"]
    for hit in named:
        if hit.kind != "person" or _no_person(plain, hit):
            continue
        for first, last in _parted(plain, hit.start, hit.end):
            start, end = _trimmed(plain, first, last)
            name = plain[start:end]
            if all(word.lower() in FILLERS for word in _LETTERS.findall(name)):
                continue
            if len(name) < 2 or any(c.isdigit() or c in "@/[]_" for c in name) or name.lower() in STOP_WORDS:
                continue
            yield Finding(*_whole(plain, start, end, others), "PERSON", "name: model", GUESSED)


def _no_person(plain: str, hit: Named) -> bool:
    """ "Grant Street", "Ford Inc", "the Cinematographer"."""
    single = " " not in plain[hit.start : hit.end]
    article = single and _ARTICLE_BEFORE.search(plain, max(0, hit.start - 6), hit.start) is not None
    employer = _EMPLOYER_BEFORE.search(plain, max(0, hit.start - 24), hit.start) is not None
    return article or employer or _NO_PERSON_AFTER.match(plain, hit.end, hit.end + 16) is not None


def _parted(plain: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """ "Ann to Bob" is two people: a small word that belongs to no name parts them."""
    first = start
    for match in _WORDS.finditer(plain, start, end):
        if match.group() in _PARTING:
            yield first, match.start()
            first = match.end() + 1
    yield first, end


def _trimmed(plain: str, start: int, end: int) -> tuple[int, int]:
    title = _TRIM.match(plain, start, end)
    if title:
        start = title.end()
    line = plain.find("\n", start, end)
    name = plain[start : line if line >= 0 else end].rstrip(' .,;:!?"')
    return start, start + len(name.removesuffix("'s").removesuffix("'").rstrip(' .,;:!?"'))


def _whole(plain: str, start: int, end: int, others: Sequence[Named]) -> tuple[int, int]:
    """A model often stops short of the surname: capitalised words that follow, and a line that is all name,
    belong.
    """
    line_start = plain.rfind("\n", 0, start) + 1
    line_end = plain.find("\n", end)
    line_end = len(plain) if line_end < 0 else line_end
    if (
        line_end - line_start < 80
        and line_end < len(plain)
        and _NAME_LINE.fullmatch(plain, line_start, line_end)
    ):
        words = plain[line_start:line_end].lower().split()
        if not any(word in STOP_WORDS for word in words):
            return line_start, line_start + len(plain[line_start:line_end].rstrip())
    more = _MORE.match(plain, end)
    if more and not plain[start:end].isupper():
        words = more.group().lower().split()
        taken = any(hit.start < more.end() and end < hit.end for hit in others)
        if not taken and not any(word in NO_NAME for word in words):
            end = more.end() - (2 if more.group().endswith("'s") else 0)
    return start, end
