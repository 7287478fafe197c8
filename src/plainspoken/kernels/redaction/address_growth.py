"""How an address grows from its seed, forwards over units, towns, codes and countries, and back to its
number.
"""

from collections.abc import Sequence

from plainspoken.kernels.redaction.postal import (
    BUILDING,
    NAME_WORDS,
    NAMED,
    Token,
    abbreviated,
    ends_country,
    followed_by_colon,
    unit_end,
)
from plainspoken.kernels.redaction.words import DIGITS, NUMBER_WORDS, SCALES, STATE_NAMES, STATES, TEENS, TENS

MOST_TOKENS = 40  # of one address


def grow(tokens: Sequence[Token], last: int) -> int:
    """The last token that still belongs to the address."""
    sure = at = last
    while at + 1 < len(tokens) and at - last < MOST_TOKENS:
        at += 1
        token, before = tokens[at], tokens[at - 1]
        if token.kind == "line" and before.kind == "line":
            break
        if (
            token.text == "-"
            and before.kind == "number"
            and at + 1 < len(tokens)
            and tokens[at + 1].kind == "number"
        ):
            continue
        if token.kind in ("line", "mark"):
            if token.text in "()" and before.kind in (*NAMED, "number", "mark"):
                continue
            if token.text not in "\n,.#" or (
                token.text == "." and not (abbreviated(tokens, at) or before.kind == "number")
            ):
                break
            continue
        if followed_by_colon(tokens, at):
            break
        if token.kind == "unit":
            unit = unit_end(tokens, at)
            if unit is None:
                break
            at = sure = unit
        elif token.kind == "number":
            if token.low in NUMBER_WORDS and not token.text[0].isdigit():
                code = _said_code(tokens, at) if before.kind in NAMED or before.text == "," else None
                if code is None:
                    break
                at = code
            sure = at
        elif token.text in STATES or token.low in STATE_NAMES or ends_country(tokens, at):
            sure = at
        elif token.kind in NAMED:
            if before.text == "," or before.kind in NAMED or before.kind == "number":
                sure = at if _on_line(tokens, sure, at) else sure
        elif token.kind == "particle":
            continue
        else:
            break
    return sure


def _said_code(tokens: Sequence[Token], at: int) -> int | None:
    """The last token of a post code of four to six digits that is said in words from here on."""
    digits, last = 0, at
    while last < len(tokens) and tokens[last].kind == "number" and last - at < 8:
        low = tokens[last].low
        tens_before = last > at and tokens[last - 1].low in TENS
        digits += 0 if tens_before and low in DIGITS and DIGITS[low] != "0" else _length(low)
        last += 1
    return last - 1 if 4 <= digits <= 6 else None


def _length(low: str) -> int:
    return (
        len(low)
        if low.isdigit()
        else len(DIGITS.get(low) or TEENS.get(low) or TENS.get(low) or SCALES.get(low) or "")
    )


def _on_line(tokens: Sequence[Token], sure: int, at: int) -> bool:
    """Words after a line end count only when something surer follows them."""
    return not any(t.kind == "line" for t in tokens[sure:at])


def grow_back(tokens: Sequence[Token], first: int) -> int:
    """Back to the number that begins the line, over the words of the street's name."""
    at = first
    best = first
    while at > 0 and first - at < NAME_WORDS + 6:
        before = tokens[at - 1]
        if before.kind == "number" and before.text[0].isdigit():
            best = at - 1
        elif (
            before.kind in BUILDING
            or (before.text == "." and abbreviated(tokens, at - 1))
            or (before.text in ",\n" and at > 1 and tokens[at - 2].kind in ("number", *NAMED))
        ):
            pass
        else:
            break
        at -= 1
    return best
