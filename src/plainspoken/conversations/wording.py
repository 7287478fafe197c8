"""The sentences that pages of conversations say."""

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
