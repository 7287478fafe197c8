"""Asking the recogniser what was said, channel by channel, outside any transaction."""

from dataclasses import dataclass
from statistics import fmean

from plainspoken.conversations import services as conversations
from plainspoken.conversations.services import Held
from plainspoken.transcripts import ports, segments
from plainspoken.transcripts.segments import Said, SaidWord


class HearingFailed(RuntimeError):
    """Nothing was heard, for a reason with a code: sound-unreadable, recogniser-failed,
    recogniser-missing, no-words.
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


@dataclass(frozen=True)
class Heard:
    """Utterances in order, the language, what wrote them, and the mean confidence (0 to 1) where
    there is one.
    """

    said: tuple[Said, ...]
    language: str
    made_by: str
    sure: float | None


def hear(held: Held) -> Heard:
    """Ask the recogniser for the words of each channel. Raises HearingFailed."""
    try:
        engine = ports.recogniser()
    except Exception as error:
        raise HearingFailed("recogniser-missing", "There is no recogniser of speech.") from error
    channels: dict[int, list[SaidWord]] = {}
    language = held.language
    try:
        for index in range(held.channels):
            found = engine.hear(conversations.channel_of(held, index), language=language)
            channels[index] = [SaidWord(*word) for word in found.words]
            language = language or found.language
    except conversations.SoundBroken as error:
        raise HearingFailed("sound-unreadable", "The sound cannot be read.") from error
    except Exception as error:
        raise HearingFailed("recogniser-failed", "The recogniser failed.") from error
    speakers = {index: party.position if (party := held.speaker_on(index)) else None for index in channels}
    said = segments.heard(channels, speakers=speakers)
    sure = [word.sure for words in channels.values() for word in words]
    return Heard(tuple(said), language or "en", engine.name, fmean(sure) if sure else None)
