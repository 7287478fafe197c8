"""What is done to conversations. Nothing but these modules opens sound."""

from .arriving import Arrival, arrive, queue_writing
from .ending import purge_conversations, purge_sound
from .holding import (
    Held,
    Intervals,
    NoConversation,
    Party,
    SoundBroken,
    agent_channel,
    channel_of,
    keep_play_copy,
    mark,
    parties,
    sound_of,
    take,
    widened,
    words_of,
    words_taken,
)
from .measures import to_measure
from .playing import MEDIA_TYPE, NothingToPlay, Playable, drawing, open_sound
from .revealing import REVEALING, ReasonMissing, Revealed, reveal

__all__ = [
    "MEDIA_TYPE",
    "REVEALING",
    "Arrival",
    "Held",
    "Intervals",
    "NoConversation",
    "NothingToPlay",
    "Party",
    "Playable",
    "ReasonMissing",
    "Revealed",
    "SoundBroken",
    "agent_channel",
    "arrive",
    "channel_of",
    "drawing",
    "keep_play_copy",
    "mark",
    "open_sound",
    "parties",
    "purge_conversations",
    "purge_sound",
    "queue_writing",
    "reveal",
    "sound_of",
    "take",
    "to_measure",
    "widened",
    "words_of",
    "words_taken",
]
