"""Geometry of the drawings that pages carry as SVG, in per cent, so that no style attribute is needed."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from plainspoken.ui.shapes import Clock

TRACK_WIDTH = 780  # pixels of the clock on a wide page; labels are spread over rows for this width
LETTER_WIDTH = 6.4  # pixels of one letter at 12 px, on the wide side
LABEL_GAP = 12
TICK_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)
MOST_TICKS = 7
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class Cell:
    """One day: `state` is run, pause, left or late; `x` and `width` in per cent."""

    x: str
    width: str
    state: str
    sunday: bool


@dataclass(frozen=True)
class Label:
    """A pin with its words; `row` 0 stands directly under the track; `anchor` is start or end."""

    x: str
    on: dt.date
    title: str
    kind: str
    row: int
    anchor: str

    @property
    def line_to(self) -> int:
        """Where the pin's line ends, in pixels from the top."""
        return 50 + 30 * self.row

    @property
    def day_at(self) -> int:
        """Base line of the date."""
        return 34 + 30 * self.row

    @property
    def title_at(self) -> int:
        """Base line of the words under the date."""
        return 48 + 30 * self.row


@dataclass(frozen=True)
class Track:
    """A drawn clock: `sentence` says the same in words, `rows` is the number of label rows."""

    cells: Sequence[Cell]
    labels: Sequence[Label]
    due_x: str
    today_x: str
    sentence: str
    rows: int


@dataclass(frozen=True)
class Tick:
    """A mark on the ruler above the sound, in seconds and per cent."""

    at: float
    x: str


def percent(part: float, whole: float) -> str:
    """`part` of `whole` as an SVG length ("9.46%"), held between 0 and 100."""
    share = 0.0 if whole <= 0 else max(0.0, min(1.0, part / whole)) * 100
    return f"{share:.2f}%"


def short_day(day: dt.date) -> str:
    """ "5 Dec"."""
    return f"{day.day} {MONTHS[day.month - 1]}"


def draw_clock(clock: Clock) -> Track:
    """Cells, pins and sentence of a request's clock, from receipt to the later of due and today."""
    ended = clock.ended or clock.today
    last = max(clock.due, ended)
    days = max(1, (last - clock.received).days + 1)
    cells = tuple(_cell(clock, clock.received + dt.timedelta(days=n), n, days, ended) for n in range(days))
    labels = _labels(clock, days)
    return Track(
        cells=cells,
        labels=labels,
        due_x=_x(clock, clock.due, days),
        today_x=_x(clock, ended, days),
        sentence=_sentence(clock, labels),
        rows=1 + max((label.row for label in labels), default=0),
    )


def _x(clock: Clock, day: dt.date, days: int) -> str:
    return percent((day - clock.received).days, days)


def _cell(clock: Clock, day: dt.date, number: int, days: int, ended: dt.date) -> Cell:
    if any(p.start <= day <= (p.end or clock.today) for p in clock.pauses) and day <= ended:
        state = "pause"
    elif day < ended:
        state = "late" if day >= clock.due else "run"
    else:
        state = "left"
    return Cell(percent(number, days), percent(1, days), state, day.weekday() == 6)


def _labels(clock: Clock, days: int) -> tuple[Label, ...]:
    pins = [(pin.on, pin.title, "pin") for pin in clock.pins]
    if clock.ended:
        pins.append((clock.ended, "answered", "now"))
    elif not any(on == clock.today for on, _, _ in pins):
        pins.append((clock.today, "today", "now"))
    else:
        pins = [(on, title, "now" if on == clock.today else kind) for on, title, kind in pins]
    if not any(on == clock.due and title == "due" for on, title, _ in pins):
        pins.append((clock.due, "due", "due"))
    pins.sort(key=lambda pin: (pin[0], pin[2] == "due"))
    free: list[float] = []
    labels = []
    for on, title, kind in pins:
        share = (on - clock.received).days / days
        text = max(len(title), len(short_day(on))) * LETTER_WIDTH + LABEL_GAP
        anchor = "end" if share * TRACK_WIDTH + text > TRACK_WIDTH else "start"
        left = share * TRACK_WIDTH - (text if anchor == "end" else 0)
        row = next((n for n, end in enumerate(free) if left >= end), len(free))
        if row == len(free):
            free.append(0.0)
        free[row] = left + text
        labels.append(Label(_x(clock, on, days), on, title, kind, row, anchor))
    return tuple(labels)


def _sentence(clock: Clock, labels: Sequence[Label]) -> str:
    parts = [f"{label.title} {label.on.day} {label.on:%B}" for label in labels]
    parts += [_pause_words(pause.start, pause.end, pause.why) for pause in clock.pauses]
    return ", ".join(parts)


def _pause_words(start: dt.date, end: dt.date | None, why: str) -> str:
    until = f" to {end.day} {end:%B}" if end else ""
    return f"paused {start.day} {start:%B}{until}" + (f" ({why})" if why else "")


def ticks(seconds: float) -> tuple[Tick, ...]:
    """Marks of the ruler over a sound of this length: at most seven, at round times."""
    step = next((s for s in TICK_STEPS if seconds / s <= MOST_TICKS), TICK_STEPS[-1])
    return tuple(Tick(at, percent(at, seconds)) for at in range(0, max(1, int(seconds)), step))


# ---- moments of a sound ----

LISTED = 100  # moments that a list names; nobody reads a thousand
QUIET = ("silence", "hold")
_HIGH = {"both": 20}  # pixels from the top; the others stand above the channels


def moment_bars(moments: Sequence[Mapping[str, Any]], whole: float) -> str:
    """Bars of 3 pixels over the channels: a path for each kind, however many moments there are."""
    kinds: dict[str, list[str]] = {}
    for one in moments:
        start, length = float(one["start_s"]), float(one["end_s"]) - float(one["start_s"])
        kinds.setdefault(str(one["kind"]), []).append(f"M{start:.1f} 0h{length:.1f}v3h-{length:.1f}z")
    return "".join(
        f'<svg class="pn-bars" x="0" y="{_HIGH.get(kind, 17)}" width="100%" height="3" preserveAspectRatio="none"'
        f' viewBox="0 0 {whole:.1f} 3"><path class="pn-moment pn-moment-{kind}" d="{"".join(bars)}"/></svg>'
        for kind, bars in sorted(kinds.items())
    )


def silences(moments: Sequence[Mapping[str, Any]]) -> str:
    """Where a player may skip: start and end in seconds, "3.5-12.25 60-71"."""
    return " ".join(f"{one['start_s']}-{one['end_s']}" for one in moments if one["kind"] in QUIET)


@dataclass(frozen=True)
class Moments:
    """The moments that a list names, in order of time, and how many are left out."""

    rows: Sequence[Mapping[str, Any]]
    left_out: int


def longest(moments: Sequence[Mapping[str, Any]]) -> Moments:
    """As many as a list takes, the longest where there are more."""
    kept = sorted(moments, key=lambda one: float(one["start_s"]) - float(one["end_s"]))[:LISTED]
    rows = sorted(kept, key=lambda one: float(one["start_s"]))
    return Moments(rows, len(moments) - len(rows))
