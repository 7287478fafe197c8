"""The app `analytics`."""

from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    name = "plainspoken.analytics"
    label = "analytics"
    verbose_name = "Analytics"
