"""Durations as the law counts them: calendar months, days, and seconds, kept apart.

Regulation (EEC, Euratom) No 1182/71 governs periods in Union law. Its Article 3 says, in short: the day of
the event is not counted; a period in months or years ends on the day of the last month that has the same date
as the event; where that month has no such day, on its last day. So a request received on 31 January and due
within one month is due by the end of 28 February (29 in a leap year), which is what :meth:`Duration.add_to`
gives. Article 3(4) moves an end that falls on a Saturday, a Sunday or a public holiday to the next working
day: we do not, because answering earlier is never late, and what counts as a holiday depends on the place.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Self

from babel import Locale, UnknownLocaleError
from babel.lists import format_list
from babel.units import format_unit

ISO = re.compile(
    r"P(?:(?P<weeks>\d{1,4})W|"
    r"(?=\d|T\d)(?:(?P<years>\d{1,3})Y)?(?:(?P<months>\d{1,4})M)?(?:(?P<days>\d{1,5})D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d{1,5})H)?(?:(?P<minutes>\d{1,6})M)?(?:(?P<seconds>\d{1,8})S)?)?)",
    re.ASCII,
)
EXAMPLES = "P1M (one month), P35D (35 days) or PT15M (15 minutes)"
MOST_MONTHS = 1200
MOST_DAYS = 36_525
MOST_SECONDS = 1_000_000_000
DAY = 86_400
# One change of the clocks can make a span of calendar days an hour shorter or longer.
CLOCK_CHANGE = 3_600
BRITISH = {"en": "en_GB"}


@dataclass(frozen=True, order=False)
class Duration:
    """A span of calendar months, then days, then seconds. Units never turn into one another: a month is not
    30 days.

    Durations are only partly ordered: P1M is longer than P28D or equal to it, but neither longer nor shorter
    than P30D, because that depends on the month. See :meth:`at_most`.
    """

    months: int = 0
    days: int = 0
    seconds: int = 0

    def __post_init__(self) -> None:
        within = (
            0 <= self.months <= MOST_MONTHS
            and 0 <= self.days <= MOST_DAYS
            and 0 <= self.seconds <= MOST_SECONDS
        )
        if not within:
            raise ValueError(
                f"A duration is at least nothing and at most {MOST_MONTHS} months or {MOST_DAYS} days."
            )

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an ISO 8601 duration such as ``P1M``, ``P30D``, ``P1Y6M``, ``P2W``, ``PT15M``, ``P1DT12H``.

        Raises ValueError with one sentence that says what is allowed.
        """
        match = ISO.fullmatch(text)
        if match is None:
            raise ValueError(f"“{text[:40]}” is not a duration. Write {EXAMPLES}.")
        part = {name: int(digits or 0) for name, digits in match.groupdict().items()}
        return cls(
            months=part["years"] * 12 + part["months"],
            days=part["weeks"] * 7 + part["days"],
            seconds=part["hours"] * 3_600 + part["minutes"] * 60 + part["seconds"],
        )

    def __str__(self) -> str:
        """The duration in ISO 8601, in one canonical spelling that :meth:`parse` reads back."""
        dated = _spelled(((self.months // 12, "Y"), (self.months % 12, "M"), (self.days, "D")))
        hours, rest = divmod(self.seconds, 3_600)
        timed = _spelled(((hours, "H"), (rest // 60, "M"), (rest % 60, "S")))
        if not dated and not timed:
            return "PT0S"
        return f"P{dated}T{timed}" if timed else f"P{dated}"

    def __bool__(self) -> bool:
        return bool(self.months or self.days or self.seconds)

    def format(self, language: str = "en") -> str:
        """The duration in words, by CLDR through Babel: “1 month”, “35 days”, “35 Tage”.

        Whole years are said as years. Raises ValueError for a language that Babel does not know.
        """
        locale = locale_of(language)
        said = [
            format_unit(count, unit, length="long", locale=locale) for count, unit in self._units() if count
        ]
        if not said:
            return format_unit(0, "duration-second", length="long", locale=locale)
        return format_list(said, style="standard", locale=locale)

    def _units(self) -> tuple[tuple[int, str], ...]:
        hours, rest = divmod(self.seconds, 3_600)
        years, months = divmod(self.months, 12)
        return (
            (years, "duration-year"),
            (months, "duration-month"),
            (self.days, "duration-day"),
            (hours, "duration-hour"),
            (rest // 60, "duration-minute"),
            (rest % 60, "duration-second"),
        )

    def add_to(self, moment: datetime) -> datetime:
        """The moment at which this duration ends, counted from ``moment``.

        Months and days keep the time on the wall in the moment's own zone, and the day is clamped to the end
        of a shorter month; hours, minutes and seconds are exact time. Raises ValueError past the year 9999.
        """
        try:
            return self._timed(self._dated(moment))
        except OverflowError as beyond:
            raise ValueError(f"{moment.isoformat()} plus {self} lies past the year 9999.") from beyond

    def _dated(self, moment: datetime) -> datetime:
        if not self.months and not self.days:
            return moment
        ends = datetime.combine(self._date_after(moment.date()), moment.timetz())
        if ends.tzinfo is None:
            return ends
        # By way of UTC, so that a time which the clocks skip becomes the real time after it.
        return ends.astimezone(UTC).astimezone(ends.tzinfo)

    def _timed(self, moment: datetime) -> datetime:
        span = timedelta(seconds=self.seconds)
        if not span or moment.tzinfo is None:
            return moment + span
        return (moment.astimezone(UTC) + span).astimezone(moment.tzinfo)

    def _date_after(self, day: date) -> date:
        years, month = divmod(day.month - 1 + self.months, 12)
        year = day.year + years
        if year > 9999:
            raise OverflowError
        last = calendar.monthrange(year, month + 1)[1]
        return date(year, month + 1, min(day.day, last)) + timedelta(days=self.days)

    def bounds(self) -> tuple[int, int]:
        """The fewest and the most seconds that this duration can last, whenever it starts."""
        shortest, longest = _days_of_months(self.months)
        slack = CLOCK_CHANGE if self.months or self.days else 0
        least = (shortest + self.days) * DAY + self.seconds - slack
        most = (longest + self.days) * DAY + self.seconds + slack
        return least, most

    def at_most(self, other: "Duration") -> bool:
        """True if this duration never ends later than ``other``, whenever both start. A partial order.

        ``P30D.at_most(P1M)`` is false: from 1 February, 30 days end after one month. ``P28D.at_most(P1M)`` is
        true.
        """
        if self.months <= other.months and self.days <= other.days and self.seconds <= other.seconds:
            return True
        longest = _days_of_months(self.months)[1] + self.days
        shortest = _days_of_months(other.months)[0] + other.days
        # Days and months compare by the calendar alone: a change of the clocks moves both ends alike.
        if longest <= shortest and self.seconds <= other.seconds:
            return True
        return self.bounds()[1] <= other.bounds()[0]


def locale_of(language: str) -> Locale:
    """Babel's locale of a language tag. Plain “en” is read as British English, whose lists have no comma
    before “and”.

    Raises ValueError for a tag that Babel does not know.
    """
    tag = BRITISH.get(language, language)
    try:
        return Locale.parse(tag.replace("-", "_"))
    except (UnknownLocaleError, ValueError, TypeError) as unknown:
        raise ValueError(
            f"“{language[:40]}” is not a language we can write. Use a tag such as en, de or fr-CH."
        ) from unknown


def _spelled(parts: tuple[tuple[int, str], ...]) -> str:
    return "".join(f"{count}{letter}" for count, letter in parts if count)


@lru_cache(maxsize=MOST_MONTHS + 1)
def _days_of_months(months: int) -> tuple[int, int]:
    """The fewest and the most days that so many calendar months can last, over every start.

    The start years lie on both sides of 2100, which is no leap year, and of 2096 and 2104, which are.
    """
    if not months:
        return 0, 0
    span = Duration(months=months)
    starts = (date(year, month, day) for year in STARTS for month in range(1, 13) for day in (1, 28))
    lengths = [(span._date_after(start) - start).days for start in starts]
    return min(lengths), max(lengths)


STARTS = tuple(range(1999, 2005)) + tuple(range(2094, 2105))
