"""Sound is opened here and nowhere else; only `conversations.services` uses this package.

Plain sound is never written to a disk: it is read from its encrypted object range by range, and a copy goes
to the store encrypted while it is being made.
"""

from plainspoken.kernels.sound import Samples, UnreadableSound, channel

from .copying import Copied, hushed, play_copy, stretch, without
from .examining import Examined, TooLarge, bytes_of, examine
from .moments import Moments
from .sealed import SealedSound

__all__ = [
    "Copied",
    "Examined",
    "Moments",
    "Samples",
    "SealedSound",
    "TooLarge",
    "UnreadableSound",
    "bytes_of",
    "channel",
    "examine",
    "hushed",
    "play_copy",
    "stretch",
    "without",
]
