"""Postal addresses: a seed that only an address has, grown over what belongs to it, or the phrase after a
cue.
"""

from collections.abc import Iterable, Iterator, Sequence

from plainspoken.kernels.redaction.address_growth import MOST_TOKENS, grow, grow_back
from plainspoken.kernels.redaction.address_seeds import seed_at
from plainspoken.kernels.redaction.context import Context
from plainspoken.kernels.redaction.cues import Cue, reason_of
from plainspoken.kernels.redaction.postal import (
    NAMED,
    SUREST,
    Token,
    abbreviated,
    followed_by_colon,
    is_caseless,
    tokens_of,
)
from plainspoken.kernels.redaction.spans import SHAPED, STATED, Finding
from plainspoken.kernels.redaction.words import STOP_WORDS, SURE_STREETS


def addresses(plain: str, windows: Iterable[tuple[int, int]], context: Context) -> Iterator[Finding]:
    """Addresses that a seed betrays anywhere, and those that a cue ("my address is") announces."""
    caseless = is_caseless(plain)
    for start, end in windows:
        yield from _seeded(
            tokens_of(plain, start, end, caseless=caseless), SUREST if caseless else SURE_STREETS
        )
    for number, cue in enumerate(context.cues):
        if plain[max(0, cue.start - 8) : cue.start].lower().endswith(("mail ", "e-mail ", "ip ", "web ")):
            continue
        limit = context.cues[number + 1].start if number + 1 < len(context.cues) else len(plain)
        finding = _announced(plain, cue, min(context.reach(number), limit), limit, caseless=caseless)
        if finding:
            yield finding


def _seeded(tokens: Sequence[Token], streets: frozenset[str]) -> Iterator[Finding]:
    at = 0
    while at < len(tokens):
        seed = seed_at(tokens, at, streets)
        if seed is None:
            at += 1
            continue
        first, last, rule = seed
        last = grow(tokens, last)
        first = grow_back(tokens, first)
        if first > 0 and tokens[first].kind == "number" and tokens[first - 1].kind == "unit":
            first -= 1
        yield Finding(tokens[first].start, tokens[last].end, "ADDRESS", f"address: {rule}", SHAPED)
        at = max(last, at) + 1


def _announced(plain: str, cue: Cue, reach: int, limit: int, *, caseless: bool) -> Finding | None:
    """The first phrase after a cue that has a number or a post code and a name in it."""
    tokens = tokens_of(plain, cue.end, min(limit, reach + 160), caseless=caseless)
    first = next(
        (
            at
            for at, t in enumerate(tokens)
            if t.kind not in ("mark", "line", "lower", "particle") and t.start <= reach
        ),
        None,
    )
    while first is not None:
        last = _phrase_end(tokens, first)
        phrase = tokens[first : last + 1]
        numbers = [t for t in phrase if t.kind == "number"]
        names = [t for t in phrase if t.kind in NAMED and t.low not in STOP_WORDS]
        postal = any(t.kind in ("street", "before", "ending", "unit") for t in phrase)
        figures = [t for t in numbers if t.text[0].isdigit()]
        named = figures and names and (not caseless or len(figures) > 1)
        if named or (numbers and postal):
            return Finding(phrase[0].start, phrase[-1].end, "ADDRESS", reason_of(cue, plain), STATED)
        first = next(
            (
                at
                for at in range(last + 1, len(tokens))
                if tokens[at].kind in ("number", *NAMED, "unit") and tokens[at].start <= reach
            ),
            None,
        )
    return None


def _phrase_end(tokens: Sequence[Token], first: int) -> int:
    """The last token of the phrase: it ends at a lower-case word, a sentence's end, a blank line, a label."""
    sure = at = first
    while at + 1 < len(tokens) and at - first < MOST_TOKENS:
        at += 1
        token, before = tokens[at], tokens[at - 1]
        if token.kind == "lower" and _street_word(tokens, at):
            continue
        if token.kind == "lower" or (token.kind in NAMED and followed_by_colon(tokens, at)):
            break
        if token.kind == "line" and before.kind == "line":
            break
        if token.kind == "mark" and token.text not in ",.#-/()":
            break
        if token.text == "." and not (
            abbreviated(tokens, at) or _goes_on(tokens, at) or before.kind == "lower"
        ):
            break
        if token.kind in ("number", "unit", *NAMED):
            sure = at
        elif token.text == ")" or (token.text == "." and abbreviated(tokens, at) and before.kind == "street"):
            sure = sure if token.text == "." else at
    return sure


def _street_word(tokens: Sequence[Token], at: int) -> bool:
    """A short word between a street's name and its number ("Rakoczi ut 13")."""
    after = at + 1
    if after < len(tokens) and tokens[after].text == ".":
        after += 1
    short = len(tokens[at].text) <= 4 and tokens[at].low not in STOP_WORDS
    return short and tokens[at - 1].kind in NAMED and after < len(tokens) and tokens[after].kind == "number"


def _goes_on(tokens: Sequence[Token], dot: int) -> bool:
    """A dot after a number goes on when a unit follows ("Kiraly u. 15. Suite 4")."""
    return (
        tokens[dot - 1].kind == "number"
        and dot + 1 < len(tokens)
        and tokens[dot + 1].kind in ("unit", "line")
    )
