"""Transcripts: words with times, redactions, search text."""

from django.apps import AppConfig


class TranscriptsConfig(AppConfig):
    name = "plainspoken.transcripts"
    label = "transcripts"
    verbose_name = "Transcripts"

    def ready(self) -> None:
        from plainspoken.conversations.ports import provide_words

        from .provider import TranscribedWords

        provide_words(TranscribedWords())
