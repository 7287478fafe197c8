"""The app `quality`."""

from django.apps import AppConfig


class QualityConfig(AppConfig):
    name = "plainspoken.quality"
    label = "quality"
    verbose_name = "Quality"

    def ready(self) -> None:
        from plainspoken.conversations.ports import provide_scores

        from .provider import EvaluatedConversations

        provide_scores(EvaluatedConversations())
