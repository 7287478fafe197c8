"""Words as they are compared: small letters, no punctuation, contractions written out, hesitations dropped."""

import re
import unicodedata
from functools import lru_cache

LONGEST_WORD = 40
FUZZY_FROM = 5  # letters from which one wrong letter is still the same word
_LETTERS = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_HESITATIONS = frozenset(("um", "umm", "uh", "uhh", "er", "erm", "hm", "hmm", "mm", "mhm", "äh", "ähm", "öh"))
_WHOLE = {
    "can't": ("can", "not"), "cannot": ("can", "not"), "won't": ("will", "not"), "shan't": ("shall", "not"),
    "gonna": ("going", "to"), "wanna": ("want", "to"), "gotta": ("got", "to"), "lemme": ("let", "me"),
    "let's": ("let", "us"), "ok": ("okay",), "apologize": ("apologise",), "apologies": ("apologies",),
}  # fmt: skip
_ENDINGS = {"n't": "not", "'m": "am", "'re": "are", "'ve": "have", "'ll": "will", "'d": "would", "'s": "is"}


@lru_cache(maxsize=20_000)
def forms(token: str) -> tuple[str, ...]:
    """The words of one token of a text: `I'm` gives i, am; a hesitation gives none."""
    plain = unicodedata.normalize("NFKC", token[: 4 * LONGEST_WORD]).casefold().replace("’", "'")
    out: list[str] = []
    for word in _LETTERS.findall(plain):
        out.extend(_expanded(word[:LONGEST_WORD]))
    return tuple(out)


def _expanded(word: str) -> tuple[str, ...]:
    if word in _HESITATIONS:
        return ()
    if word in _WHOLE:
        return _WHOLE[word]
    for ending, full in _ENDINGS.items():
        if word.endswith(ending) and len(word) > len(ending):
            return (word[: -len(ending)], full)
    return tuple(word.split("'"))


def deletions(word: str) -> frozenset[str]:
    """The word with each one letter left out: two words that differ by one letter share one of these, or are one."""
    return frozenset(word[:at] + word[at + 1 :] for at in range(len(word)))


def near(one: str, other: str) -> bool:
    """Whether two words differ by at most one letter changed, added or left out, both being long enough."""
    if one == other:
        return True
    if min(len(one), len(other)) < FUZZY_FROM or abs(len(one) - len(other)) > 1:
        return False
    short, long = sorted((one, other), key=len)
    at = 0
    while at < len(short) and short[at] == long[at]:
        at += 1
    return short[at + 1 :] == long[at + 1 :] if len(short) == len(long) else short[at:] == long[at + 1 :]
