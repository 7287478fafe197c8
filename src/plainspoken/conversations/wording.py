"""The sentences that pages of conversations say."""

import re

from plainspoken.ui.wording import clock_time

STATES = {
    "waiting": "Waiting to be written",
    "writing": "Being written",
    "ready": "",
    "failed": "Not written",
    "erased": "Erased",
}

REASONS = {
    "recogniser-missing": "No speech recogniser is installed. Install one, then try again.",
    "language-unknown": "The speech recogniser does not know this language. Install another one.",
    "recogniser-failed": "The speech recogniser failed. We try again by ourselves.",
    "sound-unreadable": "The sound is broken. Send it again.",
    "no-words": "There is nothing to write down here.",
    "writing-failed": "Writing it down failed. We try again by ourselves.",
}

LANGUAGES = {
    "en": "English",
    "de": "German",
    "fr": "French",
    "es": "Spanish",
    "it": "Italian",
    "sv": "Swedish",
}

WAITING = "The transcript is being written."
NO_SOUND = "No sound came with this conversation."
SOUND_LATER = "The sound can be played once personal data was removed from it."
THE_SOURCE = "the source"
SIDES = {"agent": "agent", "customer": "caller"}
MASKED_OTHERS = "Art. 15(4) GDPR: the rights of others"


def language(code: str) -> str:
    """A language in English, or its code."""
    return LANGUAGES.get(code.split("-")[0], code)


def reason(code: str) -> str:
    """Why a conversation failed, and what to do."""
    return REASONS.get(code, "Writing it down failed. Ask your administrator.")


def made_by(writer: str) -> str:
    """Where a transcript comes from: "made on this machine" for a recogniser of ours. Empty when nobody knows."""
    if writer == THE_SOURCE:
        return "as it arrived"
    return "made on this machine" if writer else ""


_TIME = re.compile(r"(?:(?:(\d{1,2}):)?(\d{1,3}):)?(\d{1,6}(?:\.\d+)?)s?\Z")


def seconds_of(text: str) -> float | None:
    """Seconds of a time in a sound ("1:18", "1:01:40", "78"); None where it is no time."""
    match = _TIME.match(text.strip())
    if match is None:
        return None
    hours, minutes, seconds = match.groups()
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + float(seconds)


# The parts of a reason by which a rule removes something, for people: what stands before the colon.
def why(rule: str) -> str:
    """Why a part was removed, as far as the rule's own words tell."""
    return rule[:1].upper() + rule[1:] if rule else "By a rule"


def clock(seconds: float | None) -> str:
    """A place in a sound, empty where it is not known."""
    return clock_time(seconds)


def transferred(seconds: float) -> str:
    """What happened between two legs of a call; `seconds` between the end of the one and the start of the other."""
    between = round(seconds)
    if between < 1:
        return "Transferred"
    return f"Transferred, after {between} second{'s' if between != 1 else ''} in which nobody was recorded"
