"""The app `transcripts`."""

from django.apps import AppConfig


class TranscriptsConfig(AppConfig):
    name = "plainspoken.transcripts"
    label = "transcripts"
    verbose_name = "Transcripts"
