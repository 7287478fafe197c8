"""Names of people: by a model that is passed in, and by the words around them."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from plainspoken.kernels.redaction.cues import Cue
from plainspoken.kernels.redaction.spans import GUESSED, STATED, Finding
from plainspoken.kernels.redaction.view import View
from plainspoken.kernels.redaction.words import MONTHS, NUMBER_WORDS, PARTICLES, STOP_WORDS


@dataclass(frozen=True, slots=True)
class Named:
    """Characters `start` to `end` of a text name a person, a place or an organisation."""

    start: int
    end: int
    kind: Literal["person", "place", "organisation"]


class NameFinder(Protocol):
    """A model of names. It gets texts and returns, for each, what it found, with offsets into that text."""

    def __call__(self, texts: Sequence[str]) -> Sequence[Sequence[Named]]: ...


_WORD = re.compile(r"[A-Za-z]{1,40}(?:['-][A-Za-z]{1,40}){0,3}\.?")
_LONGEST = 4  # words of one name
_SURE = re.compile(r"name|mr|mrs|ms|mx|miss|dr|prof|professor|herr|frau|fru|madam|sir|mister|missus|heisse|heter", re.IGNORECASE)
_LEAD = re.compile(
    r"[\s,.:;!'\"-]{0,3}(?:(?:yes|yeah|sure|certainly|hi|hello|oh|okay|ok|well|um|uh|it's|its|it is|this is|my name is|"
    r"my name's|the name is|the name's|i'm|i am|that's|that is|of course|absolutely|is|was|now|please|thanks|thank you|"
    r"mr|mrs|ms|miss|dr|prof)\b[\s,.!:;-]{1,3}){0,6}",
    re.IGNORECASE,
)
_NO_NAME = STOP_WORDS | NUMBER_WORDS | frozenset(MONTHS) | frozenset(("sir", "madam", "team", "everyone", "all", "folks"))


def announced_names(plain: str, cues: Iterable[Cue], *, joint: int | None = None) -> Iterator[Finding]:
    """Names after a cue: "my name is", "Mr", a greeting, or at the head of the answer to "what's your name?"."""
    for cue in cues:
        text = plain[cue.start : cue.end]
        sure = _SURE.search(text) is not None
        asked = _answer_at(plain, cue, joint) if "your" in text.lower() else None
        at = asked if asked is not None else cue.end
        if asked is None and text.rstrip("., ").lower() in ("your name", "your full name", "what is your name", "what's your name"):
            continue
        name = _name_at(plain, at, lower_too=sure or asked is not None, lead=asked is not None)
        if name is None:
            continue
        said = " ".join(text.lower().split())
        yield Finding(*name, "PERSON", f"name: context '{said}'", STATED if sure else GUESSED)


def _answer_at(plain: str, cue: Cue, joint: int | None) -> int | None:
    """Where the answer to a question about a name begins: after its question mark, or at the joint of two turns."""
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
        if word.lower() in _NO_NAME and word.lower() not in PARTICLES:
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


_TRIM = re.compile(r"(?:mr|mrs|ms|mx|miss|dr|prof|herr|frau|hi|hello|hey|dear|thanks|attn)\b\.?[ ,]{1,2}", re.IGNORECASE)
_LETTERS = re.compile(r"[A-Za-z]")


def model_names(seen: View, named: Iterable[Named]) -> Iterator[Finding]:
    """The model's people, without titles, possessives and what cannot be a name."""
    for hit in named:
        if hit.kind != "person":
            continue
        name = seen.text[hit.start : hit.end]
        start, end = hit.start, hit.end
        title = _TRIM.match(name)
        if title:
            start += title.end()
        line = seen.text.find("\n", start, end)
        if line >= 0:
            end = line
        name = seen.text[start:end]
        for tail in ("'s", "’s", "'", "’"):
            name = name.removesuffix(tail)
        name = name.rstrip(" .,;:!?\"")
        if len(name) < 2 or any(c.isdigit() or c in "@/[]_" for c in name) or name.lower() in STOP_WORDS:
            continue
        yield Finding(start, start + len(name), "PERSON", "name: model", GUESSED)
