"""Text as the rules read it: plain ASCII, with the way back to the original offsets.

Every rule is an ASCII rule. Accents are taken off, digits of other scripts and full-width forms become ASCII,
dashes and quotes become the plain ones, letters of other scripts become "x" or "X", and characters that show
nothing (zero-width, soft hyphen, combining marks) disappear, so that they cannot hide a number.
"""

import unicodedata
from dataclasses import dataclass

HIDDEN = "\x7f"  # stands for what is neither letter, digit, space nor punctuation: never part of a rule


_MOST_REMEMBERED = 20_000  # characters; a text made of all of Unicode shall not fill the memory


class _Table(dict[int, str]):
    def __missing__(self, code: int) -> str:
        plain = _plain(chr(code))
        if len(self) < _MOST_REMEMBERED:
            self[code] = plain
        return plain


_SPECIAL = {
    "ß": "s", "ẞ": "S", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ł": "l", "Ł": "L", "æ": "a", "Æ": "A",
    "œ": "o", "Œ": "O", "þ": "t", "Þ": "T", "ð": "d", "Ð": "D", "ı": "i", "ħ": "h", "Ħ": "H", "‘": "'",
    "’": "'", "ʼ": "'", "´": "'", "“": '"', "”": '"', "„": '"', "−": "-", "…": ".", "·": ".", "•": ".",
}  # fmt: skip


def _plain(char: str) -> str:
    if char.isascii():
        return char
    if char in _SPECIAL:
        return _SPECIAL[char]
    category = unicodedata.category(char)
    if category in ("Mn", "Me", "Cf"):
        return ""
    if category == "Nd":
        return str(unicodedata.decimal(char))
    if category == "Zs":
        return " "
    if category in ("Zl", "Zp"):
        return "\n"
    if category == "Pd":
        return "-"
    first = unicodedata.normalize("NFKD", char)[0]
    if first.isascii():
        return first
    if category[0] == "L":
        return "X" if char.isupper() or char.istitle() else "x"
    return HIDDEN


_TABLE = _Table()


@dataclass(frozen=True)
class View:
    """`text` is the original, `plain` its ASCII reading; `origin[i]` is where plain[i] stands in the
    original.
    """

    text: str
    plain: str
    origin: tuple[int, ...] | None

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Offsets in the original of plain[start:end]; what was hidden inside or just after is taken
        along.
        """
        if self.origin is None or start >= end:
            return start, end
        last = self.origin[end] if end < len(self.plain) else len(self.text)
        return self.origin[start], last


def view(text: str) -> View:
    """The ASCII reading of a text. Linear; costs nothing when the text is ASCII."""
    if text.isascii():
        return View(text, text, None)
    plain = text.translate(_TABLE)
    if len(plain) == len(text):
        return View(text, plain, None)
    kept = tuple([at for at, char in enumerate(text) if _TABLE[ord(char)]])
    return View(text, plain, kept)
