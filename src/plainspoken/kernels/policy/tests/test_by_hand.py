"""Times written by hand are found in the language of the text."""

import pytest

from plainspoken.kernels.policy.by_hand import time_by_hand


@pytest.mark.parametrize(
    ("line", "language", "found"),
    [
        ("within 30 days of it", "en", "30 days"),
        ("within 30 calendar days", "en", "30 calendar days"),
        ("in one month", "en", "one month"),
        ("a 45-day period", "en", "45-day"),
        ("after 90 Seconds", "en", "90 Seconds"),
        ("innerhalb von 35 Tagen", "de", None),
        ("das dauert 35 Tage", "de", "35 Tage"),
        ("nach 1 Monat", "de", "1 Monat"),
        ("sous 45 jours", "fr", "45 jours"),
        ("one of them", "en", None),
        ("at any time of the day", "en", None),
        ("Article 15 months ago", "en", "15 months"),
        ("{{ answer_within }}", "en", None),
        ("the second person", "en", None),
    ],
)
def test_times_by_hand(line: str, language: str, found: str | None) -> None:
    assert time_by_hand(line, language) == found
