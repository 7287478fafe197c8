"""Asking the recogniser what was said, channel by channel, outside any transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean

from plainspoken.conversations import services as conversations
from plainspoken.conversations.services import Held
from plainspoken.transcripts import engines, segments
from plainspoken.transcripts.ports import Recognised
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
        engine = engines.recogniser()
    except Exception as error:
        raise HearingFailed("recogniser-missing", "There is no recogniser of speech.") from error
    language = held.language
    if language and engine.languages and language.split("-")[0] not in engine.languages:
        raise HearingFailed("language-unknown", "The recogniser does not know this language.")
    channels: dict[int, Recognised] = {}
    try:
        for index in range(held.channels):
            channels[index] = engine.hear(conversations.channel_of(held, index), language=language or None)
            language = language or channels[index].language
    except conversations.SoundBroken as error:
        raise HearingFailed("sound-unreadable", "The sound cannot be read.") from error
    except Exception as error:
        raise HearingFailed("recogniser-failed", "The recogniser failed.") from error
    return _gathered(held, channels, language=language or "en", made_by=engine.name)


def _gathered(held: Held, channels: Mapping[int, Recognised], *, language: str, made_by: str) -> Heard:
    """Utterances of all channels. Where the recogniser lost the thread, or understood nothing, what was
    said is unclear: nobody knows what it holds, so nobody hears it.
    """
    speakers = {index: party.position if (party := held.speaker_on(index)) else None for index in channels}
    words: dict[int, list[SaidWord]] = {index: [] for index in channels}
    unclear: list[Said] = []
    for index, found in channels.items():
        for segment in found.segments:
            if segment.repeated:
                unclear.append(
                    Said(
                        text=segment.text.strip(),
                        position=speakers[index],
                        channel=index,
                        start_s=segment.start,
                        end_s=segment.end,
                        unclear=True,
                    )
                )
            else:
                words[index] += [SaidWord(w.text, w.start, w.end, w.probability) for w in segment.words]
        unclear += [
            Said("", position=speakers[index], channel=index, start_s=start, end_s=end, unclear=True)
            for start, end in found.unheard
        ]
    said = sorted((*segments.heard(words, speakers=speakers), *unclear), key=lambda item: item.start_s or 0.0)
    sure = [word.sure for own in words.values() for word in own]
    return Heard(tuple(said), language, made_by, fmean(sure) if sure else None)
