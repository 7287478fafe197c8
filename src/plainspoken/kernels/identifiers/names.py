"""Names of people as tokens for a blind index, and account ids in one form."""

import re
import unicodedata

from plainspoken.kernels.identifiers.refusal import NotAnIdentifier


def words_in(text: str) -> frozenset[str]:
    """The words of a text, as a set: how long closed lists are written here."""
    return frozenset(text.split())


TITLES = words_in(
    """
    mr mrs ms miss mx dr prof professor sir madam maam dame lord lady rev reverend hon herr frau
    fräulein dipl ing mag herrn fru fröken hr jr sr ii iii iv phd md esq
    """
)
SHORTEST_TOKEN = 2

# Letters that do not decompose under NFKD but that people write with plain ones.
_PLAIN = str.maketrans(
    {"ø": "o", "đ": "d", "ł": "l", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"}
)


def plain_letters(text: str) -> str:
    """NFKC, casefolded, without diacritics ("Müller" and "MULLER" give "muller", "Straße" "strasse")."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    bare = "".join(c for c in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(c))
    return bare.translate(_PLAIN)


_TITLES = frozenset(plain_letters(title) for title in TITLES)


def name_tokens(value: str) -> tuple[str, ...]:
    """Tokens of a person's name for the blind index, each once, in the order written.

    Titles, suffixes and tokens of one letter are dropped. An apostrophe joins ("O'Neil" gives "oneil"), a
    hyphen parts ("Anna-Lena" gives "anna", "lena"). A name that is all titles gives no token.
    """
    joined = re.sub(r"['\u2019\u02bc`]", "", plain_letters(value))
    tokens = re.findall(r"[^\W\d_]+", joined)
    kept = (t for t in tokens if len(t) >= SHORTEST_TOKEN and t not in _TITLES)
    return tuple(dict.fromkeys(kept))


def account(value: str) -> str:
    """An account id: NFKC, casefolded, letters and digits alone. Raises NotAnIdentifier when nothing
    is left.
    """
    folded = unicodedata.normalize("NFKC", value).casefold()
    kept = "".join(c for c in folded if c.isalnum())
    if not kept:
        raise NotAnIdentifier("account id", "holds no letter and no digit")
    return kept
