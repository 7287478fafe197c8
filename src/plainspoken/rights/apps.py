"""The app `rights`."""

from django.apps import AppConfig


class RightsConfig(AppConfig):
    name = "plainspoken.rights"
    label = "rights"
    verbose_name = "Rights"
