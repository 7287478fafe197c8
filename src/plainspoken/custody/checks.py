"""`manage.py check`: an undeclared model or column is an error, so the build fails."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, register

from .govern import code_gaps


@register
def declarations_cover_everything(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    return [Error(gap.message, id="custody.E001", obj=gap.place) for gap in code_gaps()]
