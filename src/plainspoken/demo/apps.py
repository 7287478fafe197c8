"""The app `demo`."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "plainspoken.demo"
    label = "demo"
    verbose_name = "Demo"
