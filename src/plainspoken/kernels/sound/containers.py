"""What a sound file says of itself in its first and last bytes, read without a decoder.

The decoder library guesses formats, and some of its formats name other files or addresses (play lists,
concatenations). So we look at the bytes ourselves and tell the library which single format to use.
"""

import os
import struct
from dataclasses import dataclass
from typing import BinaryIO

HEAD_BYTES = 4096
TAIL_BYTES = 65_536 + 512  # an Ogg page is at most 65,307 bytes (RFC 3533 section 6)
GSM_FRAME_BYTES = 33  # GSM 06.10 as in Asterisk's .gsm files: each frame starts with the nibble 0xD
UNKNOWN_SIZE = 0xFFFFFFFF  # a WAV written to a pipe does not know its size

CODECS = frozenset(
    (
        "pcm_u8",
        "pcm_s8",
        "pcm_s16le",
        "pcm_s16be",
        "pcm_s24le",
        "pcm_s24be",
        "pcm_s32le",
        "pcm_s32be",
        "pcm_f32le",
        "pcm_f32be",
        "pcm_f64le",
        "pcm_f64be",
        "pcm_mulaw",
        "pcm_alaw",
        "adpcm_ms",
        "adpcm_ima_wav",
        "adpcm_g722",
        "g722",
        "adpcm_g726",
        "g726",
        "adpcm_g726le",
        "gsm",
        "gsm_ms",
        "opus",
        "libopus",
        "vorbis",
        "flac",
        "mp3",
        "mp3float",
        "mp2",
        "mp2float",
        "aac",
        "alac",
        "amrnb",
        "amrwb",
        "amr_nb",
        "amr_wb",
        "libopencore_amrnb",
        "libopencore_amrwb",
    )
)

MAX_CHANNELS = 2
MIN_RATE, MAX_RATE = 4_000, 192_000


class UnreadableSound(Exception):
    """We cannot use this as sound. `reason` is one sentence for people."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Container:
    """`demuxer` is the decoder library's name; `ends_early` is True when the file's own framing says that
    bytes are missing, None when the framing cannot tell; `frames` is the exact length where the framing
    tells it."""

    name: str
    demuxer: str
    ends_early: bool | None = None
    frames: int | None = None


def recognise(file: BinaryIO) -> Container:
    """Which container these bytes are. Raises UnreadableSound when they are none that we read.

    Leaves the position at the start of the file.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    head = file.read(HEAD_BYTES)
    file.seek(0)
    if size == 0 or not head:
        raise UnreadableSound("This file is empty.")
    if head[:4] in (b"RIFF", b"RF64", b"BW64") and head[8:12] == b"WAVE":
        return _wave(file, size, rf64=head[:4] != b"RIFF")
    if head[:4] == b"OggS":
        return Container("ogg", "ogg", ends_early=not _ogg_ends(file, size))
    if head[:4] == b"fLaC":
        return Container("flac", "flac")
    if head[:4] == b"\x1aE\xdf\xa3":
        return Container("matroska", "matroska")
    if head[4:8] == b"ftyp":
        return Container("mp4", "mov")
    if head[:4] == b".snd":
        return Container("au", "au")
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return Container("aiff", "aiff")
    if head[:6] == b"#!AMR\n" or head[:9] == b"#!AMR-WB\n":
        return Container("amr", "amr")
    if head[:3] == b"ID3" or _starts_like_mp3(head):
        return Container("mp3", "mp3")
    if _is_gsm(head, size):
        frames = size // GSM_FRAME_BYTES * 160
        return Container("gsm", "gsm", ends_early=size % GSM_FRAME_BYTES != 0, frames=frames)
    raise UnreadableSound("This is not a sound file that we know. Send WAV, MP3, FLAC, Ogg or Opus.")


def _starts_like_mp3(head: bytes) -> bool:
    """An MPEG audio frame header with no reserved value in it (ISO/IEC 11172-3, 2.4.1.3), layers I to III."""
    if len(head) < 4:
        return False
    word = int.from_bytes(head[:4], "big")
    sync, version, layer = word >> 21, word >> 19 & 3, word >> 17 & 3
    bitrate, rate = word >> 12 & 15, word >> 10 & 3
    return sync == 0x7FF and version != 1 and layer != 0 and bitrate not in (0, 15) and rate != 3


def _is_gsm(head: bytes, size: int) -> bool:
    frames = range(0, min(len(head), size), GSM_FRAME_BYTES)
    return size >= 2 * GSM_FRAME_BYTES and all(head[at] >> 4 == 0xD for at in frames)


def _ogg_ends(file: BinaryIO, size: int) -> bool:
    """True when the last Ogg page is whole and carries the end-of-stream flag (RFC 3533 section 6)."""
    start = max(0, size - TAIL_BYTES)
    file.seek(start)
    tail = file.read(TAIL_BYTES)
    file.seek(0)
    at = tail.rfind(b"OggS")
    while at >= 0:
        page = tail[at:]
        if len(page) >= 27 and page[4] == 0 and len(page) >= 27 + page[26]:
            body = sum(page[27 : 27 + page[26]])
            return bool(page[5] & 4) and len(page) >= 27 + page[26] + body
        at = tail.rfind(b"OggS", 0, at)
    return False


def _wave(file: BinaryIO, size: int, *, rf64: bool) -> Container:
    """Walk the chunks of a RIFF/WAVE file (RF64: EBU Tech 3306) and check what `fmt ` claims."""
    at, data_size, long_size, block = 12, None, None, 0
    codec = 0
    for _ in range(256):  # enough for any real file; a file of empty chunks must not hold us
        file.seek(at)
        header = file.read(8)
        if len(header) < 8:
            break
        name, length = header[:4], struct.unpack("<I", header[4:])[0]
        if name == b"ds64" and rf64:
            body = file.read(16)
            long_size = struct.unpack("<Q", body[8:16])[0] if len(body) == 16 else None
        elif name == b"fmt ":
            codec, block = _check_wave_format(file.read(16))
        elif name == b"data":
            data_size, at = length, at + 8
            break
        at += 8 + length + (length & 1)
    file.seek(0)
    if not block:
        raise UnreadableSound("This WAV file has no usable header. It may be broken; send it again.")
    if data_size is None:
        raise UnreadableSound("This WAV file holds no sound. It may be cut off; send it again.")
    if data_size == UNKNOWN_SIZE and long_size is not None:
        data_size = long_size
    there = size - at
    streamed = data_size in (0, UNKNOWN_SIZE, UNKNOWN_SIZE - 1) and there > 0
    held = there if streamed else min(there, data_size)
    # PCM, float, A-law, mu-law, extensible: one block is one sample of each channel
    linear = codec in (1, 3, 6, 7, 0xFFFE)
    return Container(
        "wav",
        "wav",
        ends_early=not streamed and there < data_size,
        frames=held // block if linear else None,
    )


def _check_wave_format(body: bytes) -> tuple[int, int]:
    if len(body) < 14:
        raise UnreadableSound("This WAV file has no usable header. It may be broken; send it again.")
    codec, channels, rate, _, block = struct.unpack("<HHIIH", body[:14])
    check_shape(channels=channels, rate=rate)
    if block == 0:
        raise UnreadableSound("This WAV file has no usable header. It may be broken; send it again.")
    return codec, block


def check_shape(*, channels: int, rate: int) -> None:
    """Refuse what no call recording is. Raises UnreadableSound.

    More than two channels are refused and not mixed: mixing puts people together who must stay apart, for
    what one of them may hear, have erased or restricted.
    """
    if channels < 1:
        raise UnreadableSound("This file says that it has no sound channel. It may be broken; send it again.")
    if channels > MAX_CHANNELS:
        raise UnreadableSound(
            f"This file has {channels} channels; we take one or two. Put each person on one channel."
        )
    if not MIN_RATE <= rate <= MAX_RATE:
        raise UnreadableSound(
            f"This file says {rate} samples a second; we take {MIN_RATE:,} to {MAX_RATE:,}. It may be broken."
        )
