"""Identifiers of letters and digits: IBAN, UK and Indian numbers, account codes, passwords."""

import re
from collections.abc import Iterable, Iterator
from functools import cache

from stdnum import numdb

from plainspoken.kernels.identifiers.names import words_in
from plainspoken.kernels.redaction.context import Context
from plainspoken.kernels.redaction.cues import reason_of
from plainspoken.kernels.redaction.spans import CHECKED, STATED, Finding, Type
from plainspoken.kernels.redaction.words import STOP_WORDS

_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2} ?[0-9]{2}(?:[ -]?[A-Za-z0-9]){11,32}(?![A-Za-z0-9])?")


@cache
def _iban_length(country: str) -> int | None:
    """Characters of a country's IBAN (ISO 13616 registry as python-stdnum holds it), or None."""
    parts = numdb.get("iban").info(country + "00")
    shape = parts[0][1].get("bban") if parts else None
    if not shape:
        return None
    return 4 + sum(int(size) for size in re.findall(r"([0-9]+)!?[nac]", shape))


def ibans(plain: str, windows: Iterable[tuple[int, int]], context: Context) -> Iterator[Finding]:
    """IBANs with the right length and check digits; after the word "IBAN" also with wrong ones."""
    for first, last in windows:
        for match in _IBAN.finditer(plain, first, last):
            length = _iban_length(match.group()[:2].upper())
            if length is None:
                continue
            end = _end_of(plain, match.start(), match.end(), length)
            if end is not None and _check_97(plain[match.start() : end]):
                yield Finding(match.start(), end, "IBAN", "iban: check digits", CHECKED)
            elif "IBAN" in context.types_at(match.start()):
                yield Finding(match.start(), end or match.end(), "IBAN", "iban: context 'iban'", STATED)


def _end_of(plain: str, start: int, end: int, length: int) -> int | None:
    at = start
    while at < end and length:
        length -= plain[at].isalnum()
        at += 1
    return None if length or (at < len(plain) and plain[at].isalnum()) else at


def _check_97(text: str) -> bool:
    """ISO 7064 mod 97-10 over the rearranged number."""
    compact = re.sub(r"[^A-Z0-9]", "", text.upper())
    return int("".join(str(int(c, 36)) for c in compact[4:] + compact[:4])) % 97 == 1


_NINO = re.compile(
    r"\b(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-D]\b",
    re.IGNORECASE,
)
_LIKE_NINO = re.compile(r"\b[A-Z]{2} ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-D]\b", re.IGNORECASE)
_PAN = re.compile(r"\b[A-Z]{3}[ABCFGHJLPT][A-Z][0-9]{4}[A-Z]\b")


def coded_ids(plain: str, windows: Iterable[tuple[int, int]], context: Context) -> Iterator[Finding]:
    """UK National Insurance numbers and Indian PANs by their published form; after a cue with any letters."""
    for first, last in windows:
        for match in _NINO.finditer(plain, first, last):
            yield Finding(
                *match.span(), "NATIONAL_ID", "national id: form of a National Insurance number", CHECKED
            )
        for match in _LIKE_NINO.finditer(plain, first, last):
            if "NATIONAL_ID" in context.types_at(match.start()):
                yield Finding(*match.span(), "NATIONAL_ID", "national id: context and form", STATED)
        for match in _PAN.finditer(plain, first, last):
            yield Finding(*match.span(), "NATIONAL_ID", "national id: form of an Indian PAN", CHECKED)


_CODE = re.compile(r"(?<![A-Za-z0-9])[A-Za-z0-9]{1,24}(?:[-/_.][A-Za-z0-9]{1,16}){0,4}(?![A-Za-z0-9])")
_LETTERS_BEFORE = re.compile(r"(?:(?<![A-Za-z0-9'])[A-Za-z][ .-]{1,2}){1,6}(?:(?:dash|hyphen) )?$")
_CODED: tuple[Type, ...] = ("ACCOUNT", "NATIONAL_ID", "BANK")


def announced_codes(plain: str, context: Context) -> Iterator[Finding]:
    """After "account number" and the like: the first code that holds letters and at least three digits.

    `plain` is the text of the context less what other rules have claimed.
    """
    for number, cue in enumerate(context.cues):
        kind = cue.rule.type
        if kind not in _CODED:
            continue
        for match in _CODE.finditer(plain, cue.end, cue.end + 70):
            code = match.group()
            digits = sum(c.isdigit() for c in code)
            coded = digits >= 3 or (digits and code.isupper())
            if not coded or code.isdigit() or len(code) < 5 or not any(c.isalpha() for c in code):
                continue
            if number in context.before(match.start()) and not re.fullmatch(
                r"[0-9]+(?:st|nd|rd|th|[a-z]{1,2})", code
            ):
                yield Finding(*match.span(), kind, reason_of(cue, context.plain), STATED)
                context.use(number, match.end())
            break


_LONGEST_GLUE = 12  # letters that may touch a number and belong to it


def whole_word(plain: str, finding: Finding) -> Finding:
    """ "D123-4567-8901": letters that touch the number belong to it."""
    start, end = finding.start, finding.end
    while start > 0 and plain[start - 1].isalpha() and finding.start - start < _LONGEST_GLUE:
        start -= 1
    while end < len(plain) and plain[end].isalpha() and end - finding.end < _LONGEST_GLUE:
        end += 1
    if (start, end) == (finding.start, finding.end):
        return finding
    return finding._replace(start=start, end=end)


def with_letters(plain: str, finding: Finding) -> Finding:
    """ "B F one two three four": letters said one by one before an announced number belong to it."""
    if finding.type not in _CODED or finding.weight != STATED:
        return finding
    letters = _LETTERS_BEFORE.search(plain, max(0, finding.start - 24), finding.start)
    if letters is None or letters.group().strip(" .-").lower() in ("a", "i"):
        return finding
    return finding._replace(start=letters.start())


_SECRET = re.compile(
    r"(?:'s| is| was|:| =|=)(?: (?:now|currently|probably))?:?[ \"']{0,3}([^\s\"',;]{3,40})", re.IGNORECASE
)
_MORE_SECRET = re.compile(r"(?: [A-Z][A-Za-z']{1,20}){1,3}")
_IN_WORDS = re.compile(
    r"word|phrase|answer|question|name|pet|school|teacher|car|film|movie|place|colou?r|food|street|"
    r"book|team|friend|city|town|birth",
    re.IGNORECASE,
)
_BEFORE_IT = re.compile(
    r"[\s,.:;!'\"-]{0,3}(?:(?:yes|yeah|sure|oh|okay|ok|well|um|uh|erm|er|it's|it is|it was|that's|that is|that was|"
    r"that would be|that'd be|of course|i think|i believe|my|the|was|is|called|so|right|hmm|let me think|"
    r"password|word|answer|should be|probably)\b[\s,.!:;-]{1,3}){0,8}",
    re.IGNORECASE,
)
_TOLD = re.compile(r"[A-Za-z0-9'-]{2,30}(?: [A-Za-z0-9'-]{2,30}){0,2}")


def _told(context: Context, number: int) -> tuple[int, int] | None:
    """The words that answer a question for a password or a security answer."""
    plain, cue = context.plain, context.cues[number]
    if not _IN_WORDS.search(plain, cue.start, cue.end):
        return None
    asked = plain.find("?", cue.end, cue.end + 90)
    at = asked + 1 if asked >= 0 else context.joint
    if at is None or not cue.end <= at <= context.reach(number):
        return None
    lead = _BEFORE_IT.match(plain, at)
    match = _TOLD.match(plain, lead.end() if lead else at)
    if match is None:
        return None
    words, end = match.group().split(), match.start()
    for word in words:
        if word.lower() in STOP_WORDS or word.lower() in _NO_SECRET:
            break
        end = match.start() + match.group().find(word, end - match.start()) + len(word)
    return (match.start(), end) if end > match.start() else None


_NO_SECRET = words_in(
    """
    not wrong incorrect expired locked correct the that what being still required too for reset
    """
)


def secrets(context: Context) -> Iterator[Finding]:
    """ "my password is ...": the word said after it."""
    for number, cue in enumerate(context.cues):
        if cue.rule.type != "PIN":
            continue
        match = _SECRET.match(context.plain, cue.end, cue.end + 70)
        told = _told(context, number) if match is None else None
        if told is not None:
            yield Finding(*told, "PIN", reason_of(cue, context.plain), STATED)
        if match is None:
            continue
        secret = match.group(1).rstrip(".!?)")
        if (
            len(secret) < 3
            or secret.lower() in _NO_SECRET
            or (
                secret.islower()
                and secret.isalpha()
                and "word" not in context.plain[cue.start : cue.end].lower()
            )
        ):
            continue
        end = match.start(1) + len(secret)
        more = _MORE_SECRET.match(context.plain, end) if secret[0].isupper() else None
        yield Finding(
            match.start(1), more.end() if more else end, "PIN", reason_of(cue, context.plain), STATED
        )
