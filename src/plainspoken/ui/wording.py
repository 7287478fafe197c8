"""Times, lengths and numbers as pages say them: "24 November 2026", "09:42", "6 min 12 s", "48 213"."""

import datetime as dt

from django.utils import dateformat, timezone

THIN_SPACE = "\u202f"  # narrow no-break space between thousands
FORMATS = {
    "date": "j F Y",
    "time": "H:i",
    "seconds": "H:i:s",
    "datetime": "j F Y, H:i",
    "day": "l j F Y",
    "short": "j M",
    "short_year": "j M Y",
    "short_time": "j M, H:i",
    "short_year_time": "j M Y, H:i",
}
# Without its year a day of another year would be taken for one of this.
WITH_YEAR = {"short": "short_year", "short_time": "short_year_time"}
RECENT = "recent"
# Purposes as staff say them after "Reading to". The published title, written for customers, stands beside it.
PURPOSES = {
    "service.answer": "answer the customer",
    "service.notify": "notify customers",
    "conversation.reveal": "see what was removed",
    "quality.evaluate": "check quality and coach",
    "coaching.share": "learn from good calls",
    "service.improve": "improve the service",
    "marketing.inform": "send news",
    "claims.defend": "bring or defend a claim",
    "rights.intake": "receive requests",
    "rights.execute": "carry out a right",
    "ingest.write": "take conversations in",
    "retention.purge": "delete what is over",
    "security.audit": "find and stop misuse",
    "organisation.manage": "manage accounts",
    "policy.prove": "prove the promises",
}


def local(moment: dt.datetime | dt.date) -> dt.datetime | dt.date:
    """The moment in the reader's time zone; dates stay as they are."""
    if isinstance(moment, dt.datetime) and timezone.is_aware(moment):
        return timezone.localtime(moment)
    return moment


def when(moment: dt.datetime | dt.date | None, kind: str = "date") -> str:
    """A moment in words; `kind` is one of FORMATS, or "recent": the time today, the day before. None gives an
    empty text.
    """
    if moment is None:
        return ""
    there = local(moment)
    if kind == RECENT:
        kind = "time" if _is_today(there) else "short"
    if there.year != timezone.localtime().year:
        kind = WITH_YEAR.get(kind, kind)
    return dateformat.format(there, FORMATS[kind])


def _is_today(there: dt.datetime | dt.date) -> bool:
    return isinstance(there, dt.datetime) and there.date() == timezone.localtime().date()


def machine(moment: dt.datetime | dt.date) -> str:
    """The same moment for `<time datetime>`."""
    there = local(moment)
    return there.isoformat(timespec="seconds") if isinstance(there, dt.datetime) else there.isoformat()


def duration(length: float | dt.timedelta | None) -> str:
    """A length in seconds or a timedelta: "1 h 4 min", "6 min 12 s", "0.4 s". None gives an empty text."""
    if length is None or length == "":
        return ""
    seconds = length.total_seconds() if isinstance(length, dt.timedelta) else float(length)
    if 0 < seconds < 10 and seconds != int(seconds):
        return f"{max(seconds, 0.1):.1f} s"
    whole = round(seconds)
    days, whole = divmod(whole, 86_400)
    hours, whole = divmod(whole, 3600)
    minutes, whole = divmod(whole, 60)
    parts = [
        f"{value} {unit}"
        for value, unit in ((days, "d"), (hours, "h"), (minutes, "min"), (whole, "s"))
        if value
    ]
    return " ".join(parts[:2]) or "0 s"


def clock_time(seconds: float | None) -> str:
    """A place in a sound: "1:18", "1:01:40"."""
    if seconds is None:
        return ""
    whole = int(seconds)
    hours, rest = divmod(whole, 3600)
    minutes, rest = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def spoken_time(seconds: float | None) -> str:
    """A place in a sound for a screen reader: "1 minute 18 seconds"."""
    minutes, rest = divmod(int(seconds or 0), 60)
    parts = []
    if minutes:
        parts.append(f"{minutes} minute{'' if minutes == 1 else 's'}")
    if rest or not parts:
        parts.append(f"{rest} second{'' if rest == 1 else 's'}")
    return " ".join(parts)


def count(number: int | None) -> str:
    """A number with thin spaces in thousands: "48 213"."""
    return "" if number is None else f"{number:,}".replace(",", THIN_SPACE)


def purpose_short(name: str, title: str) -> str:
    """A purpose in two or three words for staff; one that only the policy knows keeps its published title."""
    return PURPOSES.get(name, title)


def capitalised(text: str) -> str:
    """The text with its first letter upper case, the rest as it is."""
    return text[:1].upper() + text[1:]
