"""Sounds and metadata made on the fly, and a recogniser that hears what a test says it hears."""

import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from plainspoken.kernels.sound import write_wav

RATE = 8000


def tone(seconds: float, hertz: float = 220.0, rate: int = RATE) -> "np.ndarray[Any, Any]":
    """A sine of half loudness."""
    at = np.arange(round(seconds * rate)) / rate
    return (0.5 * np.sin(2 * np.pi * hertz * at)).astype(np.float32)


def wav(
    path: Path | io.BytesIO, *, seconds: float = 6.0, channels: int = 2, rate: int = RATE, seed: float = 0.0
) -> Any:
    """A WAV with another tone on each channel; `seed` makes its bytes differ."""
    sound = np.stack([tone(seconds, 220.0 * (n + 1) + seed, rate) for n in range(channels)])
    write_wav(path, [sound], rate=rate, channels=channels)
    return path


@dataclass
class FakeRecogniser:
    """Implements the recogniser's port: hears the words that `script` names, channel by channel."""

    name: str = "fake"
    script: dict[int, list[tuple[str, float, float, float]]] = field(default_factory=dict)
    fails: Exception | None = None
    calls: int = 0
