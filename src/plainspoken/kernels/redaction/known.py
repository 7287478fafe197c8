"""What is known of the parties to a conversation, and where the text says it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from plainspoken.kernels.identifiers import NotAnIdentifier, name_tokens, phone, plain_letters
from plainspoken.kernels.identifiers.names import words_in
from plainspoken.kernels.redaction.spans import CHECKED, GUESSED, Finding, Type
from plainspoken.kernels.redaction.view import View, view

_SHORTEST_NUMBER = 4
_SHORTEST_TOKEN = 2

# Names that are also everyday words: they count with a capital inside a sentence, or beside another name.
EVERYDAY = words_in(
    """
    an art ash august april bill black brown can chance chase christian cook day dean do drew duke
    earl faith field frank gay grace grant gray green guy hall hope house hunter jack joy june king
    lane law le lee long love low ma major mark mason max may miles more new noble norm page park
    pat penny price rain ray rich rob robin rose ruby sky so stone street summer sun sunny to van
    victor wade ward west white will wood woods yes you young
    """
)


@dataclass(frozen=True)
class Known:
    """Names, addresses and numbers of the parties, as they are held. `region` reads their telephone
    numbers.
    """

    names: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    region: str = "US"

    @cached_property
    def tokens(self) -> frozenset[str]:
        """Name tokens as the ASCII reading of a text shows them, each of at least two letters."""
        found: set[str] = set()
        for name in self.names:
            for spelling in (plain_letters(name), view(name).plain.lower()):
                found.update(name_tokens(spelling))
        return frozenset(token for token in found if len(token) >= _SHORTEST_TOKEN)

    @cached_property
    def foreign(self) -> frozenset[str]:
        """Name tokens in other scripts, compared in their own letters."""
        return frozenset(token for name in self.names for token in name_tokens(name) if not token.isascii())

    @cached_property
    def numbers(self) -> dict[str, Type]:
        """Digits of telephone numbers (national and international) and of account numbers, with
        their type.
        """
        found: dict[str, Type] = {}
        for account in self.accounts:
            digits = "".join(c for c in view(account).plain if c.isdigit())
            found[digits] = "ACCOUNT"
        for number in self.phones:
            digits = "".join(c for c in view(number).plain if c.isdigit())
            found[digits] = "PHONE"
            try:
                international = phone(number, region=self.region).removeprefix("+")
            except NotAnIdentifier:
                continue
            found[international] = "PHONE"
            found[international[-9:]] = "PHONE"
        return {digits: kind for digits, kind in found.items() if len(digits) >= _SHORTEST_NUMBER}


NOBODY = Known()  # when nothing is known of the parties

_WORD = re.compile(r"[A-Za-z]{1,60}(?:'[A-Za-z]{1,60}){0,2}")
_BETWEEN = re.compile(r"[ \t\n]{1,3}(?:[A-Za-z]\.? )?|-")


def known_names(seen: View, known: Known) -> Iterator[Finding]:
    """Known tokens, whatever their case and accents; tokens side by side ("Ann-Marie O'Neil") give
    one span.
    """
    if known.tokens:
        for start, end in _tokens_in(seen, known.tokens, known.foreign, capitals=False):
            yield Finding(start, end, "PERSON", "name: known party", CHECKED)


def repeated_names(seen: View, tokens: frozenset[str], *, reason: str) -> Iterator[Finding]:
    """Tokens of names found elsewhere in the conversation, where they stand with a capital letter.

    In a text without capitals the case is not asked for.
    """
    if tokens:
        capitals = any(c.isupper() for c in seen.plain)
        for start, end in _tokens_in(seen, tokens, frozenset(), capitals=capitals):
            yield Finding(start, end, "PERSON", reason, GUESSED)


def _tokens_in(
    seen: View, tokens: frozenset[str], foreign: frozenset[str], *, capitals: bool
) -> Iterator[tuple[int, int]]:
    hits: list[tuple[int, int, bool]] = []
    plain = seen.plain
    for match in _WORD.finditer(plain):
        word = match.group()
        end = match.end() - (2 if word.lower().endswith("'s") else 0)
        token = plain[match.start() : end].lower().replace("'", "")
        if token not in tokens or (capitals and not word[0].isupper()):
            continue
        if _same_script(seen, match.start(), end, token, foreign):
            hits.append((match.start(), end, token in EVERYDAY or len(token) < 3))
    at = 0
    while at < len(hits):
        last = at
        while last + 1 < len(hits) and _BETWEEN.fullmatch(plain, hits[last][1], hits[last + 1][0]):
            last += 1
        alone = last == at
        if not (alone and hits[at][2] and not _is_name_here(plain, hits[at][0], hits[at][1])):
            yield hits[at][0], hits[last][1]
        at = last + 1


def _same_script(seen: View, start: int, end: int, token: str, foreign: frozenset[str]) -> bool:
    """Letters of other scripts all read "x": such a token is compared in its own letters."""
    if set(token) != {"x"}:
        return True
    first, last = seen.original(start, end)
    return bool(set(name_tokens(seen.text[first:last])) & foreign)


_CALLS = re.compile(
    r"\b(?:this is|name is|name's|names|i'm|i am|it's|hi|hello|hey|thanks|thank you|morning|afternoon|evening|"
    r"(?:speaking|speak|spoke|talking|talk) (?:with|to)|through to|bye|goodbye|dear|mr|mrs|ms|miss|called|colleague|"
    r"okay|cheers|sorry)[ ,.]{1,3}$",
    re.IGNORECASE,
)
_IS_CALLED = re.compile(
    r",? (?:speaking|here|calling)\b|'s (?:account|desk|team)\b|,? from (?:the )?[A-Za-z]", re.IGNORECASE
)
_APART = re.compile(r"[,.!?] $")


def _is_name_here(plain: str, start: int, end: int) -> bool:
    """An everyday word where people are spoken of or spoken to, or with a capital that no sentence's
    beginning explains.
    """
    if end - start > 2:
        if _CALLS.search(plain, max(0, start - 30), start) or _IS_CALLED.match(plain, end, end + 16):
            return True
        if _APART.search(plain, max(0, start - 2), start) and plain[end : end + 1] in (
            ",",
            ".",
            "?",
            "!",
            "",
        ):
            return True
    if not plain[start].isupper():
        return False
    before = plain[max(0, start - 3) : start].rstrip(" \"'")
    return bool(before) and before[-1] not in ".!?\n:"


def known_texts(seen: View, known: Known) -> Iterator[Finding]:
    """Known e-mail addresses, postal addresses and account ids with letters, whatever their case and
    spacing.
    """
    listed: tuple[tuple[tuple[str, ...], Type, str], ...] = (
        (known.emails, "EMAIL", "email: known party"),
        (known.addresses, "ADDRESS", "address: known party"),
        (known.accounts, "ACCOUNT", "account: known party"),
    )
    for values, kind, reason in listed:
        for value in values:
            pattern = _loose(value, joined=kind == "ACCOUNT")
            if pattern is not None:
                for match in pattern.finditer(seen.plain):
                    yield Finding(*match.span(), kind, reason, CHECKED)


def _loose(value: str, *, joined: bool) -> re.Pattern[str] | None:
    """The value with any spacing between its words, or, `joined`, with a separator allowed between any two
    characters.
    """
    plain = view(value).plain.strip()
    if joined:
        pieces = [re.escape(c) for c in plain if c.isalnum()]
        between = r"[ ./_-]{0,2}"
    else:
        pieces = [re.escape(word) for word in plain.split()]
        between = r"[\s,]{1,4}"
    if len("".join(pieces)) < _SHORTEST_NUMBER:
        return None
    return re.compile(r"(?<![A-Za-z0-9])" + between.join(pieces) + r"(?![A-Za-z0-9])", re.IGNORECASE)


def known_number(digits: str, known: Known) -> Type | None:
    """Type of the known number that the digits are, hold, or are a part of (at least four digits),
    or None.
    """
    for number, kind in known.numbers.items():
        if number in digits or (len(digits) >= _SHORTEST_NUMBER and digits in number):
            return kind
    return None
