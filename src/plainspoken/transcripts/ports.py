"""What transcripts need from outside: a recogniser of speech and a finder of names. Adapters
implement these.
"""

from collections.abc import Iterator
from functools import cache
from typing import Protocol, cast

import numpy as np
from django.conf import settings
from django.utils.module_loading import import_string
from numpy.typing import NDArray

from plainspoken.kernels.redaction import NameFinder


class Heard(Protocol):
    """What was heard on one channel."""

    @property
    def words(self) -> tuple[tuple[str, float, float, float], ...]:
        """Text, start and end in seconds from the start of the sound, confidence 0 to 1."""
        ...

    @property
    def language(self) -> str: ...


class Recogniser(Protocol):
    """Speech to words with times, one channel at a time."""

    @property
    def name(self) -> str:
        """What wrote the words, with its version."""
        ...

    def hear(self, blocks: Iterator[NDArray[np.float32]], *, language: str = "") -> Heard:
        """Words of one channel of 16 kHz sound that comes in blocks; without a language it is recognised."""
        ...


def recogniser() -> Recogniser:
    """The recogniser that the settings name, made anew: a model may have been fetched since. May raise."""
    return cast(Recogniser, import_string(settings.PORTS["recogniser"])())


def names() -> NameFinder:
    """The finder of names that the settings name; loaded once a process."""
    return _finder(settings.PORTS["names"])


@cache
def _finder(path: str) -> NameFinder:
    return cast(NameFinder, import_string(path)())
