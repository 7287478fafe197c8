"""Times, lengths and numbers as pages say them."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from plainspoken.ui import wording
from plainspoken.ui.tests.gallery import fragment

MOMENT = dt.datetime(2026, 11, 24, 8, 42, 7, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (0, "0 s"),
        (0.04, "0.1 s"),
        (0.4, "0.4 s"),
        (1.2, "1.2 s"),
        (9.96, "10.0 s"),
        (41, "41 s"),
        (59.6, "1 min"),
        (372, "6 min 12 s"),
        (3600, "1 h"),
        (3840, "1 h 4 min"),
        (90_061, "1 d 1 h"),
        (dt.timedelta(minutes=6, seconds=12), "6 min 12 s"),
        (None, ""),
        ("", ""),
    ],
)
def test_durations(length: object, words: str) -> None:
    assert wording.duration(length) == words  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0:00"), (78.9, "1:18"), (600, "10:00"), (3700, "1:01:40"), (None, "")]
)
def test_places_in_a_sound(seconds: float | None, words: str) -> None:
    assert wording.clock_time(seconds) == words


def test_spoken_places() -> None:
    assert wording.spoken_time(78) == "1 minute 18 seconds"
    assert wording.spoken_time(61) == "1 minute 1 second"
    assert wording.spoken_time(0) == "0 seconds"


def test_thousands_are_set_apart_by_a_thin_space_that_does_not_break() -> None:
    assert wording.count(48_213) == "48\u202f213"
    assert wording.count(999) == "999"
    assert wording.count(-1_204) == "-1\u202f204"
    assert wording.count(None) == ""


def test_moments_are_said_in_the_readers_zone() -> None:
    with timezone.override(ZoneInfo("Europe/Berlin")):
        html = fragment('{% when at "datetime" %}', at=MOMENT)
    assert html == '<time datetime="2026-11-24T09:42:07+01:00">24 November 2026, 09:42</time>'


def test_dates_have_no_zone() -> None:
    with timezone.override(ZoneInfo("Pacific/Auckland")):
        assert wording.when(dt.date(2026, 11, 24)) == "24 November 2026"
        assert wording.machine(dt.date(2026, 11, 24)) == "2026-11-24"


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("date", "24 November 2026"),
        ("time", "08:42"),
        ("seconds", "08:42:07"),
        ("day", "Tuesday 24 November 2026"),
    ],
)
def test_kinds_of_moments(kind: str, words: str) -> None:
    with timezone.override(dt.UTC):
        assert wording.when(MOMENT, kind) == words


def test_no_moment_is_no_text() -> None:
    assert fragment('{% when at "date" %}', at=None) == ""


def test_a_short_day_of_another_year_names_its_year() -> None:
    with timezone.override(dt.UTC):
        now = timezone.localtime()
        assert str(now.year) not in wording.when(now, "short_time") and str(now.year) not in wording.when(
            now, "short"
        )
        long_ago = now.replace(year=now.year - 4, month=3, day=17)
        assert wording.when(long_ago, "short") == f"17 Mar {now.year - 4}"
        assert wording.when(long_ago, "short_time").startswith(f"17 Mar {now.year - 4}, ")
        assert wording.when(long_ago, "recent") == f"17 Mar {now.year - 4}"
