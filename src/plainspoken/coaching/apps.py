"""The app `coaching`."""

from django.apps import AppConfig


class CoachingConfig(AppConfig):
    name = "plainspoken.coaching"
    label = "coaching"
    verbose_name = "Coaching"
