"""Which recogniser and which finder of names the settings name."""

from functools import cache
from typing import cast

from django.conf import settings
from django.utils.module_loading import import_string

from plainspoken.kernels.redaction import NameFinder

from .ports import Recogniser


def recogniser() -> Recogniser:
    """The recogniser, made anew each time: a model may have been fetched since. Raises what its adapter raises."""
    return cast(Recogniser, import_string(settings.PORTS["recogniser"])())


def names() -> NameFinder:
    """The finder of names, loaded once a process."""
    return _finder(settings.PORTS["names"])


@cache
def _finder(path: str) -> NameFinder:
    return cast(NameFinder, import_string(path)())
