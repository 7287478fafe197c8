"""Reading, measuring, silencing and writing sound. Bytes in, samples and bytes out: it opens no address
and no other file."""

from plainspoken.kernels.sound.containers import MAX_CHANNELS, UnreadableSound
from plainspoken.kernels.sound.conversion import Samples
from plainspoken.kernels.sound.edges import Loudness, loudness, to_edges
from plainspoken.kernels.sound.peaks import PEAKS_PER_SECOND, PeakMeter, Peaks, peaks
from plainspoken.kernels.sound.reading import (
    MAX_HOURS,
    SPEECH_RATE,
    Probe,
    Reading,
    Sound,
    Source,
    blocks,
    channel,
    probe,
    read,
)
from plainspoken.kernels.sound.silencing import Intervals, Silenced, silenced
from plainspoken.kernels.sound.writing import Written, encode_opus, opus_rate, write_wav

__all__ = [
    "MAX_CHANNELS",
    "MAX_HOURS",
    "PEAKS_PER_SECOND",
    "SPEECH_RATE",
    "Intervals",
    "Loudness",
    "PeakMeter",
    "Peaks",
    "Probe",
    "Reading",
    "Samples",
    "Silenced",
    "Sound",
    "Source",
    "UnreadableSound",
    "Written",
    "blocks",
    "channel",
    "encode_opus",
    "loudness",
    "opus_rate",
    "peaks",
    "probe",
    "read",
    "silenced",
    "to_edges",
    "write_wav",
]
