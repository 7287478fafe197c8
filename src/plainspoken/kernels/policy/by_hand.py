"""Times written by hand in a text: “30 days”, “one month”, “35 Tage”.

A time that stands in a text as words can disagree with the rule beside it one day, so the compiler refuses it
and asks for a quotation.
"""

import re
from functools import cache

from babel.units import format_unit

from plainspoken.kernels.policy.durations import locale_of

UNITS = tuple(f"duration-{unit}" for unit in ("second", "minute", "hour", "day", "week", "month", "year"))
# Enough plural forms to meet each spelling of a unit that CLDR knows in the languages of Europe.
COUNTS = (1, 2, 5, 21)
ENGLISH_NUMBERS = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fourteen|fifteen|twenty|thirty|forty-five|"
    "forty|fifty|sixty|ninety|hundred"
)


def time_by_hand(line: str, language: str) -> str | None:
    """The first number with a unit of time in a line of text in that language, or None."""
    match = _times(language).search(line)
    return match[0] if match else None


@cache
def _times(language: str) -> re.Pattern[str]:
    number = r"\d{1,9}"
    if locale_of(language).language == "en":
        number = rf"(?:{number}|{ENGLISH_NUMBERS})"
    units = "|".join(re.escape(word) for word in sorted(_unit_words(language), key=len, reverse=True))
    # One word may stand between: “30 calendar days”.
    return re.compile(rf"\b{number}[\s-]{{1,3}}(?:[^\W\d_]{{1,20}}[\s-]{{1,3}})?(?:{units})\b", re.IGNORECASE)


def _unit_words(language: str) -> set[str]:
    locale = locale_of(language)
    said = (format_unit(count, unit, length="long", locale=locale) for unit in UNITS for count in COUNTS)
    return {word for text in said for word in re.findall(r"[^\W\d_]+", text)}
