"""E-mail addresses, written or spoken, and IP addresses."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator

from plainspoken.kernels.identifiers import NotAnIdentifier, ip
from plainspoken.kernels.identifiers.names import words_in
from plainspoken.kernels.redaction.cues import Cue
from plainspoken.kernels.redaction.spans import CHECKED, SHAPED, STATED, Finding
from plainspoken.kernels.redaction.words import (
    DIGITS,
    DOMAIN_ENDINGS,
    FILLERS,
    PROVIDERS,
    STOP_WORDS,
    TEENS,
    TENS,
    TIMES,
)

_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]"
_EMAIL = re.compile(
    rf"(?<!{_LOCAL}){_LOCAL}{{1,128}} ?@ ?(?:[A-Za-z0-9-]{{1,63}}\.){{1,8}}[A-Za-z]{{2,24}}(?![A-Za-z0-9])"
)


def emails(plain: str, windows: Iterable[tuple[int, int]]) -> Iterator[Finding]:
    """Addresses in the form of RFC 5322's dot-atom, with a domain of at least two labels."""
    for first, last in windows:
        for match in _EMAIL.finditer(plain, first, last):
            start = match.start()
            # A quote, bracket or "mailto=" before the address is not part of it.
            lead = re.match(r"(?:mailto[:=])?['`/=*{|.]*", match.group())
            yield Finding(start + (lead.end() if lead else 0), match.end(), "EMAIL", "email: form", CHECKED)


# "at the rate" is how India reads the sign.
_AT = re.compile(r"[\[(]?\bat\b(?: the rate\b(?: of\b)?| sign\b| symbol\b)?[\])]?", re.IGNORECASE)
_PROVIDER = re.compile(rf"\s(?:{PROVIDERS})\b", re.IGNORECASE)
_DOT = r"(?:[ \t\n]?[\[(]?\b(?:dot|point|period)\b[\])]?[ \t\n]?|\.)"
_SPELLED = r"(?:[a-z]\b[ .-]{1,2}){2,20}"
_SAID_NAME = r"(?:[a-z0-9-]{1,30}[ \t\n]){0,2}[a-z0-9-]{1,30}[ \t\n]?"
_SAID_ENDING = "(?:" + "|".join(sorted(DOMAIN_ENDINGS)) + r")\b"
_DOMAIN = re.compile(
    rf"\s(?:{_SPELLED}|{_SAID_NAME})(?:{_DOT}[a-z0-9-]{{2,24}}\b){{0,3}}{_DOT}{_SAID_ENDING}",
    re.IGNORECASE,
)
PROVIDED = re.compile(rf"at(?: the rate(?: of)?)?\s(?:{PROVIDERS})\b", re.IGNORECASE)
_ONE_MORE = re.compile(r"(?<![A-Za-z0-9'-])([A-Za-z]{1,24}) $")
_JOINTS = words_in("dot period point underscore dash hyphen minus plus number")
_SAID = frozenset(DIGITS) | frozenset(TEENS) | frozenset(TENS) | frozenset(TIMES)
_REACH = 120  # characters before "at" in which the local part must begin


def spoken_emails(plain: str, windows: Iterable[tuple[int, int]], cues: list[Cue]) -> Iterator[Finding]:
    """ "ann dot lee at example dot com", letters and digits said one by one included.

    Without a cue only words that the speaker joined (by "dot", "underscore", single letters, digits) are
    taken with the last word before "at"; after a cue ("my email is") everything between the two belongs to
    it.
    """
    cue_ends = sorted(cue.end for cue in cues if cue.rule.type == "EMAIL")
    for first, last in windows:
        for at in _AT.finditer(plain, first, last):
            domain = _DOMAIN.match(plain, at.end(), min(last, at.end() + 200))
            bare = domain is None
            domain = domain or _PROVIDER.match(plain, at.end(), last)
            if domain is None:
                continue
            floor = max(first, at.start() - _REACH)
            nearest = bisect_right(cue_ends, at.start()) - 1
            after_cue = nearest >= 0 and cue_ends[nearest] >= floor
            if after_cue:
                floor = cue_ends[nearest]
            start = _local_start(plain, floor, at.start(), after_cue=after_cue)
            if after_cue:
                start = _told(plain, floor, at.start(), start)
            if start is not None and not (
                bare and not after_cue and not _spelt_out(plain[start : at.start()])
            ):
                reason = "email: spoken after a cue" if after_cue else "email: spoken"
                yield Finding(start, domain.end(), "EMAIL", reason, STATED if after_cue else SHAPED)


_LEADING = FILLERS | words_in(
    "yes yeah sure it it's its is was my the that that's would be at um uh so okay well of course you can i email "
    "e-mail mail address please here's that'll be i've got for me all one word lower case lowercase capital i'm"
)
_MOST_WORDS = 16  # of a local part that is told after a cue


def _told(plain: str, floor: int, end: int, start: int | None) -> int | None:
    """After a cue everything from the first word that says something belongs to the address, whatever the words
    are ("b for bravo, forty two, the word garden").
    """
    words = [(at, word) for at, word in _words_back(plain, floor, end)]
    words.reverse()
    last_end = max((plain.rfind(mark, floor, end) for mark in "?!;"), default=-1)
    words = [(at, word) for at, word in words if at > last_end]
    while words and words[0][1].strip(".,") in _LEADING:
        words.pop(0)
    if not words or len(words) > _MOST_WORDS:
        return start
    return words[0][0] if start is None else min(start, words[0][0])


def _spelt_out(local: str) -> bool:
    """A bare provider ("at gmail") ends an address only after a name that is joined as addresses are."""
    words = local.lower().split()
    return len(words) > 1 and any(word.strip(".,") in _JOINTS or word.isdigit() for word in words)


def _local_start(plain: str, floor: int, end: int, *, after_cue: bool) -> int | None:
    start, word = end, ""
    for at, before in _words_back(plain, floor, end):
        if word and not _joined(before, word, after_cue=after_cue):
            break
        start, word = at, before
    if PROVIDED.match(plain, end) and not after_cue:
        # "freja gottschalk at gmail": people leave the joint out; one word more belongs to it.
        more = _ONE_MORE.search(plain, max(floor, start - 32), start)
        if more and more[1].lower() not in STOP_WORDS:
            start = more.start(1)
    only = plain[start:end].split()
    if not only or (len(only) == 1 and len(word) > 1 and word.strip(".,") in STOP_WORDS):
        return None
    return start


def _words_back(plain: str, floor: int, end: int) -> Iterator[tuple[int, str]]:
    """Start and lower case of each word before `end`, the last first; marks that stand alone are left out."""
    at = end
    while at > floor:
        space = max(plain.rfind(" ", floor, at), plain.rfind("\n", floor, at), floor - 1)
        word = plain[space + 1 : at].strip("\"'()[]<>:;!?")
        if word.strip(".,-"):
            yield at - len(plain[space + 1 : at].lstrip("\"'()[]<>:;!?")), word.lower()
        at = space


def _joined(before: str, word: str, *, after_cue: bool) -> bool:
    if before in _JOINTS or word in _JOINTS:
        return True
    small = len(before) == 1 or before in _SAID or before.isdigit()
    if small and (len(word) == 1 or word in _SAID or word.isdigit() or after_cue):
        return True
    if (word in _SAID or word.isdigit()) and before.rstrip(".,") not in STOP_WORDS:
        return True  # "joe five five at ..."
    return after_cue and before.rstrip(".,") not in STOP_WORDS and not before.endswith((".", ","))


_IP4 = re.compile(r"(?<![0-9.])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?!\.?[0-9])")
_IP6 = re.compile(
    r"(?<![A-Za-z0-9:.])[A-Fa-f0-9:]{3,39}(?:(?<=:)[0-9]{1,3}(?:\.[0-9]{1,3}){3})?(?![A-Za-z0-9:])"
)
_VERSION = re.compile(r"\b(?:v|version|release|section|clause) ?$", re.IGNORECASE)


def ips(plain: str, windows: Iterable[tuple[int, int]]) -> Iterator[Finding]:
    """Valid IPv4 and IPv6 addresses; a version number with four parts is not one."""
    for first, last in windows:
        for pattern, colons in ((_IP4, 0), (_IP6, 2)):
            for match in pattern.finditer(plain, first, last):
                text = match.group()
                if text.count(":") < colons or not any(c.isdigit() for c in text):
                    continue
                if _VERSION.search(plain, max(0, match.start() - 10), match.start()):
                    continue
                try:
                    ip(text.rstrip(":"))
                except NotAnIdentifier:
                    continue
                yield Finding(match.start(), match.start() + len(text.rstrip(":")), "IP", "ip: form", CHECKED)
