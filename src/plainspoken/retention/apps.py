"""The app `retention`."""

from django.apps import AppConfig


class RetentionConfig(AppConfig):
    name = "plainspoken.retention"
    label = "retention"
    verbose_name = "Retention"
