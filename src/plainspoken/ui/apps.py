"""The app that holds templates, components and static files; it has no models."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    """Base templates, components and static files of every page."""

    name = "plainspoken.ui"
    label = "ui"
    verbose_name = "User interface"
