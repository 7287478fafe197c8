"""Reading sound: any usual recording becomes blocks of float32 samples, in bounded memory and with exact
times.

Time 0 is the first sample that a player would play: what a codec adds at the front (Opus pre-skip, LAME
delay, MP4 edit lists) is left out. Time stamps inside the file are not used after that; samples follow
each other.
"""

import io
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, NoReturn, Self

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet

from plainspoken.kernels.sound.containers import (
    CODECS,
    MAX_CHANNELS,
    MAX_RATE,
    MIN_RATE,
    Container,
    UnreadableSound,
    check_shape,
    recognise,
)
from plainspoken.kernels.sound.conversion import Samples, resampler, to_float, with_channels

Source = str | os.PathLike[str] | bytes | BinaryIO

SPEECH_RATE = 16_000
BLOCK_SECONDS = 30.0
MAX_HOURS = 12
WHOLE_HOURS = 1.0  # longest sound that `read` puts into memory at once: 460 MB for two channels
MAX_BAD_PACKETS_IN_A_ROW = 500
MIN_GAP_SECONDS, MAX_GAP_SECONDS = 0.04, 60.0  # less is rounding of time stamps; more is a broken clock
ENDS_EARLY_SECONDS = 0.15  # the longest frame of a usual codec is 120 ms: less than that missing is rounding

TOO_LONG = f"This sound lasts more than {MAX_HOURS} hours; we take up to {MAX_HOURS}. Cut it into parts."
BROKEN = "This sound file is broken and nothing in it can be played. Send it again."


@dataclass(frozen=True)
class Probe:
    """What a file holds. `duration_s` comes from its header where it has one, else it is an estimate;
    `frames` (samples of each channel) is exact and given only where the file's framing tells it without
    decoding."""

    container: str
    codec: str
    channels: int
    sample_rate: int
    duration_s: float
    frames: int | None = None


@dataclass(frozen=True)
class Sound:
    """A whole short sound: `samples` is float32 of shape (channels, n) within -1 to 1."""

    samples: Samples
    rate: int
    truncated: bool
    probe: Probe


def probe(source: Source) -> Probe:
    """Look at a path, bytes or a seekable binary file without reading it all.

    Raises UnreadableSound for what is empty, broken, no sound, a film, too long, or has an absurd header.
    """
    with Reading(source, rate=None) as reading:
        reading.check_decodes()
        return reading.probe


def blocks(source: Source, *, rate: int | None = SPEECH_RATE, seconds: float = BLOCK_SECONDS) -> "Reading":
    """Stream the sound: iterating gives float32 arrays (channels, n), n = rate x seconds but for the last.

    `rate=None` keeps the file's own. Afterwards `.truncated`, `.damaged` and `.frames` say how it went.
    Use it in a `with` or iterate it to its end.
    """
    return Reading(source, rate=rate, seconds=seconds)


def channel(
    source: Source, index: int, *, rate: int = SPEECH_RATE, seconds: float = BLOCK_SECONDS
) -> Iterator[Samples]:
    """Stream one channel (0 left, 1 right) as float32 arrays of one dimension."""
    with Reading(source, rate=rate, seconds=seconds) as reading:
        if not 0 <= index < reading.probe.channels:
            raise ValueError(f"there is no channel {index} in a sound of {reading.probe.channels}")
        for block in reading:
            yield np.ascontiguousarray(block[index])


def read(source: Source, *, rate: int | None = SPEECH_RATE, max_hours: float = WHOLE_HOURS) -> Sound:
    """The whole of a short sound in memory. Raises UnreadableSound above `max_hours`: use `blocks` there."""
    with Reading(source, rate=rate, max_hours=max_hours) as reading:
        parts = list(reading)
        return Sound(np.concatenate(parts, axis=1), reading.rate, reading.truncated, reading.probe)


def _refuse_other_files(*_: Any) -> NoReturn:
    raise OSError("a sound file may not open another file")


class Reading:
    """One pass over a sound; see `blocks`. `truncated`: it ends before its own header says, or breaks off.
    `damaged`: places where packets are missing or broken and silence stands in, so that later times stay
    right."""

    def __init__(
        self,
        source: Source,
        *,
        rate: int | None = SPEECH_RATE,
        seconds: float = BLOCK_SECONDS,
        max_hours: float = MAX_HOURS,
    ) -> None:
        self.truncated = False
        self.damaged = 0
        self.frames = 0
        self._heard = False
        self._max_hours = max_hours
        self._stack = ExitStack()
        try:
            self._kind, self._container, self._stream = self._open(source)
            self.probe = self._describe()
        except BaseException:
            self._stack.close()
            raise
        self.rate = rate or self.probe.sample_rate
        self._block_frames = max(1, round(self.rate * seconds))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the decoder, and of the file if we opened it. Safe to call twice."""
        self._stack.close()

    def __iter__(self) -> Iterator[Samples]:
        try:
            yield from self._cut(self._resampled())
        finally:
            self.close()
        if not self._heard:
            raise UnreadableSound(BROKEN if self.damaged else "There is no sound in this file.")

    def check_decodes(self) -> None:
        """Decode the first samples, so that a header without usable sound behind it is found."""
        if next(self._decoded(), None) is None:
            raise UnreadableSound(BROKEN if self.damaged else "There is no sound in this file.")

    # Opening

    def _open(self, source: Source) -> tuple[Container, InputContainer, AudioStream]:
        file: BinaryIO
        if isinstance(source, bytes | bytearray | memoryview):
            file = io.BytesIO(source)
        elif isinstance(source, str | os.PathLike):
            try:
                file = self._stack.enter_context(Path(source).open("rb"))  # noqa: SIM115 - closed by the stack
            except OSError as error:
                raise UnreadableSound(f"We cannot open this file: {error.strerror or error}.") from error
        else:
            file = source
        kind = recognise(file)
        try:
            container = av.open(
                file,
                "r",
                format=kind.demuxer,
                options={
                    "protocol_whitelist": "none",
                    "format_whitelist": kind.demuxer,
                    "probesize": "2000000",
                    "analyzeduration": "10000000",
                    "max_size": "65536",  # bytes a WAV packet: 16 times fewer steps than by default
                },
                metadata_errors="replace",
                io_open=_refuse_other_files,
            )
        except (av.error.FFmpegError, ValueError, OverflowError) as error:
            raise UnreadableSound(BROKEN) from error
        self._stack.callback(container.close)
        return kind, container, self._only_stream(container)

    @staticmethod
    def _only_stream(container: InputContainer) -> AudioStream:
        for video in container.streams.video:
            if not video.disposition & video.disposition.__class__.attached_pic:
                raise UnreadableSound("This file holds a film; we keep sound only. Send the sound alone.")
        tracks = container.streams.audio
        if not tracks:
            raise UnreadableSound("There is no sound in this file.")
        if len(tracks) > 1:
            raise UnreadableSound(
                f"This file has {len(tracks)} sound tracks; we take one. Send one file for each."
            )
        return tracks[0]

    def _describe(self) -> Probe:
        context = self._stream.codec_context
        codec = context.name if context is not None else ""
        if codec not in CODECS:
            raise UnreadableSound(
                f"We do not read the sound format {codec or 'of this file'}. Send WAV, MP3 or Opus."
            )
        check_shape(channels=context.layout.nb_channels, rate=context.sample_rate)
        found = Probe(
            container=self._kind.name,
            codec=codec,
            channels=context.layout.nb_channels,
            sample_rate=context.sample_rate,
            duration_s=self._declared() or 0.0,
            frames=self._kind.frames,
        )
        if found.duration_s > self._max_hours * 3600:
            raise UnreadableSound(self._too_long())
        return found

    def _declared(self) -> float | None:
        """Seconds that the file says it lasts, if it says so."""
        if self._kind.frames is not None:
            return self._kind.frames / self._stream.codec_context.sample_rate
        if self._stream.duration is not None and self._stream.time_base is not None:
            seconds = float(self._stream.duration * self._stream.time_base)
        elif self._container.duration is not None:
            seconds = self._container.duration / av.time_base
        else:
            return None
        if self._stream.codec_context.name in ("opus", "libopus"):
            # An Ogg or Matroska duration counts the pre-skip samples that are not played (RFC 7845 section
            # 4.2).
            seconds -= _opus_pre_skip(self._stream) / 48_000
        return max(0.0, seconds)

    def _too_long(self) -> str:
        if self._max_hours == MAX_HOURS:
            return TOO_LONG
        return f"This sound lasts more than {self._max_hours:g} hours. Read it in blocks."

    # Decoding

    def _frames(self) -> Iterator[AudioFrame | Fraction]:
        """Decoded frames in order; a Fraction stands for that many seconds that could not be decoded."""
        in_a_row = 0
        for packet in self._packets():
            try:
                found = packet.decode()
            except (av.error.FFmpegError, ValueError):
                self.damaged += 1
                in_a_row += 1
                if in_a_row > MAX_BAD_PACKETS_IN_A_ROW:
                    self.truncated = True
                    return
                if self._heard and packet.duration and packet.time_base:
                    yield min(Fraction(packet.duration * packet.time_base), Fraction(1))
                continue
            in_a_row = 0
            for frame in found:
                if isinstance(frame, AudioFrame) and frame.samples:
                    yield frame

    def _packets(self) -> "Iterator[Packet[Any]]":
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets)
            except StopIteration:
                return
            except (av.error.FFmpegError, ValueError):
                self.truncated = True
                return
            yield packet

    def _decoded(self) -> Iterator[tuple[Samples, int]]:
        """Float blocks at their own rate, always with the channel count of the header. Where time stamps jump
        ahead, silence stands for what is missing, so that later times stay right."""
        count, seconds, last_rate = self.probe.channels, 0.0, self.probe.sample_rate
        origin: float | None = None
        for frame in self._frames():
            if isinstance(frame, Fraction):
                block = np.zeros((count, round(frame * last_rate)), np.float32)
            elif not _is_usable(frame):
                self.damaged += 1
                continue
            else:
                self._heard, last_rate = True, frame.sample_rate
                block = with_channels(to_float(frame), count)
                if frame.time is not None:
                    gap = 0.0 if origin is None else frame.time - origin - seconds
                    if MIN_GAP_SECONDS < gap < MAX_GAP_SECONDS:
                        self.damaged += 1
                        missing = np.zeros((count, round(gap * last_rate)), np.float32)
                        block = np.concatenate((missing, block), axis=1)
                    elif origin is None or abs(gap) > MIN_GAP_SECONDS:
                        origin = frame.time - seconds
            seconds += block.shape[1] / last_rate
            if seconds > self._max_hours * 3600:
                raise UnreadableSound(self._too_long())
            yield block, last_rate
        declared = self.probe.duration_s
        if self._kind.ends_early or (self._header_counts() and declared - seconds > ENDS_EARLY_SECONDS):
            self.truncated = True

    def _header_counts(self) -> bool:
        """Whether the header's duration was counted by a writer, and not guessed from a bit rate."""
        if self._kind.name == "mp3":
            return _has_xing(self._container)
        return self._kind.name != "ogg"  # its duration is the last page's, so it cannot differ

    def _resampled(self) -> Iterator[Samples]:
        """Blocks at `self.rate`. A change of rate inside the file starts a new resampler."""
        resample: Callable[[Samples | None], list[Samples]] | None = None
        current = 0
        for block, rate in self._decoded():
            if rate != current:
                if resample is not None:
                    yield from resample(None)
                resample = resampler(self.probe.channels, rate, self.rate)
                current = rate
            if resample is not None:
                yield from resample(block)
        if resample is not None:
            yield from resample(None)

    def _cut(self, pieces: Iterator[Samples]) -> Iterator[Samples]:
        waiting: list[Samples] = []
        held = total = 0
        for piece in pieces:
            waiting.append(piece)
            held += piece.shape[1]
            if held < self._block_frames:
                continue
            joined = np.concatenate(waiting, axis=1)
            whole = held // self._block_frames * self._block_frames
            for at in range(0, whole, self._block_frames):
                total += self._block_frames
                yield joined[:, at : at + self._block_frames]
            waiting, held = [joined[:, whole:]], held - whole
        self.frames = total + held
        if held:
            yield np.concatenate(waiting, axis=1)


def _is_usable(frame: AudioFrame) -> bool:
    """A broken packet can claim any shape. Above 8 channels the library reads past its list of planes
    (seen in PyAV 18.1: a crash), so the shape is looked at before the samples are."""
    return 1 <= frame.layout.nb_channels <= MAX_CHANNELS and MIN_RATE <= frame.sample_rate <= MAX_RATE


def _opus_pre_skip(stream: AudioStream) -> int:
    extradata = stream.codec_context.extradata or b""
    return int.from_bytes(extradata[10:12], "little") if extradata[:8] == b"OpusHead" else 0


def _has_xing(container: InputContainer) -> bool:
    """The demuxer notes an encoder's frame count by a start offset; without it the length is a guess from
    the bit rate."""
    stream = container.streams.audio[0]
    return bool(stream.start_time)
