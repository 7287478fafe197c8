"""The app `analytics`."""

from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    name = "plainspoken.analytics"
    label = "analytics"
    verbose_name = "Analytics"

    def ready(self) -> None:
        from plainspoken.disclosures.messages import stopped_by

        from .stopping import ABOUT, link

        stopped_by(ABOUT, link)
