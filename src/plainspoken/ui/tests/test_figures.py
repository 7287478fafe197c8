"""The clock of a request and the ruler of a sound, drawn to scale."""

import datetime as dt
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plainspoken.ui import figures, speech
from plainspoken.ui.figures import draw_clock, percent, ticks
from plainspoken.ui.shapes import Clock, Pause, Pin

RECEIVED = dt.date(2026, 11, 3)
DUE = dt.date(2026, 12, 5)


def clock(**changes: object) -> Clock:
    given = {"received": RECEIVED, "due": DUE, "today": dt.date(2026, 11, 24), "headline": "11 days left"}
    return Clock(**(given | changes))  # type: ignore[arg-type]


def test_one_cell_a_day_from_receipt_to_due() -> None:
    track = draw_clock(clock())
    assert len(track.cells) == 33
    assert [cell.state for cell in track.cells] == ["run"] * 21 + ["left"] * 12
    assert track.cells[1].x == percent(1, 33)


def test_paused_days_are_hatched_and_late_days_are_late() -> None:
    track = draw_clock(
        clock(today=dt.date(2026, 12, 8), pauses=(Pause(dt.date(2026, 11, 4), dt.date(2026, 11, 5)),))
    )
    states = [cell.state for cell in track.cells]
    assert states[:4] == ["run", "pause", "pause", "run"]
    assert states[-4:] == ["late", "late", "late", "left"]
    assert states.count("late") == 3


def test_an_open_pause_lasts_until_today() -> None:
    track = draw_clock(clock(pauses=(Pause(dt.date(2026, 11, 20)),)))
    assert [cell.state for cell in track.cells].count("pause") == 5


def test_an_answered_clock_stops_on_its_day() -> None:
    track = draw_clock(clock(ended=dt.date(2026, 11, 21)))
    assert [cell.state for cell in track.cells].count("run") == 18
    assert ("answered", "now") in [(label.title, label.kind) for label in track.labels]
    assert "today" not in [label.title for label in track.labels]


def test_the_sentence_says_what_the_drawing_shows() -> None:
    track = draw_clock(
        clock(
            pauses=(Pause(dt.date(2026, 11, 4), dt.date(2026, 11, 5), "identity open"),),
            pins=(Pin(RECEIVED, "received"),),
        )
    )
    assert track.sentence == (
        "received 3 November, today 24 November, due 5 December,"
        " paused 4 November to 5 November (identity open)"
    )


def test_labels_that_would_touch_stand_in_rows_of_their_own() -> None:
    pins = (
        Pin(RECEIVED, "received"),
        Pin(dt.date(2026, 11, 4), "identity proved"),
        Pin(dt.date(2026, 11, 5), "searched"),
    )
    rows = {label.title: label.row for label in draw_clock(clock(pins=pins)).labels}
    assert (rows["received"], rows["identity proved"], rows["searched"]) == (0, 1, 2)


days = st.dates(dt.date(2026, 1, 1), dt.date(2027, 12, 31))


@given(
    received=days,
    length=st.integers(0, 120),
    gone=st.integers(0, 200),
    pins=st.lists(st.integers(0, 120), max_size=6),
)
def test_nothing_is_drawn_outside_the_track(
    received: dt.date, length: int, gone: int, pins: list[int]
) -> None:
    drawn = draw_clock(
        Clock(
            received=received,
            due=received + dt.timedelta(days=length),
            today=received + dt.timedelta(days=gone),
            headline="",
            pins=[Pin(received + dt.timedelta(days=n), "something") for n in pins],
        )
    )
    for place in [*(cell.x for cell in drawn.cells), *(label.x for label in drawn.labels), drawn.due_x]:
        assert 0 <= float(place.removesuffix("%")) <= 100
    assert len(drawn.cells) == max(length, gone) + 1


@pytest.mark.parametrize(
    ("seconds", "places"), [(372, [0, 60, 120, 180, 240, 300, 360]), (0.5, [0]), (14_400, None)]
)
def test_the_ruler_has_at_most_seven_marks(seconds: float, places: list[int] | None) -> None:
    marks = ticks(seconds)
    assert len(marks) <= 7
    if places is not None:
        assert [mark.at for mark in marks] == places


def test_per_cent_stays_between_its_ends() -> None:
    assert percent(5, 0) == "0.00%"
    assert percent(-1, 10) == "0.00%"
    assert percent(11, 10) == "100.00%"


def test_words_are_plain_text_with_their_times_beside_them() -> None:
    pieces = [
        {"word": "Mend", "start_s": 0.5, "tight": False},
        {"word": "<it>", "start_s": 1.25},
        {"removed": "card number", "tight": True},
        {"word": ".", "tight": False},
        {"word": "Well", "start_s": 3.0, "tight": True},
        {"word": "-known", "start_s": 3.4},
    ]
    words, times = speech.said(pieces)
    text = re.sub("<[^>]+>", "", words)
    assert text == "Mend &lt;it&gt; removed: card number. Well-known "
    assert times == ["0.5", "1.25", "-", "3.0"], "one time for each run of characters without a space"


def test_shown_words_are_escaped_as_well() -> None:
    shown = speech.redaction({"removed": "name", "shown": "<b>Ada</b>"})
    assert "&lt;b&gt;Ada" in shown and "shown to you" in shown


def test_many_moments_are_one_path_a_kind_and_the_list_names_the_longest() -> None:
    moments = [
        {"kind": ("silence", "both")[n % 2], "start_s": 10.0 * n, "end_s": 10.0 * n + 1 + n % 7}
        for n in range(600)
    ]
    drawn = figures.moment_bars(moments, 6000.0)
    assert drawn.count("<path") == 2 and drawn.count("M") == 600
    listed = figures.longest(moments)
    assert len(listed.rows) == 100 and listed.left_out == 500
    assert min(one["end_s"] - one["start_s"] for one in listed.rows) >= 6
    assert [one["start_s"] for one in listed.rows] == sorted(one["start_s"] for one in listed.rows)
    assert len(figures.silences(moments).split()) == 300
