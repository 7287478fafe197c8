"""The turns of a transcript as markup, written in one go: a call of two hours has 1,500 of them and 20,000 words.

Words are plain text, so that they read, are found and are printed without a script, and so that the browser has
nothing to lay out for each. The times of a turn's words stand beside them in `data-words`, one entry a word in order,
`-` where the time is unknown; `ui/js/words.js` makes a place to press of each word when its turn comes near.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from .wording import clock_time

UNKNOWN = "-"


def redaction(piece: Mapping[str, Any]) -> str:
    """Something that was taken out: its kind, never its length; the words themselves once they are shown."""
    kind, shown, note = escape(piece["removed"]), piece.get("shown"), piece.get("note")
    if shown:
        return (
            f'<span class="pn-shown"><span class="visually-hidden">shown to you, {kind}: </span>'
            f"{escape(shown)}</span>"
        )
    more = f", {escape(note)}" if note else ""
    return f'<span class="pn-redact"><span class="visually-hidden">removed: </span>{kind}{more}</span>'


def said(pieces: Sequence[Mapping[str, Any]]) -> tuple[str, list[str]]:
    """The words with labels for what was removed, and the time of each run of characters without a space."""
    out: list[str] = []
    run: list[str] = []  # words and spaces since the last label: escaped together, which is many times faster
    times: list[str] = []
    inside = False  # whether the run of characters goes on that the last word began
    for piece in pieces:
        if piece.get("removed"):
            out += (escape("".join(run)), redaction(piece))
            run.clear()
            inside = False
        else:
            run.append(piece["word"])
            if not inside:
                start = piece.get("start_s")
                times.append(UNKNOWN if start is None else str(round(start, 2)))
            inside = True
        if not piece.get("tight"):
            run.append(" ")
            inside = False
    out.append(escape("".join(run)))
    return "".join(out), times


def turns(rows: Iterable[Mapping[str, Any]], *, icon: Callable[[str], str]) -> SafeString:
    """List items of a transcript; `icon` draws the sign of a name."""
    return mark_safe("\n  ".join(_turn(row, icon) for row in rows))  # noqa: S308 - every part is escaped


def _turn(row: Mapping[str, Any], icon: Callable[[str], str]) -> str:
    anchor, start, end = escape(row["anchor"]), row["start_s"], row["end_s"]
    at, side = clock_time(start), "a" if row["channel"] == "agent" else "c"
    words, times = said(row["pieces"])
    timed = f' data-words="{" ".join(times)}"' if any(time != UNKNOWN for time in times) else ""
    return (
        f'<li class="pn-turn" id="{anchor}"{_data("start", start)}{_data("end", end)}>'
        f"{_when(anchor, start, at)}"
        f'<span class="pn-who pn-who-{side}">{escape(row["who"])}</span>'
        f'<p class="pn-said"{timed}>{words}</p>{_change(row, at)}{_notes(row, icon)}</li>'
    )


def _when(anchor: str, start: float | None, at: str) -> str:
    """The second as a link that plays it; of words that came without times there is none."""
    if start is None:
        return '<span class="pn-turn-at"></span>'
    return f'<a class="pn-turn-at" href="#{anchor}"{_data("seek", start)}>{at}</a>'


def _change(row: Mapping[str, Any], at: str) -> str:
    if not row.get("change_url"):
        return ""
    named = f"Change the turn at {at}" if at else "Change this turn"
    return f'<a class="pn-turn-change" href="{escape(row["change_url"])}" aria-label="{named}"></a>'


def _notes(row: Mapping[str, Any], icon: Callable[[str], str]) -> str:
    return "".join(
        f'<p class="pn-note">{icon(note["icon"])}<span>{escape(note["text"])}</span></p>'
        for note in row["notes"]
    )


def _data(name: str, seconds: float | None) -> str:
    return "" if seconds is None else f' data-{name}="{seconds}"'
