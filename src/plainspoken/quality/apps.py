"""The app `quality`."""

from django.apps import AppConfig


class QualityConfig(AppConfig):
    name = "plainspoken.quality"
    label = "quality"
    verbose_name = "Quality"
